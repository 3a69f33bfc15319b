"""The keys of verbs, made from what the stages declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.binding import Binding

from trombone_tui.core.stage import Stage
from trombone_tui.ui.choices import called


def verb_bindings(stages: Iterable[Stage]) -> Iterator[Binding]:
    """Yield a binding for each key and name; it works where an item has such a verb."""
    seen: set[tuple[str, str]] = set()
    for verb in (verb for stage in stages for verb in stage.verbs if verb.key):
        name = called(verb)
        if (verb.key, name) not in seen:
            seen.add((verb.key, name))
            ident = f"verb.{name.replace(' ', '-')}"
            yield Binding(verb.key, verb_action(name), name, tooltip=f"{name}: {verb.about}", id=ident)


def verb_action(name: str) -> str:
    """Return the action that does a verb of that name."""
    return f"app.verb({name!r})"
