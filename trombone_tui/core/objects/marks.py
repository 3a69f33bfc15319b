"""What this program writes beside a change that it makes, so that everybody's dashboard can tell of it.

``trombone.dev/held`` on an ImageUpdater or Application is a JSON array of tags that ``hold`` keeps back;
``trombone.dev/auto-sync-off`` on an Application is a JSON object, written when auto-sync is switched off.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from trombone_tui.core.objects.basics import Time

HELD = "trombone.dev/held"
TOUCHED = "trombone.dev/touched"
"""Written only so that a controller looks again; nobody reads it."""
AUTO_SYNC_OFF = "trombone.dev/auto-sync-off"
"""What tells auto-sync that somebody left off from auto-sync that is never on: JSON with by, at, reason."""


class Unreadable(ValueError):
    """A mark is there, and is not what this program writes."""


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did something, when, and what for; what is not known is empty."""

    by: str = ""
    at: Time | None = None
    reason: str = ""


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tag that is kept back, and who wants it so since when."""

    tag: str
    image: str
    """Which of the object's images, as ``Ref.part`` tells them apart."""
    by: str = ""
    at: Time | None = None
    reason: str = ""
    made: str = ""
    """What had to be added for it: ``ignoreTags`` or ``commonUpdateSettings``; empty where a list was."""


def read_held(written: str) -> tuple[Held, ...]:
    """Read what ``hold`` wrote; an empty text is no tag.

    Raises:
        Unreadable: it is something else.
    """
    return tuple(_decoded(written, list[Held])) if written else ()


def write_held(held: Iterable[Held]) -> str | None:
    """Write tags for the annotation; None, which removes it, where none is left."""
    entries = list(held)
    return msgspec.json.encode(entries).decode() if entries else None


def read_off(written: str) -> Mark:
    """Read who switched auto-sync off.

    Raises:
        Unreadable: it is something else.
    """
    made: Mark = _decoded(written, Mark)
    return made


def write_off(by: str, at: datetime, reason: str = "") -> str:
    """Write the mark of who switches auto-sync off."""
    return msgspec.json.encode(Mark(by=by, at=whole_second(at), reason=reason)).decode()


def whole_second(moment: datetime) -> datetime:
    """Return a moment as Kubernetes writes it: in UTC, without parts of a second."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _decoded(written: str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(written, type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Unreadable(str(error)) from error
