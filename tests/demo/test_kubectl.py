"""kubectl as a second client of the embedded server."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from contract import KUBECONFIG, NAMESPACE, Api, embedded, until

from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.server import ApiServer

FOUND = os.environ.get("KUBECTL") or shutil.which("kubectl") or ""
LAB = str(Path(KUBECONFIG).parent / "bin" / "kubectl") if KUBECONFIG else ""
"""The lab's, beside the kubeconfig of its server."""
KUBECTLS = [
    pytest.param(
        FOUND,
        id="found",
        marks=pytest.mark.skipif(not FOUND, reason="no kubectl: put one on PATH, or name it in KUBECTL"),
    ),
    pytest.param(
        LAB,
        id="lab",
        marks=[
            pytest.mark.cluster,
            pytest.mark.skipif(not LAB, reason="no lab's kubectl: CONTRACT_KUBECONFIG names none"),
        ],
    ),
]
MANIFEST = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: api, labels: {app: api}}
spec: {replicas: 2}
---
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: build}
spec: {entrypoint: main}
"""


@dataclass
class Result:
    code: int
    out: str
    err: str


Run = Callable[..., Awaitable[Result]]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    rules = [Rule(verbs=["get", "list"], groups=["*"], resources=["rollouts"], namespaces=[NAMESPACE])]
    async with embedded(Persona(name="viewer", token="view", rules=rules)) as one:
        yield one


@pytest.fixture(params=KUBECTLS)
def arguments(request: pytest.FixtureRequest, given: ApiServer, tmp_path: Path) -> list[str]:
    (tmp_path / "config").write_text(given.kubeconfig(NAMESPACE))
    return [request.param, f"--kubeconfig={tmp_path / 'config'}", f"--cache-dir={tmp_path / 'cache'}"]


@pytest.fixture
def kubectl(arguments: list[str]) -> Run:
    async def run(*more: str, text: str = "") -> Result:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            *more,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            out, err = await process.communicate(text.encode())
        return Result(process.returncode or 0, out.decode(), err.decode())

    return run


async def test_apply_get_patch_and_delete(kubectl: Run) -> None:
    applied = await kubectl("apply", "--server-side", "-f", "-", text=MANIFEST)
    assert (applied.code, applied.err) == (0, "")
    assert applied.out.splitlines() == [
        "rollout.argoproj.io/api serverside-applied",
        "workflow.argoproj.io/build serverside-applied",
    ]
    table = await kubectl("get", "ro")
    assert table.out.split("\n")[0].split() == [
        "NAME",
        "DESIRED",
        "CURRENT",
        "UP-TO-DATE",
        "AVAILABLE",
        "AGE",
    ]
    assert table.out.split("\n")[1].split()[:2] == ["api", "2"]
    merged = await kubectl("patch", "workflow", "build", "--type=merge", "-p", '{"spec":{"suspend":true}}')
    assert merged.out == "workflow.argoproj.io/build patched\n"
    text = (await kubectl("get", "workflow", "build", "-o", "yaml")).out
    assert "suspend: true" in text
    assert "managedFields" not in text
    strategic = await kubectl("patch", "workflow", "build", "-p", '{"spec":{"suspend":true}}')
    assert strategic.code == 1
    assert "application/strategic-merge-patch+json is not supported by argoproj.io" in strategic.err
    gone = await kubectl("delete", "workflow", "build")
    assert (gone.code, gone.out.split()[1:3]) == (0, ['"build"', "deleted"])
    missing = await kubectl("get", "workflow", "build")
    assert missing.err == 'Error from server (NotFound): workflows.argoproj.io "build" not found\n'


async def test_apply_the_older_way_and_scale(kubectl: Run) -> None:
    assert (await kubectl("apply", "-f", "-", text=MANIFEST)).code == 0
    again = await kubectl("apply", "-f", "-", text=MANIFEST.replace("replicas: 2", "replicas: 3"))
    assert again.out.splitlines() == [
        "rollout.argoproj.io/api configured",
        "workflow.argoproj.io/build unchanged",
    ]
    scaled = await kubectl("scale", "rollout", "api", "--replicas=5")
    assert scaled.out == "rollout.argoproj.io/api scaled\n"
    assert (await kubectl("get", "ro", "api", "-o", "jsonpath={.spec.replicas}")).out == "5"


async def test_api_resources_and_version(kubectl: Run) -> None:
    listed = await kubectl("api-resources", "--api-group=argoproj.io", "--no-headers")
    kinds = {line.split()[-1] for line in listed.out.splitlines()}
    assert {"Workflow", "Rollout", "Application", "EventBus", "Sensor"} <= kinds
    assert "Server Version: v1.36" in (await kubectl("version")).out


async def test_may_i(kubectl: Run) -> None:
    assert (await kubectl("auth", "can-i", "list", "pods")).out == "yes\n"
    viewer = ("--as=viewer",)
    assert (await kubectl("auth", "can-i", "list", "rollouts", *viewer)).out == "yes\n"
    refused = await kubectl("auth", "can-i", "delete", "rollouts", *viewer)
    assert (refused.code, refused.out) == (1, "no\n")
    listed = await kubectl("auth", "can-i", "--list", *viewer)
    assert "rollouts" in listed.out
    forbidden = await kubectl("get", "workflows", *viewer)
    assert 'User "viewer" cannot list resource "workflows" in API group "argoproj.io"' in forbidden.err
    assert "viewer" in (await kubectl("auth", "whoami", *viewer)).out


async def test_logs_and_events(kubectl: Run, given: ApiServer) -> None:
    pod = {"metadata": {"name": "p", "namespace": NAMESPACE}, "spec": {"containers": [{"name": "main"}]}}
    uid = given.store.create("pods", pod)["metadata"]["uid"]
    for line in ("one", "two", "three"):
        given.logs.append(NAMESPACE, "p", "main", line)
    assert (await kubectl("logs", "p", "--tail=2")).out == "two\nthree\n"
    about = {"kind": "Pod", "name": "p", "namespace": NAMESPACE, "uid": uid}
    event = {"metadata": {"name": "e", "namespace": NAMESPACE}, "involvedObject": about, "reason": "Pulled"}
    given.store.create("events", event)
    assert (await kubectl("get", "events", "--no-headers")).out.split()[1:3] == ["Pulled", "pod/p"]
    assert "Pulled" in (await kubectl("describe", "pod", "p")).out


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (("logs", "-f", "p"), "pods/p/log"),
        (("get", "pods", "-w", "--no-headers", "-o", "name"), "/pods"),
    ],
)
async def test_follow_and_watch_show_what_happens_later(
    arguments: list[str], given: ApiServer, command: tuple[str, ...], path: str
) -> None:
    pod = {"metadata": {"name": "p", "namespace": NAMESPACE}, "spec": {"containers": [{"name": "main"}]}}
    given.store.create("pods", pod)
    given.logs.append(NAMESPACE, "p", "main", "first")
    process = await asyncio.create_subprocess_exec(*arguments, *command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None

    async def following() -> bool:
        asked = [one.params for one in given.requests if one.path.endswith(path)]
        return any("follow" in one or "watch" in one for one in asked)

    try:
        async with asyncio.timeout(20):
            first = await process.stdout.readline()
            await until(following)
            given.logs.append(NAMESPACE, "p", "main", "later")
            given.store.create("pods", pod | {"metadata": {"name": "q", "namespace": NAMESPACE}})
            later = await process.stdout.readline()
    finally:
        process.kill()
        await process.communicate()
    assert (first, later) in ((b"first\n", b"later\n"), (b"pod/p\n", b"pod/q\n"))
