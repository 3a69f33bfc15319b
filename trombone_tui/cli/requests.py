"""The requests of an act as they would be sent, for people and for programs; without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trombone_tui.core.masking import masked
from trombone_tui.core.verbs import Act
from trombone_tui.core.writes import Write

_MASK = "****"


def requests(act: Act) -> list[dict[str, Any]]:
    """Return each request as JSON; ``call`` is what is carried to a pod's port, with the body as its own."""
    return [_request(write) for write in act.plan.writes]


def _request(write: Write) -> dict[str, Any]:
    call = write.call
    told = {
        "method": write.method,
        "path": write.path,
        "content_type": write.media if call is None else call.headers.get("Content-Type", ""),
        "body": _body(write),
    }
    if call is None:
        return told
    carried = {
        "method": call.method,
        "port": call.port,
        "path": call.path,
        "headers": call.shown(_MASK),
    }
    return {**told, "call": carried}


def request_lines(act: Act) -> Iterator[str]:
    """Yield each request on a line, the headers of a call after it."""
    for write in act.plan.writes:
        yield f"{write.where} {json.dumps(_body(write))}"
        if write.call is not None:
            yield from (f"  {name}: {value}" for name, value in write.call.shown(_MASK).items())


def _body(write: Write) -> Any:
    return masked(write.body, _MASK) if isinstance(write.body, Mapping) else write.body
