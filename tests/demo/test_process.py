"""The embedded cluster as a process: where it answers, to whom, how long it lives, how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from trombone_tui.core.ports import Refused
from trombone_tui.demo import child
from trombone_tui.demo.child import DemoChild, spawn_demo, start_demo
from trombone_tui.demo.process import parent_gone, run

PARENT = """
import asyncio, sys
from trombone_tui.demo.child import spawn_demo
async def main():
    demo = await spawn_demo("bad-canary")
    print(demo.pid, demo.kubeconfig, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
ROLLOUTS = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts"


def access(kubeconfig: Path) -> tuple[str, str, str]:
    """Return server, token and namespace of a kubeconfig."""
    config = yaml.safe_load(kubeconfig.read_text())
    server = config["clusters"][0]["cluster"]["server"]
    return server, config["users"][0]["user"]["token"], config["contexts"][0]["context"]["namespace"]


async def get(url: str, token: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if text[:1] in "{[" else text


async def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"did not come true within {seconds} s")


def loopback_only(ports: set[int]) -> bool:
    """Say whether each of these ports is listened on, and at 127.0.0.1 alone."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [line[1].partition(":") for line in lines if line[3] == "0A"]
    mine = [(address, int(port, 16)) for address, _, port in listening if int(port, 16) in ports]
    return sorted(mine) == sorted(("0100007F", port) for port in ports)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def present(path: str | Path) -> bool:
    return Path(path).exists()


def program(path: Path, text: str) -> str:
    """Write a program that stands in for Python."""
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


class Served:
    """A cluster run in this process."""

    def __init__(self, path: Path | None, **given: Any) -> None:
        self.end = asyncio.Event()
        self.told: list[dict[str, str]] = []
        self._given = {"scenario": "bad-canary", "kubeconfig": path} | given

    async def _ended(self) -> None:
        await self.end.wait()

    async def __aenter__(self) -> Served:
        self.task = asyncio.create_task(run(announce=self.told.append, until=self._ended(), **self._given))
        await until(lambda: bool(self.told) or self.task.done())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end.set()
        await self.task


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with Served(tmp_path / "config") as one:
        yield one


async def test_everything_answers_on_loopback_when_it_is_announced(served: Served, tmp_path: Path) -> None:
    (told,) = served.told
    assert told["kubeconfig"] == str(tmp_path / "config")
    for name in ("api", "prometheus", "registry"):
        assert told[name].startswith("http://127.0.0.1:")
    assert (await get(f"{told['registry']}/v2/shop/api/tags/list"))[0] == 200
    assert (await get(f"{told['prometheus']}/api/v1/query?query=1"))[0] == 200
    server, token, namespace = access(tmp_path / "config")
    assert namespace == "shop"
    status, rollouts = await get(f"{told['api']}{ROLLOUTS}", token)
    assert status == 200
    assert "shop-api" in [one["metadata"]["name"] for one in rollouts["items"]]
    assert (await get(f"{server}{ROLLOUTS}"))[0] == 200


async def test_nothing_listens_beyond_loopback(served: Served) -> None:
    assert loopback_only(
        {int(served.told[0][one].rpartition(":")[2]) for one in ("api", "prometheus", "registry")}
    )


async def test_without_the_token_nothing_is_told(served: Served) -> None:
    api = served.told[0]["api"]
    for token in ("", "wrong"):
        status, body = await get(f"{api}{ROLLOUTS}", token)
        assert (status, body["reason"]) == (401, "Unauthorized")


async def test_kubeconfig_is_its_owners_alone_and_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("of an earlier run")
    async with Served(path):
        assert mode(path) == 0o600
        assert access(path)
    assert not present(path)


async def test_private_directory_is_made_and_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with Served(None) as one:
        path = Path(one.told[0]["kubeconfig"])
        assert path.is_relative_to(tmp_path)
        assert (mode(path.parent), mode(path)) == (0o700, 0o600)
    assert not present(path.parent)


async def test_objects_name_the_servers_that_really_answer(served: Served, tmp_path: Path) -> None:
    told, (_, token, _) = served.told[0], access(tmp_path / "config")
    path = "/apis/argoproj.io/v1alpha1/namespaces/shop/analysistemplates/shop-api-success-rate"
    _, template = await get(f"{told['api']}{path}", token)
    provider = template["spec"]["metrics"][0]["provider"]["prometheus"]
    assert provider["address"] == told["prometheus"]
    _, settings = await get(
        f"{told['api']}/api/v1/namespaces/argocd/configmaps/argocd-image-updater-config", token
    )
    assert f"api_url: {told['registry']}" in settings["data"]["registries.conf"]


async def test_story_goes_on_while_it_is_served_as_fast_as_asked(tmp_path: Path) -> None:
    async with Served(tmp_path / "config", speed=60.0) as one:
        _, token, _ = access(tmp_path / "config")
        url = f"{one.told[0]['api']}{ROLLOUTS}/shop-api"
        phases = set()
        for _ in range(200):
            phases.add((await get(url, token))[1]["status"]["phase"])
            await asyncio.sleep(0.05)
            if "Degraded" in phases:
                break
    assert len(phases) > 1
    assert "Degraded" in phases


async def test_guest_of_few_rights_sees_its_namespace_only(tmp_path: Path) -> None:
    async with Served(tmp_path / "config", scenario="few-rights") as one:
        _, token, _ = access(tmp_path / "config")
        api = one.told[0]["api"]
        assert (await get(f"{api}{ROLLOUTS}", token))[0] == 200
        for path in ("/api/v1/namespaces", "/apis/argoproj.io/v1alpha1/applications"):
            status, body = await get(f"{api}{path}", token)
            assert (status, body["reason"]) == (403, "Forbidden")


async def test_missing_kinds_are_not_served(tmp_path: Path) -> None:
    async with Served(tmp_path / "config", scenario="not-installed") as one:
        _, token, _ = access(tmp_path / "config")
        path = "/apis/argocd-image-updater.argoproj.io/v1alpha1/imageupdaters"
        status, _ = await get(f"{one.told[0]['api']}{path}", token)
    assert status == 404


async def test_big_moves_at_the_rate_asked_for(tmp_path: Path) -> None:
    async with Served(tmp_path / "config", scenario="big", rate=400.0) as one:
        _, token, _ = access(tmp_path / "config")
        url = f"{one.told[0]['api']}/apis/argoproj.io/v1alpha1/workflows?watch=1"
        count, loop = 0, asyncio.get_running_loop()
        async with aiohttp.ClientSession() as session:
            headers = {"Authorization": f"Bearer {token}"}
            _, first = await get(f"{one.told[0]['api']}/apis/argoproj.io/v1alpha1/workflows?limit=1", token)
            version = first["metadata"]["resourceVersion"]
            async with session.get(f"{url}&resourceVersion={version}", headers=headers) as response:
                began = loop.time()
                while loop.time() - began < 1.5:
                    line = await response.content.readline()
                    count += json.loads(line)["type"] == "MODIFIED"
    assert 120 < count / 1.5 < 400


async def test_signal_ends_it(tmp_path: Path) -> None:
    async with Served(tmp_path / "config") as one:
        os.kill(os.getpid(), signal.SIGTERM)
        await until(one.task.done)
    assert not present(tmp_path / "config")


async def test_unknown_scenario_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="there is no scenario 'night'"):
        await run(scenario="night", announce=print, kubeconfig=tmp_path / "config")


async def test_parent_is_gone_when_the_pipe_ends_or_there_is_none(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    gone = asyncio.create_task(parent_gone(reading))
    os.write(writing, b"still here")
    await asyncio.sleep(0.05)
    assert not gone.done()
    os.close(writing)
    async with asyncio.timeout(5):
        await gone
    os.close(reading)
    with (tmp_path / "file").open("w+") as plain:
        await parent_gone(plain.fileno())


async def test_child_says_where_it_is_and_leaves_nothing_behind() -> None:
    async with start_demo("bad-canary", speed=2.0, seed=3) as demo:
        _, token, _ = access(demo.kubeconfig)
        assert (await get(f"{demo.api}{ROLLOUTS}", token))[0] == 200
        assert (await get(f"{demo.registry}/v2/"))[0] == 200
        assert (await get(f"{demo.prometheus}/api/v1/query?query=1"))[0] == 200
    assert not alive(demo.pid)
    assert not present(demo.kubeconfig)
    await demo.stop()


async def test_child_dies_with_its_parent_however_that_ends() -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=PIPE)
    assert parent.stdout is not None
    pid, kubeconfig = (await parent.stdout.readline()).decode().split()
    assert alive(int(pid))
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await until(lambda: not alive(int(pid)))
    await until(lambda: not present(kubeconfig))


async def test_child_that_ends_at_once_is_refused_with_its_last_words() -> None:
    with pytest.raises(Refused, match=r"\(night\) ended at once: .*night") as caught:
        await spawn_demo("night")
    assert "demo-server" in caught.value.advice


async def test_child_that_says_nothing_in_time_is_refused_and_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n"
    monkeypatch.setattr(child.sys, "executable", program(tmp_path / "python", text))
    monkeypatch.setattr(child, "START_SECONDS", 0.3)
    with pytest.raises(Refused, match="did not answer within 0 s"):
        await spawn_demo("day")
    assert not alive(_number(tmp_path / "pid"))


def _number(path: Path) -> int:
    return int(path.read_text())


async def test_child_that_says_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = "#!/bin/sh\necho hello\nexec sleep 60\n"
    monkeypatch.setattr(child.sys, "executable", program(tmp_path / "python", text))
    with pytest.raises(Refused, match="said something unexpected: b'hello"):
        await spawn_demo("day")


async def test_child_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    moment = "2026-11-23T17:42:10Z"
    told = {"kubeconfig": "k", "api": "a", "prometheus": "p", "registry": "r"}
    words = json.dumps({**told, "began": moment, "start": moment})
    text = f"#!/bin/sh\ntrap '' TERM\necho '{words}'\nwhile :; do sleep 1; done\n"
    monkeypatch.setattr(child.sys, "executable", program(tmp_path / "python", text))
    monkeypatch.setattr(child, "STOP_SECONDS", 0.3)
    demo: DemoChild = await spawn_demo("day")
    await demo.stop()
    assert not alive(demo.pid)
