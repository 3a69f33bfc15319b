"""An object that changed while somebody decided, on a terminal: it is said, read and asked again; what nobody
can be asked about is not sent again. On the embedded cluster, with a second hand that really writes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from past import send
from program import WAIT, Terminal, ask, demo_server, terminal

HELD = "shop-cart"
"""A Rollout of the demo's day that waits for somebody from the beginning."""
ROLLOUT = f"shop/rollouts/{HELD}"
SKIP = ("promote", HELD, "-n", "shop", "--skip-current-step")
ASKED = "promote? [y/N]"
LEFT = "never sent again by itself"


class Other:
    """Somebody else who writes to the embedded cluster."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._numbers = count()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        return send(self.kubeconfig, method, path, body)

    def change(self, path: str) -> str:
        """Write a note on an object; return what it says."""
        said = f"note-{next(self._numbers)}"
        self.send("PATCH", path, {"metadata": {"annotations": {"noted": said}}})
        return said

    @contextmanager
    def changing(self, path: str) -> Iterator[None]:
        """Write notes as fast as can be, all the while."""
        end = threading.Event()

        def go_on() -> None:
            while not end.is_set():
                self.change(path)

        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join(WAIT)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Other]:
    with demo_server("day", tmp_path_factory.mktemp("cluster")) as file:
        yield Other(file)


@pytest.fixture
def env(tmp_path: Path, other: Other) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path), "KUBECONFIG": str(other.kubeconfig)}


def noted(env: dict[str, str]) -> list[tuple[str, Any]]:
    """Return what was noted: each event, with the code of an answer, and what became of it."""
    file = Path(env["XDG_STATE_HOME"], "trombone-tui", "audit.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return [(one["event"], one.get("outcome") or one.get("code")) for one in lines]


def known(opened: Terminal, asked: str, times: int = 1) -> None:
    """Wait until it has asked so often."""
    opened.until(lambda one: one.text.count(asked) == times, f"{asked} {times} times")


def failed_build(other: Other) -> str:
    runs = other.send("GET", "ci/workflows")["items"]
    return next(str(one["metadata"]["name"]) for one in runs if one["status"]["phase"] == "Failed")


CONFLICT = [("intent", None), ("reply", 409), ("outcome", "changed meanwhile")]


def test_what_changed_is_said_and_only_a_second_yes_sends_it(other: Other, env: dict[str, str]) -> None:
    with terminal(*SKIP, env=env, forked=True) as opened:
        known(opened, ASKED)
        said = other.change(ROLLOUT)
        opened.send(b"y\n")
        known(opened, ASKED, 2)
        assert f"→ {said}, resourceVersion" in opened.text
        assert noted(env) == CONFLICT
        shown = opened.text.rpartition("promote Rollout")[2]
        assert "  was    Paused in step 5 of 5" in shown
        assert "  now    Paused in step 5 of 5" in shown
        version = other.send("GET", ROLLOUT)["metadata"]["resourceVersion"]
        assert f'"resourceVersion": "{version}"' in shown
        opened.send(b"\n")
        assert opened.end() == 2  # it is dangerous, so an empty answer is a no
        assert "nothing more was sent" in opened.text
    assert noted(env) == CONFLICT


def test_what_was_typed_before_it_asked_again_is_no_answer(other: Other, env: dict[str, str]) -> None:
    with terminal(*SKIP, env=env, forked=True) as opened:
        known(opened, ASKED)
        other.change(ROLLOUT)
        opened.send(b"y\ny\n")
        known(opened, ASKED, 2)
        opened.send(b"n\n")
        assert opened.end() == 2
    assert noted(env) == CONFLICT


def test_in_a_protected_context_the_name_is_typed_again(other: Other, env: dict[str, str]) -> None:
    asked = f"type {HELD} to go on"
    with terminal(*SKIP, env={**env, "TROMBONE_PROTECTED_CONTEXTS": "demo"}, forked=True) as opened:
        known(opened, asked)
        other.change(ROLLOUT)
        opened.send(f"{HELD}\n".encode())
        known(opened, asked, 2)
        opened.send(b"y\n")
        assert opened.end() == 2
        assert "that is not its name" in opened.text
    assert noted(env) == CONFLICT


def test_a_plan_that_is_stopped_before_anything_is_sent_is_made_anew(
    other: Other, env: dict[str, str]
) -> None:
    name = failed_build(other)
    with terminal("retry", "workflow", name, "-n", "ci", env=env, forked=True) as opened:
        known(opened, "retry? [y/N]")
        said = other.change(f"ci/workflows/{name}")
        opened.send(b"y\n")
        known(opened, "retry? [y/N]", 2)
        assert f"→ {said}, resourceVersion" in opened.text
        assert "nothing was sent; look again" in opened.text
        assert noted(env) == []
        other.send("DELETE", f"ci/workflows/{name}")
        opened.send(b"y\n")
        assert opened.end() == 2
        assert f"Workflow ci/{name} (demo) is gone; nothing was sent" in opened.text
        assert opened.text.count("retry? [y/N]") == 2  # what is gone is not asked about
    assert noted(env) == []


@pytest.mark.parametrize("as_json", [False, True])
def test_who_can_not_be_asked_is_told_and_it_is_sent_once(
    other: Other, env: dict[str, str], *, as_json: bool
) -> None:
    with other.changing(ROLLOUT):
        ended = ask(*SKIP, "--yes", *(("-o", "json") if as_json else ()), env=env)
    assert ended.code == 2
    assert ended.out.count(LEFT) == 1
    assert noted(env) == CONFLICT
    if as_json:
        told = json.loads(ended.out)
        assert (told["outcome"], told["reply"]) == ("changed meanwhile", 409)


def test_beside_json_it_is_asked_on_standard_error_and_done_after_a_second_yes(
    other: Other, env: dict[str, str], tmp_path: Path
) -> None:
    with (
        (tmp_path / "out").open("w+b") as out,
        terminal(*SKIP, "-o", "json", env=env, out=out, forked=True) as opened,
    ):
        known(opened, ASKED)
        said = other.change(ROLLOUT)
        opened.send(b"y\n")
        known(opened, ASKED, 2)
        assert said in opened.text
        version = other.send("GET", ROLLOUT)["metadata"]["resourceVersion"]
        opened.send(b"y\n")
        assert opened.end() == 0
        out.seek(0)
        told = json.load(out)
    assert told["outcome"] == "done"
    assert told["requests"][0]["body"]["metadata"]["resourceVersion"] == version
    assert noted(env) == [*CONFLICT, ("intent", None), ("reply", 200), ("outcome", "done")]


def test_a_sync_is_asked_again_for_its_spec_and_not_for_its_health(other: Other, env: dict[str, str]) -> None:
    path, asked = "argocd/applications/shop-docs", "sync? [Y/n]"
    with terminal("sync", "shop-docs", "-n", "argocd", env=env, forked=True) as opened:
        known(opened, asked)
        other.send("PATCH", path, {"spec": {"revisionHistoryLimit": 7}})
        opened.send(b"y\n")
        known(opened, asked, 2)
        assert "spec.revisionHistoryLimit: nothing → 7" in opened.text
        ill = {"health": {"status": "Degraded"}, "reconciledAt": "2026-11-26T09:00:00Z"}
        other.send("PATCH", path, {"status": ill})
        opened.send(b"y\n")
        assert opened.end() == 0, opened.text
        assert opened.text.count(asked) == 2
    assert noted(env) == [*CONFLICT, ("intent", None), ("reply", 200), ("outcome", "done")]
