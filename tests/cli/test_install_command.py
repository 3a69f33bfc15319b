"""`install` and `uninstall` as real processes, without a screen, on an embedded cluster that stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from past import send
from program import WAIT, Ended, ask, demo_server, terminal

from trombone_tui.config import folder

GIVEN = (
    "--set=source_repository=acme/shop-new",
    "--set=image_repository=registry.example/shop/new",
    "--set=config_repository=https://github.com/acme/shop-new-config.git",
)

SENSOR = "ci/sensors/shop-new"


class Somewhere:
    """A cluster that outlives the processes that ask it."""

    def __init__(self, file: Path, home: Path) -> None:
        self.file = file
        self.env = {"XDG_STATE_HOME": str(home), "XDG_CONFIG_HOME": str(home)}

    def do(self, *words: str) -> Ended:
        return ask(*words, "--kubeconfig", str(self.file), env=self.env, timeout=2 * WAIT)

    def install(self, *words: str) -> Ended:
        return self.do("install", "shop-new", *GIVEN, *words)

    def metadata(self, path: str) -> Any:
        return send(self.file, "GET", path)["metadata"]

    def hold(self, path: str, *finalizers: str) -> None:
        """Have an object go only once these finalizers are taken off."""
        send(self.file, "PATCH", path, {"metadata": {"finalizers": finalizers or None}})

    def told(self, ended: Ended) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(ended.out)
        assert found["version"] == 1
        return found


@pytest.fixture
def somewhere(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Somewhere]:
    with demo_server(getattr(request, "param", "broken-build"), tmp_path) as file:
        yield Somewhere(file, tmp_path)


@pytest.fixture
def untouched(day: Path, tmp_path: Path) -> Somewhere:
    """A cluster that other tests ask too."""
    return Somewhere(day, tmp_path)


def test_install_again_and_uninstall(somewhere: Somewhere) -> None:
    first = somewhere.install("--yes")
    assert first.code == 0, first.err
    assert "ready EventBus ci/shop-new: Deployed; 1 of 1 pods ready." in first.out
    assert "created Application argocd/shop-new" in first.out
    assert "missing    events/4-event-bus.yaml  EventBus ci/shop-new" in first.out
    assert "note       GitHub needs a webhook of acme/shop-new" in first.out
    again = somewhere.install("--yes", "--no-wait", "-o", "json")
    told = somewhere.told(again)
    assert (again.code, told["outcome"], told["text"]) == (0, "done", "nothing had to be sent")
    assert {one["standing"] for one in told["objects"]} == {"same", "kept"}
    assert [one["request"] for one in told["objects"] if one["request"]] == []
    gone = interrupted_and_gone(somewhere)
    assert "kept Namespace shop-new: namespaces are never deleted" in gone.out
    assert "kept Secret ci/shop-new-webhook: GitHub's webhook knows its key" in gone.out
    audit = ask("audit", env=somewhere.env).out
    assert "install Application argocd/shop-new" in audit
    assert "uninstall Application argocd/shop-new" in audit


def interrupted_and_gone(somewhere: Somewhere) -> Ended:
    """Uninstall while a finalizer holds an object, interrupt that, then let go and uninstall the rest."""
    somewhere.hold(SENSOR, "held.example/here")
    start = ("uninstall", "shop-new", "--yes", "--kubeconfig", str(somewhere.file))
    with terminal(*start, env=somewhere.env, forked=True) as asked:
        asked.until(
            lambda _: "deletionTimestamp" in send(somewhere.file, "GET", SENSOR)["metadata"], "deletion"
        )
        asked.send(b"\x03")
        assert asked.end() == 130
        said = asked.text.rstrip().rpartition("interrupted; ")[2]
    assert said.startswith("deleted are Application argocd/shop-new (demo), AppProject")
    assert "; sent last was Sensor ci/shop-new (demo); not deleted are EventSource" in said
    assert said.endswith("; `trombone-tui audit` has what became of what was sent last")
    assert "Secret" not in said  # it is kept
    somewhere.hold(SENSOR)
    gone = somewhere.do("uninstall", "shop-new", "--yes")
    assert gone.code == 0, gone.err
    assert "deleted EventSource ci/shop-new" in gone.out
    assert "Application" not in gone.out
    return gone


def test_dry_runs_change_nothing_and_show_all(untouched: Somewhere) -> None:
    for how in ("client", "server"):
        ended = untouched.install(f"--dry-run={how}", "-o", "json")
        told = untouched.told(ended)
        assert (ended.code, told["outcome"], told["steps"]) == (0, "dry-run", [])
        requests = {one["target"]["kind"]: one["request"] for one in told["objects"] if one["request"]}
        assert requests["Sensor"]["content_type"] == "application/apply-patch+yaml"
        assert requests["Sensor"]["body"]["metadata"]["name"] == "shop-new"
        assert "data" not in requests["Secret"]["body"]
    assert not Path(untouched.env["XDG_STATE_HOME"], "trombone-tui").exists()


def test_what_is_not_taken_up_in_time_is_said_and_is_exit_code_1(somewhere: Somewhere) -> None:
    ended = somewhere.install("--yes", "--only", "sync", "--timeout", "10ms")
    assert ended.code == 1
    assert "not ready Application argocd/shop-new" in ended.out
    assert ended.err == "applied, but not ready within 0.01 s: Application argocd/shop-new (demo)\n"


@pytest.mark.parametrize("somewhere", ["not-installed"], indirect=True)
def test_missing_controllers_stop_it_before_anything_is_sent(somewhere: Somewhere) -> None:
    ended = somewhere.install("--yes")
    assert ended.code == 2
    assert ended.err.startswith("error: Argo Events and Argo CD Image Updater are missing, so nothing is")
    assert "kubectl apply -f https://raw.githubusercontent.com/argoproj/argo-events/v1.9.11" in ended.out
    narrowed = somewhere.install("--yes", "--only", "sync", "--no-wait")
    assert narrowed.code == 0, narrowed.err
    assert somewhere.do("uninstall", "shop-new", "--dry-run").code == 0


def test_read_only_and_no_terminal_refuse(untouched: Somewhere) -> None:
    ended = untouched.install("--yes", "--read-only")
    assert ended.code == 2
    assert "read-only: the setting read_only is on" in ended.err
    ended = untouched.install()
    assert ended.code == 2
    assert "there is no terminal to ask on" in ended.err
    ended = untouched.do("uninstall", "shop-new")
    assert ended.code == 2
    assert "there is no terminal to ask on" in ended.err


def test_a_protected_context_wants_the_services_name(somewhere: Somewhere) -> None:
    settings = Path(somewhere.env["XDG_CONFIG_HOME"], "trombone-tui", "config.toml")
    settings.parent.mkdir()
    settings.write_text('protected_contexts = ["demo"]\n')
    start = (
        "install",
        "shop-new",
        *GIVEN,
        "--only",
        "sync",
        "--no-wait",
        "--kubeconfig",
        str(somewhere.file),
    )
    with terminal(*start, env=somewhere.env, forked=True) as asked:
        asked.until_text("demo is protected; type shop-new to go on")
        asked.send(b"no\n")
        assert asked.end() == 2
        assert "that is not its name" in asked.text
    with terminal(*start, env=somewhere.env, forked=True) as asked:
        asked.until_text("type shop-new to go on")
        asked.send(b"shop-new\n")
        assert asked.end() == 0
        assert "created Application argocd/shop-new" in asked.text


@pytest.mark.parametrize(
    ("key", "code", "said"),
    [(b"\n", 2, "install was not confirmed"), (b"perhaps\nno\n", 2, "answer y or n"), (b"\x03", 130, "")],
)
def test_no_is_the_answer_until_somebody_says_otherwise(
    untouched: Somewhere, key: bytes, code: int, said: str
) -> None:
    start = ("install", "shop-new", *GIVEN, "--only", "sync", "--kubeconfig", str(untouched.file))
    with terminal(*start, env=untouched.env, forked=True) as asked:
        asked.until_text("install shop-new? [y/N]")
        asked.send(key)
        assert asked.end() == code
        assert said in asked.text
        assert "created" not in asked.text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("install",), "values are missing: service, source_repository"),
        (("install", "Shop", *GIVEN, "--dry-run"), "SERVICE: service 'Shop' is not lower-case"),
        (("install", "x", *GIVEN, "--set", "prot=1", "--dry-run"), "did you mean port?"),
        (("install", "x", *GIVEN, "--dry-run", "-n", "a", "-n", "b"), "install takes one namespace"),
        (("install", "x", *GIVEN, "--dry-run", "--only", "event"), "there is no stage event"),
        (("install", "x", *GIVEN, "-o", "yaml"), "say --dry-run=client -o yaml"),
        (("install", "x", *GIVEN, "--timeout", "soon"), "'soon' is no duration"),
    ],
)
def test_what_is_asked_wrongly_is_said(day: Path, words: tuple[str, ...], said: str) -> None:
    ended = ask(*words, "--yes", "--kubeconfig", str(day))
    assert ended.code == 2
    assert said in ended.err


def test_values_come_from_file_flag_and_argument_the_later_over_the_earlier(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("service: from-file\nbranch: from-file\nnamespace: from-file\nversion: '3.1'\n")
    words = ("install", "shop-new", *GIVEN, "-f", str(file), "--set", "branch=from-flag", "-n", "builds")
    ended = ask(*words, "--dry-run=client", "-o", "yaml")
    assert ended.code == 0, ended.err
    made = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(ended.out) if one}
    template = made["WorkflowTemplate", "shop-new-build"]
    assert template["metadata"]["namespace"] == "builds"
    parameters = {one["name"]: one.get("value") for one in template["spec"]["arguments"]["parameters"]}
    assert (parameters["branch"], parameters["version"]) == ("from-flag", "3.1")
    assert ("Secret", "shop-new-webhook") not in made
    assert "# Secret builds/shop-new-webhook is left out" in ended.out


def test_all_values_are_listed_with_what_they_mean() -> None:
    ended = ask("install", "--list-values")
    assert (ended.code, ended.out) == (0, (folder("manifests") / "values.yaml").read_text())


def test_the_config_repositorys_folder_is_written_once(tmp_path: Path) -> None:
    where = tmp_path / "apps" / "shop-new"
    words = ("install", "shop-new", *GIVEN, "--config-to", str(where))
    ended = ask(*words)
    assert ended.code == 0, ended.err
    assert {file.name for file in where.iterdir()} == {
        "kustomization.yaml",
        "rollout.yaml",
        "services.yaml",
        "analysis-template.yaml",
    }
    assert yaml.safe_load((where / "rollout.yaml").read_text())["metadata"]["name"] == "shop-new"
    again = ask(*words)
    assert again.code == 2
    assert "is there already" in again.err
