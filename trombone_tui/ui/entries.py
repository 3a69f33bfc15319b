"""The lines of menus that verbs are chosen from, and their commands: of some items, of a whole service."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Item, Stage
from trombone_tui.core.verbs import Given
from trombone_tui.ui.choices import Choice, grouped, place_of
from trombone_tui.ui.commands import Command
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.given import read
from trombone_tui.ui.hops import item_of
from trombone_tui.ui.menu import Entry

_MOST = 8
"""Items of a stage at most that a service's menu lists."""


class Begin(Protocol):
    """Begins to do a verb, as ``ActingApp.begin`` does."""

    def __call__(self, choice: Choice, given: Given | None = None, *, ask: bool = False) -> None:
        """Do it, or ask for its options first."""


class Among(Protocol):
    """Does a verb to one of several items, which is chosen where there is a choice."""

    def __call__(self, found: Sequence[Choice], given: Given | None = None, *, ask: bool = False) -> None:
        """Do it, or ask for its options first."""


def entry(choice: Choice, begin: Begin) -> Entry:
    """Return the line of a verb; its options are asked for."""
    return Entry(
        name=choice.name,
        about=choice.verb.about,
        key=choice.key,
        reason=choice.reason,
        known=choice.known,
        choose=partial(begin, choice, ask=True),
    )


def one_of(desk: Desk, name: str, refs: Sequence[Ref], begin: Begin) -> list[Entry]:
    """Return a line for each item that a verb may be done to, with its why."""
    return [
        replace(
            entry(choice, begin),
            about=item.why if (item := item_of(desk, ref)) else "it is gone",
            group=grouped(ref),
            key="",
            choose=partial(begin, choice),
        )
        for ref in refs
        for choice in desk.choices((ref,))
        if choice.name == name
    ]


def of_service(
    desk: Desk, hops: Sequence[tuple[Stage, list[Item]]], begin: Begin, journey: Callable[[], object]
) -> list[Entry]:
    """Return all that can be done to a service's items, in the order of these hops.

    Of a stage with very many items the first are listed; ``journey`` leads to the others.
    """
    entries: list[Entry] = []
    for stage, items in hops:
        for item in items[:_MOST]:
            lines = [entry(choice, begin) for choice in desk.choices((item.ref,))]
            entries += [replace(line, group=grouped(item.ref)) for line in lines]
        if stage.verbs and (left := len(items) - _MOST) > 0:
            about = f"{left} more of {stage.title}: show the service's journey"
            entries.append(Entry(group=stage.title, name="more", about=about, choose=journey))
    return entries


def command(choice: Choice, begin: Begin) -> Command:
    """Return the command of a verb."""

    def typed(words: Sequence[str]) -> Callable[[], object]:
        return partial(begin, choice, read(choice.verb, words))

    return Command(
        name=choice.name,
        about=choice.verb.about,
        key=choice.key,
        reason=choice.reason,
        known=choice.known,
        options=choice.verb.options,
        read=typed,
        choose=partial(begin, choice, ask=True),
        group="Verbs",
    )


def commands_of_service(
    desk: Desk, hops: Sequence[tuple[Stage, list[Item]]], among: Among
) -> Iterator[Command]:
    """Yield a command for each verb of a service's items, as ``of_service`` lists them."""
    found: dict[str, list[Choice]] = {}
    for _, items in hops:
        for item in items[:_MOST]:
            for choice in desk.choices((item.ref,)):
                found.setdefault(choice.name, []).append(choice)
    for several in found.values():
        first = next((choice for choice in several if not choice.reason), several[0])
        reason = f"{place_of(first.on[0][0])}: {first.reason}" if first.reason else ""
        yield replace(
            command(replace(first, reason=reason), lambda *_, **__: None),
            read=partial(_typed, several, among),
            choose=partial(among, several, ask=True),
        )


def _typed(several: Sequence[Choice], among: Among, words: Sequence[str]) -> Callable[[], object]:
    """Read what follows a verb's name; of the items, those are meant for which it says the same.

    Raises:
        Refused: no item's verb has such options.
    """
    meant: list[tuple[Choice, Given]] = []
    wrong: list[Refused] = []
    for choice in several:
        try:
            meant.append((choice, read(choice.verb, words)))
        except Refused as error:
            wrong.append(error)
    if not meant:
        raise wrong[0]
    first = meant[0][1]
    return partial(among, [choice for choice, given in meant if given == first], first)
