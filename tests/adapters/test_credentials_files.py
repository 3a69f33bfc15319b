"""Tokens and certificates in files are followed when somebody rotates them, in a pod too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from apiserver import ApiServer, Moment, Seen, says, write_kubeconfig
from certificates import Authority

from trombone_tui.adapters.credentials import Asked, Both, Fixed, Grant, Held, Reread
from trombone_tui.adapters.incluster import find_pod
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster, contexts
from trombone_tui.adapters.target import find_target
from trombone_tui.core.ports import Refused, Unauthenticated


async def connect(path: str, clock: Moment | None = None) -> KubernetesCluster:
    return await KubernetesCluster.connect(Access(kubeconfig=path), clock=clock or Moment())


async def test_token_file_is_stripped_and_wins_over_an_inline_token(tmp_path: Path, api: ApiServer) -> None:
    (tmp_path / "token").write_text("from-file\n")
    user = {"tokenFile": "token", "token": "inline"}
    cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user=user))
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer from-file"
    await cluster.close()


@pytest.mark.parametrize("content", [None, "", " \n"])
async def test_without_a_usable_file_the_inline_token_serves(
    tmp_path: Path, api: ApiServer, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content)
    user = {"tokenFile": "token", "token": "inline"}
    cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user=user))
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer inline"
    await cluster.close()


async def test_empty_token_file_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    path = write_kubeconfig(tmp_path / "c", "http://127.0.0.1:1", user={"tokenFile": "token"})
    with pytest.raises(Refused, match=r'user "dev": tokenFile: .*/token is empty'):
        await connect(path)


async def test_rotated_token_file_is_read_again_after_a_minute(tmp_path: Path, api: ApiServer) -> None:
    clock, token = Moment(), tmp_path / "token"
    token.write_text("one")
    cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user={"tokenFile": "token"}), clock)
    await cluster.get_json("/version")
    token.write_text("two\n")
    clock.pass_by(seconds=59)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer one"
    clock.pass_by(seconds=2)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer two"
    token.unlink()
    clock.pass_by(minutes=2)
    await cluster.get_json("/version")
    assert api.last.authorization == "Bearer two"
    await cluster.close()


async def test_rotated_token_file_is_read_again_at_once_after_a_401(tmp_path: Path, api: ApiServer) -> None:
    api.answer = lambda seen: says({}, 200 if seen.authorization == "Bearer two" else 401)(seen)
    token = tmp_path / "token"
    token.write_text("one")
    cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user={"tokenFile": "token"}))
    token.write_text("two")
    await cluster.get_json("/version")
    assert [seen.authorization for seen in api.seen] == ["Bearer one", "Bearer two"]
    api.answer = says({}, 401)
    with pytest.raises(Unauthenticated) as caught:
        await cluster.get_json("/version")
    assert f"whatever writes {token} must renew it" in caught.value.advice
    assert len(api.seen) == 3
    await cluster.close()


async def test_renewed_certificate_files_are_shown(
    tmp_path: Path, tls_api: ApiServer, pki: Authority
) -> None:
    def install(name: str) -> None:
        chain, key = pki.issue(name)
        shutil.copy(chain, tmp_path / "tls.crt")
        shutil.copy(key, tmp_path / "tls.key")

    clock = Moment()
    install("ann")
    user = {"client-certificate": "tls.crt", "client-key": "tls.key", "token": "t"}
    ca = {"certificate-authority": str(pki.path)}
    cluster = await connect(write_kubeconfig(tmp_path / "c", tls_api.url, user=user, cluster=ca), clock)
    await cluster.get_json("/version")
    assert tls_api.last.peer == "ann"
    install("bob")
    clock.pass_by(minutes=2)
    await cluster.get_json("/version")
    assert (tls_api.last.peer, tls_api.last.authorization) == ("bob", "Bearer t")

    def accept_carl(seen: Seen) -> bool:
        return seen.peer == "carl"

    tls_api.answer = lambda seen: says({}, 200 if accept_carl(seen) else 401)(seen)
    install("carl")
    await cluster.get_json("/version")
    assert [seen.peer for seen in tls_api.seen[-2:]] == ["bob", "carl"]
    await cluster.close()


@pytest.fixture
def pod(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a ServiceAccount; the address is set by the test."""
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text("sa-1\n")
    (folder / "namespace").write_text("shop\n")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    return folder


