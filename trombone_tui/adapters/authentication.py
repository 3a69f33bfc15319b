"""Which credentials a kubeconfig's user entry means, chosen and checked as kubectl does.

Source: ``client-go@v0.36:tools/clientcmd/validation.go`` and ``rest/config.go``. A token, a password or
a certificate of the entry itself goes before an exec plugin; a token or a password before an
auth-provider.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import partial

from trombone_tui.adapters import oidc
from trombone_tui.adapters.credentials import (
    Asked,
    Both,
    Certificate,
    Clock,
    Credentials,
    Fixed,
    Held,
    Reread,
)
from trombone_tui.adapters.endpoint import Endpoint
from trombone_tui.adapters.execplugin import read_plugin
from trombone_tui.adapters.kubeconfig import Chosen, Entry
from trombone_tui.core.ports import Refused

_REMOVED: Mapping[str, str] = {
    "azure": "turn it into an exec plugin: kubelogin convert-kubeconfig",
    "gcp": "turn it into an exec plugin: install gke-gcloud-auth-plugin, get credentials again",
}
"""auth-providers that kubectl no longer has, and what took their place."""


def read_credentials(chosen: Chosen, endpoint: Endpoint, clock: Clock) -> Credentials:
    """Return the credentials of a context's user; reads files, runs no plugin, sends nothing.

    Raises:
        Refused: the entry contradicts itself, can't be read, or asks for what can't be honoured.
    """
    user = chosen.user
    if user is None:
        return Fixed(held=Held(), advice=f'give context "{chosen.name}" a user in the kubeconfig')
    provider, plugin = user.part("auth-provider"), user.part("exec")
    if provider is not None and plugin is not None:
        raise user.refuse("exec and auth-provider are both set", "take one of them out")
    renewed = _provider(user, provider, clock) if provider is not None else None
    certificate = _certificate(user, clock)
    authorization = _authorization(user, clock) or renewed
    if plugin is not None and authorization is None and certificate is None:
        asked = read_plugin(user, plugin, endpoint, chosen.cluster)
        return Asked(asked.ask, advice=asked.advice, clock=clock)
    if certificate is not None and authorization is not None:
        return Both(certificate, authorization)
    nothing = Fixed(held=Held(), advice=f"{user.file}: {user.title} holds no credentials: add some")
    return authorization or certificate or nothing


def _provider(user: Entry, provider: Entry, clock: Clock) -> Credentials:
    name = provider.text("name")
    if name == "oidc":
        config = provider.part("config")
        if config is None:
            raise provider.refuse("it has no config", oidc.ADVICE)
        return Asked(oidc.Oidc(user, config, clock).ask, advice=oidc.ADVICE, clock=clock)
    advice = _REMOVED.get(name, "use a token, a client certificate or an exec plugin instead")
    raise provider.refuse(f'"{name}" is not supported, as kubectl does not support it either', advice)


def _certificate(user: Entry, clock: Clock) -> Credentials | None:
    if not user.text("client-certificate") and not user.text("client-certificate-data"):
        return None
    read = partial(_read_certificate, user)
    advice = f"renew the client certificate of {user.title} in {user.file}"
    if user.text("client-certificate") or user.text("client-key"):
        return Reread(read, advice=advice, clock=clock)
    return Fixed(held=read(), advice=advice)


def _read_certificate(user: Entry) -> Held:
    chain, key = user.bytes_of("client-certificate"), user.bytes_of("client-key")
    if not chain or not key:
        raise user.refuse("it has a client-certificate without a client-key", "add client-key")
    if b"ENCRYPTED" in key:
        raise user.refuse(
            "client-key is encrypted, and nobody can be asked for its password", "decrypt the key"
        )
    return Held(certificate=Certificate(chain=chain, key=key))


def _authorization(user: Entry, clock: Clock) -> Credentials | None:
    token, name, password = user.text("token"), user.text("username"), user.text("password")
    if (token or user.text("tokenFile")) and (name or password):
        raise user.refuse("a token and a password are both set", "take one of them out")
    if user.text("tokenFile"):
        advice = f"whatever writes {user.path('tokenFile')} must renew it"
        return Reread(partial(_read_token, user, token), advice=advice, clock=clock)
    if token:
        return Fixed(held=_bearer(token), advice=f"put a new token into {user.title} in {user.file}")
    if name or password:
        pair = base64.b64encode(f"{name}:{password}".encode()).decode("ascii")
        held = Held(authorization=f"Basic {pair}")
        return Fixed(held=held, advice=f"correct username and password of {user.title} in {user.file}")
    return None


def _read_token(user: Entry, inline: str) -> Held:
    """Read ``tokenFile``; what stands in the kubeconfig itself is used only where that is impossible."""
    try:
        token = (user.content("tokenFile") or b"").decode("utf-8", "replace").strip()
    except Refused:
        if not inline:
            raise
        token = inline
    if not token and not inline:
        raise user.refuse(
            f"tokenFile: {user.path('tokenFile')} is empty", "have it written, or correct the path"
        )
    return _bearer(token or inline)


def _bearer(token: str) -> Held:
    return Held(authorization=f"Bearer {token.strip()}")
