"""Verbs without a screen, as real processes on the embedded cluster: asked, done, proved, noted."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from program import Ended, run, terminal

NO_SCREEN = "import sys; sys.modules.update(textual=None, rich=None)"
HELD = ("shop-cart", "shop")
"""A Rollout of the demo's day that waits for somebody from the beginning."""


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path)}


def do(*words: str, env: dict[str, str]) -> Ended:
    return run(*words, "--demo", "day", env=env, before=NO_SCREEN)


def noted(env: dict[str, str]) -> list[dict[str, object]]:
    file = Path(env["XDG_STATE_HOME"], "trombone-tui", "audit.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_verb_is_done_proved_and_noted(state: dict[str, str]) -> None:
    name, namespace = HELD
    ended = do("promote", name, "-n", namespace, "--yes", env=state)
    assert ended.code == 0, ended.err
    assert f"promote Rollout {namespace}/{name} (demo)" in ended.out
    assert '"pauseConditions": null' in ended.out
    assert "done:" in ended.out
    assert [entry["event"] for entry in noted(state)] == ["intent", "reply", "outcome"]
    file = Path(state["XDG_STATE_HOME"], "trombone-tui", "audit.jsonl")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = run("audit", env=state)
    assert shown.code == 0
    assert "promote Rollout shop/shop-cart" in shown.out
    last = run("audit", "-o", "json", "--last", "1", env=state)
    assert json.loads(last.out)["outcome"] == "done"


def test_json_says_what_was_planned_sent_and_proved(state: dict[str, str]) -> None:
    name, namespace = HELD
    ended = do("abort", name, "-n", namespace, "--yes", "-o", "json", env=state)
    told = json.loads(ended.out)
    assert (ended.code, told["version"], told["outcome"]) == (0, 1, "done")
    assert told["target"]["name"] == name
    assert told["requests"] == [
        {
            "method": "PATCH",
            "path": f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/rollouts/{name}/status",
            "content_type": "application/merge-patch+json",
            "body": {"status": {"abort": True}},
        }
    ]


@pytest.mark.parametrize("how", ["--dry-run", "--dry-run=server"])
def test_a_dry_run_sends_nothing_that_stays(state: dict[str, str], how: str) -> None:
    name, namespace = HELD
    ended = do("abort", name, "-n", namespace, how, env=state)
    assert ended.code == 0, ended.err
    assert '{"status": {"abort": true}}' in ended.out
    assert ("abort" in ended.out.split("sends")[1].partition("\n")[2]) == (how == "--dry-run=server")
    assert not any(entry["event"] == "outcome" for entry in noted(state))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("abort", "shop-cart"), "there is no terminal to ask on"),
        (("abort", "shop-cart", "--yes"), "needs the namespace"),
        (
            ("abort", "nothing", "-n", "shop", "--yes"),
            "there is no Rollout nothing in namespace shop to abort",
        ),
        (("promote", "pay-ledger", "-n", "pay", "--yes"), "already fully promoted"),
        (("promote", "shop-cart", "-n", "shop", "--yes", "--read-only"), "read-only"),
        (("retry", "rollout", "shop-cart", "-n", "shop", "--yes"), "not aborted"),
    ],
)
def test_what_can_not_be_done_is_refused_and_nothing_is_sent(
    state: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    ended = do(*words, env=state)
    assert ended.code == 2
    assert said in ended.err
    assert noted(state) == []


def test_few_rights_are_named(state: dict[str, str]) -> None:
    ended = run("promote", "shop-web", "-n", "shop", "--yes", "--demo", "few-rights", env=state)
    assert ended.code == 2
    assert noted(state) == []


def test_on_a_terminal_it_asks_and_no_is_what_counts_for_an_abort(state: dict[str, str]) -> None:
    with terminal("abort", "shop-cart", "-n", "shop", "--demo", "day", env=state) as opened:
        opened.until_text("abort? [y/N]")
        opened.send(b"\n")
        assert opened.end() == 2
        assert "was not confirmed" in opened.text
    assert noted(state) == []


def test_every_verb_has_a_command_that_explains_itself() -> None:
    listed = run("--help").out
    for verb in ("promote", "abort", "undo", "sync", "rollback", "resubmit", "hold", "audit"):
        assert f"\n  {verb} " in listed
    helped = run("undo", "--help", before=NO_SCREEN)
    assert helped.code == 0
    assert "--to-revision N" in helped.out


def test_a_way_back_that_stays_is_printed_and_nothing_is_written(state: dict[str, str]) -> None:
    ended = do("rollback-plan", "shop-cart", env=state)
    assert ended.code == 1, ended.err
    assert "1. abort Rollout shop-cart  [can be done now]" in ended.out
    assert "kubectl argo rollouts abort shop-cart -n shop" in ended.out
    told = json.loads(do("rollback-plan", "shop-cart", "-o", "json", env=state).out)
    assert (told["version"], told["service"]) == (1, "shop-cart")
    assert told["steps"][0]["does"]["name"] == "abort"
    assert told["steps"][0]["right"] == "patch rollouts.argoproj.io/status in namespace shop"
    assert noted(state) == []
    missing = do("rollback-plan", "nothing", env=state)
    assert missing.code == 2
    assert "known are" in missing.err
