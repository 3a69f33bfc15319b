"""What proves who we are, and how it is renewed: fixed, read again from files, or asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from trombone_tui.core.ports import PortError, Unauthenticated

Clock = Callable[[], datetime]

REREAD = timedelta(minutes=1)
"""How old what was read from a file may grow (``client-go@v0.36:transport/token_source.go``)."""
_LEAD = timedelta(minutes=1)
"""How long before its end a grant is renewed at the latest."""
_PAUSE = timedelta(seconds=5)
"""Between two attempts to get a new grant when the first did not help: many requests fail together."""


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A client certificate with its private key, both PEM."""

    chain: bytes
    key: bytes

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "Certificate(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a request carries."""

    authorization: str | None = None
    """The whole ``Authorization`` header."""
    certificate: Certificate | None = None

    def __repr__(self) -> str:
        """Show nothing of the token."""
        return f"Held(authorization={'…' if self.authorization else None}, certificate={self.certificate})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What was given on asking, and until when it is good; None means until it is refused."""

    held: Held
    expires: datetime | None = None


class Credentials(Protocol):
    """Gives what proves who we are, renewed in time."""

    @property
    def advice(self) -> str:
        """What the user can do when the API server does not accept it."""

    @property
    def known(self) -> Held:
        """What is known without asking anybody; empty where everything has to be asked for."""

    async def current(self) -> Held:
        """Return what is good now.

        Raises:
            Unauthenticated: it could not be renewed.
        """

    async def renewed(self, refused: Held) -> Held:
        """Return something newer than what the API server refused; the same if there is none.

        Raises:
            Unauthenticated: it could not be renewed.
        """

    async def close(self) -> None:
        """Stop asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Credentials that never change: a token, a password, a certificate in the kubeconfig, or none."""

    held: Held
    advice: str

    async def current(self) -> Held:
        """Return them."""
        return self.held

    async def renewed(self, refused: Held) -> Held:
        """Return the same: there is nothing to renew."""
        del refused
        return self.held

    @property
    def known(self) -> Held:
        """What they are."""
        return self.held

    async def close(self) -> None:
        """Do nothing."""


class Reread:
    """Credentials in files that somebody else rotates: read once a minute, and when they are refused.

    A file that can't be read any more leaves the last good ones in place.
    """

    def __init__(self, read: Callable[[], Held], *, advice: str, clock: Clock = utc_now) -> None:
        """Read for the first time, blocking.

        Raises:
            Refused: ``read`` could not.
        """
        self.advice = advice
        self._read = read
        self._clock = clock
        self._held = read()
        self._taken = clock()

    async def current(self) -> Held:
        """Return what the files held a minute ago at most."""
        if not timedelta() <= self._clock() - self._taken < REREAD:
            await self._again()
        return self._held

    async def renewed(self, refused: Held) -> Held:
        """Read the files now, unless somebody has done it since."""
        if self._held == refused:
            await self._again()
        return self._held

    @property
    def known(self) -> Held:
        """What was read last."""
        return self._held

    async def close(self) -> None:
        """Do nothing."""

    async def _again(self) -> None:
        self._taken = self._clock()
        try:
            self._held = await asyncio.to_thread(self._read)
        except PortError:
            return


class Asked:
    """Credentials that are asked for and end: before that, and when refused, they are asked for again.

    However many requests need them, they are asked for once, in a task that outlives a request that
    gives up: a login may take longer. After a failure they are not asked for at once again; a failure
    before their end goes unnoticed.
    """

    def __init__(self, ask: Callable[[], Awaitable[Grant]], *, advice: str, clock: Clock = utc_now) -> None:
        self.advice = advice
        self._ask = ask
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._grant: Grant | None = None
        self._renew_at: datetime | None = None
        self._asked: datetime | None = None
        self._forced: datetime | None = None
        self._failure: PortError | None = None

    @property
    def known(self) -> Held:
        """What was given last."""
        return self._grant.held if self._grant else Held()

    async def current(self) -> Held:
        """Return what is good now; ask if it has ended or is about to."""
        if self._grant is None or self._due():
            await self._renewal()
        grant = self._grant
        ended = grant is not None and grant.expires is not None and grant.expires <= self._clock()
        if self._failure is not None and (grant is None or ended):
            raise self._failed(self._failure)
        return self.known

    async def renewed(self, refused: Held) -> Held:
        """Ask again, unless somebody has since, or it was done a moment ago and did not help."""
        if self.known == refused and not self._just(self._forced):
            self._forced = self._clock()
            await self._renewal(at_once=self._failure is None)
            if self._failure is not None:
                raise self._failed(self._failure)
        return self.known

    async def close(self) -> None:
        """Stop asking, if it is being done."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def _renewal(self, *, at_once: bool = False) -> None:
        """Ask, or wait for the answer if it is being asked; not again at once, unless told to."""
        if self._task is None or self._task.done():
            if self._just(self._asked) and not at_once:
                return
            self._task = asyncio.create_task(self._renew(), name="renew credentials")
        await asyncio.shield(self._task)

    def _due(self) -> bool:
        return self._renew_at is not None and self._clock() >= self._renew_at

    def _just(self, moment: datetime | None) -> bool:
        return moment is not None and timedelta() <= self._clock() - moment < _PAUSE

    async def _renew(self) -> None:
        try:
            self._grant = grant = await self._ask()
        except PortError as error:
            self._failure = error
            self._asked = self._clock()
            return
        self._failure = None
        self._asked = now = self._clock()
        self._renew_at = None
        if grant.expires is not None:
            lead = max(min(_LEAD, (grant.expires - now) / 4), timedelta())
            self._renew_at = grant.expires - lead

    def _failed(self, failure: PortError) -> Unauthenticated:
        """Return the failure that was kept, as a new error: many requests raise it."""
        return Unauthenticated(str(failure), advice=failure.advice)


class Both:
    """A client certificate beside a token or password; each is renewed in its own way."""

    def __init__(self, certificate: Credentials, authorization: Credentials) -> None:
        self.advice = authorization.advice
        self._certificate = certificate
        self._authorization = authorization

    async def current(self) -> Held:
        """Return both."""
        certificate = await self._certificate.current()
        return _joined(certificate, await self._authorization.current())

    async def renewed(self, refused: Held) -> Held:
        """Renew both."""
        certificate = await self._certificate.renewed(Held(certificate=refused.certificate))
        authorization = await self._authorization.renewed(Held(authorization=refused.authorization))
        return _joined(certificate, authorization)

    @property
    def known(self) -> Held:
        """What is known of both."""
        return _joined(self._certificate.known, self._authorization.known)

    async def close(self) -> None:
        """Stop asking for either."""
        await self._certificate.close()
        await self._authorization.close()


def _joined(certificate: Held, authorization: Held) -> Held:
    return Held(authorization=authorization.authorization, certificate=certificate.certificate)
