"""ImageUpdaters that track the same image of the same Application: by two rules they fight for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.phrases import listed, shortened
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.images.matching import claimed, updaters_of
from trombone_tui.pipeline.images.tracking import Tracked

_MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """Others that track an image, by name."""

    fighting: tuple[str, ...] = ()
    """Those whose rule is another one."""
    application: str = ""
    """An Application that one of them fights for."""
    agreeing: tuple[str, ...] = ()
    """Those whose rule is the same."""

    @property
    def words(self) -> str:
        """Say who fights; empty when nobody does."""
        if not self.fighting:
            return ""
        named = listed(self.fighting, _MOST)
        return f"fights with {shortened(named, 80)}, which tracks it for {self.application} by another rule"


def rivals(name: str, one: Tracked, apps: Sequence[Application], around: Around) -> Rivals:
    """Look for other ImageUpdaters that track an image for its Applications."""
    fighting: dict[str, str] = {}
    agreeing: dict[str, None] = {}
    for app in apps:
        for other in updaters_of(app.metadata, around):
            if other.metadata.name == name or not one.image.repository:
                continue
            for theirs in claimed(other, app) or ():
                if theirs.image.join != one.image.join:
                    continue
                if theirs.rule.effect == one.rule.effect:
                    agreeing[other.metadata.name] = None
                else:
                    fighting.setdefault(other.metadata.name, app.metadata.name)
    return Rivals(
        fighting=tuple(sorted(fighting)),
        application=next(iter(fighting.values()), ""),
        agreeing=tuple(sorted(agreeing.keys() - fighting.keys())),
    )
