"""The nodes of a large Workflow, as its controller packs them into ``status.compressedNodes``.

Standard base64 of the compressed JSON of the node map: gzip always before 4.1, since then also zstd or brotli
where the controller is told so (``argo-workflows@v4.1.2:util/file/fileutil.go``, ``workflow/packer``).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import TypeVar

import msgspec

LARGEST = 32 * 2**20
"""Bytes that are unpacked at most; a node map of 10,000 pods is some 8 MB."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_WITH_GZIP_HEADER = 31

NodeT = TypeVar("NodeT")


class Unreadable(Exception):
    """The nodes can't be unpacked; says why in words that follow ``can't be read:``."""


def unpacked(packed: str, node: type[NodeT], largest: int = LARGEST) -> dict[str, NodeT]:
    """Return the node map of ``status.compressedNodes``, each node decoded into a shape.

    Raises:
        Unreadable: it is no base64, packed in a way this program does not know, cut off, too large, or no
            node map.
    """
    content = _decompressed(_bytes(packed), largest)
    try:
        return msgspec.json.decode(content, type=dict[str, node])  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise Unreadable(f"a node does not fit: {error}") from None
    except msgspec.DecodeError:
        raise Unreadable("what is packed is no JSON") from None


def _bytes(packed: str) -> bytes:
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("it is no base64") from None


def _decompressed(content: bytes, largest: int) -> bytes:
    if content.startswith(_ZSTD):
        raise Unreadable("packed with zstd, which this program can't unpack")
    if not content.startswith(_GZIP):
        raise Unreadable(
            "packed neither with gzip nor zstd, so perhaps with brotli, which tells nothing of it"
        )
    unpacker = zlib.decompressobj(_WITH_GZIP_HEADER)
    try:
        made = unpacker.decompress(content, largest + 1)
    except zlib.error:
        raise Unreadable("the gzip data is damaged") from None
    if len(made) > largest:
        raise Unreadable(f"unpacked it is larger than {largest // 2**20} MiB")
    if not unpacker.eof:
        raise Unreadable("the gzip data is cut off")
    return made
