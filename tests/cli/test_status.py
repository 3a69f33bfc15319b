"""`status` as a real process, on the embedded cluster and on servers that are of no help."""

from __future__ import annotations

import asyncio
import json
import runpy
from pathlib import Path

import jsonschema
import pytest
import yaml
from program import ask, black_hole, kubeconfig, terminal

from trombone_tui.demo.clock import Clock
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store

ROOT = Path(__file__).parents[2]
STAGES = ["events", "workflows", "images", "sync", "rollout", "metrics"]


def test_json_of_the_demo_is_the_published_contract() -> None:
    ended = ask("status", "-o", "json", "--demo")
    assert ended.code in (0, 1), ended.err
    schema = json.loads((ROOT / "docs" / "status.schema.json").read_text())
    document = json.loads(ended.out)
    jsonschema.validate(document, schema, format_checker=jsonschema.FormatChecker())
    assert list(document["stages"]) == STAGES
    assert ended.code == (0 if document["healthy"] else 1)


def test_every_stage_of_the_demo_is_live_and_has_rows_with_a_why(day: Path) -> None:
    ended = ask("status", "-o", "json", "--kubeconfig", str(day))
    stages = json.loads(ended.out)["stages"]
    assert list(stages) == STAGES
    for stage in stages.values():
        assert [panel["state"] for panel in stage["panel"]] == ["live"]
        assert stage["items"]
        assert all(item["why"].endswith((".", "!", "?", "…")) for item in stage["items"])


def test_the_schemas_and_the_list_of_keys_are_those_of_the_code() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "schemas.py"), run_name="schemas")["schemas"]()
    assert {path.name: path.read_text() == text for path, text in made.items()} == {
        "config.schema.json": True,
        "keys.md": True,
        "status.schema.json": True,
    }


def test_what_may_not_be_seen_is_said_with_the_right_that_is_missing_and_exit_code_1(
    few_rights: Path,
) -> None:
    ended = ask("status", "--kubeconfig", str(few_rights), "-n", "argocd")
    assert ended.code == 1
    (sync,) = [line for line in ended.out.splitlines() if line.startswith("sync  denied (may not ")]
    assert "applications.argoproj.io" in sync
    assert "in namespace argocd" in sync
    assert ended.out.endswith("nothing that can be seen needs a human; 6 of 6 stages are not seen in full\n")
    assert "\x1b" not in ended.out


def test_few_rights_leave_the_stages_they_are_for(few_rights: Path) -> None:
    ended = ask("status", "-o", "json", "--kubeconfig", str(few_rights))
    stages = json.loads(ended.out)["stages"]
    states = {name: stage["panel"][0]["state"] for name, stage in stages.items()}
    assert states == {
        "events": "denied",
        "workflows": "live",
        "images": "denied",
        "sync": "denied",
        "rollout": "live",
        "metrics": "live",
    }
    assert {item["namespace"] for item in stages["rollout"]["items"]} == {"shop"}
    assert "applications.argoproj.io" in stages["sync"]["panel"][0]["reason"]


def test_yaml_of_one_namespace_holds_nothing_of_another(day: Path) -> None:
    ended = ask("status", "-o", "yaml", "--kubeconfig", str(day), "-n", "argocd")
    document = yaml.load(ended.out, Loader=yaml.CSafeLoader)
    items = [item for stage in document["stages"].values() for item in stage["items"]]
    assert items
    everywhere = [item for item in items if not item["namespace"]]
    assert {item["namespace"] for item in items} - {""} == {"argocd"}
    assert all(item["kind"].startswith("Cluster") for item in everywhere)


def test_a_server_that_never_answers_is_told_when_time_is_up(tmp_path: Path) -> None:
    with black_hole() as hole:
        config = kubeconfig(tmp_path / "config", hole.url)
        ended = ask("status", "-o", "json", "--kubeconfig", config, "--request-timeout", "500ms")
    assert ended.code == 2
    panels = [panel for stage in json.loads(ended.out)["stages"].values() for panel in stage["panel"]]
    assert len(panels) == 6
    assert {panel["state"] for panel in panels} <= {"connecting", "unreachable"}
    assert ended.err.startswith("error: no cluster could be reached")


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "config", "http://127.0.0.1:9")
    ended = ask("status", "--kubeconfig", config, "--request-timeout", "5s")
    assert ended.code == 2
    assert "unreachable" in ended.out


async def test_a_server_that_is_busy_at_first_is_waited_for(tmp_path: Path) -> None:
    server = ApiServer(Store(Clock()))
    server.faults.add(Fault(status=503, body="busy", retry_after=1, times=12))
    await server.start()
    config = tmp_path / "config"
    config.write_text(server.kubeconfig())
    try:
        ended = await asyncio.to_thread(ask, "status", "--kubeconfig", str(config))
    finally:
        await server.stop()
    assert ended.code == 0, ended.out + ended.err
    assert "sync  live" in ended.out


def test_two_contexts_are_two_clusters(tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "config", "http://127.0.0.1:9", "one", "two")
    ended = ask("--context", "one", "status", "-o", "json", "--kubeconfig", config, "--context", "two")
    clusters = [panel["cluster"] for panel in json.loads(ended.out)["stages"]["sync"]["panel"]]
    assert clusters == ["one", "two"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [(("--kubeconfig", "/nonexistent/config"), "/nonexistent/config"), (("--context", "nowhere"), "nowhere")],
)
def test_a_kubeconfig_that_can_not_be_used_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    env = {"KUBECONFIG": kubeconfig(tmp_path / "config", "http://127.0.0.1:9")}
    ended = ask("status", *arguments, env=env)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert problem in ended.err.splitlines()[0]
    assert len(ended.err.splitlines()) == 2


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("completion", "bash"), ("config", "path"), ("config", "show")]
)
def test_commands_without_a_screen_never_load_one(arguments: tuple[str, ...]) -> None:
    ended = ask(*arguments)
    assert (ended.code, ended.err) == (0, "")


def test_on_a_terminal_the_table_has_colours_unless_told_otherwise(tmp_path: Path) -> None:
    config = kubeconfig(tmp_path / "config", "http://127.0.0.1:9")
    with terminal("status", "--kubeconfig", config, forked=True) as coloured:
        assert coloured.end() == 2
    assert b"\x1b[1m" in coloured.written
    with terminal("status", "--kubeconfig", config, env={"NO_COLOR": "1"}, forked=True) as plain:
        assert plain.end() == 2
    assert b"\x1b" not in plain.written


def test_ctrl_c_ends_status_at_once(tmp_path: Path) -> None:
    with black_hole() as hole:
        config = kubeconfig(tmp_path / "config", hole.url)
        with terminal("status", "--kubeconfig", config, "--request-timeout", "0", forked=True) as waiting:
            waiting.until(lambda _: bool(hole.held), "connection")
            waiting.send(b"\x03")
            assert waiting.end() == 130
    assert "Traceback" not in waiting.text
