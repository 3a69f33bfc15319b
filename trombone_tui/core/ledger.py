"""Notes in the audit log what is about to be sent, what is answered, and what becomes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from trombone_tui.core.audit import Audit, Entry
from trombone_tui.core.masking import masked
from trombone_tui.core.ports import Cluster, PortError, Refused
from trombone_tui.core.writes import Write


class Ledger:
    """The lines of one verb that is done once; what can't be noted is not sent."""

    def __init__(
        self,
        audit: Audit | None,
        cluster: Cluster,
        clock: Callable[[], datetime],
        *,
        verb: str,
        options: Mapping[str, Any],
        about: Mapping[str, str] | None = None,
    ) -> None:
        """Begin.

        Args:
            audit: Where it is noted.
            cluster: Where it is sent to.
            clock: The time.
            verb: What is done.
            options: What it was told; what looks like a secret in it is masked.
            about: Fields of ``Entry`` that are the same in all lines: what it is done to.
        """
        self._audit, self._cluster, self._clock = audit, cluster, clock
        self._began: datetime | None = None
        self._about: dict[str, Any] = {
            "act": uuid4().hex[:12],
            "cluster": cluster.name,
            "server": cluster.server,
            "verb": verb,
            "options": {name: _option(value) for name, value in options.items()},
            **(about or {}),
        }
        self.trouble = ""
        """What could not be noted any more after something was sent."""

    async def intent(self, write: Write, **about: str) -> None:
        """Note that a request is about to be sent; ``about`` has more fields of ``Entry``.

        Raises:
            Refused: it can't be noted.
        """
        if self._audit is None:
            raise Refused("can't note it anywhere: there is no audit log")
        if "user" not in self._about:
            self._about["user"] = await _user(self._cluster)
        now = self._clock()
        await self._audit.write(self._entry("intent", **_request(write), **about))
        self._began = self._began or now

    async def reply(self, write: Write, code: int | None, text: str = "", **about: str) -> None:
        """Note what was answered."""
        await self._note("reply", code=code, text=text, **_request(write), **about)

    async def outcome(self, outcome: str, text: str, *, code: int | None = None, **about: str) -> None:
        """Note what became of it, if anything was about to be sent."""
        if self._began is not None:
            await self._note("outcome", outcome=outcome, text=text, code=code, **about)

    async def _note(self, event: str, **more: Any) -> None:
        if self._audit is None:
            return
        try:
            await self._audit.write(self._entry(event, **more))
        except PortError as error:
            self.trouble = str(error)

    def _entry(self, event: str, **more: Any) -> Entry:
        now = self._clock()
        seconds = None if event == "intent" or self._began is None else (now - self._began).total_seconds()
        return Entry(time=now, event=event, seconds=seconds, **{**self._about, **more})


def _request(write: Write) -> dict[str, Any]:
    call = write.call
    if call is not None:
        body, media = call.body, call.headers.get("Content-Type", "")
    else:
        body, media = b"" if write.body is None else msgspec.json.encode(write.body), write.media
    digest = hashlib.sha256(body).hexdigest() if body else ""
    path = write.where.partition(" ")[2]
    return {"method": write.method, "path": path, "media": media, "body_sha256": digest}


def _option(value: Any) -> str:
    return ", ".join(str(masked(str(one))) for one in (value if isinstance(value, tuple) else (value,)))


async def _user(cluster: Cluster) -> str:
    try:
        return await cluster.whoami()
    except PortError:
        return ""
