"""Words that every stage's sentences are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOGIN = re.compile(r"//[^/@]*@")


def one_line(text: str | None) -> str:
    """Put a message into one line; empty without one."""
    return " ".join((text or "").split())


def sentence(text: str) -> str:
    """Make one line of a message, with a capital first and a full stop last."""
    line = one_line(text)
    if not line:
        return ""
    first = line if line[:1].isupper() else line[:1].upper() + line[1:]
    return first if first.endswith((".", "!", "?", "…")) else f"{first}."


def clauses(*parts: str, longest: int = 240) -> str:
    """Make one sentence of clauses with semicolons; empty ones are left out, each is cut where too long."""
    told = (shortened(one_line(part).rstrip(". "), longest) for part in parts)
    return sentence("; ".join(part for part in told if part))


def shortened(text: str, cells: int) -> str:
    """Cut a text to a number of characters, saying so with ``…``."""
    return text if len(text) <= cells else text[: max(cells - 1, 0)] + "…"


def short_revision(revision: str) -> str:
    """Write a commit's SHA with seven digits; a branch, tag or chart version stays as it is."""
    return revision[:7] if _SHA.fullmatch(revision) else revision


def short_revisions(several: Sequence[str] | None, one: str | None) -> str:
    """Write revisions shortly: those of several sources, else the only one; empty without any."""
    return ", ".join(short_revision(revision) for revision in several or (one or "",) if revision)


def without_login(address: str) -> str:
    """Write an address without a user and password."""
    return _LOGIN.sub("//", address)


def object_name(kind: str | None, name: str | None) -> str:
    """Name an object: ``Deployment web``; what is not told is ``?``."""
    return f"{kind or '?'} {name or '?'}"


def counted(number: int, noun: str) -> str:
    """Write ``1 pod``, ``3 pods``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str], most: int) -> str:
    """Write names with commas; from more than ``most`` the rest is counted: ``a, b and 7 more``."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
