"""The lines of menus that verbs are chosen from: of some items, of one verb, of a whole service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.stage import Item, Stage
from trombone_tui.core.verbs import Given
from trombone_tui.ui.choices import Choice, grouped
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.hops import item_of
from trombone_tui.ui.menu import Entry

_MOST = 8
"""Items of a stage at most that a service's menu lists."""


class Begin(Protocol):
    """Begins to do a verb, as ``ActingApp.begin`` does."""

    def __call__(self, choice: Choice, given: Given | None = None, *, ask: bool = False) -> None:
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
