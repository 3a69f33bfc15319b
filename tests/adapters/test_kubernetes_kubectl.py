"""The same kubeconfig sends the same as kubectl: both ask one server, which notes what came."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from apiserver import ApiServer, TunnelProxy
from certificates import Authority

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.ports import PortError

LAB = Path.home() / ".cache" / "trombone-tui" / "lab" / "bin"
KUBECTL = shutil.which("kubectl", path=str(LAB)) or shutil.which("kubectl")

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl to compare with"),
]

V1 = "client.authentication.k8s.io/v1"
SCRIPT = """\
#!/bin/sh
printf '{"kind":"ExecCredential","apiVersion":"%s","status":{"token":"plugin%s"}}' "$VERSION" "$EXTRA"
"""
Sent = tuple[bool, str, tuple[tuple[str, str], ...], str, str | None]


def plugin(**more: Any) -> dict[str, Any]:
    env = [{"name": "VERSION", "value": V1}, {"name": "EXTRA", "value": "-e"}]
    return {
        "exec": {"apiVersion": V1, "command": "bin/plugin", "interactiveMode": "Never", "env": env, **more}
    }


def jwt(expires: int) -> str:
    claims = f'{{"exp":{expires},"n":"ÿþ~~~???>>>"}}'.encode()
    return ".".join(("e30", base64.urlsafe_b64encode(claims).decode().rstrip("="), "c2ln"))


def oidc(expires: int, **config: str) -> dict[str, Any]:
    issuer = {"idp-issuer-url": "https://127.0.0.1:1", "client-id": "k", "id-token": jwt(expires)}
    return {"auth-provider": {"name": "oidc", "config": {**issuer, **config}}}


CERTIFICATE = {"client-certificate": "ann.crt", "client-key": "ann.key"}
USERS: dict[str, dict[str, Any]] = {
    "token": {"token": "t"},
    "token file": {"token": "inline", "tokenFile": "token"},
    "token file alone": {"tokenFile": "token"},
    "token file missing": {"tokenFile": "gone"},
    "token file missing beside a token": {"token": "inline", "tokenFile": "gone"},
    "token file empty beside a token": {"token": "inline", "tokenFile": "empty"},
    "password": {"username": "ann", "password": "p w"},
    "name alone": {"username": "ann"},
    "token and password": {"token": "t", "username": "ann"},
    "certificate": CERTIFICATE,
    "certificate and token": {**CERTIFICATE, "token": "t"},
    "certificate without key": {"client-certificate": "ann.crt"},
    "certificate twice": {**CERTIFICATE, "client-certificate-data": "YQ=="},
    "key alone": {"client-key": "ann.key", "token": "t"},
    "impersonation": {"token": "t", "as": "jane", "as-groups": ["a", "b"], "as-uid": "7"},
    "impersonated extras": {
        "token": "t",
        "as": "j",
        "as-user-extra": {"Acme.io/P%x": ["1", "2"], "b": ["x y"]},
    },
    "groups without user": {"token": "t", "as-groups": ["a"]},
    "uid without user": {"token": "t", "as-uid": "7"},
    "plugin": plugin(),
    "plugin with interaction": plugin(interactiveMode="Always"),
    "plugin of an old version": plugin(apiVersion="client.authentication.k8s.io/v1alpha1"),
    "plugin that is not there": plugin(command="bin/gone"),
    "plugin and token": {**plugin(), "token": "own"},
    "plugin and token file": {**plugin(), "tokenFile": "token"},
    "plugin and certificate": {**plugin(), **CERTIFICATE},
    "plugin and name": {**plugin(), "username": "ann"},
    "azure": {"auth-provider": {"name": "azure"}},
    "gcp and token": {"token": "t", "auth-provider": {"name": "gcp"}},
    "unknown provider": {"auth-provider": {"name": "x"}},
    "oidc": oidc(9999999999),
    "oidc and token": {**oidc(9999999999), "token": "own"},
    "oidc expired": oidc(1),
    "oidc expired, provider down": oidc(1, **{"refresh-token": "r"}),
}
CLUSTERS: dict[str, dict[str, Any]] = {
    "server name": {"tls-server-name": "name.example"},
    "wrong server name": {"tls-server-name": "other.example"},
    "insecure": {"certificate-authority": None, "insecure-skip-tls-verify": True},
    "insecure with authority": {"insecure-skip-tls-verify": True},
    "no authority": {"certificate-authority": None},
    "authority twice": {"certificate-authority-data": "YQ=="},
    "proxy": {"proxy-url": "http://127.0.0.1:PROXY"},
    "unknown proxy": {"proxy-url": "ftp://127.0.0.1"},
    "dead proxy": {"proxy-url": "http://127.0.0.1:1"},
    "no scheme": {"server": "127.0.0.1:PORT"},
    "no server": {"server": None},
}


def config(port: int, user: dict[str, Any], cluster: dict[str, Any], name: str = "c") -> dict[str, Any]:
    fields = {"server": f"https://127.0.0.1:{port}", "certificate-authority": "ca.crt", **cluster}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": {k: v for k, v in fields.items() if v is not None}}],
        "users": [{"name": name, "user": user}],
    }


class Comparison:
    """A folder with what the kubeconfigs name, a server, and the two who ask it."""

    def __init__(self, folder: Path, server: ApiServer, proxy: TunnelProxy) -> None:
        self.folder, self._server, self._proxy = folder, server, proxy

    def write(self, name: str, content: Any) -> Path:
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        ports = {"PORT": self._server.port, "PROXY": self._proxy.port}
        for word, port in ports.items():
            text = text.replace(f"127.0.0.1:{word}", f"127.0.0.1:{port}")
        path = self.folder / name
        path.write_text(text)
        return path

    def config(self, user: dict[str, Any], cluster: dict[str, Any], name: str = "c") -> dict[str, Any]:
        return config(self._server.port, user, cluster, name)

    async def kubectl(self, *flags: str) -> Sent:
        assert KUBECTL is not None
        process = await asyncio.create_subprocess_exec(
            *(KUBECTL, *flags, "get", "--raw", "/version"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(os.environ),
        )
        await process.communicate()
        return self._sent(process.returncode == 0)

    async def ours(self, access: Access) -> Sent:
        try:
            cluster = await KubernetesCluster.connect(access)
        except PortError:
            return self._sent(False)
        try:
            await cluster.get_json("/version")
        except PortError:
            return self._sent(False)
        finally:
            await cluster.close()
        return self._sent(True)

    def _sent(self, done: bool) -> Sent:
        seen, sni = self._server.seen[-1:], self._server.sni[-1:]
        self._server.seen.clear()
        self._server.sni.clear()
        last = seen[0] if seen else None
        told = tuple(sorted(filter(_identity, last.headers.items()))) if last else ()
        told = tuple((name.lower(), value) for name, value in told)
        return done, last.path if last else "", told, last.peer if last else "", sni[0] if sni else None


def _identity(header: tuple[str, str]) -> bool:
    return header[0].lower().startswith(("authorization", "impersonate"))


@pytest.fixture
async def comparison(tmp_path: Path, pki: Authority, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HOME", str(tmp_path))
    chain, key = pki.issue("ann")
    for source, name in ((chain, "ann.crt"), (key, "ann.key"), (pki.path, "ca.crt")):
        shutil.copy(source, tmp_path / name)
    (tmp_path / "token").write_text("from-file\n")
    (tmp_path / "empty").touch()
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "plugin"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    tls = pki.server_context("server", "IP:127.0.0.1,DNS:name.example")
    async with ApiServer(tls=tls) as server, TunnelProxy() as proxy:
        yield Comparison(tmp_path, server, proxy)


@pytest.mark.parametrize("case", USERS)
async def test_users(comparison: Comparison, case: str) -> None:
    path = str(comparison.write("config", comparison.config(USERS[case], {})))
    theirs = await comparison.kubectl("--kubeconfig", path)
    assert await comparison.ours(Access(kubeconfig=path)) == theirs


@pytest.mark.parametrize("case", CLUSTERS)
async def test_clusters(comparison: Comparison, case: str) -> None:
    path = str(comparison.write("config", comparison.config({"token": "t"}, CLUSTERS[case])))
    theirs = await comparison.kubectl("--kubeconfig", path)
    assert await comparison.ours(Access(kubeconfig=path)) == theirs


Make = Callable[[Comparison], list[Path]]
FILES: dict[str, Make] = {
    "the same names twice": lambda c: [
        c.write("1", c.config({"token": "1"}, {})), c.write("2", c.config({"token": "2"}, {}))],
    "two current contexts": lambda c: [
        c.write("1", c.config({"token": "1"}, {}, "one")), c.write("2", c.config({"token": "2"}, {}, "two"))],
    "missing and empty": lambda c: [
        c.folder / "gone", c.write("1", ""), c.write("2", c.config({"token": "2"}, {}))],
    "nothing but missing": lambda c: [c.folder / "gone"],
    "a broken one": lambda c: [c.write("1", c.config({"token": "1"}, {})), c.write("2", "a: [")],
    "a user twice in one file": lambda c: [
        c.write("1", c.config({"token": "1"}, {}) | {"users": [{"name": "c", "user": {"token": "t"}}] * 2})],
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
async def test_files(comparison: Comparison, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(str(path) for path in FILES[case](comparison)))
    theirs = await comparison.kubectl()
    assert await comparison.ours(Access()) == theirs


async def test_flags(comparison: Comparison) -> None:
    user = {"token": "t", "as": "jane", "as-groups": ["a", "b"], "as-uid": "7"}
    path = str(comparison.write("config", comparison.config(user, {})))
    theirs = await comparison.kubectl(
        "--kubeconfig", path, "--as", "root", "--as-group", "x", "--as-group", "y"
    )
    ours = await comparison.ours(Access(kubeconfig=path, as_user="root", as_groups=("x", "y")))
    assert ours == theirs
    assert ("impersonate-user", "root") in ours[2]
    unknown = await comparison.kubectl("--kubeconfig", path, "--context", "no")
    assert await comparison.ours(Access(kubeconfig=path, context="no")) == unknown
