"""Faults to inject: what proxies, overloaded API servers and cut lines do to a client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong, with which requests, how often."""

    resource: str = ALL
    """As the store names it: ``workflows.argoproj.io``."""
    verb: str = ALL
    """``list``, ``watch``, ``get``, ``patch`` …"""
    times: int | None = 1
    """How many requests it hits; None for all."""
    probability: float = 1.0
    after: int = 0
    """Requests that are spared first."""

    status: int = 0
    """Answer with this status."""
    body: str | None = None
    """Text or HTML instead of the JSON ``Status`` body that goes with ``status``."""
    retry_after: int | None = None
    """Seconds, in the ``Retry-After`` header."""

    hang_up: bool = False
    """Close the connection without an answer; aiohttp's client asks once more by itself."""
    empty: bool = False
    """Answer 200 and end at once, with no event and no object."""
    error: int = 0
    """Of a watch: answer 200, then an ``ERROR`` event of this code (410: ``Expired``), then end."""
    cut: int | None = None
    """Break the answer off after so many bytes of the body, in the middle of a line if need be."""
    clean: bool = False
    """With ``cut``: end properly instead of resetting the connection."""
    stall: int | None = None
    """Send nothing more after so many bytes, and leave the connection open."""
    delay: float = 0.0
    """Real seconds before the answer and before each piece of it."""
    pad: int = 0
    """Blow the first object of the answer up by so many bytes, as one very long line."""

    def meets(self, resource: str, verb: str) -> bool:
        """Say whether a request is one it is meant for."""
        return self.resource in (ALL, resource) and self.verb in (ALL, verb)


class Faults:
    """The faults of one server: each request meets the first that is meant for it."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int = 0) -> None:
        self._faults: list[Fault] = list(faults)
        self._random = Random(seed)
        self.met: list[Fault] = []
        """Faults that hit a request, in order; the last thousand at most."""

    def add(self, *faults: Fault) -> None:
        """Inject more, behind those that are there."""
        self._faults.extend(faults)

    def clear(self) -> None:
        """Let everything go well again."""
        self._faults.clear()

    def meet(self, resource: str, verb: str) -> Fault | None:
        """Return the fault that hits a request, which is used up by that; None if all goes well."""
        for index, fault in enumerate(self._faults):
            if not fault.meets(resource, verb):
                continue
            if fault.after:
                self._faults[index] = replace(fault, after=fault.after - 1)
                continue
            if fault.probability < 1.0 and self._random.random() >= fault.probability:
                continue
            self._use(index, fault)
            return fault
        return None

    def _use(self, index: int, fault: Fault) -> None:
        self.met = [*self.met[-999:], fault]
        if fault.times is None:
            return
        if fault.times > 1:
            self._faults[index] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[index]


def storm(intensity: float = 0.05) -> tuple[Fault, ...]:
    """Return the weather of the ``stormy`` scenario: every fault now and then, for as long as it runs."""
    kinds = (
        Fault(status=429, retry_after=1),
        Fault(status=503, body="upstream connect error or disconnect/reset before headers"),
        Fault(status=502, body="<html><body><h1>502 Bad Gateway</h1></body></html>"),
        Fault(hang_up=True),
        Fault(verb="watch", empty=True),
        Fault(verb="watch", error=410),
        Fault(verb="watch", cut=40_000),
        Fault(verb="watch", cut=60_000, clean=True),
        Fault(verb="watch", stall=50_000),
        Fault(verb="watch", pad=5_000_000),
        Fault(verb="list", cut=20_000),
        Fault(delay=0.3),
    )
    return tuple(replace(one, times=None, probability=intensity) for one in kinds)
