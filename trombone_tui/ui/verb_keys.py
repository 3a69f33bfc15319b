"""The keys of verbs, made from what the stages declare."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from textual.binding import Binding

from trombone_tui.core.stage import Stage
from trombone_tui.ui.choices import called, verb_id


def verb_bindings(stages: Iterable[Stage], own: Collection[str] = ()) -> Iterator[Binding]:
    """Yield a binding for each key and name; it works where an item has such a verb.

    A verb of whose id the user has keys of his ``own`` is bound to its id, which no terminal sends and
    Textual's key map replaces: so nothing else that its first key does is lost with it.
    """
    seen: set[tuple[str, str]] = set()
    for verb in (verb for stage in stages for verb in stage.verbs):
        name, ident = called(verb), verb_id(verb)
        key = ident if ident in own else verb.key
        if key and (key, name) not in seen:
            seen.add((key, name))
            yield Binding(key, verb_action(name), name, tooltip=f"{name}: {verb.about}", id=ident)


def verb_action(name: str) -> str:
    """Return the action that does a verb of that name."""
    return f"app.verb({name!r})"
