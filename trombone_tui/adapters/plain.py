"""Decodes objects that are wanted as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from trombone_tui.adapters.decode import Decoder, Event, Events
from trombone_tui.core.objects.basics import Kind, Malformed, Object
from trombone_tui.core.objects.plain import Plain

_EVENT = msgspec.json.Decoder(Event[dict[str, Any]])
_WHOLE = msgspec.json.Decoder(dict[str, Any])


class PlainDecoder(Decoder):
    """Decodes as any other, and keeps the whole object beside."""

    def _decoded(self, lines: bytes | memoryview) -> Events:
        return self._one_by_one(lines)

    def event(self, line: bytes | memoryview) -> Any:
        """Decode one line of a watch.

        Raises:
            Garbled: it is no event.
        """
        event = super().event(line)
        if isinstance(event.object, Plain):
            event.object.whole = _EVENT.decode(line).object
        return event

    def items(self, raws: Iterable[msgspec.Raw]) -> Iterator[Object | Malformed]:
        """Decode the items of a page one by one.

        Raises:
            Garbled: one of them is no JSON.
        """
        for raw in raws:
            for item in super().items((raw,)):
                if isinstance(item, Plain):
                    item.whole = _WHOLE.decode(raw)
                yield item


def decoder(kind: Kind) -> Decoder:
    """Return what decodes a kind."""
    return (PlainDecoder if kind.shape is Plain else Decoder)(kind)
