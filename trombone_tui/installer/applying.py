"""Sends a plan: in order, each object once, and nothing after one that was refused."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any

from trombone_tui.core.installing import Came, Deed, InstallPlan, Planned, Progress, Standing
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Cluster, Conflict, Missing, PortError, Refused, Unreachable
from trombone_tui.core.writes import Whole, Write
from trombone_tui.installer.sending import Sender, words

KEY = "secret"
"""Where the webhook's key stands in its Secret."""
_HTTP_CREATED = 201


async def apply(cluster: Cluster, plan: InstallPlan, sender: Sender) -> AsyncGenerator[Progress, None]:
    """Yield how far it has come; the last is ``DONE`` or ``STOPPED``."""
    done: list[str] = []
    of = len(plan.objects)
    stopped = plan.hindrance
    for number, planned in enumerate(plan.objects, 1):
        about = Progress(came=Came.SENDING, ref=planned.ref, stage=planned.stage, number=number, of=of)
        if stopped:
            yield replace(about, came=Came.NOT_SENT, seconds=sender.seconds)
            continue
        if not planned.standing.sends:
            came = Came.KEPT if planned.standing is Standing.KEPT else Came.SAME
            yield replace(about, came=came, text=planned.text, seconds=sender.seconds)
            continue
        yield replace(about, seconds=sender.seconds)
        try:
            ended = replace(await _sent(cluster, planned, sender), number=number, of=of)
        except PortError as error:
            lost = isinstance(error, Unreachable) and error.sent
            text = f"no answer that tells whether it was done: {words(error)}" if lost else words(error)
            came = Came.UNKNOWN if lost else Came.REFUSED
            ended = replace(about, came=came, text=text, reply=error.code)
            stopped = f"{planned.ref}: {text}"
        if ended.deed is not None:
            done.append(str(planned.ref))
        yield replace(ended, seconds=sender.seconds)
    yield await _ended(plan, done, stopped, sender)


async def _ended(plan: InstallPlan, done: list[str], stopped: str, sender: Sender) -> Progress:
    if not stopped:
        text = f"{_counted(len(done))} applied" if done else "nothing had to be sent"
        came = Came.DONE
    else:
        left = sum(one.standing.sends for one in plan.objects) - len(done)
        applied = f"applied are {', '.join(done)}" if done else "nothing is applied"
        text, came = f"{stopped}; {applied}; {_counted(left)} not", Came.STOPPED
    text = await sender.end(plan.service, came.value, text)
    return Progress(came=came, text=text, seconds=sender.seconds)


def _counted(number: int) -> str:
    return f"{number} object{'' if number == 1 else 's'}"


async def _sent(cluster: Cluster, planned: Planned, sender: Sender) -> Progress:
    """Send what one object takes.

    Raises:
        PortError: as ``Cluster.send`` does; Conflict where the object is another than when it was planned.
    """
    write = planned.write
    assert write is not None  # what sends has something to send
    about = Progress(came=Came.CREATED, ref=planned.ref, stage=planned.stage)
    if write.method == "POST":
        return await _made(planned, write, sender, about)
    before = await _before(cluster, planned, write)
    reply = await sender.send(planned.ref, write, before=planned.standing.value)
    created = before is None and reply.status == _HTTP_CREATED
    ref = _as_is(planned.ref, reply.body)
    deed = Deed(ref=ref, kind=write.kind, created=created, before=before or {}, after=reply.body)
    came = Came.CREATED if created else Came.CHANGED
    text = "; ".join(planned.lines) if not created else ""
    return replace(about, came=came, ref=ref, text=text, reply=reply.status, deed=deed)


async def _made(planned: Planned, write: Write, sender: Sender, about: Progress) -> Progress:
    """Create what is only made where it is missing; nothing of a Secret is kept here."""
    secret = planned.ref.kind == "Secret"
    body: Mapping[str, Any] = write.body
    if secret:
        key = base64.b64encode(secrets.token_urlsafe(32).encode()).decode()
        body = {**body, "data": {KEY: key}}
    try:
        reply = await sender.send(planned.ref, replace(write, body=body), before=planned.standing.value)
    except Conflict:
        return replace(about, came=Came.KEPT, text="it is there already, and is left as it is")
    ref = _as_is(planned.ref, reply.body)
    deed = Deed(ref=ref, kind=write.kind, created=True, after={} if secret else reply.body)
    return replace(about, ref=ref, reply=reply.status, deed=deed)


async def _before(cluster: Cluster, planned: Planned, write: Write) -> Whole | None:
    """Read the object again just before it is changed: it has to be the one that was planned for.

    Raises:
        Conflict: it is another, or one has appeared.
        PortError: it can't be read.
    """
    ref = planned.ref
    try:
        found = await cluster.whole(write.kind, ref.namespace, ref.name)
    except Missing:
        if ref.uid:
            raise Conflict("it is gone since it was looked at") from None
        return None
    uid = str((found.get("metadata") or {}).get("uid") or "")
    if uid != ref.uid:
        what = "another has taken its place" if ref.uid else "it has appeared"
        raise Conflict(f"{what} since it was looked at")
    if (found.get("metadata") or {}).get("deletionTimestamp"):
        raise Refused("it is being deleted", advice="wait until it is gone")
    return found


def _as_is(ref: Ref, whole: Whole) -> Ref:
    uid = str((whole.get("metadata") or {}).get("uid") or ref.uid)
    return Ref(cluster=ref.cluster, kind=ref.kind, namespace=ref.namespace, name=ref.name, uid=uid)
