"""What one look has asked for: each question once, answered until nobody asks it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from trombone_tui.core.asking import Ask
from trombone_tui.core.ports import PortError
from trombone_tui.core.questions import Answer, Question
from trombone_tui.live.answering import Answering


class _Asked:
    """A question, who answers it, and what is known so far."""

    def __init__(self) -> None:
        self.answer: Answer[Any] = Answer()
        self.task: asyncio.Task[None] | None = None
        self.leaving: asyncio.TimerHandle | None = None


class Inquiry:
    """Starts an answer with the first who asks, and lets it go a while after the last round without it."""

    def __init__(
        self,
        answering: Answering | None,
        *,
        grace: float,
        tasks: set[asyncio.Task[None]],
        changed: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Get ready.

        Args:
            answering: Who finds answers; without, everything stays unknown.
            grace: Seconds that what is not asked for any more is followed.
            tasks: Where what runs is kept until it has come to its end.
            changed: Called when an answer is another.
            failed: Called with what is no trouble but a bug.
        """
        self._answering, self._grace, self._tasks = answering, grace, tasks
        self._changed, self._failed = changed, failed
        self._asked: dict[Question[Any], _Asked] = {}
        self._wanted: dict[str, set[Question[Any]]] = {}
        """What was asked in the newest round of each name."""

    @contextmanager
    def round(self, name: str) -> Iterator[Ask]:
        """Hand out who answers for a block; what is not asked there any more is let go after a while."""
        wanted: set[Question[Any]] = set()

        def ask(question: Question[Any]) -> Answer[Any]:
            wanted.add(question)
            return self._ask(question)

        yield ask
        self._wanted[name] = wanted
        for question, asked in self._asked.items():
            if asked.leaving is None and not self._is_wanted(question):
                loop = asyncio.get_running_loop()
                asked.leaving = loop.call_later(self._grace, self._leave, question)

    def let_go(self) -> None:
        """Follow nothing of all that was asked any more."""
        self._wanted.clear()
        for question in list(self._asked):
            self._end(question)

    def close(self) -> None:
        """Let go of everything and answer nothing from now on."""
        self._answering = None
        self.let_go()

    def _ask(self, question: Question[Any]) -> Answer[Any]:
        if self._answering is None:
            return Answer()
        asked = self._asked.get(question)
        if asked is None:
            asked = self._asked[question] = _Asked()
            asked.task = asyncio.create_task(
                self._answer(self._answering, question, asked), name=f"answer {question}"
            )
            self._tasks.add(asked.task)
            asked.task.add_done_callback(self._done)
        if asked.leaving is not None:
            asked.leaving.cancel()
            asked.leaving = None
        return asked.answer

    async def _answer(self, answering: Answering, question: Question[Any], asked: _Asked) -> None:
        def say(answer: Answer[Any]) -> None:
            if not _same(asked.answer, answer):
                asked.answer = answer
                self._changed()

        await answering.answer(question, say)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    def _is_wanted(self, question: Question[Any]) -> bool:
        return any(question in wanted for wanted in self._wanted.values())

    def _leave(self, question: Question[Any]) -> None:
        if question in self._asked:
            self._asked[question].leaving = None
            if not self._is_wanted(question):
                self._end(question)

    def _end(self, question: Question[Any]) -> None:
        asked = self._asked.pop(question)
        if asked.leaving is not None:
            asked.leaving.cancel()
        if asked.task is not None:
            asked.task.cancel()


def _same(one: Answer[Any], other: Answer[Any]) -> bool:
    return _trouble(one.trouble) == _trouble(other.trouble) and one.value == other.value


def _trouble(error: PortError | None) -> tuple[type[PortError] | None, str]:
    return (type(error), str(error)) if error is not None else (None, "")
