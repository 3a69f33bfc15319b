"""Whether one API server can be heard at all, found out once for everything that is followed there.

A watch may be silent for a minute when nothing happens, so silence on one says nothing. Silence on all of
them is doubted soon: then one of them is asked for once more, for a second, as HTTP/2 clients send a ping. A
server that was lost is asked by one for all, and who waits to try again is woken when it is back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType

from trombone_tui.adapters.connection import Connection, raise_for
from trombone_tui.adapters.pace import Pace
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.ports import Denied, PortError, Refused, Unauthenticated, Unreachable

_READY = "/readyz"
"""Everybody may ask it; any answer is a sign of life, and a good one says that rights are known, too."""

_STARTS = 10.0
"""Seconds after its return in which a server still starts."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Standing:
    """A watch that stands, and can be asked for once more as a question whether the server lives."""

    path: str
    selected: Mapping[str, str]
    kind: Kind
    namespace: str | None
    version: Callable[[], str]
    """Where it stands; empty as long as it reads its list."""
    refuse: Callable[[PortError], None]
    """Told when the server would no longer begin it."""


class Contact:
    """Knows when the server was last heard, and tells who listens when it is lost and when it is back.

    Entered once by each who follows something; it asks only as long as there is one.
    """

    def __init__(self, connection: Connection, pace: Pace) -> None:
        self.heard = time.monotonic()
        """When anything last came from the server, by the monotonic clock."""
        self.lost: PortError | None = None
        """Why it is taken for lost; None while there is contact."""
        self.returns = 0
        """How often it came back."""
        self._returned = float("-inf")
        self.listening: set[asyncio.Timeout] = set()
        """The waits for a word on a connection; they end when contact is lost and when it is back."""
        self._connection, self._pace = connection, pace
        self._doubted, self._back = asyncio.Event(), asyncio.Event()
        self._followers = 0
        self._standing: list[Standing] = []
        self._asking: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def __enter__(self) -> None:
        """Begin to listen with the first who follows."""
        self._followers += 1
        if self._asking is None:
            self.hear()
            self._asking = asyncio.create_task(self._ask_on(), name=f"contact with {self._connection.name}")

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """End with the last one."""
        self._followers -= 1
        if not self._followers and self._asking is not None:
            self._asking.cancel()
            self._asking = None

    @contextmanager
    def standing(self, watch: Standing) -> Iterator[None]:
        """Let the server be asked for this watch as long as it stands."""
        self._standing.append(watch)
        try:
            yield
        finally:
            self._standing.remove(watch)

    async def turn(self) -> None:
        """Let others run before more is read: of all that is followed here one at a time goes on.

        Keys travel through many queues, and at each of them would wait for a step of every watch.
        """
        async with self._turn:
            await asyncio.sleep(0)

    @property
    def starting(self) -> bool:
        """Whether it came back just now: a server that starts is ready before all it serves is there."""
        return time.monotonic() - self._returned < _STARTS

    def hear(self) -> None:
        """Note a sign of life."""
        self.heard = time.monotonic()
        if self.lost is not None:
            self.lost = None
            self.returns += 1
            self._returned = self.heard
            self._back.set()
            self._back = asyncio.Event()
            self._tell()

    def doubt(self) -> None:
        """Have the server asked now, because somebody got no answer."""
        self._doubted.set()

    async def pause(self, seconds: float) -> None:
        """Wait before the next attempt: so long, but no longer than until a server that was lost is back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._back.wait()

    def _lose(self, error: PortError) -> None:
        if self.lost is None:
            self.lost = error
            self._tell()

    def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        for wait in self.listening:
            wait.reschedule(now)

    async def _ask_on(self) -> None:
        while True:
            await self._reason()
            doubted = self._doubted.is_set()
            self._doubted.clear()
            await self._ask(doubted=doubted)
            await asyncio.sleep(self._pace.probe)

    async def _reason(self) -> None:
        """Wait until there is a reason to ask: it is lost, it is silent, or somebody got no answer."""
        while self.lost is None and (left := self.heard + self._pace.quiet - time.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._doubted.wait()
                    return

    async def _ask(self, *, doubted: bool) -> None:
        """Ask for a watch that stands, for the next if that is refused; without any, ask for readiness.

        A refusal ends the watch that stands, but not while the server is in doubt: one that starts refuses
        what it will allow.
        """
        watches = [] if self.lost else [watch for watch in self._standing if watch.version()]
        if not watches:
            await self._put(_READY, {})
        for watch in watches:
            refusal = await self._again(watch)
            if refusal is None or doubted:
                break
            for refused in watches if isinstance(refusal, Unauthenticated) else (watch,):
                refused.refuse(refusal)
            if isinstance(refusal, Unauthenticated):
                break

    async def _again(self, watch: Standing) -> PortError | None:
        """Ask for a watch once more, for a second; return why, if it was refused.

        What it brings is left alone: the one that stands brings the same.
        """
        shortly = {"watch": "1", "resourceVersion": watch.version(), "timeoutSeconds": "1"}
        return await self._put(watch.path, {**watch.selected, **shortly}, watch)

    async def _put(
        self, path: str, params: Mapping[str, str], watch: Standing | None = None
    ) -> PortError | None:
        """Put a question and return why it was refused, if so.

        Without an answer in time the server is lost, but it may still answer a while.
        """
        began = self.heard
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(self._pace.pulse, self._alarm, began)
        try:
            async with (
                asyncio.timeout(2 * self._pace.pulse),
                self._connection.request("GET", path, params=params) as response,
            ):
                if response.status < HTTPStatus.INTERNAL_SERVER_ERROR or self.lost is None:
                    self.hear()
                if watch is not None:
                    await raise_for(
                        response, verb="watch", resource=watch.kind.resource, namespace=watch.namespace
                    )
                await response.read()  # to its end, so that the connection can be used again
        except TimeoutError:
            self._alarm(began)
        except (Unauthenticated, Denied) as error:
            self.hear()
            return error
        except Refused:
            self.hear()
        except PortError as error:
            if self.heard == began:
                self._lose(error)
        finally:
            alarm.cancel()
        return None

    def _alarm(self, began: float) -> None:
        """Take the server for lost, unless a watch has heard it meanwhile."""
        if self.heard == began:
            silent = time.monotonic() - self.heard
            self._lose(Unreachable(f"the API server is silent: no word and no answer for {silent:.0f} s"))
