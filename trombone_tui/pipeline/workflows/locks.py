"""Mutexes and semaphores: their names in words, what waits for them and who holds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from trombone_tui.core.objects.argo_workflows import Lock
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.workflow_tree import RunLocks
from trombone_tui.core.stage import Fact

_MOST = 20
"""Locks that are listed."""


def lock_words(name: str) -> str:
    """Write ``ci/Mutex/deploy`` as ``mutex ci/deploy``, ``ci/ConfigMap/limits/builds`` as a semaphore.

    Names: ``argo-workflows@v3.7.18:workflow/sync/lock_name.go``.
    """
    namespace, _, rest = name.partition("/")
    kind, _, plain = rest.partition("/")
    known = _KINDS.get(kind.lower())
    return f"{known} {namespace}/{plain}" if known and plain else f"lock {name}"


_KINDS = {"mutex": "mutex", "configmap": "semaphore", "database": "database lock"}


def free(message: str | None) -> str:
    """Say how much of a semaphore is free, by the controller's own message; empty for what has one place.

    What it writes of locks in its database counts those that are taken, so that is left out.
    """
    found = _FREE.search(message or "")
    return f"{int(found[1])} of {int(found[2])} free" if found and int(found[2]) > 1 else ""


_FREE = re.compile(r"^Waiting for \S+ lock\. Lock status: (\d{1,9})/(\d{1,9})\b", re.ASCII)


def holders(lock: Lock, named: Callable[[str], str] = str) -> str:
    """Say who holds it: ``held by ci/a, ci/b``; empty where that is not written down."""
    names = shortened(", ".join(map(named, lock.held_by)), 120)
    return f"held by {names}" if names else ""


def lock_facts(locks: RunLocks | None) -> tuple[Fact, ...]:
    """List the locks that a Workflow waits for, with who holds them, and those that it holds."""
    return tuple(_facts(locks))[:_MOST] if locks is not None else ()


def _facts(locks: RunLocks) -> Iterator[Fact]:
    sorts = [one for one in (locks.mutex, locks.semaphore) if one is not None]
    for lock in (lock for one in sorts for lock in one.waiting or ()):
        said = f"{lock_words(lock.name)}, {holders(lock) or 'by whom it is held is not written down'}"
        yield Fact("waits for", said, Health.PROGRESSING)
    for lock in (lock for one in sorts for lock in one.holding or ()):
        by = [name for name in lock.held_by if "/" in name]
        yield Fact("holds", lock_words(lock.name) + (f", for {', '.join(by)}" if by else ""))


def waited_for(name: str, locks: RunLocks | None, named: Callable[[str], str]) -> str:
    """Say what a node waits for, and who holds it if the Workflow says so; ``named`` names them."""
    sorts = [one for one in (locks.mutex, locks.semaphore) if one is not None] if locks else []
    same = (lock for one in sorts for lock in one.waiting or () if lock.name == name)
    held = next((words for lock in same if (words := holders(lock, named))), "")
    return f"waits for the {lock_words(name)}" + (f", {held}" if held else "")
