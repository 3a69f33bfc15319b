"""Which proxy a request goes through, by the rules of Go's ``httpproxy``, which kubectl follows."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from trombone_tui.adapters.kubeconfig import Entry
from trombone_tui.core.ports import Refused

_PORTS = {"http": 80, "https": 443}
_ADVICE = "only http and https proxies are supported: use one of these, or a local forwarder before it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An HTTP proxy, its password kept apart from its address."""

    url: str
    authorization: str | None = None
    """What ``Proxy-Authorization`` is to hold."""

    @property
    def headers(self) -> dict[str, str] | None:
        """What the proxy alone is to be told."""
        return {"Proxy-Authorization": self.authorization} if self.authorization else None


def from_entry(cluster: Entry) -> Proxy | None:
    """Return the proxy of a kubeconfig's cluster entry; it is used whatever ``NO_PROXY`` says.

    Raises:
        Refused: ``proxy-url`` is no address, or of a kind that can't be spoken to.
    """
    value = cluster.text("proxy-url")
    if not value:
        return None
    try:
        return _proxy(value)
    except ValueError as error:
        raise cluster.refuse(f"proxy-url {error}", _ADVICE) from None


def from_environment(server: SplitResult, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy that ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY`` give a server; upper case wins.

    Loopback addresses and ``localhost`` are never sent through one.

    Raises:
        Refused: the variable holds no address, or one of a kind that can't be spoken to.
    """
    name = "HTTPS_PROXY" if server.scheme == "https" else "HTTP_PROXY"
    value = environ.get(name) or environ.get(name.lower()) or ""
    exempt = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    if not value or is_loopback(server.hostname or "") or _exempts(exempt, server):
        return None
    try:
        return _proxy(value if "://" in value else f"http://{value}")
    except ValueError as error:
        raise Refused(f"environment: {name} {error}", advice=_ADVICE) from None


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine itself."""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _proxy(value: str) -> Proxy:
    """Read a proxy's address.

    Raises:
        ValueError: with what is wrong; never quotes the password.
    """
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port
    except ValueError:
        raise ValueError("is not an address") from None
    if url.scheme.startswith("socks"):
        raise ValueError(f"asks for a {url.scheme} proxy, which is not supported")
    if url.scheme not in _PORTS or not host:
        raise ValueError("is not the address of an http or https proxy")
    authorization = None
    if url.username is not None:
        pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode("ascii")
    shown = f"[{host}]" if ":" in host else host
    return Proxy(url=f"{url.scheme}://{shown}:{port or _PORTS[url.scheme]}", authorization=authorization)


def _exempts(exempt: str, server: SplitResult) -> bool:
    host = (server.hostname or "").rstrip(".").lower()
    port = server.port or _PORTS.get(server.scheme)
    rules = (rule.strip().lower() for rule in exempt.split(","))
    return any(rule == "*" or _matches(rule, host, port) for rule in rules if rule)


def _matches(rule: str, host: str, port: int | None) -> bool:
    """Say whether one word of ``NO_PROXY`` means this host: network, address, domain; each with a port."""
    address = _address(host)
    if "/" in rule:
        try:
            network = ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
        return address is not None and address in network
    name, colon, digits = rule.rpartition(":")
    if colon and digits.isdigit() and (":" not in name or name.startswith("[")):
        if int(digits) != port:
            return False
        rule = name
    ruled = _address(rule.strip("[]"))
    if ruled is not None or address is not None:
        return ruled == address
    if rule.startswith("*."):
        rule = rule[1:]
    return host.endswith(rule) if rule.startswith(".") else host == rule or host.endswith(f".{rule}")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
