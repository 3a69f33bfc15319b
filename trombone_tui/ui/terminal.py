"""The terminal as Textual's driver sees it: whether it keeps up, when it is gone, leaving without a wait."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from textual.app import App

P = ParamSpec("P")
T = TypeVar("T")


def backlog(app: App[Any]) -> int | None:
    """Return how many writes wait for the terminal to take them; None if that can't be known.

    Textual has no public word for it: its Linux driver writes through a queue of at most 30 texts in a
    thread, and blocks when that is full. Whoever shows less often while it isn't empty never comes to that.
    """
    queue = getattr(getattr(getattr(app, "_driver", None), "_writer_thread", None), "_queue", None)
    size = getattr(queue, "qsize", None)
    return size() if callable(size) else None


def when_gone(descriptor: int, gone: Callable[[], None]) -> None:
    """Call ``gone`` in a thread of its own once the terminal has hung up; until then it costs nothing.

    A program that ignores SIGHUP, or was started outside its terminal's session, is told by nothing else.
    """
    hung_up = select.poll()
    hung_up.register(descriptor, 0)

    def wait() -> None:
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in hung_up.poll()):
            gone()

    threading.Thread(target=wait, daemon=True).start()


class Impatient(ThreadPoolExecutor):
    """Threads nobody waits for: a look-up that hangs must not keep the program from ending.

    Each call has a daemon thread of its own; they are few (imports, host names, files).
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call the function in a new thread."""
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=call, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - its signature
        """Wait for nothing."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)
