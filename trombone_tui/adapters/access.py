"""What the command line says about reaching a cluster; kubectl's flags of the same names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Which kubeconfig, which context, as whom, and how patiently."""

    kubeconfig: str | None = None
    """One file (``--kubeconfig``); None means ``$KUBECONFIG``, then ``~/.kube/config``, then in-cluster."""
    context: str | None = None
    """None means current-context."""
    as_user: str | None = None
    as_groups: tuple[str, ...] = ()
    as_uid: str | None = None
    request_timeout: float = 10.0
    """Seconds to connect, and seconds of silence, for everything that is not a watch."""
