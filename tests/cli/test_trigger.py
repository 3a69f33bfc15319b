"""A signed push without a screen: real processes, a port-forward over real HTTP, the embedded cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import Ended, ask

SHA = "3f2a9c1d4e5b6a7f8091a2b3c4d5e6f708192a3b"
SHOP = ("--repository", "acme/shop-api")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path


def trigger(day: Path, state: Path, *words: str) -> Ended:
    where = ("-n", "ci", "--kubeconfig", str(day))
    return ask("trigger", "github", *words, *where, env={"XDG_STATE_HOME": str(state)})


def noted(state: Path) -> str:
    file = state / "trombone-tui" / "audit.jsonl"
    return file.read_text() if file.exists() else ""


def test_a_push_starts_a_workflow_of_its_commit(day: Path, state: Path) -> None:
    ended = trigger(day, state, "--sha", SHA, *SHOP, "--yes", "--wait")
    assert ended.code == 0, ended.err
    assert "Sensor shop-api takes it; build: create Workflow shop-api-build-…" in ended.out
    assert "portforward → POST :12000/push" in ended.out
    assert "X-Hub-Signature-256: ****" in ended.out
    last = ended.out.splitlines()[-1]
    assert "done: Workflow ci/shop-api-build-" in last
    assert last.endswith("was started by Sensor shop-api for 3f2a9c1")
    name = last.partition("Workflow ci/")[2].partition(" ")[0]
    seen = ask("status", "-o", "json", "-n", "ci", "--kubeconfig", str(day))
    workflows = json.loads(seen.out)["stages"]["workflows"]["items"]
    assert name in [one["name"] for one in workflows]
    lines = [json.loads(line) for line in noted(state).splitlines()]
    assert [line["event"] for line in lines] == ["intent", "reply", "outcome"]
    assert lines[0]["options"] == {"sha": SHA, "repository": "acme/shop-api"}
    assert lines[0]["path"].endswith("/portforward → POST :12000/push")
    assert "sha256=" not in noted(state)


def test_json_says_the_call_and_its_effect(day: Path, state: Path) -> None:
    ended = trigger(day, state, SHA[::-1], *SHOP, "--yes", "-o", "json")
    told = json.loads(ended.out)
    assert (ended.code, told["outcome"], told["reply"]) == (0, "done", 200)
    (request,) = told["requests"]
    assert (request["method"], request["content_type"]) == ("POST", "application/json")
    assert request["path"].endswith("/portforward")
    assert request["body"]["after"] == SHA[::-1]
    call = request["call"]
    assert (call["method"], call["port"], call["path"]) == ("POST", 12000, "/push")
    assert (call["headers"]["X-GitHub-Event"], call["headers"]["X-Hub-Signature-256"]) == ("push", "****")


def test_a_push_that_every_filter_throws_away_is_taken_and_not_called_done(day: Path, state: Path) -> None:
    ended = trigger(day, state, "--sha", SHA, *SHOP, "--branch", "dev", "--yes")
    assert ended.code == 1, ended.err
    assert "throws it away: body.ref matches ^refs/heads/main$, and it is refs/heads/dev" in ended.out
    assert ended.out.splitlines()[-1].endswith(
        "accepted, but not seen: accepted; no Sensor's filter lets it pass, so nothing is waited for"
    )


def test_a_dry_run_sends_nothing_and_says_that_it_cant_be_tried(day: Path, state: Path) -> None:
    ended = trigger(day, state, "--sha", SHA, *SHOP, "--dry-run=server")
    assert ended.code == 0, ended.err
    assert "would be sent a request that can't be tried: the pod knows no dry run" in ended.out
    assert noted(state) == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sha", SHA, *SHOP), "there is no terminal to ask on"),
        (("--yes",), "trigger needs --sha"),
        (("--sha", "3f2a9c1", "--yes"), "--sha is all 40 digits of a commit"),
        (("--sha", SHA, "--event", "pull", "--yes"), "it has no event pull"),
        (("--sha", SHA, "--read-only", "--yes"), "read-only"),
    ],
)
def test_what_can_not_be_sent_says_why_and_is_not(
    day: Path, state: Path, words: tuple[str, ...], said: str
) -> None:
    ended = trigger(day, state, *words)
    assert ended.code == 2
    assert said in ended.err
    assert noted(state) == ""
