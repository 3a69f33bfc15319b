"""The command line as a real process: flags on either side, one-line errors, exit codes."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from program import ask, run

from trombone_tui import __version__
from trombone_tui.cli.entry import enter
from trombone_tui.config import NAMES


def settings_file(folder: Path, text: str) -> dict[str, str]:
    file = folder / "trombone-tui" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return {"XDG_CONFIG_HOME": str(folder)}


def test_the_version_is_told() -> None:
    assert run("--version").out == f"trombone-tui {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-n", "a", "config", "show", "-n", "b"),
        ("config", "show", "-n", "a", "--namespace", "b"),
        ("--namespace=a", "-n", "b", "config", "show"),
    ],
)
def test_a_repeatable_flag_adds_up_over_both_places(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert enter(arguments) == 0
    assert 'namespaces = ["a", "b"]' in capsys.readouterr().out


def test_config_show_prints_toml_that_is_the_settings_with_their_origins(tmp_path: Path) -> None:
    env = settings_file(tmp_path, 'as = "jo"\nnamespaces = ["file"]\n')
    shown = ask("config", "show", "--context", "prod", env={**env, "TROMBONE_NAMESPACES": "env"})
    lines = dict(zip(NAMES, shown.out.splitlines(), strict=True))
    assert lines["contexts"].endswith("# --context")
    assert lines["namespaces"].startswith('namespaces = ["env"]')
    assert lines["namespaces"].endswith("# TROMBONE_NAMESPACES")
    assert lines["as"].endswith(f"# {tmp_path}/trombone-tui/config.toml:1")
    assert lines["kubeconfig"].startswith("# kubeconfig =")
    again = settings_file(tmp_path / "again", shown.out)
    given = [line for line in shown.out.splitlines() if not line.startswith("#")]
    assert ask("config", "show", env=again).out.count("config.toml:") == len(given) >= 4


def test_config_show_prints_the_users_keys_each_with_its_line(tmp_path: Path) -> None:
    env = settings_file(tmp_path, '[keys]\nview.logs = "L"\n\n[keys.table]\nopen = "enter,O"\n')
    first = ask("config", "show", env=env).out
    again = ask("config", "show", env=settings_file(tmp_path / "again", first)).out
    for shown in (first, again):
        read = tomllib.loads(shown)["keys"]
        assert read == {"view": {"logs": "L"}, "table": {"open": "enter,O"}}
    assert first.splitlines()[-1].split(" # ")[1].endswith("config.toml:5")


def test_config_path_is_told_whether_the_file_is_there_or_not(tmp_path: Path) -> None:
    told = ask("config", "path", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert told.out == f"{tmp_path}/trombone-tui/config.toml\n"


def test_a_wrong_key_in_the_settings_ends_every_command_that_uses_them(tmp_path: Path) -> None:
    env = settings_file(tmp_path, '\nnamespcae = ["shop"]\n')
    ended = ask("status", env=env)
    assert ended.code == 2
    assert ended.err.splitlines() == [
        f"error: {tmp_path}/trombone-tui/config.toml:2: unknown key `namespcae`; did you mean `namespaces`?",
        "correct or remove the line",
    ]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("statsu",), "no such command 'statsu'"),
        (("status", "-o", "xml"), "'xml' is not one of 'table', 'json', 'yaml'"),
        (("-A", "status", "-n", "shop"), "-n and -A exclude each other"),
        (("status", "--demo-speed", "2"), "--demo-speed says how --demo plays; add --demo"),
        (("--demo", "status", "--context", "x"), "--demo brings its own cluster; leave out --context"),
        (("--demo", "nowhere"), "'nowhere' is not one of 'day'"),
        (
            ("status", "--request-timeout", "soon"),
            "--request-timeout: request_timeout: 'soon' is no duration",
        ),
        (("status", "--as-group", "dev"), "--as-group: impersonating needs a user too"),
        (("status", "-n", "../x"), "--namespace: namespaces[0]: a namespace is lower-case"),
        (("--context", "x", "completion", "bash"), "completion has no use for --context"),
        (("-A", "config", "path"), "config path has no use for --all-namespaces"),
        (("--context", "x", "demo-server"), "demo-server has no use for --context"),
        ((), "the dashboard needs a terminal; `trombone-tui status` needs none"),
    ],
)
def test_wrong_flags_are_one_line_with_advice_and_exit_code_2(
    arguments: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enter(arguments) == 2
    first, *advice = capsys.readouterr().err.splitlines()
    assert first.startswith("error: ")
    assert problem in first
    assert len(advice) == 1


def test_demo_before_a_command_does_not_take_its_name_for_a_scenario(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert enter(("--demo", "config", "show")) == 0
    assert enter(("--demo", "big", "config", "show")) == 0
    assert enter(("config", "--demo", "show")) == 2
    assert "no such option '--demo'" in capsys.readouterr().err.lower()


def test_with_demo_the_users_own_settings_do_not_count(tmp_path: Path) -> None:
    env = settings_file(tmp_path, 'namespaces = ["mine"]\n')
    shown = ask("--demo", "config", "show", env={**env, "TROMBONE_AS": "me"})
    assert "mine" not in shown.out
    assert 'as = "me"' not in shown.out


@pytest.mark.parametrize(
    ("shell", "word"), [("zsh", "#compdef trombone-tui"), ("fish", "complete --no-files")]
)
def test_completion_is_a_script_for_the_shell(
    shell: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enter(("completion", shell)) == 0
    assert word in capsys.readouterr().out


def test_bash_really_completes_commands_and_values() -> None:
    asked = {"_TROMBONE_TUI_COMPLETE": "bash_complete"}
    commands = ask(env={**asked, "COMP_WORDS": "trombone-tui stat", "COMP_CWORD": "1"})
    assert commands.out == "plain,status\n"
    values = ask(env={**asked, "COMP_WORDS": "trombone-tui status --demo b", "COMP_CWORD": "3"})
    assert values.out.split() == ["plain,bad-canary", "plain,broken-build", "plain,big"]


def test_a_bug_is_told_in_full_and_is_not_taken_for_a_cluster_in_need() -> None:
    ended = run("config", "show", before="import trombone_tui.cli.commands as c; c.shown = None")
    assert ended.code == 2
    assert "TypeError" in ended.err


def test_a_reader_that_goes_away_is_no_error() -> None:
    program = subprocess.Popen(
        [sys.executable, "-m", "trombone_tui", "completion", "zsh"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout is not None
    program.stdout.close()
    _, err = program.communicate(timeout=40)
    assert (program.returncode, err) == (141, b"")
