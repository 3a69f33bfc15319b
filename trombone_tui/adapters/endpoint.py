"""Where requests go and as what: the API server's address, its TLS, its proxy, and whom to impersonate."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from trombone_tui.adapters import proxy
from trombone_tui.adapters.access import Access
from trombone_tui.adapters.kubeconfig import Entry
from trombone_tui.adapters.proxy import Proxy
from trombone_tui.core.ports import Refused

_TOKEN = string.ascii_letters + string.digits + "!#$&'*+-.^_`|~"
"""What a header's name may hold, less the percent sign that escapes the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One API server as a kubeconfig's cluster entry describes it."""

    title: str
    """How messages call it: file and entry."""
    server: SplitResult
    authority: bytes | None = None
    """Certificates in PEM; None means those of the system."""
    verify: bool = True
    server_name: str = ""
    """What the server's certificate must be for, where that is not its host (``tls-server-name``)."""
    proxy: Proxy | None = None
    compress: bool = True

    @property
    def secure(self) -> bool:
        """Whether TLS is spoken."""
        return self.server.scheme == "https"

    @property
    def shown(self) -> str:
        """The server as messages name it: without its path, which may hold a secret."""
        return f"{self.server.scheme}://{self.server.netloc}"

    @property
    def confidential(self) -> bool:
        """Whether credentials may be sent: over TLS, or within this machine; kubectl: over TLS only."""
        within = self.proxy is None and proxy.is_loopback(self.server.hostname or "")
        return self.secure or within

    def url(self, path: str) -> str:
        """Return the address of a path on the server; the server's own path stays before it."""
        return f"{self.server.geturl()}{path}"


def read_endpoint(cluster: Entry, environ: Mapping[str, str]) -> Endpoint:
    """Read a kubeconfig's cluster entry.

    The environment says the proxy where the entry has none.

    Raises:
        Refused: what is there contradicts itself, can't be read, or can't be honoured.
    """
    authority = cluster.bytes_of("certificate-authority")
    insecure = cluster.flag("insecure-skip-tls-verify")
    if authority and insecure:
        raise cluster.refuse(
            "certificate-authority and insecure-skip-tls-verify are both set", "take one of them out"
        )
    server = _server(cluster)
    return Endpoint(
        title=f"{cluster.file}: {cluster.title}",
        server=server,
        authority=authority or None,
        verify=not insecure,
        server_name=cluster.text("tls-server-name"),
        proxy=proxy.from_entry(cluster) or proxy.from_environment(server, environ),
        compress=not cluster.flag("disable-compression"),
    )


def impersonation(user: Entry | None, access: Access) -> tuple[tuple[str, str], ...]:
    """Return the ``Impersonate-*`` headers that a user entry and the flags ask for; a flag wins.

    Raises:
        Refused: groups, a uid or extras without a user to impersonate.
    """
    name = access.as_user or (user.text("as") if user else "")
    groups = access.as_groups or (user.texts("as-groups") if user else ())
    uid = access.as_uid or (user.text("as-uid") if user else "")
    extra = user.part("as-user-extra") if user else None
    headers = [("Impersonate-User", name)] if name else []
    headers += [("Impersonate-Uid", uid)] if uid else []
    headers += [("Impersonate-Group", group) for group in groups]
    if extra is not None:
        for key in extra.fields:
            name_of = "Impersonate-Extra-" + quote(key.lower(), safe=_TOKEN)
            headers += [(name_of, value) for value in extra.texts(key)]
    if headers and not name:
        where = f"{user.file}: {user.title}" if user else "flags"
        raise Refused(
            f"{where}: groups, uid or extras are to be impersonated, but no user",
            advice="say whom with --as, or with as in the kubeconfig's user entry",
        )
    return tuple(headers)


def _server(cluster: Entry) -> SplitResult:
    value = cluster.text("server").strip()
    if not value:
        raise cluster.refuse("it has no server", "set server to the API server's address")
    if "://" not in value:
        value = f"http://{value}"
    wrong = cluster.refuse("server is not an http or https address", "correct server in that file")
    try:
        url = urlsplit(value)
        known = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        raise wrong from None
    if not known:
        raise wrong
    if url.username is not None:
        raise cluster.refuse("server holds a user name", "move it to the user entry: username, password")
    return SplitResult(url.scheme, url.netloc, url.path.rstrip("/"), "", "")
