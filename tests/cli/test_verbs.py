"""Verbs without a screen, as real processes on the embedded cluster: asked, done, proved, noted."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from program import Ended, ask, demo_server, terminal

HELD = ("shop-cart", "shop")
"""A Rollout of the demo's day that waits for somebody from the beginning."""


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path)}


def do(*words: str, on: Path, env: dict[str, str]) -> Ended:
    return ask(*words, "--kubeconfig", str(on), env=env)


def noted(env: dict[str, str]) -> list[dict[str, object]]:
    file = Path(env["XDG_STATE_HOME"], "trombone-tui", "audit.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_a_verb_is_done_proved_and_noted(state: dict[str, str]) -> None:
    name, namespace = HELD
    words = ("promote", name, "-n", namespace, "--yes", "--demo", "day")
    ended = ask(*words, env=state)
    assert ended.code == 0, ended.err
    assert f"promote Rollout {namespace}/{name} (demo)" in ended.out
    assert '"pauseConditions": null' in ended.out
    assert "done:" in ended.out
    assert [entry["event"] for entry in noted(state)] == ["intent", "reply", "outcome"]
    file = Path(state["XDG_STATE_HOME"], "trombone-tui", "audit.jsonl")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = ask("audit", env=state)
    assert shown.code == 0
    assert "promote Rollout shop/shop-cart" in shown.out
    last = ask("audit", "-o", "json", "--last", "1", env=state)
    assert json.loads(last.out)["outcome"] == "done"


def test_json_says_what_was_planned_sent_and_proved(state: dict[str, str], tmp_path: Path) -> None:
    name, namespace = HELD
    with demo_server("day", tmp_path) as own:
        ended = do("abort", name, "-n", namespace, "--yes", "-o", "json", on=own, env=state)
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
def test_a_dry_run_sends_nothing_that_stays(day: Path, state: dict[str, str], how: str) -> None:
    name, namespace = HELD
    ended = do("abort", name, "-n", namespace, how, on=day, env=state)
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
        (("promote", "shop-mail", "-n", "shop", "--yes"), "already fully promoted"),
        (("promote", "shop-cart", "-n", "shop", "--yes", "--read-only"), "read-only"),
        (("retry", "rollout", "shop-cart", "-n", "shop", "--yes"), "not aborted"),
    ],
)
def test_what_can_not_be_done_is_refused_and_nothing_is_sent(
    day: Path, state: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    ended = do(*words, on=day, env=state)
    assert ended.code == 2
    assert said in ended.err
    assert noted(state) == []


def test_few_rights_are_named(few_rights: Path, state: dict[str, str]) -> None:
    ended = do("promote", "shop-web", "-n", "shop", "--yes", on=few_rights, env=state)
    assert ended.code == 2
    assert noted(state) == []


def test_on_a_terminal_it_asks_and_no_is_what_counts_for_an_abort(day: Path, state: dict[str, str]) -> None:
    words = ("abort", "shop-cart", "-n", "shop", "--kubeconfig", str(day))
    with terminal(*words, env=state, forked=True) as opened:
        opened.until_text("abort? [y/N]")
        opened.send(b"\n")
        assert opened.end() == 2
        assert "was not confirmed" in opened.text
    assert noted(state) == []


def test_every_verb_has_a_command_that_explains_itself() -> None:
    listed = ask("--help").out
    for verb in ("promote", "abort", "undo", "sync", "rollback", "resubmit", "hold", "audit"):
        assert f"\n  {verb} " in listed
    helped = ask("undo", "--help")
    assert helped.code == 0
    assert "--to-revision N" in helped.out


def test_a_way_back_that_stays_is_printed_and_nothing_is_written(day: Path, state: dict[str, str]) -> None:
    ended = do("rollback-plan", "shop-cart", on=day, env=state)
    assert ended.code == 1, ended.err
    assert "1. abort Rollout shop-cart  [can be done now]" in ended.out
    assert "kubectl argo rollouts abort shop-cart -n shop" in ended.out
    told = json.loads(do("rollback-plan", "shop-cart", "-o", "json", on=day, env=state).out)
    assert (told["version"], told["service"]) == (1, "shop-cart")
    assert told["steps"][0]["does"]["name"] == "abort"
    assert told["steps"][0]["right"] == "patch rollouts.argoproj.io/status in namespace shop"
    assert noted(state) == []
    missing = do("rollback-plan", "nothing", on=day, env=state)
    assert missing.code == 2
    assert "known are" in missing.err
