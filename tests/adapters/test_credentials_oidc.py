"""The oidc auth-provider: any id-token is read, renewed as kubectl does it, and kept."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from aiohttp import web
from apiserver import ApiServer, Moment, Seen, TunnelProxy, says, write_kubeconfig
from certificates import Authority

from trombone_tui.adapters import writeback
from trombone_tui.adapters.kubeconfig import Entry
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.ports import Refused, Unauthenticated


def jwt(clock: Moment, mark: str = "", **lives: float) -> str:
    """An id-token that ends after this time; without one it never says."""
    claims: dict[str, Any] = {"sub": "ann", "mark": mark}
    if lives:
        claims["exp"] = int((clock.now + timedelta(**lives)).timestamp())
    parts = [b'{"alg":"none"}', json.dumps(claims, ensure_ascii=False).encode(), b"signature"]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


class Provider:
    """An identity provider on a server: knows one refresh-token at a time, or one for ever."""

    def __init__(self, server: ApiServer, clock: Moment, *, methods: list[str] | None = None) -> None:
        self.server, self.clock, self.methods = server, clock, methods
        self.forms: list[dict[str, str]] = []
        self.answers: list[Any] = []
        self.accepts = "any"
        server.answer = self.answer

    def answer(self, seen: Seen) -> web.StreamResponse:
        if seen.path.endswith("/.well-known/openid-configuration"):
            document: dict[str, Any] = {"token_endpoint": f"{self.server.url}/token"}
            if self.methods is not None:
                document["token_endpoint_auth_methods_supported"] = self.methods
            return says(document)(seen)
        form = {key: values[0] for key, values in parse_qs(seen.body.decode()).items()}
        self.forms.append(form)
        style = "header" if seen.authorization else "form"
        if self.accepts not in ("any", style):
            return says({"error": "invalid_client"}, 401)(seen)
        return says(self.answers.pop(0))(seen)


def user(provider: ApiServer | str, **config: str) -> dict[str, Any]:
    issuer = provider if isinstance(provider, str) else provider.url
    settings = {"idp-issuer-url": f"{issuer}/", "client-id": "k8s", **config}
    return {"auth-provider": {"name": "oidc", "config": settings}}


def saved(path: str) -> Mapping[str, str]:
    content = yaml.safe_load(Path(path).read_text())
    config: Mapping[str, str] = content["users"][0]["user"]["auth-provider"]["config"]
    return config


async def connect(path: str, clock: Moment) -> KubernetesCluster:
    return await KubernetesCluster.connect(Access(kubeconfig=path), clock=clock)


async def test_id_token_with_url_safe_letters_is_used_as_it_is(tmp_path: Path, api: ApiServer) -> None:
    clock = Moment()
    token = jwt(clock, "ÿþ~~~???>>>", hours=1)
    assert "-" in token
    assert "_" in token
    path = write_kubeconfig(tmp_path / "c", api.url, user=user("http://127.0.0.1:1", **{"id-token": token}))
    cluster = await connect(path, clock)
    await cluster.get_json("/version")
    assert api.last.authorization == f"Bearer {token}"
    await cluster.close()


async def test_expired_token_is_renewed_without_a_client_secret_and_kept(
    tmp_path: Path, api: ApiServer
) -> None:
    clock = Moment()
    async with ApiServer() as server:
        provider = Provider(server, clock)
        new = jwt(clock, "new", hours=1)
        provider.answers = [{"id_token": new, "refresh_token": "r2"}]
        old = {"id-token": jwt(clock, hours=-1), "refresh-token": "r1"}
        path = write_kubeconfig(tmp_path / "c", api.url, user=user(server, **old))
        cluster = await connect(path, clock)
        assert server.seen == []
        await cluster.get_json("/version")
        assert api.last.authorization == f"Bearer {new}"
        assert provider.forms == [{"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "k8s"}]
        assert (saved(path)["id-token"], saved(path)["refresh-token"]) == (new, "r2")
        newer = jwt(clock, "newer", hours=3)
        provider.answers = [{"id_token": newer}]
        clock.pass_by(minutes=59, seconds=30)
        await cluster.get_json("/version")
        assert api.last.authorization == f"Bearer {newer}"
        assert provider.forms[-1]["refresh_token"] == "r2"
        assert saved(path)["refresh-token"] == "r2"
        await cluster.close()


@pytest.mark.parametrize(
    ("methods", "accepts", "styles"),
    [
        (None, "any", ["header"]),
        (None, "form", ["header", "form"]),
        (["client_secret_post"], "any", ["form"]),
        (["client_secret_post"], "header", ["form", "header"]),
    ],
)
async def test_client_secret_is_sent_the_way_the_provider_takes_it(
    tmp_path: Path, api: ApiServer, methods: list[str] | None, accepts: str, styles: list[str]
) -> None:
    clock = Moment()
    async with ApiServer() as server:
        provider = Provider(server, clock, methods=methods)
        provider.accepts = accepts
        provider.answers = [{"id_token": jwt(clock, hours=1)}]
        config = {"refresh-token": "r1", "client-secret": "a b:c"}
        cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user=user(server, **config)), clock)
        await cluster.get_json("/version")
        assert ["form" if "client_secret" in form else "header" for form in provider.forms] == styles
        if styles[-1] == "header":
            assert server.last.authorization == "Basic " + base64.b64encode(b"k8s:a+b%3Ac").decode()
        else:
            assert provider.forms[-1]["client_secret"] == "a b:c"
        await cluster.close()


@pytest.mark.parametrize("as_file", [True, False])
async def test_authority_of_the_provider_is_a_file_or_data(
    tmp_path: Path, api: ApiServer, pki: Authority, as_file: bool
) -> None:
    clock = Moment()
    (tmp_path / "idp.crt").write_bytes(pki.pem)
    data = base64.b64encode(pki.pem).decode()
    ca = {"idp-certificate-authority": "idp.crt"} if as_file else {"idp-certificate-authority-data": data}
    async with ApiServer(tls=pki.server_context("idp", "IP:127.0.0.1")) as server:
        provider = Provider(server, clock)
        provider.answers = [{"id_token": jwt(clock, hours=1)}]
        path = write_kubeconfig(tmp_path / "c", api.url, user=user(server, **{"refresh-token": "r"}, **ca))
        cluster = await connect(path, clock)
        await cluster.get_json("/version")
        assert len(provider.forms) == 1
        await cluster.close()


async def test_a_401_renews_the_token_once_and_the_request_goes_on(tmp_path: Path, api: ApiServer) -> None:
    clock = Moment()
    old, new = jwt(clock, "old", hours=1), jwt(clock, "new", hours=1)
    api.answer = lambda seen: says({}, 200 if seen.authorization == f"Bearer {new}" else 401)(seen)
    async with ApiServer() as server:
        Provider(server, clock).answers = [{"id_token": new}]
        config = {"id-token": old, "refresh-token": "r"}
        cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user=user(server, **config)), clock)
        await cluster.get_json("/version")
        assert [seen.authorization for seen in api.seen] == [f"Bearer {old}", f"Bearer {new}"]
        await cluster.close()


async def test_a_new_login_in_the_kubeconfig_is_noticed(tmp_path: Path, api: ApiServer) -> None:
    clock = Moment()
    old, new = jwt(clock, "old", minutes=10), jwt(clock, "new", hours=9)
    path = write_kubeconfig(tmp_path / "c", api.url, user=user("http://127.0.0.1:1", **{"id-token": old}))
    cluster = await connect(path, clock)
    await cluster.get_json("/version")
    clock.pass_by(minutes=11)
    with pytest.raises(
        Unauthenticated, match=r"the id-token ended at .*Z, and there is no refresh-token"
    ) as caught:
        await cluster.get_json("/version")
    assert "log in" in caught.value.advice
    write_kubeconfig(tmp_path / "c", api.url, user=user("http://127.0.0.1:1", **{"id-token": new}))
    clock.pass_by(seconds=10)
    await cluster.get_json("/version")
    assert api.last.authorization == f"Bearer {new}"
    (tmp_path / "c").write_text("users: [")
    clock.pass_by(hours=10)
    with pytest.raises(Unauthenticated):
        await cluster.get_json("/version")
    await cluster.close()


async def test_a_refused_token_without_refresh_token_is_not_sent_again(
    tmp_path: Path, api: ApiServer
) -> None:
    clock = Moment()
    api.answer = says({}, 401)
    config = {"id-token": jwt(clock)}
    cluster = await connect(
        write_kubeconfig(tmp_path / "c", api.url, user=user("http://127.0.0.1:1", **config)), clock
    )
    with pytest.raises(Unauthenticated, match="does not accept the credentials") as caught:
        await cluster.get_json("/version")
    assert "log in" in caught.value.advice
    assert len(api.seen) == 1
    await cluster.close()


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ({"error": "invalid_grant", "error_description": "a\x1bb"}, "not renew the token: invalid_grant ab$"),
        ({"access_token": "SECRET"}, "without an id_token"),
        ("<html>", "does not answer as an OpenID provider"),
        ({"id_token": "no-jwt"}, "id-token is not a JSON web token"),
    ],
)  # fmt: skip
async def test_what_a_provider_refuses_is_said(
    tmp_path: Path, api: ApiServer, answer: Any, what: str
) -> None:
    clock = Moment()
    async with ApiServer() as server:
        Provider(server, clock).answers = [answer]
        path = write_kubeconfig(tmp_path / "c", api.url, user=user(server, **{"refresh-token": "SECRET"}))
        cluster = await connect(path, clock)
        for _ in range(2):
            with pytest.raises(Unauthenticated, match=what) as caught:
                await cluster.get_json("/version")
        assert str(caught.value).startswith(f'{path}: user "dev": ')
        assert "SECRET" not in str(caught.value) + caught.value.advice
        assert api.seen == []
        await cluster.close()


async def test_unreachable_and_untrusted_providers_are_named(
    tmp_path: Path, api: ApiServer, tls_api: ApiServer, pki: Authority
) -> None:
    clock = Moment()
    async with ApiServer() as server:
        gone = server.url
    for issuer, ca, what in (
        (gone, {}, f"{gone}: connection refused"),
        (tls_api.url, {}, f"{tls_api.url}: certificate signed by unknown authority"),
        (
            tls_api.url,
            {"idp-certificate-authority-data": "YQ=="},
            "idp-certificate-authority holds no certificate",
        ),
    ):
        config = user(issuer, **{"refresh-token": "r"}, **ca)
        cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user=config), clock)
        with pytest.raises(Unauthenticated, match=what):
            await cluster.get_json("/version")
        await cluster.close()


async def test_the_provider_is_asked_through_the_proxy_of_the_environment(
    tmp_path: Path, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with TunnelProxy(status="403 Forbidden") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        config = user("https://idp.example", **{"refresh-token": "r"})
        cluster = await connect(write_kubeconfig(tmp_path / "c", api.url, user=config), Moment())
        with pytest.raises(Unauthenticated, match="the proxy answers 403"):
            await cluster.get_json("/version")
        await cluster.close()
        assert proxy.heads[0].startswith("CONNECT idp.example:443 ")


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"id-token": "a.b"}, "id-token is not a JSON web token"),
        ({"id-token": "one"}, "id-token is not a JSON web token"),
        ({"id-token": "a.!.c"}, "id-token is not a JSON web token"),
        ({}, "neither an id-token nor a refresh-token"),
        ({"client-id": "", "refresh-token": "r"}, "idp-issuer-url and client-id must both be set"),
        ({"refresh-token": "r", "idp-certificate-authority": "gone"}, "gone: no such file"),
    ],
)
async def test_incomplete_configurations_are_refused(
    tmp_path: Path, config: dict[str, str], what: str
) -> None:
    path = write_kubeconfig(tmp_path / "c", "http://127.0.0.1:1", user=user("http://127.0.0.1:1", **config))
    with pytest.raises(Refused, match=what) as caught:
        await connect(path, Moment())
    assert f'{path}: user "dev": auth-provider: config' in str(caught.value)
    nothing = {"auth-provider": {"name": "oidc"}}
    with pytest.raises(Refused, match="it has no config"):
        await connect(write_kubeconfig(tmp_path / "d", "http://127.0.0.1:1", user=nothing), Moment())


async def test_tokens_that_cannot_be_kept_are_used_all_the_same(
    tmp_path: Path, api: ApiServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writeback, "_PATIENCE", 0.05)
    clock = Moment()
    async with ApiServer() as server:
        provider = Provider(server, clock)
        provider.answers = [
            {"id_token": jwt(clock, "1", hours=1), "refresh_token": "SECRET"},
            {"id_token": jwt(clock, "2", hours=3)},
        ]
        path = write_kubeconfig(tmp_path / "c", api.url, user=user(server, **{"refresh-token": "r1"}))
        (tmp_path / "c.lock").touch()
        cluster = await connect(path, clock)
        await cluster.get_json("/version")
        assert saved(path)["refresh-token"] == "r1"
        clock.pass_by(hours=2)
        await cluster.get_json("/version")
        assert [form["refresh_token"] for form in provider.forms] == ["r1", "SECRET"]
        await cluster.close()
    assert f"could not be written to {path}" in caplog.text
    assert "SECRET" not in caplog.text


def entry(path: Path, name: str = "dev") -> Entry:
    return Entry(f'user "{name}"', {}, path, name)


KEPT = """\
# my clusters
users:
- name: other
  user: {token: x}
