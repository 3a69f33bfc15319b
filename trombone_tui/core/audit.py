"""What is written down of everything that was done, so that it can be told later who did what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line: that something is about to be sent, or what became of it. No bodies, no secrets."""

    time: datetime
    event: str
    """``intent`` before a request is sent, ``reply`` for its answer, ``outcome`` for the verb's end."""
    act: str
    """The same for all lines of one verb that was done once."""
    os_user: str = ""
    user: str = ""
    """Who we are to the API server."""
    cluster: str = ""
    """The kubeconfig context."""
    server: str = ""
    verb: str = ""
    options: Mapping[str, str] = {}
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    part: str = ""
    """Which part of the object it was about: an image of an updater."""
    before: str = ""
    """How it was, in the words of the confirmation."""
    method: str = ""
    path: str = ""
    media: str = ""
    body_sha256: str = ""
    code: int | None = None
    """The HTTP status of the answer."""
    outcome: str = ""
    text: str = ""
    seconds: float | None = None
    """Since it was first sent."""


class Audit(Protocol):
    """Where entries are written, each for good before it returns."""

    async def write(self, entry: Entry) -> None:
        """Write an entry down.

        Raises:
            Refused: it can't be; the text says where and why.
        """
