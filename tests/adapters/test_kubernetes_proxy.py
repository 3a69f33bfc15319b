"""Requests really go through the proxy that kubeconfig or environment name, and through no other."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from apiserver import ApiServer, TunnelProxy, write_kubeconfig
from certificates import Authority

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.adapters.proxy import from_environment
from trombone_tui.core.ports import Refused, Unreachable


async def get(path: str) -> None:
    cluster = await KubernetesCluster.connect(Access(kubeconfig=path, request_timeout=5))
    try:
        await cluster.get_json("/version")
    finally:
        await cluster.close()


async def test_proxy_url_tunnels_tls_to_the_api_server(
    tmp_path: Path, tls_api: ApiServer, pki: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    async with TunnelProxy() as proxy:
        cluster = {"proxy-url": f"http://127.0.0.1:{proxy.port}", "certificate-authority": str(pki.path)}
        await get(write_kubeconfig(tmp_path / "c", tls_api.url, user={"token": "SECRET"}, cluster=cluster))
        assert proxy.heads[0].startswith(f"CONNECT 127.0.0.1:{tls_api.port} ")
        assert "SECRET" not in proxy.heads[0]
    assert tls_api.last.authorization == "Bearer SECRET"


async def test_tls_server_name_holds_through_a_proxy(tmp_path: Path, pki: Authority) -> None:
    tls = pki.server_context("named", "DNS:cluster.example")
    async with ApiServer(tls=tls) as server, TunnelProxy() as proxy:
        cluster = {
            "proxy-url": f"http://127.0.0.1:{proxy.port}",
            "certificate-authority": str(pki.path),
            "tls-server-name": "cluster.example",
        }
        await get(write_kubeconfig(tmp_path / "c", server.url, cluster=cluster))
        assert server.sni == ["cluster.example"]


async def test_proxy_that_speaks_tls_and_asks_for_a_password(
    tmp_path: Path, tls_api: ApiServer, pki: Authority
) -> None:
    async with TunnelProxy(tls=pki.server_context("proxy", "IP:127.0.0.1")) as proxy:
        url = f"https://ann:p%40ss@127.0.0.1:{proxy.port}"
        cluster = {"proxy-url": url, "certificate-authority": str(pki.path)}
        await get(write_kubeconfig(tmp_path / "c", tls_api.url, cluster=cluster))
        expected = base64.b64encode(b"ann:p@ss").decode()
        assert f"Proxy-Authorization: Basic {expected}" in proxy.heads[0]
    assert "Proxy-Authorization" not in tls_api.last.headers


async def test_plain_http_goes_to_the_proxy_by_its_whole_address(tmp_path: Path, api: ApiServer) -> None:
    async with TunnelProxy() as proxy:
        cluster = {"proxy-url": f"http://127.0.0.1:{proxy.port}"}
        await get(write_kubeconfig(tmp_path / "c", api.url, cluster=cluster))
        assert proxy.heads[0].startswith(f"GET {api.url}/version ")
    assert len(api.seen) == 1


async def test_https_proxy_of_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with TunnelProxy(status="407 Proxy Authentication Required") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        path = write_kubeconfig(tmp_path / "c", "https://cluster.example:6443")
        with pytest.raises(Unreachable, match="the proxy answers 407") as caught:
            await get(path)
        assert "password" in caught.value.advice
        assert proxy.heads[0].startswith("CONNECT cluster.example:6443 ")


async def test_a_dead_proxy_is_named(tmp_path: Path) -> None:
    async with TunnelProxy() as proxy:
        port = proxy.port
    cluster = {"proxy-url": f"http://ann:SECRET@127.0.0.1:{port}"}
    path = write_kubeconfig(tmp_path / "c", "https://cluster.example", cluster=cluster)
    with pytest.raises(
        Unreachable, match=f"the proxy 127.0.0.1:{port} can't be reached: connection refused"
    ) as caught:
        await get(path)
    assert "SECRET" not in str(caught.value)


async def test_a_silent_proxy_is_not_waited_for_for_ever(tmp_path: Path, tls_api: ApiServer) -> None:
    async with TunnelProxy(status="") as proxy:
        cluster = {"proxy-url": f"http://127.0.0.1:{proxy.port}"}
        path = write_kubeconfig(tmp_path / "c", tls_api.url, cluster=cluster)
        connected = await KubernetesCluster.connect(Access(kubeconfig=path, request_timeout=0.2))
        with pytest.raises(Unreachable, match=r"no answer within 0\.2 s"):
            await connected.get_json("/version")
        await connected.close()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("socks5://127.0.0.1:1080", "asks for a socks5 proxy, which is not supported"),
        ("ftp://127.0.0.1", "not the address of an http or https proxy"),
        ("http://a:port", "is not an address"),
        ("nonsense", "not the address of an http or https proxy"),
    ],
)
async def test_proxies_that_cannot_be_spoken_to_are_refused(tmp_path: Path, url: str, what: str) -> None:
    path = write_kubeconfig(tmp_path / "c", "https://cluster.example", cluster={"proxy-url": url})
    with pytest.raises(Refused, match=what) as caught:
        await KubernetesCluster.connect(Access(kubeconfig=path))
    assert str(caught.value).startswith(f'{path}: cluster "c": proxy-url')
    assert "http and https" in caught.value.advice


def test_socks_of_the_environment_is_refused_by_the_variable_name() -> None:
    with pytest.raises(Refused, match="environment: HTTPS_PROXY asks for a socks5 proxy"):
        from_environment(urlsplit("https://a"), {"HTTPS_PROXY": "socks5://x:1"})


PROXY = {"HTTPS_PROXY": "http://secure:1", "HTTP_PROXY": "plain:2"}


@pytest.mark.parametrize(
    ("server", "environ", "expected"),
    [
        ("https://a.example", PROXY, "http://secure:1"),
        ("http://a.example", PROXY, "http://plain:2"),
        ("https://a.example", {"https_proxy": "http://low:1"}, "http://low:1"),
        ("https://a.example", {"https_proxy": "http://low:1", **PROXY}, "http://secure:1"),
        ("https://a.example", {"HTTPS_PROXY": "https://[::1]"}, "https://[::1]:443"),
        ("https://a.example", {}, None),
        ("https://localhost:6443", PROXY, None),
        ("https://127.0.0.2:6443", PROXY, None),
        ("https://[::1]:6443", PROXY, None),
    ],
)
def test_the_environment_chooses_a_proxy_as_go_does(
    server: str, environ: dict[str, str], expected: str | None
) -> None:
    proxy = from_environment(urlsplit(server), environ)
    assert (proxy.url if proxy else None) == expected


@pytest.mark.parametrize(
    ("server", "exempt", "direct"),
    [
        ("https://a.example", "*", True),
        ("https://a.example", "b.example, a.example", True),
        ("https://x.a.example", "a.example", True),
        ("https://xa.example", "a.example", False),
        ("https://a.example", ".a.example", False),
        ("https://x.a.example", ".a.example", True),
        ("https://x.a.example", "*.a.example", True),
        ("https://A.EXAMPLE", "a.example", True),
        ("https://a.example:6443", "a.example:6443", True),
        ("https://a.example:6443", "a.example:443", False),
        ("https://a.example", "a.example:443", True),
        ("https://10.1.2.3:6443", "10.0.0.0/8", True),
        ("https://11.1.2.3:6443", "10.0.0.0/8", False),
        ("https://10.1.2.3:6443", "10.1.2.3", True),
        ("https://10.1.2.3:6443", "10.1.2.3:6443", True),
        ("https://10.1.2.3:6443", "2.3", False),
        ("https://[fd00::1]:6443", "fd00::/8", True),
        ("https://[fd00::1]:6443", "[fd00::1]:6443", True),
        ("https://[fd00::1]:6443", "fd00::1", True),
        ("https://a.example", "10.0.0.0/99, ,", False),
    ],
)
def test_no_proxy_exempts_as_in_go(server: str, exempt: str, direct: bool) -> None:
    proxy = from_environment(urlsplit(server), {**PROXY, "NO_PROXY": exempt})
    assert (proxy is None) == direct
