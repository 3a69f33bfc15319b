"""Addresses as they are shown: without who logs in there."""

from __future__ import annotations

import re

from trombone_tui.core.objects.phrases import shortened, without_login

_QUERY = re.compile(r"\?\S*")
_LONGEST = 80


def address(url: str) -> str:
    """Return an address without user, password and query, which may hold a token."""
    return shortened(_QUERY.sub("?…", without_login(url)), _LONGEST)
