"""Resolves the credentials of an image into a login, with the rights of the user who looks.

The words are Argo CD Image Updater's (``argocd-image-updater@v1.2.2:ext`` and ``pkg/image/credentials.go``).
What a Secret holds goes into the ``Login`` and nowhere else: no message, no log.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from trombone_tui.core.docker_auth import host_of, read_docker_config
from trombone_tui.core.objects.secrets import SECRET
from trombone_tui.core.ports import Cluster, Credentials, Login, Refused

_CONFIGS = (".dockerconfigjson", ".dockercfg")
_ADVICE = "correct the image's credentials: pullsecret:namespace/name or secret:namespace/name#field"


async def find_login(cluster: Cluster, credentials: Credentials | None, repository: str) -> Login | None:
    """Return the login for a repository; None where there is none, or only the updater can read it.

    Raises:
        Refused: the credentials, or what they name, are not what they should be.
        Missing: there is no such Secret.
        Denied, Unreachable, Unauthenticated: as their names say.
    """
    how, _, where = (credentials.source if credentials else "").partition(":")
    if how not in ("pullsecret", "secret"):
        return None
    place, _, field = where.partition("#")
    namespace, _, name = place.partition("/")
    if not namespace or not name or (how == "secret") is not bool(field):
        raise Refused(f"the credentials after {how}: can't be read", advice=_ADVICE)
    data = (await cluster.whole(SECRET, namespace, name)).get("data")
    secret = f"secret {namespace}/{name}"
    held = data if isinstance(data, Mapping) else {}
    return _pair(held, field, secret) if how == "secret" else _pulling(held, repository, secret)


def _pair(data: Mapping[str, Any], field: str, secret: str) -> Login:
    user, colon, password = _plain(data, field, secret).decode("utf-8", "replace").strip().partition(":")
    if not colon or not user:
        raise Refused(f"{field} of {secret} is not user:password", advice=_ADVICE)
    return Login(user=user, password=password)


def _pulling(data: Mapping[str, Any], repository: str, secret: str) -> Login:
    field = next((one for one in _CONFIGS if one in data), _CONFIGS[0])
    login = read_docker_config(_plain(data, field, secret), secret).login(repository)
    if login is None:
        raise Refused(f"{secret} has no login for {host_of(repository)}", advice="name another pull secret")
    return login


def _plain(data: Mapping[str, Any], field: str, secret: str) -> bytes:
    try:
        return base64.b64decode(data[field], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise Refused(f"{secret} has no {field} that can be read", advice=_ADVICE) from None