async def test_without_kubeconfig_a_pod_uses_its_service_account(
    pod: Path, tls_api: ApiServer, pki: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(tls_api.port))
    shutil.copy(pki.path, pod / "ca.crt")
    clock = Moment()
    cluster = await KubernetesCluster.connect(Access(as_user="jane"), service_account=pod, clock=clock)
    assert (cluster.name, cluster.namespace) == ("in-cluster", "shop")
    await cluster.get_json("/version")
    assert tls_api.last.authorization == "Bearer sa-1"
    assert tls_api.last.headers["Impersonate-User"] == "jane"
    (pod / "token").write_text("sa-2")
    clock.pass_by(minutes=1)
    await cluster.get_json("/version")
    assert tls_api.last.authorization == "Bearer sa-2"
    await cluster.close()


def test_a_kubeconfig_goes_before_the_service_account(pod: Path, home: Path) -> None:
    path = home / ".kube" / "config"
    path.parent.mkdir()
    write_kubeconfig(path, "https://elsewhere")
    assert find_target(Access(), service_account=pod).name == "here"
    text = path.read_text()
    path.write_text(text.replace("current-context: here", ""))
    assert find_target(Access(), service_account=pod).name == "in-cluster"
    assert find_target(Access(context="here"), service_account=pod).name == "here"
    with pytest.raises(Refused, match="no current-context"):
        find_target(Access(kubeconfig=str(path)), service_account=pod)


def test_a_pod_without_a_whole_service_account(pod: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pod / "namespace").unlink()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    target = find_target(Access(context="in-cluster"), service_account=pod)
    assert (target.namespace, target.endpoint.server.geturl()) == ("default", "https://[fd00::1]:443")
    assert target.endpoint.authority is None
    monkeypatch.setenv("POD_NAMESPACE", "mine")
    assert find_target(Access(), service_account=pod).namespace == "mine"
    with pytest.raises(Refused, match='no context "other"'):
        find_target(Access(context="other"), service_account=pod)
    (pod / "token").write_text("")
    with pytest.raises(Refused, match="token: holds no token"):
        find_target(Access(), service_account=pod)
    (pod / "token").unlink()
    with pytest.raises(Refused, match="no kubeconfig"):
        find_target(Access(), service_account=pod)


def test_outside_of_a_pod_there_is_none(pod: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_pod({}, pod) is None
    monkeypatch.setattr("trombone_tui.adapters.incluster.SERVICE_ACCOUNT", pod)
    assert contexts(None) == (("in-cluster",), "in-cluster")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    with pytest.raises(Refused, match="no kubeconfig"):
        contexts(None)


def test_nothing_that_is_held_shows_itself(pki: Authority) -> None:
    held = Held(authorization="Bearer SECRET", certificate=pki.client("ann"))
    assert "SECRET" not in repr(held) + repr(Grant(held=held))
    assert "PRIVATE" not in repr(held)


async def test_both_renew_each_in_its_own_way(pki: Authority) -> None:
    certificate = pki.client("ann")
    tokens = iter(["a", "b"])

    async def ask() -> Grant:
        return Grant(held=Held(authorization=next(tokens)))

    asked = Asked(ask, advice="ask", clock=Moment())
    both = Both(Fixed(held=Held(certificate=certificate), advice=""), asked)
    assert both.known == Held(certificate=certificate)
    first = await both.current()
    assert first == Held(authorization="a", certificate=certificate)
    assert await both.renewed(first) == Held(authorization="b", certificate=certificate)
    assert both.known.authorization == "b"
    await both.close()


async def test_what_somebody_else_has_renewed_is_not_renewed_again() -> None:
    reads = iter(["a", "b", "c"])
    files = Reread(lambda: Held(authorization=next(reads)), advice="", clock=Moment())
    first = await files.current()
    assert (await files.renewed(first)).authorization == "b"
    assert (await files.renewed(first)).authorization == "b"
    await files.close()
