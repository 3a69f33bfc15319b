"""Taking details apart: what one says of a thing, and waiting until it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from patience import eventually
from watching import Seen

from trombone_tui.core.details import Branch, Detail, Fact, Facts, Line, Lines, Step, Steps, Tree, Value
from trombone_tui.core.questions import LogSource
from trombone_tui.core.stage import Item


class Told:
    """The details of one item at one moment."""

    def __init__(self, details: Sequence[Detail]) -> None:
        self.details = tuple(details)

    @property
    def titles(self) -> list[str]:
        return [one.title for one in self.details]

    def facts(self, title: str) -> list[Fact]:
        """Return the facts of a section; nothing where there is no such section."""
        return [
            fact
            for one in self.details
            if isinstance(one, Facts) and one.title == title
            for fact in one.facts
        ]

    def fact(self, title: str, name: str) -> Value:
        """Return the value of the first fact of that name."""
        found = [fact.value for fact in self.facts(title) if fact.name == name]
        assert found, f"nothing called {name} in {title}: {[fact.name for fact in self.facts(title)]}"
        return found[0]

    def named(self, title: str, name: str) -> list[Value]:
        """Return the values of all facts of that name."""
        return [fact.value for fact in self.facts(title) if fact.name == name]

    def tree(self, title: str) -> list[Branch]:
        """Return all branches of a tree, each before those that hang on it."""
        roots = [
            root
            for one in self.details
            if isinstance(one, Tree) and one.title == title
            for root in one.branches
        ]
        return [branch for root in roots for branch in _all(root)]

    def branch(self, title: str, text: str) -> Branch:
        """Return the only branch whose text has these words."""
        found = [one for one in self.tree(title) if text in one.text]
        assert len(found) == 1, f"{text} in {title}: {[one.text for one in self.tree(title)]}"
        return found[0]

    def lines(self, title: str) -> list[Line]:
        return [
            line
            for one in self.details
            if isinstance(one, Lines) and one.title == title
            for line in one.lines
        ]

    def steps(self, title: str) -> list[Step]:
        return [
            step
            for one in self.details
            if isinstance(one, Steps) and one.title == title
            for step in one.steps
        ]


def _all(branch: Branch) -> Iterator[Branch]:
    yield branch
    for below in branch.branches:
        yield from _all(below)


async def told(
    seen: Seen, item: Item, right: Callable[[Told], object], *, seconds: float = 20, what: str = ""
) -> Told:
    """Look at an item until what is asserted of its details holds; return them.

    A section that is not there yet, or has not as many parts as were unpacked, is not right yet either.
    """
    with seen.looking(item) as look:

        async def ask() -> Told:
            details = Told(look.details())
            try:
                right(details)
            except (LookupError, ValueError) as error:
                raise AssertionError(f"{error!r}; there are {details.titles}") from error
            return details

        return await eventually(ask, seconds=seconds, what=what or f"the details of {item.ref.name}")


async def sources(
    seen: Seen, item: Item, right: Callable[[tuple[LogSource, ...]], object]
) -> tuple[LogSource, ...]:
    """Look at an item until the logs it names are right; return them."""
    with seen.looking(item) as look:

        async def ask() -> tuple[LogSource, ...]:
            found = look.logs()
            assert right(found), found
            return found

        return await eventually(ask, seconds=20, what=f"the logs of {item.ref.name}")
