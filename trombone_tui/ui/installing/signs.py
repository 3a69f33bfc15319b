"""How standings, progress and controllers are drawn: a sign, a word and a mark each."""

from __future__ import annotations

from typing import NamedTuple

from trombone_tui.core.installing import Came, Presence, Standing
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.ui.cells import Cell
from trombone_tui.ui.theme import Glyphs


class Sign(NamedTuple):
    """What stands before a row, the word beside it, and how both are drawn."""

    sign: str
    word: str
    mark: str


def of_standing(standing: Standing, glyphs: Glyphs) -> Sign:
    """Return how an object's standing is drawn."""
    health, state = glyphs.health, glyphs.state
    sign, mark = {
        Standing.MISSING: (health[Health.MISSING], "moving"),
        Standing.SAME: (health[Health.HEALTHY], "ok"),
        Standing.DIFFERS: (health[Health.PROGRESSING], "moving"),
        Standing.KEPT: (health[Health.HEALTHY], "ok"),
        Standing.CONFLICT: (glyphs.attention, "held"),
        Standing.NOT_SERVED: (state[State.NOT_INSTALLED], "missing"),
        Standing.DENIED: (state[State.DENIED], "bad"),
        Standing.REFUSED: (health[Health.DEGRADED], "bad"),
        Standing.UNKNOWN: (health[Health.UNKNOWN], "unknown"),
    }[standing]
    return Sign(sign, "new" if standing is Standing.MISSING else str(standing), mark)


def of_presence(presence: Presence, glyphs: Glyphs) -> Sign:
    """Return how a controller is drawn that is there, missing, or not to be seen."""
    if presence.there is None:
        return Sign(glyphs.health[Health.UNKNOWN], "not visible to you", "unknown")
    if presence.there:
        return Sign(glyphs.health[Health.HEALTHY], "there", "ok")
    return Sign(glyphs.state[State.NOT_INSTALLED], "missing", "missing")


def presences(glyphs: Glyphs) -> list[tuple[str, Cell]]:
    """Explain the signs of the roadmap, for its help."""
    health = glyphs.health
    return [
        (f"{health[Health.HEALTHY]} there", Cell("the API server serves all of its kinds", ("ok",))),
        (
            f"{glyphs.state[State.NOT_INSTALLED]} missing",
            Cell("some are not served, so that nothing is installed that takes them", ("missing",)),
        ),
        (
            f"{health[Health.UNKNOWN]} not visible to you",
            Cell("you may not look, or it is elsewhere", ("unknown",)),
        ),
        (f"{health[Health.HEALTHY]} installed", Cell("a service that trombone-tui installed", ("ok",))),
    ]


def of_removal(deletes: bool, glyphs: Glyphs, /) -> Sign:
    """Return how an object is drawn that goes or is kept."""
    if deletes:
        return Sign(glyphs.health[Health.DEGRADED], "is deleted", "held")
    return Sign(glyphs.health[Health.SUSPENDED], "is kept", "dim")


def of_progress(came: Came | None, glyphs: Glyphs) -> Sign:
    """Return how far an object is; None before anything was heard of it."""
    if came is None:
        return Sign(glyphs.none, "", "dim")
    health = glyphs.health
    good = (health[Health.HEALTHY], "ok")
    moving = (health[Health.PROGRESSING], "moving")
    sign, mark = {
        Came.SENDING: moving,
        Came.WAITING: moving,
        Came.REFUSED: (health[Health.DEGRADED], "bad"),
        Came.STOPPED: (health[Health.DEGRADED], "bad"),
        Came.UNKNOWN: (health[Health.UNKNOWN], "held"),
        Came.NOT_SENT: (health[Health.MISSING], "dim"),
        Came.NOT_READY: (glyphs.attention, "held"),
        Came.KEPT: (health[Health.SUSPENDED], "dim"),
    }.get(came, good)
    return Sign(sign, str(came), mark)


def legend(glyphs: Glyphs) -> list[tuple[str, Cell]]:
    """Explain the signs, for the help of these screens."""
    about = {
        Standing.MISSING: "will be created",
        Standing.SAME: "is there as the manifests say; nothing is sent",
        Standing.DIFFERS: "will be changed, as the lines say",
        Standing.KEPT: "is there, and is never changed",
        Standing.CONFLICT: "somebody else manages fields that would be changed",
        Standing.NOT_SERVED: "its controller is missing",
        Standing.DENIED: "you may not",
        Standing.REFUSED: "the API server finds it wrong",
        Standing.UNKNOWN: "could not be read",
    }
    signs = [(of_standing(one, glyphs), text) for one, text in about.items()]
    came = {
        Came.SENDING: "sent, not answered yet",
        Came.CREATED: "is there now",
        Came.REFUSED: "the API server said no; nothing was sent after it",
        Came.UNKNOWN: "no answer: nobody knows whether it was done",
        Came.NOT_SENT: "it was stopped before this one",
        Came.WAITING: "its controller has not taken it up yet",
        Came.NOT_READY: "its controller has not taken it up in time",
        Came.KEPT: "left as it is",
    }
    signs += [(of_removal(True, glyphs), "goes"), (of_removal(False, glyphs), "stays, the text says why")]
    signs += [(of_progress(one, glyphs), text) for one, text in came.items()]
    return [(f"{one.sign} {one.word}", Cell(text, (one.mark,))) for one, text in signs]
