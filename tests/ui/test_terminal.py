"""The program in a real terminal: bytes that reach it, keys that leave, exit codes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from terminals import Terminal

PLAYER = Path(__file__).with_name("player.py")


def test_idle_costs_nothing_a_change_out_of_sight_nothing_and_one_in_sight_a_line() -> None:
    with Terminal(PLAYER, "calm", "10000") as terminal:
        terminal.until(lambda: terminal.shows("10004"))
        terminal.send("2")
        terminal.until(lambda: terminal.shows("2 Workflows") and not terminal.shows("Changes"))
        terminal.until_quiet()
        assert terminal.during(2) == b""
        terminal.tell("offscreen")
        assert terminal.during(0.6) == b""
        terminal.tell("visible")
        terminal.until(lambda: terminal.shows("turn 2"))
        assert 0 < len(terminal.until_quiet()) < 1000 or terminal.shows("turn 2")
        terminal.tell("visible")
        assert 0 < len(terminal.until_quiet()) < 1000
        terminal.send("/build")
        terminal.until(lambda: terminal.shows("/build"))
        terminal.until_quiet()
        assert terminal.during(1.2) == b""
        terminal.send("\x03")
        assert terminal.ends() == 0


def test_ctrl_c_leaves_while_a_thread_hangs_that_connects() -> None:
    with Terminal(PLAYER, "hang", "0") as terminal:
        terminal.until(lambda: terminal.shows("Changes"))
        terminal.until_quiet()
        begin = time.perf_counter()
        terminal.send("\x03")
        assert terminal.ends() == 0
        assert time.perf_counter() - begin < 15


def test_a_refused_connection_is_said_once_more_after_the_screen_is_gone() -> None:
    with Terminal(PLAYER, "refuse", "0") as terminal:
        terminal.until(lambda: terminal.shows("choose one with --context"))
        terminal.until_quiet()
        terminal.send("q")
        assert terminal.ends() == 2
        assert terminal.shows("trombone-tui: context nowhere")


def test_a_bug_ends_loudly_without_the_values_of_variables() -> None:
    with Terminal(PLAYER, "bug", "0") as terminal:
        said = b""
        while terminal.process.poll() is None:
            said += terminal.read(0.05)
        said += terminal.until_quiet(0.1)
        assert terminal.process.returncode == 1
        assert b"ZeroDivisionError: a bug" in said
        assert b"descriptor =" not in said


@pytest.mark.parametrize("colours", ["NO_COLOR", "TERM"])
def test_without_colour_or_with_sixteen_no_other_colours_are_sent(colours: str) -> None:
    environment = {"TERM": "xterm", "COLORTERM": "", **({"NO_COLOR": "1"} if colours == "NO_COLOR" else {})}
    with Terminal(PLAYER, "calm", "0", **environment) as terminal:
        terminal.until(lambda: terminal.shows("shop-web"))
        terminal.send("j")
        shown = terminal.until_quiet()
        assert b"38;2;" not in shown
        assert b"38;5;" not in shown
        drawn = {cell.fg for line in terminal.screen.buffer.values() for cell in line.values()}
        assert (drawn == {"default"}) is (colours == "NO_COLOR")
        assert terminal.shows("✖ test")
