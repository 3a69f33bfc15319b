"""Commands found by name, and completed."""

from __future__ import annotations

import pytest
from deliveries_in_hand import FULL, REVISION

from trombone_tui.core.ports import Refused
from trombone_tui.ui.commands import Command, candidates, completed, meant

DONE: list[tuple[str, ...]] = []


def command(name: str, **more: object) -> Command:
    def read(words: object) -> object:
        return lambda: DONE.append((name, *words))  # type: ignore[misc]  # only noted

    return Command(name=name, about=f"does {name}", read=read, choose=lambda: None, **more)  # type: ignore[arg-type]  # any field


COMMANDS = (
    command("promote", options=(FULL, REVISION)),
    command("sync", reason="it is running"),
    command("set image"),
    command("sync", others=("stage sync", "applications")),
    command("quit", others=("q",)),
)


def test_the_longest_name_counts_and_the_first_of_two() -> None:
    DONE.clear()
    for line in ("promote --full", "set image app=a:1", "q", "applications", "stage sync"):
        meant(COMMANDS, line)()
    assert DONE == [
        ("promote", "--full"), ("set image", "app=a:1"), ("quit",), ("sync",), ("sync",),
    ]  # fmt: skip
    with pytest.raises(Refused, match="sync: it is running"):
        meant(COMMANDS, "sync")


def test_what_is_not_known_names_what_may_be_meant() -> None:
    with pytest.raises(Refused, match="no command promot; is promote meant"):
        meant(COMMANDS, "promot")
    with pytest.raises(Refused, match=r"no command zzz$"):
        meant(COMMANDS, "zzz")
    with pytest.raises(Refused, match="quote"):
        meant(COMMANDS, "promote '")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("", ["promote", "sync", "set image", "quit"]),
        ("s", ["sync", "set image", "stage sync"]),
        ("set", ["set image"]),
        ("promote ", ["--full", "--to-revision "]),
        ("promote --f", ["--full"]),
        ("promote --full ", ["--to-revision "]),
        ("zzz", []),
    ],
)
def test_a_line_may_become_what_it_begins(line: str, names: list[str]) -> None:
    assert [one.name for one in candidates(COMMANDS, line)] == names


@pytest.mark.parametrize(
    ("line", "grown"),
    [
        ("p", "promote "),
        ("s", "s"),
        ("se", "set image "),
        ("promote --", "promote --"),
        ("promote --t", "promote --to-revision "),
        ("zzz", "zzz"),
    ],
)
def test_tab_goes_on_as_far_as_it_is_clear(line: str, grown: str) -> None:
    assert completed(line, [one.name for one in candidates(COMMANDS, line)]) == grown
