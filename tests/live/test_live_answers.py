"""What else can be asked for: things fetched once a minute, the ends of logs, registries and their logins."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from hand import HURRY, NOW, ROW, Asker, HandCluster, Watched, eventually, listed, thing, watching

from trombone_tui.core.objects.basics import Kind, Malformed, Object, Ref
from trombone_tui.core.ports import (
    Candidate,
    Credentials,
    Denied,
    Login,
    LogLine,
    LogOptions,
    Missing,
    PortError,
    Unreachable,
)
from trombone_tui.core.questions import Candidates, LogSource, LogTail, Tags
from trombone_tui.core.questions import Thing as AnyThing

REF = Ref("here", "Row", "ns", "a", "ns-a")
DEPLOYMENT = Kind(name="Deployment", plural="deployments", group="apps", version="v1", shape=Object)
WEB = AnyThing(group="apps", kind="Deployment", namespace="ns", name="web")
TAIL = LogTail(namespace="ns", pod="p", container="c", lines=3)
KEY = ("ns", "p", "c")
REPOSITORY = "ghcr.io/acme/api"


class HandRegistry:
    """The ``Registry`` port, played by hand: private repositories need the login ``me``."""

    def __init__(self, *, private: bool = False) -> None:
        self.private = private
        self.logins: list[Login | None] = []
        self.found: Sequence[str] | PortError = ("v1", "v2")

    async def tags(self, repository: str, login: Login | None) -> Sequence[str]:
        self.logins.append(login)
        if self.private and (login is None or login.user != "me"):
            raise Denied("pull", repository)
        if isinstance(self.found, PortError):
            raise self.found
        return self.found

    async def candidates(
        self, repository: str, tags: Sequence[str], login: Login | None
    ) -> Mapping[str, Candidate]:
        return {tag: Candidate(tag=tag) for tag in tags if tag in await self.tags(repository, login)}

    async def close(self) -> None:
        raise AssertionError("who opened a registry closes it")


@asynccontextmanager
async def asking(
    cluster: HandCluster, asker: Asker, registry: HandRegistry | None = None
) -> AsyncIterator[Watched]:
    """Look at the only row and ask again at each snapshot."""
    async with watching([asker.stage], cluster, registry=registry) as seen:
        cluster.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.names("one") == ["a"])
        look = seen.live.look(REF)
        look.details()

        async def screen() -> None:
            async for _ in seen.live.snapshots():
                look.details()

        showing = asyncio.create_task(screen())
        yield seen
        showing.cancel()
        look.close()


def lines(*texts: str) -> tuple[LogLine, ...]:
    return tuple(LogLine(text, NOW + timedelta(seconds=n)) for n, text in enumerate(texts))


def texts(asker: Asker) -> list[str] | None:
    value = asker.of(TAIL)
    return None if value is None else [line.text for line in value]


async def test_a_thing_is_looked_up_and_fetched_and_again_when_that_is_old() -> None:
    cluster, asker = HandCluster(), Asker(WEB)
    async with asking(cluster, asker):
        await eventually(lambda: asker.trouble(WEB) == "Deployment.apps is not installed on this cluster")
        cluster.kinds["Deployment"] = DEPLOYMENT
        await eventually(lambda: asker.trouble(WEB) == "web is not there")
        cluster.wholes["Deployment", "ns", "web"] = {"spec": {"replicas": 3}}
        await eventually(lambda: asker.of(WEB) == {"spec": {"replicas": 3}})
        assert not asker.trouble(WEB)
        cluster.wholes["Deployment", "ns", "web"] = Unreachable("no answer")
        await eventually(lambda: asker.trouble(WEB) == "no answer")
        assert asker.of(WEB) == {"spec": {"replicas": 3}}


async def test_the_end_of_a_log_is_followed_and_bounded() -> None:
    cluster, asker = HandCluster(), Asker(TAIL)
    queue = cluster.lines.setdefault(KEY, asyncio.Queue())
    async with asking(cluster, asker):
        queue.put_nowait(lines("a", "b"))
        await eventually(lambda: texts(asker) == ["a", "b"])
        queue.put_nowait(lines("c", "d"))
        await eventually(lambda: texts(asker) == ["b", "c", "d"])
        assert cluster.read == [(*KEY, LogOptions(follow=True, previous=False, lines=3))]
    assert not cluster.reading


async def test_a_log_that_ended_is_read_again_and_stands_until_it_differs() -> None:
    cluster, asker = HandCluster(), Asker(TAIL)
    queue = cluster.lines.setdefault(KEY, asyncio.Queue())
    async with asking(cluster, asker):
        for said in (lines("a", "b"), None, lines("a"), lines("b")):
            queue.put_nowait(said)
        await eventually(lambda: len(cluster.read) == 2 and not queue.qsize())
        assert texts(asker) == ["a", "b"]
        queue.put_nowait(lines("c"))
        await eventually(lambda: texts(asker) == ["a", "b", "c"])
        for said in (None, lines("anew")):
            queue.put_nowait(said)
        await eventually(lambda: texts(asker) == ["anew"])


async def test_a_log_that_is_not_there_or_breaks_off_says_so_beside_what_was_read() -> None:
    cluster, asker = HandCluster(), Asker(TAIL)
    queue = cluster.lines.setdefault(KEY, asyncio.Queue())
    async with asking(cluster, asker):
        queue.put_nowait(Missing('container "c" in pod "p" is waiting to start: ContainerCreating'))
        await eventually(lambda: "waiting to start" in asker.trouble(TAIL))
        assert texts(asker) is None
        queue.put_nowait(lines("a"))
        await eventually(lambda: texts(asker) == ["a"] and not asker.trouble(TAIL))
        queue.put_nowait(Unreachable("the log broke off"))
        await eventually(lambda: asker.trouble(TAIL) == "the log broke off")
        assert texts(asker) == ["a"]


async def test_a_log_in_which_nothing_is_written_is_empty_after_a_while_and_not_unknown_for_ever() -> None:
    cluster, asker = HandCluster(), Asker(TAIL)
    async with asking(cluster, asker):
        await eventually(lambda: texts(asker) == [])


async def test_a_container_that_starts_and_writes_nothing_is_not_waiting_any_more() -> None:
    cluster, asker = HandCluster(), Asker(TAIL)
    queue = cluster.lines.setdefault(KEY, asyncio.Queue())
    async with asking(cluster, asker):
        queue.put_nowait(Missing('container "c" in pod "p" is waiting to start: PodInitializing'))
        await eventually(lambda: asker.trouble(TAIL))
        await eventually(lambda: not asker.trouble(TAIL) and texts(asker) == [])
        queue.put_nowait(Unreachable("no answer"))
        await eventually(lambda: asker.trouble(TAIL) == "no answer")
        await eventually(lambda: len(cluster.read) == 3)
        await asyncio.sleep(2 * HURRY.quiet)
        assert asker.trouble(TAIL) == "no answer"


async def test_a_previous_log_is_read_to_its_end() -> None:
    previous = LogTail(namespace="ns", pod="p", container="c", previous=True)
    cluster, asker = HandCluster(), Asker(previous)
    queue = cluster.lines.setdefault(KEY, asyncio.Queue())
    async with asking(cluster, asker):
        queue.put_nowait(lines("last words"))
        queue.put_nowait(None)
        await eventually(lambda: asker.of(previous) == lines("last words"))
        assert cluster.read[0][3] == LogOptions(follow=False, previous=True, lines=500)


def secret(**data: str | bytes) -> dict[str, Any]:
    made = {key: value.encode() if isinstance(value, str) else value for key, value in data.items()}
    return {"kind": "Secret", "data": {key: base64.b64encode(value).decode() for key, value in made.items()}}


def docker(host: str, pair: str = "me:s3cr3t") -> dict[str, Any]:
    return {host: {"auth": base64.b64encode(pair.encode()).decode()}}


PULL = "pullsecret:ns/pull"


@pytest.mark.parametrize(
    ("source", "repository", "held"),
    [
        pytest.param(
            PULL, REPOSITORY, {".dockerconfigjson": json.dumps({"auths": docker("ghcr.io")})}, id="json"
        ),
        pytest.param(
            PULL,
            "acme/api",
            {".dockerconfigjson": json.dumps({"auths": docker("https://index.docker.io/v1/")})},
            id="docker hub by its index",
        ),
        pytest.param(PULL, REPOSITORY, {".dockercfg": json.dumps(docker("https://ghcr.io"))}, id="old form"),
        pytest.param("secret:ns/pull#creds", REPOSITORY, {"creds": "me:s3cr3t\n"}, id="user:password"),
    ],
)
async def test_a_login_is_taken_from_the_secret_that_the_credentials_name(
    source: str, repository: str, held: dict[str, str]
) -> None:
    tags = Tags(repository=repository, credentials=Credentials(source=source))
    cluster, asker, registry = HandCluster(), Asker(tags), HandRegistry(private=True)
    cluster.wholes["Secret", "ns", "pull"] = secret(**held)
    async with asking(cluster, asker, registry):
        await eventually(lambda: asker.of(tags) == ("v1", "v2"))
        assert registry.logins[0] == Login(user="me", password="s3cr3t")
        assert "s3cr3t" not in repr(registry.logins[0])


@pytest.mark.parametrize(
    ("source", "held", "said"),
    [
        (PULL, None, "pull is not there"),
        (
            PULL,
            Denied("get", "secrets", namespace="ns"),
            "may not get secrets in namespace ns",
        ),
        (PULL, {}, "secret ns/pull has no .dockerconfigjson that can be read"),
        (PULL, {".dockerconfigjson": "s3cr3t"}, "secret ns/pull is no Docker config"),
        (
            PULL,
            {".dockerconfigjson": json.dumps({"auths": docker("quay.io", "me:s3cr3t")})},
            "secret ns/pull has no login for ghcr.io",
        ),
        ("secret:ns/pull#creds", {"other": "me:s3cr3t"}, "secret ns/pull has no creds that can be read"),
        ("secret:ns/pull#creds", {"creds": "s3cr3t"}, "creds of secret ns/pull is not user:password"),
        ("secret:ns/pull", {}, "the credentials after secret: can't be read"),
        ("pullsecret:s3cr3t", {}, "the credentials after pullsecret: can't be read"),
    ],
)
async def test_a_login_that_can_not_be_had_is_said_and_the_registry_asked_without(
    source: str, held: dict[str, str] | PortError | None, said: str
) -> None:
    tags = Tags(repository=REPOSITORY, credentials=Credentials(source=source))
    cluster, asker, registry = HandCluster(), Asker(tags), HandRegistry()
    if held is not None:
        cluster.wholes["Secret", "ns", "pull"] = held if isinstance(held, PortError) else secret(**held)
    async with asking(cluster, asker, registry):
        await eventually(lambda: asker.of(tags) == ("v1", "v2"))
        assert asker.trouble(tags) == said
        assert registry.logins[0] is None
        registry.private = True
        await eventually(lambda: len(registry.logins) > 2)
        assert asker.trouble(tags) == said
        answer = asker.answers[tags]
        assert answer.trouble is not None
        assert "s3cr3t" not in f"{answer!r} {answer.trouble.advice} {answer.trouble.__cause__!r}"


@pytest.mark.parametrize("credentials", [None, Credentials(source="env:TOKEN"), Credentials(source="ext:/x")])
async def test_what_only_the_updater_can_read_is_left_out(credentials: Credentials | None) -> None:
    tags = Tags(repository=REPOSITORY, credentials=credentials)
    cluster, asker, registry = HandCluster(), Asker(tags), HandRegistry()
    async with asking(cluster, asker, registry):
        await eventually(lambda: asker.of(tags) == ("v1", "v2"))
        assert registry.logins[0] is None
        registry.found = Unreachable("ghcr.io answers 503")
        await eventually(lambda: asker.trouble(tags) == "ghcr.io answers 503")
        assert asker.of(tags) == ("v1", "v2")


async def test_tags_are_described_and_those_that_are_gone_left_out() -> None:
    asked = Candidates(repository=REPOSITORY, tags=("v2", "v9"))
    cluster, asker = HandCluster(), Asker(asked)
    async with asking(cluster, asker, HandRegistry()):
        await eventually(lambda: asker.of(asked) == {"v2": Candidate(tag="v2")})


async def test_without_a_registry_that_is_said() -> None:
    tags = Tags(repository=REPOSITORY)
    cluster, asker = HandCluster(), Asker(tags)
    async with asking(cluster, asker):
        await eventually(lambda: asker.trouble(tags) == "registries can't be asked here")


async def test_an_object_is_fetched_whole_unless_another_has_its_name() -> None:
    cluster = HandCluster()
    async with watching([Asker().stage], cluster) as seen:
        odd = Malformed(metadata=thing("odd").metadata, path="$", problem="odd")
        cluster.say(ROW, *listed(thing("a"), odd))
        await seen.until(lambda s: s.names("one") == ["a", "odd"])
        with pytest.raises(Missing, match="a is not there"):
            await seen.live.whole(REF)
        for name in ("a", "odd"):
            cluster.wholes["Row", "ns", name] = {"metadata": {"uid": f"ns-{name}"}, "spec": {}}
            found = await seen.live.whole(Ref("here", "Row", "ns", name, f"ns-{name}"))
            assert found["metadata"]["uid"] == f"ns-{name}"
        cluster.wholes["Row", "ns", "a"] = {"metadata": {"uid": "other"}}
        with pytest.raises(Missing, match="another of that name"):
            await seen.live.whole(REF)
        with pytest.raises(Missing, match="not there any more"):
            await seen.live.whole(Ref("here", "Row", "ns", "b", "ns-b"))


async def test_a_log_is_handed_on_and_one_that_is_gone_says_where_it_went() -> None:
    cluster = HandCluster()
    async with watching([Asker().stage], cluster) as seen:
        source, options = LogSource(label="c", namespace="ns", pod="p", container="c"), LogOptions(lines=5)
        queue = cluster.lines.setdefault(KEY, asyncio.Queue())
        queue.put_nowait(lines("a"))
        queue.put_nowait(None)
        assert [one async for one in seen.live.log("here", source, options)] == [lines("a")]
        assert cluster.read == [(*KEY, options)]
        gone = LogSource(label="c", namespace="ns", pod="p", gone="its pod was deleted by its podGC")
        with pytest.raises(Missing, match="podGC"):
            await anext(seen.live.log("here", gone, options))
