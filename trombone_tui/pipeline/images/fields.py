"""What ``status`` and the tables show of a tracked image."""

from __future__ import annotations

from datetime import datetime

from trombone_tui.core.stage import Fields


class ImagesFields(Fields, frozen=True):
    """What ``status`` and the tables show of a tracked image."""

    image: str | None = None
    """The repository, without a tag."""
    tag: str | None = None
    """The tag that runs, several of them separated by commas; None when none is seen to run."""
    candidate: str | None = None
    """The tag it would pick; only the registry knows."""
    constraint: str | None = None
    """What a version must fit; None when nothing is asked of it."""
    last_checked: datetime | None = None
    next_check: datetime | None = None
    """The last check and the default interval, which is a guess."""
    next_check_is_guess: bool | None = None
    alias: str | None = None
    strategy: str | None = None
    last_version: str | None = None
    """The tag of the last update."""
    last_update: datetime | None = None
    applications: int | None = None
    """How many Applications it is tracked for."""
    held: str | None = None
    """The tags that are ignored by their names, as ``hold`` does it, separated by commas."""
    rivals: str | None = None
    """Other ImageUpdaters that track it for the same Application by another rule."""
