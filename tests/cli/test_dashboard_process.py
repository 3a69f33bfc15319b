"""The dashboard as a real process on a terminal: what it loads, what it shows, how it ends."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import black_hole, kubeconfig, terminal


def test_before_the_first_paint_nothing_of_kubernetes_is_loaded() -> None:
    code = (
        "import sys, trombone_tui.cli.dashboard\n"
        "heavy = 'kubernetes_asyncio', 'aiohttp', 'yaml', 'trombone_tui.adapters'\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=40
    )
    assert done.stdout == "[]\n"


def test_the_demo_shows_rows_and_leaves_nothing_behind() -> None:
    with terminal("--demo", "day", "--demo-speed", "4") as shown:
        shown.until_text("live")
        shown.until_text("shop")
        shown.send(b"q")
        assert shown.end() == 0
        assert shown.restored


def test_the_screen_is_given_what_installs() -> None:
    with terminal("--demo", "not-installed") as shown:
        shown.until_text("not installed")
        shown.send(b"i")
        shown.until_text("Roadmap")
        shown.until_text("kubectl create namespace argo-events")
        shown.send(b"I")
        shown.until_text("still needed")
        shown.send(b"\x03")
        assert shown.end() == 0
        assert shown.restored
    assert "Traceback" not in shown.text


@pytest.mark.parametrize("delay", [0.0, 0.3, 1.0], ids=["at once", "at first paint", "while connecting"])
def test_ctrl_c_ends_it_at_any_moment_with_the_terminal_restored(tmp_path: Path, delay: float) -> None:
    with black_hole() as hole:
        config = kubeconfig(tmp_path / "config", hole.url)
        with terminal("--kubeconfig", config, "--request-timeout", "1h") as shown:
            if delay:
                shown.until_text("connecting")
            began = time.monotonic()
            while time.monotonic() - began < delay:
                shown.read(0.05)
            shown.send(b"\x03")
            code = shown.end()
            assert code in (0, 130, -signal.SIGINT)
            assert shown.restored
    assert "Traceback" not in shown.text


def test_a_kubeconfig_that_can_not_be_used_is_said_on_the_screen_and_again_at_the_end() -> None:
    with terminal("--kubeconfig", "/nonexistent/config") as shown:
        shown.until_text("/nonexistent/config")
        shown.send(b"q")
        assert shown.end() == 2
        assert shown.restored
        assert "/nonexistent/config" in shown.text[-400:]


def test_sigterm_restores_the_terminal_and_ends_the_demo_with_it() -> None:
    with terminal("--demo") as shown:
        shown.until_text("live")
        shown.process.send_signal(signal.SIGTERM)
        assert shown.end() == 143
        assert shown.restored


def test_a_terminal_that_is_gone_without_a_signal_ends_it_and_the_demo() -> None:
    master, slave = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "trombone_tui", "--demo"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(slave)
    try:
        written = b""
        while b"connecting" not in written:
            written += os.read(master, 65536)
        os.close(master)
        assert program.wait(timeout=20) == 129
    finally:
        program.kill()
        program.wait()


def test_left_while_something_is_installed_it_says_what_is_done_and_what_is_not(tmp_path: Path) -> None:
    values = ("newshop", "acme/newshop", "registry.example/shop/new", "https://git.example/acme/c.git")
    with terminal("--demo", "day", env={"XDG_STATE_HOME": str(tmp_path)}) as shown:
        shown.until_text("● live")
        shown.send(b"i")
        shown.until_text("of 6 there")
        shown.send(b"I")
        shown.until_text("4 still needed")
        for value, onward in zip(values, (b"\t", b"\t\t", b"\t\t", b"\r"), strict=True):
            shown.send(value.encode())
            shown.until_text(value)
            shown.send(onward)
        shown.until_text("Plan: install newshop")
        shown.send(b"I")
        shown.until_text("Send 15 objects")
        shown.send(b"y")
        shown.until_text("waiting, ")
        shown.send(b"\x03")
        assert shown.end() == 0
        assert shown.restored
    said = shown.text.splitlines()[-1]
    assert "install newshop (demo) was interrupted while waiting; applied are ServiceAccount ci/" in said
    assert said.endswith("Application argocd/newshop (demo)")
