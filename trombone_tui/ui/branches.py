"""Trees written down, and which of their branches are open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trombone_tui.core.details import Branch, Tree
from trombone_tui.core.objects.basics import Health
from trombone_tui.ui.cells import Cell, Text, broken, width_of
from trombone_tui.ui.theme import HEALTH_MARK, Glyphs

Path = tuple[str | int, ...]
"""Names a branch, whatever comes and goes beside it: the title of its tree, then the texts down to it."""

_COUNT = re.compile(r"^\W*\d+ ")
"""A number that counts what follows, ``12 others``: it changes while the branch stays the same."""


@dataclass(frozen=True, slots=True)
class Fold:
    """A branch that can be opened and closed, and the line it stands on."""

    path: Path
    line: int


class Branches:
    """Which branches are open; kept while what is known of them changes."""

    def __init__(self) -> None:
        self.opened: set[Path] = set()
        self.folds: list[Fold] = []
        """Those that can be opened or closed, as they were written last."""
        self.at: Path | None = None
        """The one that keys are for."""
        self.all_open = False

    @property
    def fold(self) -> Fold | None:
        """The one that keys are for, if it is written."""
        return next((fold for fold in self.folds if fold.path == self.at), None)

    def is_open(self, path: Path) -> bool:
        """Whether what hangs on a branch is written, too."""
        return self.all_open or path in self.opened

    def open(self, path: Path) -> None:
        """Write what hangs on a branch from now on."""
        self.opened.add(path)

    def close(self, path: Path) -> None:
        """Hide what hangs on a branch."""
        if self.all_open:
            self.opened |= {fold.path for fold in self.folds}
            self.all_open = False
        self.opened.discard(path)

    def step(self, places: int, top: int, height: int) -> Fold | None:
        """Go on to the next branch that can be opened; to the first in sight, if one was scrolled away."""
        if not self.folds:
            return None
        seen = range(top, top + height)
        now = self.fold
        if now is not None and now.line in seen:
            index = (self.folds.index(now) + places) % len(self.folds)
        else:
            near = [index for index, fold in enumerate(self.folds) if fold.line in seen]
            index = (near[0] if places > 0 else near[-1]) if near else 0
        self.at = self.folds[index].path
        return self.folds[index]

    def write(self, tree: Tree, width: int, glyphs: Glyphs, lines: list[Text]) -> None:
        """Write a tree below what is written already.

        Depth costs no recursion: a Workflow may call itself some hundred times.
        """
        stack = [_level(tree.branches, (tree.title,), "")]
        while stack:
            found = next(stack[-1], None)
            if found is None:
                stack.pop()
                continue
            branch, path, stem, last = found
            open_now = not branch.folded or self.is_open(path)
            guide, below = _guides(stem, glyphs, last=last, top=len(stack) == 1)
            here = branch.folded and bool(branch.branches)
            if here:
                self.folds.append(Fold(path, len(lines)))
            marks = ("cursor",) if here and path == self.at else ()
            lines += _written(branch, (guide, below), width, glyphs, marks, open_now if here else None)
            if open_now and branch.branches:
                stack.append(_level(branch.branches, path, below))


def _level(branches: Sequence[Branch], path: Path, stem: str) -> Iterator[tuple[Branch, Path, str, bool]]:
    """Yield branches that hang on one, with their paths, and whether it is the last one."""
    seen: Counter[str] = Counter()
    for number, branch in enumerate(branches, 1):
        inner: Path = ()
        if branch.branches:
            name = _COUNT.sub("", branch.text)
            seen[name] += 1
            inner = (*path, name, seen[name])
        yield branch, inner, stem, number == len(branches)


def _guides(stem: str, glyphs: Glyphs, *, last: bool, top: bool) -> tuple[str, str]:
    """Return what stands before a branch, and before everything below it."""
    if top:
        return "", ""
    return f"{stem}{glyphs.bend if last else glyphs.fork} ", f"{stem}{' ' if last else glyphs.track} "


def _written(
    branch: Branch,
    guides: tuple[str, str],
    width: int,
    glyphs: Glyphs,
    marks: tuple[str, ...],
    open_now: bool | None,
) -> Iterator[Text]:
    """Write one branch: guide, sign, text, how many it hides, note; below them what does not fit."""
    guide, below = guides
    if len(guide) > width // 2:  # deeper than the screen is wide
        guide, below = (f"{glyphs.more}{part[-(width // 2) :]}" for part in guides)
    sign = Cell("")
    if branch.health is not None:
        sign = Cell(f"{glyphs.health[branch.health]} ", (HEALTH_MARK[branch.health], *marks))
    room = max(8, width - len(guide) - 2)
    said = ("bad",) if branch.health is Health.DEGRADED else ()
    fold = "" if open_now is None else f" [{'-' if open_now else f'+{_hidden(branch)}'}]"
    texts = broken(branch.text, room - len(fold))
    cells = [Cell(guide, ("dim",)), sign, Cell(texts[0], (*said, *marks)), Cell(fold, ("accent", *marks))]
    notes: Sequence[str] = broken(branch.note, room) if branch.note else ()
    used = width_of(texts[0]) + len(fold) + 2
    if len(notes) == 1 and len(texts) == 1 and used + width_of(notes[0]) <= room:
        cells.append(Cell(f"  {notes[0]}", ("dim", *marks)))
        notes = ()
    open_below = branch.branches and open_now is not False
    hang = Cell(f"{below}{glyphs.track if open_below else ' '} ", ("dim",))
    yield cells
    for text in texts[1:]:
        yield [hang, Cell(text, said)]
    for note in notes:
        yield [hang, Cell(note, ("dim",))]


def _hidden(branch: Branch) -> int:
    """Count all that hangs on a branch."""
    count, stack = 0, [branch]
    while stack:
        inner = stack.pop().branches
        count += len(inner)
        stack += inner
    return count
