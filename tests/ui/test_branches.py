"""Trees and lines are written with guides, signs and notes, whatever their depth and length."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from feeds import NOW

from trombone_tui.core.details import Branch, Line, Lines, Tree
from trombone_tui.core.objects.basics import Health
from trombone_tui.ui.branches import Branches
from trombone_tui.ui.cells import Text
from trombone_tui.ui.theme import ASCII, UNICODE, Glyphs
from trombone_tui.ui.writing import plain_lines, write

YESTERDAY = NOW - timedelta(days=1)
OK, BAD = Health.HEALTHY, Health.DEGRADED
LEAVES = tuple(Branch(text=f"step {n}", health=OK) for n in range(3))
TREE = Tree(
    "Steps",
    (
        Branch(
            text="build",
            health=BAD,
            note="2m04s",
            branches=(
                Branch(text="compile", health=OK),
                Branch(text="3 others", branches=LEAVES, folded=True),
                Branch(text="test", health=BAD, note="exit code 2 " * 6, branches=(Branch(text="pod x"),)),
            ),
        ),
        Branch(text="push", branches=(Branch(text="later"),), folded=True),
    ),
)


def written(
    tree: Tree | Lines, branches: Branches | None = None, width: int = 50, glyphs: Glyphs = UNICODE
) -> list[str]:
    lines: list[Text] = []
    write((tree,), width, NOW, glyphs, branches or Branches(), lines)
    return plain_lines(lines)[2:]


def test_branches_hang_on_guides_and_folded_ones_tell_what_they_hide() -> None:
    assert written(TREE) == [
        "✖ build  2m04s",
        "├ ✔ compile",
        "├ 3 others [+3]",
        "└ ✖ test",
        "  │ exit code 2 exit code 2 exit code 2 exit code",
        "  │ 2 exit code 2 exit code 2",
        "  └ pod x",
        "push [+1]",
    ]  # fmt: skip


def test_in_ascii_nothing_else_is_drawn() -> None:
    drawn = written(TREE, glyphs=ASCII)
    assert "".join(drawn).isascii()
    assert drawn[:4] == ["X build  2m04s", "| + compile", "| 3 others [+3]", "` X test"]


def test_what_is_open_stays_open_while_counts_and_neighbours_change() -> None:
    branches = Branches()
    written(TREE, branches)
    branches.open(branches.folds[0].path)
    branches.folds = []
    assert written(TREE, branches)[2:4] == ["├ 3 others [-]", "│ ├ ✔ step 0"]
    changed = Tree(
        "Steps",
        (
            Branch(
                text="build",
                branches=(
                    Branch(text="new"),
                    Branch(text="12 others", branches=LEAVES, folded=True),
                    Branch(text="12 others", branches=LEAVES, folded=True),
                ),
            ),
        ),
    )
    branches.folds = []
    drawn = written(changed, branches)
    assert [line for line in drawn if "others" in line] == ["├ 12 others [-]", "└ 12 others [+3]"]


def test_all_can_be_opened_and_one_of_them_closed() -> None:
    branches = Branches()
    branches.all_open = True
    assert "└ later" in written(TREE, branches)
    branches.close(branches.folds[1].path)
    branches.folds = []
    assert written(TREE, branches)[-1] == "push [+1]"
    assert "│ ├ ✔ step 0" in written(TREE, branches)


@pytest.mark.parametrize(("places", "lines"), [(1, [4, 9, 4]), (-1, [9, 4, 9])])
def test_steps_go_round_from_what_is_in_sight(places: int, lines: list[int]) -> None:
    branches = Branches()
    assert branches.step(1, 0, 20) is None
    written(TREE, branches)
    assert [fold.line for fold in (branches.step(places, 0, 20) for _ in lines) if fold] == lines
    branches.at = branches.folds[0].path
    assert (fold := branches.step(1, 8, 5)) is not None
    assert fold.line == 9
    branches.at = branches.folds[0].path
    assert branches.step(1, 20, 5) == branches.folds[0]


def test_a_tree_deeper_than_the_screen_is_wide_is_drawn() -> None:
    branch = Branch(text="the innermost")
    for number in range(3000):
        branch = Branch(text=f"level {number}", branches=(branch,))
    drawn = written(Tree("Deep", (branch,)))
    assert len(drawn) == 3001
    assert drawn[-1].endswith("the innermost")
    assert max(map(len, drawn)) <= 50


def test_lines_stand_behind_their_times_and_signs() -> None:
    lines = Lines(
        "Events",
        (
            Line(text="Pulled", at=NOW),
            Line(text="BackOff: restarting the failed container of the pod", at=YESTERDAY, health=BAD),
            Line(text="no time\nsecond \x1b[31mline"),
        ),
    )  # fmt: skip
    assert written(lines) == [
        "17:42:10Z      Pulled",
        "11-22 17:42  ✖ BackOff: restarting the failed",
        "               container of the pod",
        "               no time",
        "               second ^[[31mline",
    ]
    assert written(Lines("Log", (Line(text="bare"),))) == ["bare"]


def test_five_thousand_branches_or_lines_are_written_at_once() -> None:
    inner = tuple(Branch(text=f"step {n}", note=f"took {n}s; pod some-pod-{n}", health=OK) for n in range(49))
    tree = Tree("Steps", tuple(Branch(text=f"group {n}", branches=inner) for n in range(100)))
    lines = Lines("Log", tuple(Line(text=f"{n} " + "word " * (n % 40), at=NOW) for n in range(5000)))
    for detail, count in ((tree, 5000), (lines, 8000)):
        written(detail, width=78)
        begin = time.process_time()
        assert len(written(detail, width=78)) >= count
        assert (
            time.process_time() - begin < 0.5
        )  # some 30 ms on an idle machine; recursion or copies take seconds
