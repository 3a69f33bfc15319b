"""Whether one API server can be heard at all, found out once for everything that is followed there.

A watch may be silent for a minute when nothing happens, so silence on one says nothing. Silence on all of
them is doubted soon: then one small request is sent, as HTTP/2 clients send a ping. A server that was lost is
asked by one for all, and who waits to try again is woken when it is back.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType

from trombone_tui.adapters.connection import Connection
from trombone_tui.adapters.pace import Pace
from trombone_tui.core.ports import PortError, Refused, Unauthenticated, Unreachable

_QUESTION = "/readyz"
"""Everybody may ask it; any answer is a sign of life, and a good one says that rights are known, too."""

_STARTS = 10.0
"""Seconds after its return in which a server still starts."""


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
        self._asking: asyncio.Task[None] | None = None

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
            self._doubted.clear()
            await self._ask()
            await asyncio.sleep(self._pace.probe)

    async def _reason(self) -> None:
        """Wait until there is a reason to ask: it is lost, it is silent, or somebody got no answer."""
        while self.lost is None and (left := self.heard + self._pace.quiet - time.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._doubted.wait()
                    return

    async def _ask(self) -> None:
        """Ask once; without an answer in time the server is lost, but it may still answer a while."""
        began = self.heard
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(self._pace.pulse, self._alarm, began)
        try:
            async with (
                asyncio.timeout(2 * self._pace.pulse),
                self._connection.request("GET", _QUESTION) as response,
            ):
                ready = response.status < HTTPStatus.INTERNAL_SERVER_ERROR
            if ready or self.lost is None:
                self.hear()
        except TimeoutError:
            self._alarm(began)
        except (Unauthenticated, Refused):
            self.hear()
        except PortError as error:
            if self.heard == began:
                self._lose(error)
        finally:
            alarm.cancel()

    def _alarm(self, began: float) -> None:
        """Take the server for lost, unless a watch has heard it meanwhile."""
        if self.heard == began:
            silent = time.monotonic() - self.heard
            self._lose(Unreachable(f"the API server is silent: no word and no answer for {silent:.0f} s"))
