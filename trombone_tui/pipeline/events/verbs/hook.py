"""Where a push comes in: the webhook of an EventSource's event, and what it checks requests with.

Source: ``argo-events@v1.9.11:pkg/eventsources/common/webhook`` and ``sources/{github,webhook}/start.go``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trombone_tui.core.objects.argo_events import EventSource
from trombone_tui.core.objects.phrases import listed
from trombone_tui.core.objects.raw import at, listing, mapping, text
from trombone_tui.core.objects.secrets import SECRET
from trombone_tui.core.ports import Denied, Missing, Refused
from trombone_tui.core.verbs import Scene
from trombone_tui.pipeline.events.listening import hook_of

PUSHED = ("github", "webhook")
"""The types of events that a push can be sent to."""
_PATH = re.compile(r"/[!-~]*")
_NOT_PLAIN = re.compile(r"[{}?#]")
_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One event that requests come in for."""

    kind: str
    """``github`` or ``webhook``."""
    event: str
    config: Mapping[str, Any]
    port: int
    path: str
    signed: Mapping[str, Any]
    """Name and key of the Secret that GitHub signs with; empty where signatures are not checked."""
    token: Mapping[str, Any]
    """Name and key of the Secret that callers must show; empty where they need none."""

    @property
    def repositories(self) -> list[str]:
        """The repositories that the event names, as ``owner/name``."""
        found = [
            f"{text(one, 'owner')}/{name}"
            for one in listing(self.config, "repositories")
            for name in listing(one, "names")
        ]
        owner, name = text(self.config, "owner"), text(self.config, "repository")
        return [*found, *((f"{owner}/{name}",) if owner and name else ())]


def choose(obj: EventSource, wanted: str) -> Hook:
    """Return the event that is meant; without a name the only one there is.

    Raises:
        Refused: there is none, there are several, or no request can be sent to it.
    """
    may = [(kind, name) for kind, name in obj.events if kind in PUSHED]
    names = listed([name for _, name in may], _NAMED)
    if wanted:
        kind = next((kind for kind, name in obj.events if name == wanted), "")
        if not kind:
            raise Refused(f"it has no event {wanted}", advice=f"it has {names or 'none to push to'}")
        if kind not in PUSHED:
            raise Refused(f"event {wanted} is of type {kind}, and only {' and '.join(PUSHED)} take a push")
        return _read(kind, wanted, obj.event(kind, wanted))
    if not may:
        raise Refused(nothing_to_push_to(obj))
    if len(may) > 1:
        raise Refused(f"it has several events: {names}", advice="say which one: --event NAME")
    return _read(*may[0], obj.event(*may[0]))


def nothing_to_push_to(obj: EventSource) -> str:
    """Say why no push can be sent to it; an empty text when one can."""
    if any(kind in PUSHED for kind, _ in obj.events):
        return ""
    kinds = listed(sorted({kind for kind, _ in obj.events}), _NAMED)
    return f"it listens to {kinds or 'nothing'}; only events of type {' and '.join(PUSHED)} take a push"


def _read(kind: str, name: str, config: dict[str, Any]) -> Hook:
    held = hook_of(kind, config)
    port, path = str(held.get("port") or ""), text(held, "endpoint")
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise Refused(f"event {name} names no port that a request can be sent to")
    if not _PATH.fullmatch(path) or _NOT_PLAIN.search(path):
        raise Refused(f"event {name} has no plain path in its endpoint, but {path or 'nothing'}")
    if held.get("serverCertSecret") and held.get("serverKeySecret"):
        raise Refused(
            f"event {name} speaks HTTPS (serverCertSecret), and only HTTP is carried to a pod here",
            advice="send the push by hand, with kubectl port-forward and curl",
        )
    method = text(held, "method")
    if kind == "webhook" and method != "POST":
        raise Refused(f"event {name} takes {method or 'no method'}, and a push is a POST")
    return Hook(
        kind=kind,
        event=name,
        config=config,
        port=int(port),
        path=path,
        signed=mapping(config, "webhookSecret") if kind == "github" else {},
        token=mapping(held, "authSecret"),
    )


async def read_secret(scene: Scene, selector: Mapping[str, Any], what: str) -> bytes:
    """Return what a Secret holds, without the line's end that Argo Events leaves out as well.

    Raises:
        Refused: it can't be read; the message never has what it holds.
        Unreachable, Unauthenticated: as their names say.
    """
    namespace, name, key = scene.ref.namespace, text(selector, "name"), text(selector, "key")
    if not name or not key:
        raise Refused(f"{what} names no Secret and key")
    try:
        whole = await scene.fetch(SECRET, namespace, name)
    except Denied as error:
        told = f"what {what} names can't be read, and without it every request is refused: {error}"
        raise Refused(told, advice=error.advice) from error
    except Missing as error:
        raise Refused(f"Secret {namespace}/{name}, which {what} names, is not there") from error
    held = at(whole, "data", key)
    if not isinstance(held, str):
        raise Refused(f"Secret {namespace}/{name} has no {key}, which {what} names")
    try:
        return base64.b64decode(held, validate=True).removesuffix(b"\n")
    except (ValueError, binascii.Error):
        raise Refused(f"{key} of Secret {namespace}/{name} is not base64") from None
