"""Any object as it is, with everything in it, so that it can be watched without knowing its shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from trombone_tui.core.objects.basics import Kind, Object


class Plain(Object):
    """An object of any kind; ``whole`` is all of it, as JSON has it."""

    whole: dict[str, Any] = msgspec.field(default_factory=dict, name="-")
    """Never read from a field of that name; no object has one."""


def plain(kind: Kind, name: str) -> Kind:
    """Return what to follow for one object of a kind, with everything in it.

    Without a name it is all of them, as the kind's own selectors narrow them.
    """
    if not name:
        return replace(kind, shape=Plain, entire=True)
    return replace(kind, shape=Plain, selector="", fields=f"metadata.name={name}", entire=True)
