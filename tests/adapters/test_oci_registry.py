"""The registry adapter over real HTTP: logins, tokens, pages, indexes, limits; and the demo's registry."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from trombone_tui.adapters.registry import OciRegistry
from trombone_tui.adapters.registry_access import loopback, read_challenge
from trombone_tui.core.ports import Denied, Login, Missing, PortError, Refused, Unauthenticated, Unreachable
from trombone_tui.demo.loopback import Loopback

SECRET = "p4ssw0rd-never-shown"
LOGIN = Login(user="ann", password=SECRET)


class Hub:
    """A registry that is told what to ask for, and notes what it was sent."""

    def __init__(self) -> None:
        self.tags = ["1.0.0", "1.1.0", "latest"]
        self.asks = ""
        """The scheme of the challenge: nothing, basic or bearer."""
        self.accepts: Callable[[str], bool] = lambda _: True
        self.seen: list[web.Request] = []
        self.forms: list[dict[str, list[str]]] = []
        self.busy = 0
        self.wait = "0"
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.url = ""
        self.pages = 0
        self.next: str | None = None

    def put(self, body: bytes) -> str:
        digest = f"sha256:{sha256(body).hexdigest()}"
        self.blobs[digest] = body
        return digest

    def image(self, tag: str, *, created: str = "2026-11-20T10:00:00Z", **labels: str) -> str:
        config = self.put(json.dumps({"created": created, "config": {"Labels": labels}}).encode())
        kind = "application/vnd.oci.image.manifest.v1+json"
        body = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {"digest": config}}).encode()
        digest = f"sha256:{sha256(body).hexdigest()}"
        self.manifests[tag] = self.manifests[digest] = (kind, body)
        return digest

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/token", self._token)
        app.router.add_post("/token", self._token)
        app.router.add_get("/v2/{name:.+}/tags/list", self._list)
        app.router.add_get("/v2/{name:.+}/manifests/{reference}", self._manifest)
        app.router.add_get("/v2/{name:.+}/blobs/{digest}", self._blob)
        return app

    def _challenge(self, request: web.Request) -> web.Response | None:
        self.seen.append(request)
        if self.busy:
            self.busy -= 1
            return web.Response(status=429, headers={"Retry-After": self.wait})
        sent = request.headers.get("Authorization", "")
        if not self.asks or (sent and self.accepts(sent)):
            return None
        challenge = {
            "basic": 'Basic realm="here"',
            "bearer": f'Bearer realm="{self.url}/token",service="hub",scope="repository:shop/api:pull"',
            "digest": 'Digest realm="here"',
            "elsewhere": 'Bearer realm="http://tokens.example/token",service="hub"',
        }[self.asks]
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    async def _token(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        if request.method == "POST":
            self.forms.append(parse_qs(await request.text()))
            return web.json_response({"access_token": "refreshed"})
        if request.headers.get("Authorization", "") == basic("ann", "wrong"):
            return web.Response(status=401)
        return web.json_response({"token": "t-" + request.query.get("account", "nobody"), "expires_in": 300})

    async def _list(self, request: web.Request) -> web.Response:
        if (refused := self._challenge(request)) is not None:
            return refused
        if request.match_info["name"] != "shop/api":
            return web.json_response({"errors": [{"code": "NAME_UNKNOWN"}]}, status=404)
        last = int(request.query.get("last", "0"))
        headers = {}
        if last < self.pages:
            headers["Link"] = self.next or f'</v2/shop/api/tags/list?n=2&last={last + 1}>; rel="next"'
        tags = [f"page-{last}"] if self.pages else self.tags
        return web.json_response({"name": "shop/api", "tags": tags}, headers=headers)

    async def _manifest(self, request: web.Request) -> web.Response:
        if (refused := self._challenge(request)) is not None:
            return refused
        found = self.manifests.get(request.match_info["reference"])
        if found is None:
            return web.json_response({"errors": [{"code": "MANIFEST_UNKNOWN"}]}, status=404)
        return web.Response(body=found[1], content_type=found[0])

    async def _blob(self, request: web.Request) -> web.Response:
        if (refused := self._challenge(request)) is not None:
            return refused
        return web.Response(body=self.blobs[request.match_info["digest"]])


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    made = Hub()
    server = Loopback(made.app())
    made.url = server.url
    await server.start()
    try:
        yield made
    finally:
        await server.stop()


@asynccontextmanager
async def asking(hub: Hub, home: Path, **more: Any) -> AsyncIterator[OciRegistry]:
    registry = OciRegistry(endpoints={"hub.example": hub.url}, home=home, environ={}, **more)
    try:
        yield registry
    finally:
        await registry.close()


REPOSITORY = "hub.example/shop/api"


async def test_tags_of_an_open_registry(hub: Hub, tmp_path: Path) -> None:
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, None) == ("1.0.0", "1.1.0", "latest")


async def test_a_registry_of_this_machine_is_asked_without_tls(hub: Hub, tmp_path: Path) -> None:
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(f"{hub.url.removeprefix('http://')}/shop/api", None) == tuple(hub.tags)


async def test_pages_are_followed_to_the_end(hub: Hub, tmp_path: Path) -> None:
    hub.pages = 3
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, None) == ("page-0", "page-1", "page-2", "page-3")


async def test_a_list_that_leads_to_another_server_is_not_followed(hub: Hub, tmp_path: Path) -> None:
    hub.pages, hub.next = 1, '<http://elsewhere.example/v2/shop/api/tags/list>; rel="next"'
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Unreachable, match="goes on at another server"):
            await registry.tags(REPOSITORY, LOGIN)


async def test_a_list_that_leads_to_itself_ends(hub: Hub, tmp_path: Path) -> None:
    hub.pages, hub.next = 9, '</v2/shop/api/tags/list?n=1000>; rel="next"'
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, None) == ("page-0",)


async def test_a_token_is_fetched_without_a_login_and_used_again(hub: Hub, tmp_path: Path) -> None:
    hub.asks, hub.accepts = "bearer", lambda sent: sent == "Bearer t-nobody"
    async with asking(hub, tmp_path) as registry:
        await registry.tags(REPOSITORY, None)
        await registry.tags(REPOSITORY, None)
    assert [request.path for request in hub.seen].count("/token") == 1
    token = next(request for request in hub.seen if request.path == "/token")
    assert dict(token.query) == {"service": "hub", "scope": "repository:shop/api:pull"}


async def test_a_login_is_given_to_the_token_server_alone(hub: Hub, tmp_path: Path) -> None:
    hub.asks, hub.accepts = "bearer", lambda sent: sent == "Bearer t-ann"
    async with asking(hub, tmp_path) as registry:
        await registry.tags(REPOSITORY, LOGIN)
    sent = {request.path: request.headers.get("Authorization") for request in hub.seen}
    assert sent["/token"] == basic("ann", SECRET)
    assert sent["/v2/shop/api/tags/list"] == "Bearer t-ann"


async def test_an_identity_token_is_exchanged(hub: Hub, tmp_path: Path) -> None:
    hub.asks, hub.accepts = "bearer", lambda sent: sent == "Bearer refreshed"
    async with asking(hub, tmp_path) as registry:
        await registry.tags(REPOSITORY, Login(user="<token>", password=SECRET))
    assert hub.forms[0]["grant_type"] == ["refresh_token"]
    assert hub.forms[0]["refresh_token"] == [SECRET]


async def test_a_basic_challenge_is_answered_with_the_login(hub: Hub, tmp_path: Path) -> None:
    hub.asks, hub.accepts = "basic", lambda sent: sent == basic("ann", SECRET)
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, LOGIN) == tuple(hub.tags)


@pytest.mark.parametrize(
    ("asks", "login"),
    [
        ("basic", None),
        ("basic", Login(user="ann", password="wrong")),
        ("bearer", Login(user="ann", password="wrong")),
        ("digest", LOGIN),
    ],
    ids=["no login", "wrong password", "the token server refuses", "a scheme nobody uses"],
)
async def test_what_is_closed_is_said_without_the_password(
    hub: Hub, tmp_path: Path, asks: str, login: Login | None
) -> None:
    hub.asks, hub.accepts = asks, lambda sent: sent == "never"
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Denied, match=r"may not pull shop/api from hub\.example with") as caught:
            await registry.tags(REPOSITORY, login)
    assert SECRET not in f"{caught.value!r}{caught.value.advice}"
    assert caught.value.advice.startswith("check the image's name")
    assert ("pull secret" in caught.value.advice) is (login is None)  # there is one that does not suffice


async def test_a_token_that_gives_too_little_ends_in_denied(hub: Hub, tmp_path: Path) -> None:
    hub.asks, hub.accepts = "bearer", lambda _: False
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Denied):
            await registry.tags(REPOSITORY, LOGIN)


async def test_no_login_goes_to_a_token_server_without_tls(hub: Hub, tmp_path: Path) -> None:
    hub.asks = "elsewhere"
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Unreachable, match="no login is sent there"):
            await registry.tags(REPOSITORY, LOGIN)


async def test_a_busy_registry_is_asked_again_when_it_says(hub: Hub, tmp_path: Path) -> None:
    hub.busy = 1
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, None) == tuple(hub.tags)


async def test_a_long_wait_is_told_and_not_waited_for(hub: Hub, tmp_path: Path) -> None:
    hub.busy, hub.wait = 9, "600"
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Unreachable, match="come back in 600 s") as caught:
            await registry.tags(REPOSITORY, None)
    assert caught.value.retry_after == 600
    assert len(hub.seen) == 1


async def test_a_repository_that_is_not_there(hub: Hub, tmp_path: Path) -> None:
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Missing, match=r"hub\.example has no shop/web"):
            await registry.tags("hub.example/shop/web", None)


async def test_digest_age_and_commit_of_a_tag(hub: Hub, tmp_path: Path) -> None:
    digest = hub.image("1.1.0", **{"org.opencontainers.image.revision": "3f2a9c1"})
    async with asking(hub, tmp_path) as registry:
        found = await registry.candidates(REPOSITORY, ("1.1.0", "gone"), None)
    assert list(found) == ["1.1.0"]
    one = found["1.1.0"]
    assert (one.digest, one.revision) == (digest, "3f2a9c1")
    assert one.created == datetime(2026, 11, 20, 10, tzinfo=UTC)


async def test_an_index_is_described_by_its_linux_image(hub: Hub, tmp_path: Path) -> None:
    arm, amd = hub.image("a", arch="arm"), hub.image("b", arch="amd")
    kind = "application/vnd.oci.image.index.v1+json"
    platforms = [(arm, "linux", "arm64"), (amd, "linux", "amd64"), (arm, "unknown", "unknown")]
    body = json.dumps(
        {
            "schemaVersion": 2,
            "manifests": [
                {"digest": digest, "platform": {"os": os, "architecture": arch}}
                for digest, os, arch in platforms
            ],
        }
    ).encode()
    hub.manifests["multi"] = (kind, body)
    async with asking(hub, tmp_path) as registry:
        one = (await registry.candidates(REPOSITORY, ("multi",), None))["multi"]
    assert one.digest == f"sha256:{sha256(body).hexdigest()}"
    assert one.labels["arch"] == "amd"


async def test_a_time_that_reproducible_builds_write_is_no_age(hub: Hub, tmp_path: Path) -> None:
    hub.image("r", created="1970-01-01T00:00:00Z")
    async with asking(hub, tmp_path) as registry:
        assert (await registry.candidates(REPOSITORY, ("r",), None))["r"].created is None


async def test_a_fault_at_one_tag_is_told_as_a_ports_error(hub: Hub, tmp_path: Path) -> None:
    hub.image("a")
    hub.manifests["b"] = ("application/json", b"<html>")
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Unreachable, match="not what a registry says"):
            await registry.candidates(REPOSITORY, ("a", "b"), None)


async def test_the_users_own_docker_login_is_used(hub: Hub, tmp_path: Path) -> None:
    hub.asks, hub.accepts = "basic", lambda sent: sent == basic("bob", SECRET)
    auth = base64.b64encode(f"bob:{SECRET}".encode()).decode()
    docker_config(tmp_path, {"auths": {"hub.example": {"auth": auth}}})
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, None) == tuple(hub.tags)


@pytest.mark.parametrize("key", ["credHelpers", "credsStore"])
async def test_a_credential_helper_is_asked(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    hub.asks, hub.accepts = "basic", lambda sent: sent == basic("AWS", SECRET)
    said = f'{{"ServerURL":"hub.example","Username":"AWS","Secret":"{SECRET}"}}'
    helper(tmp_path, monkeypatch, f"read host; [ $host = hub.example ] && echo '{said}'")
    docker_config(tmp_path, {key: {"hub.example": "ecr-login"} if key == "credHelpers" else "ecr-login"})
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, None) == tuple(hub.tags)


async def test_a_helper_without_credentials_means_no_login(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(tmp_path, monkeypatch, "echo 'credentials not found in native keychain'; exit 1")
    docker_config(tmp_path, {"credsStore": "ecr-login"})
    async with asking(hub, tmp_path) as registry:
        assert await registry.tags(REPOSITORY, None) == tuple(hub.tags)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "has no login for hub.example"),
        ("echo nothing", "printed no login"),
        (None, "can't be run"),
    ],
)
async def test_a_helper_that_fails_is_named(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, said: str
) -> None:
    if script:
        helper(tmp_path, monkeypatch, script)
    docker_config(tmp_path, {"credsStore": "ecr-login"})
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Unauthenticated, match=f"docker-credential-ecr-login.*{said}|{said}"):
            await registry.tags(REPOSITORY, None)


async def test_a_docker_config_that_is_none_is_named_without_its_content(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(f'{{"auths": ["{SECRET}"]}}')
    async with asking(hub, tmp_path) as registry:
        with pytest.raises(Refused, match=r"config\.json is no Docker config") as caught:
            await registry.tags(REPOSITORY, None)
    assert SECRET not in str(caught.value)


async def test_a_registry_that_is_not_there(tmp_path: Path) -> None:
    registry = OciRegistry(endpoints={"hub.example": "http://127.0.0.1:1"}, home=tmp_path, environ={})
    try:
        with pytest.raises(PortError, match=r"hub\.example: connection refused"):
            await registry.tags(REPOSITORY, None)
    finally:
        await registry.close()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            'Bearer realm="https://a/t",service="s, with comma"',
            {"realm": "https://a/t", "service": "s, with comma"},
        ),
        ("bearer realm=https://a/t", {"realm": "https://a/t"}),
        (r'Bearer realm="a\"b"', {"realm": 'a"b'}),
        ("Basic", {}),
    ],
)
def test_challenges_are_read(header: str, expected: dict[str, str]) -> None:
    challenge = read_challenge(header)
    assert challenge is not None
    assert challenge.parameters == expected


def test_other_challenges_are_not_guessed() -> None:
    assert read_challenge('Negotiate realm="x"') is None
    assert read_challenge("") is None


def test_only_this_machine_is_loopback() -> None:
    assert all(map(loopback, ("localhost", "127.0.0.1", "127.9.9.9", "[::1]")))
    assert not any(map(loopback, ("localhost.example", "10.0.0.1", "0.0.0.0", "")))


def docker_config(home: Path, content: dict[str, Any]) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps(content))


def helper(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "docker-credential-ecr-login"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