- name: dev  # me
  user:
    auth-provider:
      name: oidc
      config:
        client-id: k8s
        id-token: "old"   # kept comment
        refresh-token: |
          old
        zone: yes
current-context: a
"""


def test_only_the_tokens_change_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_text(KEPT)
    path.chmod(0o640)
    writeback.write_tokens(entry(path), {"id-token": "new", "refresh-token": "fresh"})
    text = path.read_text()
    assert text == KEPT.replace('"old"', '"new"').replace("|\n          old\n", '"fresh"\n')
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["c"]


@pytest.mark.parametrize("style", [False, True])
def test_a_token_that_was_not_there_is_added_in_the_style_of_the_file(tmp_path: Path, style: bool) -> None:
    path = tmp_path / "real"
    config = {"client-id": "k8s", "refresh-token": "r"}
    user = {"auth-provider": {"name": "oidc", "config": config}}
    path.write_text(yaml.safe_dump({"users": [{"name": "dev", "user": user}]}, default_flow_style=style))
    link = tmp_path / "link"
    link.symlink_to(path)
    writeback.write_tokens(entry(link), {"id-token": "new"})
    assert link.is_symlink()
    assert saved(str(path)) == {**config, "id-token": "new"}


@pytest.mark.parametrize("text", ["users: [", "users: []", "users: [{name: dev, user: {token: t}}]", "[]"])
def test_a_file_that_no_longer_has_the_user_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c"
    path.write_text(text)
    with pytest.raises(ValueError, match="has changed"):
        writeback.write_tokens(entry(path), {"id-token": "new"})
    assert path.read_text() == text
    assert not (tmp_path / "c.lock").exists()
