"""`demo-server` as a real process, for people."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from program import WAIT, ask, run

from trombone_tui.cli.flags import SCENARIOS
from trombone_tui.demo import scenarios


def test_the_scenarios_offered_are_those_that_can_be_played() -> None:
    assert tuple(scenarios.SCENARIOS) == SCENARIOS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_names_its_kubeconfig_serves_and_takes_it_away_again(
    tmp_path: Path, number: signal.Signals
) -> None:
    file = tmp_path / "kubeconfig"
    words = [sys.executable, "-m", "trombone_tui", "demo-server", "broken-build", "--kubeconfig", str(file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{file}\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        seen = ask("status", "--kubeconfig", str(file))
        process.send_signal(number)
        out, err = process.communicate(timeout=WAIT)
    assert seen.code == 1
    assert "shop-web" in seen.out
    assert (process.returncode, out) == (0, "")
    assert err.splitlines()[-1] == "Ctrl-C ends it."
    assert not file.exists()


def test_it_ends_with_the_one_that_started_it() -> None:
    ended = run("demo-server", "broken-build", "--with-parent")
    assert ended.code == 0
    assert ended.out.startswith('{"kubeconfig": ')
    assert ended.err == ""
