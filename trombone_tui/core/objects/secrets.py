"""Secrets, which are read one at a time where a verb or a registry needs one, and never kept."""

from __future__ import annotations

from trombone_tui.core.objects.basics import Kind, Object

SECRET = Kind(name="Secret", plural="secrets", group="", version="v1", shape=Object)
