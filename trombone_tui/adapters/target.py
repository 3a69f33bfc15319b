"""Everything that decides whom we talk to, read before anything is sent: kubeconfig, flags, environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from trombone_tui.adapters import incluster, kubeconfig
from trombone_tui.adapters.access import Access
from trombone_tui.adapters.authentication import read_credentials
from trombone_tui.adapters.credentials import Clock, Credentials, Fixed, Held, utc_now
from trombone_tui.adapters.endpoint import Endpoint, impersonation, read_endpoint
from trombone_tui.core.ports import Refused

_NONE = Fixed(held=Held(), advice="credentials are not sent over plain http: make server an https address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One API server, who we are there, and for whom we act."""

    name: str
    namespace: str
    endpoint: Endpoint
    credentials: Credentials
    impersonation: tuple[tuple[str, str], ...]
    """``Impersonate-*`` headers."""


def contexts(kubeconfig: str | None) -> tuple[tuple[str, ...], str]:
    """Return the names of all contexts and the current one, empty where none is set.

    Inside a pod without a kubeconfig there is one: ``in-cluster``.

    Raises:
        Refused: a file can't be read, or there is none.
    """
    config = _load(kubeconfig, incluster.SERVICE_ACCOUNT)
    if config is None:
        return (incluster.NAME,), incluster.NAME
    return tuple(config.contexts), config.current


def find_target(
    access: Access,
    *,
    service_account: Path = incluster.SERVICE_ACCOUNT,
    clock: Clock = utc_now,
) -> Target:
    """Read everything there is to read, blocking.

    Raises:
        Refused: something can't be read or can't be honoured; the message names file and entry.
    """
    config = _load(access.kubeconfig, service_account)
    pod = incluster.find_pod(os.environ, service_account)
    alone = config is None or not (access.context or config.current)
    if pod is not None and access.kubeconfig is None and alone and access.context in (None, incluster.NAME):
        return Target(
            name=incluster.NAME,
            namespace=pod.namespace or "default",
            endpoint=pod.endpoint(os.environ),
            credentials=pod.credentials(clock),
            impersonation=impersonation(None, access),
        )
    if config is None:
        raise Refused(
            f'there is no kubeconfig, so no context "{access.context}"',
            advice="leave --context out to use the pod's service account",
        )
    chosen = kubeconfig.choose(config, access.context)
    endpoint = read_endpoint(chosen.cluster, os.environ)
    confidential = endpoint.confidential
    return Target(
        name=chosen.name,
        namespace=chosen.namespace,
        endpoint=endpoint,
        credentials=read_credentials(chosen, endpoint, clock) if confidential else _NONE,
        impersonation=impersonation(chosen.user, access),
    )


def _load(path: str | None, service_account: Path) -> kubeconfig.Kubeconfig | None:
    """Return the kubeconfig; None if there is none and we run in a pod."""
    config = kubeconfig.load(path, os.environ)
    if config.files:
        return config
    if path is None and incluster.find_pod(os.environ, service_account) is not None:
        return None
    looked = ", ".join(str(file) for file in config.looked)
    raise Refused(
        f"no kubeconfig: {looked} "
        + ("is missing or empty" if len(config.looked) == 1 else "are missing or empty"),
        advice="set KUBECONFIG or --kubeconfig to one",
    )
