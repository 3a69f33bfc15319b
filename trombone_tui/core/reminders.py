"""What somebody has to be reminded of because it does not go on by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.verbs import Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Something that does not go on by itself until somebody turns it on again."""

    ref: Ref
    """The object to turn on; of an image with its part."""
    text: str
    """One sentence, with who, since when and what for, as far as it is written down."""
    verb: str
    """What turns it on again."""
    given: Given = field(default_factory=dict)
    """What that verb has to be told."""
    others: tuple[str, ...] = ()
    """Verbs that end it in another way."""
    since: datetime | None = None
    by: str = ""
    marked: bool = False
    """Whether it says who did it; auto-sync that is off without a mark may be meant to stay off."""


def in_order(found: Iterable[Reminder]) -> tuple[Reminder, ...]:
    """Put reminders in order, each once: the oldest first, without a time last."""
    return tuple(sorted({(one.ref, one.text): one for one in found}.values(), key=_order))


def _order(one: Reminder) -> tuple[bool, float, Ref, str]:
    return (one.since is None, one.since.timestamp() if one.since else 0.0, one.ref, one.text)
