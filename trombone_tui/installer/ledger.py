"""Notes in the audit log what installing is about to send, what is answered and what becomes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from trombone_tui.core.audit import Audit, Entry
from trombone_tui.core.masking import masked
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Cluster, Denied, PortError, Refused
from trombone_tui.core.writes import Reply, Write


class Ledger:
    """Sends and notes the requests of one run; what can't be noted is not sent."""

    def __init__(
        self,
        audit: Audit | None,
        cluster: Cluster,
        clock: Callable[[], datetime],
        *,
        verb: str,
        options: Mapping[str, str],
    ) -> None:
        """Begin a run.

        Args:
            audit: Where it is noted.
            cluster: Where it is sent to.
            clock: The time.
            verb: ``install``, ``uninstall``.
            options: What it was told.
        """
        self._audit, self._cluster, self._clock = audit, cluster, clock
        self._began = clock()
        self._about: dict[str, Any] = {
            "act": uuid4().hex[:12],
            "cluster": cluster.name,
            "server": cluster.server,
            "verb": verb,
            "options": dict(options),
        }
        self._noted = False
        self.trouble = ""
        """What could not be noted any more after something was sent."""

    @property
    def seconds(self) -> float:
        """How long the run has taken so far."""
        return (self._clock() - self._began).total_seconds()

    async def send(self, ref: Ref, write: Write, *, before: str = "") -> Reply:
        """Note a request, send it once, and note the answer.

        Raises:
            PortError: as ``Cluster.send`` does; Refused also where it can't be noted.
        """
        if self._cluster.read_only:
            raise Refused(self._cluster.read_only, advice="nothing was sent")
        if self._audit is None:
            raise Refused("can't note it anywhere: there is no audit log")
        if "user" not in self._about:
            self._about["user"] = await _user(self._cluster)
        about = {**_named(ref), **_request(write)}
        await self._audit.write(self._entry("intent", before=before, **about))
        self._noted = True
        try:
            reply = await self._cluster.send(write)
        except PortError as error:
            await self._note("reply", code=error.code, text=words(error), **about)
            raise
        await self._note("reply", code=reply.status, **about)
        return reply

    async def outcome(self, service: str, outcome: str, text: str) -> None:
        """Note what became of the run, if anything was about to be sent."""
        if self._noted:
            await self._note("outcome", name=service, outcome=outcome, text=text)

    async def _note(self, event: str, **more: Any) -> None:
        if self._audit is None:
            return
        try:
            await self._audit.write(self._entry(event, **more))
        except PortError as error:
            self.trouble = f". Not noted any more: {error}"

    def _entry(self, event: str, **more: Any) -> Entry:
        seconds = None if event == "intent" else self.seconds
        return Entry(time=self._clock(), event=event, seconds=seconds, **self._about, **more)


def words(error: PortError) -> str:
    """Return what happened, with the server's own words for a denial, and what is not known."""
    if isinstance(error, Denied) and error.message:
        return f"{error}: {error.message}"
    return str(error)


def _named(ref: Ref) -> dict[str, str]:
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name, "uid": ref.uid}


def _request(write: Write) -> dict[str, Any]:
    body = b"" if write.body is None else msgspec.json.encode(masked(write.body))
    digest = hashlib.sha256(body).hexdigest() if body else ""
    return {"method": write.method, "path": write.path, "media": write.media, "body_sha256": digest}


async def _user(cluster: Cluster) -> str:
    try:
        return await cluster.whoami()
    except PortError:
        return ""
