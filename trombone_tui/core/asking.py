"""What ``explain`` sees: all that rows see, and somebody who answers questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.questions import Answer, AnswerT, Question
from trombone_tui.core.stage import Around, Key

Ask = Callable[[Question[Any]], Answer[Any]]


class Asking:
    """An ``Around`` whose questions are answered."""

    def __init__(self, around: Around, ask: Ask) -> None:
        self._around, self._ask = around, ask

    @property
    def now(self) -> datetime:
        """The time."""
        return self._around.now

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return the objects of a kind that have this key."""
        return self._around.linked(kind, key)

    def visible(self, kind: Kind) -> bool:
        """Whether all objects of this kind are known in the namespaces that are looked at."""
        return self._around.visible(kind)

    def everywhere(self, kind: Kind) -> bool:
        """Whether all objects of this kind in all namespaces are known."""
        return self._around.everywhere(kind)

    def ask(self, question: Question[AnswerT]) -> Answer[AnswerT]:
        """Return what is known so far of what is asked for, and have it followed."""
        return self._ask(question)
