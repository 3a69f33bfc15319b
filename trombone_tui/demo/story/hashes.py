"""The hashes and random names that Kubernetes and the Argo controllers put into names."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any
from zlib import crc32

from trombone_tui.demo.records import encode

_SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""``k8s.io/apimachinery/pkg/util/rand``: no vowels, so no words, and no digits that look like letters."""


def fnv32a(text: str, value: int = 0x811C9DC5) -> int:
    """Return the FNV-1a hash of 32 bits; ``value`` is the hash of what comes before the text."""
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def template_hash(template: Mapping[str, Any]) -> str:
    """Return a pod template's hash as it stands in names: letters and digits that can't form words.

    The real controllers hash Go's print of the struct, so theirs differ in value, not in form.
    """
    number = str(crc32(encode(template)))
    return "".join(_SAFE[ord(digit) % len(_SAFE)] for digit in number)


def node_id(workflow: str, node: str) -> str:
    """Return the id of a Workflow's node (``argo-workflows:workflow/util``): the root has the plain name."""
    return workflow if node == workflow else f"{workflow}-{fnv32a(node)}"


def suffix(random: Random) -> str:
    """Return the five characters that make a ``generateName`` unique."""
    return "".join(random.choices(_SAFE, k=5))


def sha(random: Random) -> str:
    """Return a commit's 40 hexadecimal digits."""
    return f"{random.getrandbits(160):040x}"


def guid(random: Random) -> str:
    """Return a UUID."""
    text = f"{random.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
