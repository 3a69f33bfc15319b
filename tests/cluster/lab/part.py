"""What a part of the lab is made of, and how it says that it can't be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Absent(Exception):
    """A part, or something it needs, can't be had; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program that is built from a Go module, pinned in a folder of ``tools/``."""

    module: str
    name: str
    package: str
    flags: str = ""
    """Link flags, most of them a version that the program says it is."""
    given_by: str = ""
    """An environment variable that may name a finished program instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """Files of a Go module that the part applies, copied out of it when the part is built."""

    module: str
    """The folder of ``tools/`` whose go.mod pins the module, or at least lets it be asked for."""
    path: str
    """The module's path, with ``@version`` where go.mod does not pin it."""
    files: tuple[str, ...]
    """Folders or files in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: what it needs, what is built or unpacked for it, and how it is started."""

    name: str
    about: str
    needs: tuple[str, ...] = ()
    """Parts that must run before it."""
    tools: tuple[Tool, ...] = ()
    programs: tuple[tuple[str, str], ...] = ()
    """Programs that come from a Debian package: name and package."""
    manifests: Manifests | None = None
    processes: tuple[str, ...] = ()
    """The processes without which it does not run."""
    ports: tuple[int, ...] = ()
    """TCP ports on loopback that must be free before it starts."""
    start: Callable[[], None]
    """Starts it and returns when it is ready. Raises Absent."""
