"""What a reader may see besides its object."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.questions import Answer, AnswerT, Question

Key = tuple[str, ...]
"""What two objects have in common, e.g. ``("Rollout", "shop", "api")``."""


class Linked(Protocol):
    """What watched objects are found with: what is around a row, or a verb's scene."""

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return the objects of a kind that have this key; the typed ones only, in no order."""


class Around(Linked, Protocol):
    """What a reader may see besides its object."""

    @property
    def now(self) -> datetime:
        """The time, aware, from the clock that was passed in."""

    def visible(self, kind: Kind) -> bool:
        """Whether all objects of this kind are known: False while connecting, denied, not installed.

        Where rights or flags narrow the view, all in the namespaces that are looked at.
        """

    def everywhere(self, kind: Kind) -> bool:
        """Whether all objects of this kind in all namespaces are known."""

    def ask(self, question: Question[AnswerT]) -> Answer[AnswerT]:
        """Ask for what is not watched, in ``explain`` and ``logs`` only: rows are always told nothing."""
