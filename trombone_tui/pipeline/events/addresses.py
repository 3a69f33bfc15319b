"""Addresses as they are shown: without who logs in there."""

from __future__ import annotations

import re

from trombone_tui.core.objects.phrases import shortened, without_login

_QUERY = re.compile(r"\?\S*")


def address(url: str, longest: int = 80) -> str:
    """Return an address without user, password and query, which may hold a token."""
    return shortened(_QUERY.sub("?…", without_login(url)), longest)
