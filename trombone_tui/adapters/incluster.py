"""The cluster a pod runs in, by its ServiceAccount (``client-go@v0.36:rest/config.go``, InClusterConfig)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from trombone_tui.adapters import proxy
from trombone_tui.adapters.credentials import Clock, Credentials, Held, Reread
from trombone_tui.adapters.endpoint import Endpoint
from trombone_tui.core.ports import Refused

NAME = "in-cluster"
"""What a cluster is called that no kubeconfig names."""
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """What Kubernetes puts into every pod."""

    host: str
    port: str
    folder: Path
    namespace: str

    def endpoint(self, environ: Mapping[str, str]) -> Endpoint:
        """Return the API server's address; without ``ca.crt`` the system's certificates count."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        server = urlsplit(f"https://{host}:{self.port}")
        try:
            authority = (self.folder / "ca.crt").read_bytes()
        except OSError:
            authority = b""
        return Endpoint(
            title=f"{self.folder}: service account",
            server=server,
            authority=authority or None,
            proxy=proxy.from_environment(server, environ),
        )

    def credentials(self, clock: Clock) -> Credentials:
        """Return the ServiceAccount's token, which the kubelet rotates."""
        return Reread(
            self._token, advice="look at the ServiceAccount's token in the pod's volume", clock=clock
        )

    def _token(self) -> Held:
        path = self.folder / "token"
        try:
            token = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            token = ""
        if not token:
            raise Refused(f"{path}: holds no token", advice="mount the ServiceAccount's token into the pod")
        return Held(authorization=f"Bearer {token}")


def find_pod(environ: Mapping[str, str], folder: Path = SERVICE_ACCOUNT) -> Pod | None:
    """Return the pod this program runs in; None outside of a cluster."""
    host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
    if not host or not port or not (folder / "token").is_file():
        return None
    try:
        namespace = (folder / "namespace").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        namespace = ""
    return Pod(host=host, port=port, folder=folder, namespace=environ.get("POD_NAMESPACE") or namespace)
