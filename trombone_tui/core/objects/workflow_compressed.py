"""The nodes of a large Workflow, as its controller packs them into ``status.compressedNodes``.

Standard base64 of the compressed JSON of the node map: gzip always before 4.1, since then also zstd or brotli
where the controller is told so (``argo-workflows@v4.1.2:util/file/fileutil.go``, ``workflow/packer``).
"""

from __future__ import annotations

import base64
import binascii
import sys
import zlib
from typing import TypeVar

import brotli  # type: ignore[import-untyped]  # it has no stubs
import msgspec

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LARGEST = 32 * 2**20
"""Bytes that are unpacked at most; a node map of 10,000 pods is some 8 MB."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_WITH_GZIP_HEADER = 31

NodeT = TypeVar("NodeT")


class Unreadable(Exception):
    """The nodes can't be unpacked; says why in words that follow ``can't be read:``."""


def unpacked(packed: str, node: type[NodeT]) -> dict[str, NodeT]:
    """Return the node map of ``status.compressedNodes``, each node decoded into a shape.

    Raises:
        Unreadable: it is no base64, packed in a way this program does not know, cut off, too large, or no
            node map.
    """
    content = _decompressed(_bytes(packed))
    try:
        return msgspec.json.decode(content, type=dict[str, node])  # type: ignore[valid-type]  # known at run time
    except msgspec.ValidationError as error:
        raise Unreadable(f"a node does not fit: {error}") from None
    except msgspec.DecodeError:
        raise Unreadable("what is packed is no JSON") from None


def _bytes(packed: str) -> bytes:
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("it is no base64") from None


def _decompressed(content: bytes) -> bytes:
    if content.startswith(_GZIP):
        made, whole = _gunzipped(content)
    elif content.startswith(_ZSTD):
        made, whole = _unpacked_zstd(content)
    else:
        made, whole = _unpacked_brotli(content)
    if len(made) > _LARGEST:
        raise Unreadable(f"unpacked it is larger than {_LARGEST // 2**20} MiB")
    if not whole:
        raise Unreadable("what is packed is cut off")
    return made


def _gunzipped(content: bytes) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(_WITH_GZIP_HEADER)
    try:
        return unpacker.decompress(content, _LARGEST + 1), unpacker.eof
    except zlib.error:
        raise Unreadable("the gzip data is damaged") from None


def _unpacked_zstd(content: bytes) -> tuple[bytes, bool]:
    unpacker = zstd.ZstdDecompressor()
    try:
        return unpacker.decompress(content, _LARGEST + 1), unpacker.eof
    except zstd.ZstdError:
        raise Unreadable("the zstd data is damaged") from None


def _unpacked_brotli(content: bytes) -> tuple[bytes, bool]:
    """Unpack what has no mark of its own: what is no brotli either is damaged, or of a kind nobody knows."""
    unpacker = brotli.Decompressor()
    try:
        made = unpacker.process(content, output_buffer_limit=_LARGEST + 1)
        return made, unpacker.is_finished()
    except brotli.error:
        raise Unreadable("packed neither with gzip, zstd nor brotli") from None
