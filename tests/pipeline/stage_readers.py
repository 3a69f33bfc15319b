"""Puts real and invented objects in front of a stage the way the adapters do: decoded, reduced, read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from changing import changed
from parsed import parsed

from trombone_tui.core.asking import Ask
from trombone_tui.core.objects.basics import Kind, Malformed, Meta, Object, Ref
from trombone_tui.core.ports import PortError
from trombone_tui.core.questions import Answer, Objects, Question, Thing
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Item, Stage

DATA = Path(__file__).parents[1] / "data"
NOW = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
CLUSTER = "lab"


def stored(stage: str, name: str, **changes: Any) -> dict[str, Any]:
    """Load an object that a real controller wrote; changes go by path, as in ``status__phase="Failed"``.

    None removes what is there.
    """
    (one,) = parsed(DATA / stage / f"{name}.yaml")
    return changed(one, **changes)


def decoded(kind: Kind, obj: Any, *, whole: bool = False) -> Object | Malformed:
    """Decode as the adapters do: what does not fit is Malformed and says where."""
    try:
        made: Object = msgspec.json.decode(msgspec.json.encode(obj), type=kind.shape)
        return made if whole else made.reduced()
    except msgspec.ValidationError as error:
        found = re.fullmatch(r"(.*) - at `(.*)`", str(error), re.DOTALL)
        problem, path = found.groups() if found else (str(error), "$")
        meta = obj.get("metadata") if isinstance(obj, dict) else None
        names = {k: v for k, v in (meta if isinstance(meta, dict) else {}).items() if isinstance(v, str)}
        named = Meta(name=names.get("name", ""), namespace=names.get("namespace", ""))
        return Malformed(metadata=named, path=path, problem=problem)


def reference(kind: Kind, meta: Meta, cluster: str = CLUSTER) -> Ref:
    return Ref(cluster=cluster, kind=kind.name, namespace=meta.namespace, name=meta.name, uid=meta.uid)


def kinds(stage: Stage) -> dict[str, Kind]:
    return {source.kind.name: source.kind for source in stage.sources}


def read(
    stage: Stage,
    *objects: dict[str, Any],
    hidden: Iterable[str] = (),
    narrowed: Iterable[str] = (),
    now: datetime = NOW,
) -> StageReader:
    """Read objects; a kind is visible unless hidden, and everywhere unless narrowed."""
    reader = StageReader(stage, CLUSTER, lambda: now)
    of = kinds(stage)
    for name, kind in of.items():
        reader.see(kind, name not in hidden, narrowed=name in narrowed)
    for obj in objects:
        kind = of[obj["kind"]]
        made = decoded(kind, obj)
        reader.put(kind, reference(kind, made.metadata), made)
    reader.refresh()
    return reader


def row(reader: StageReader, kind: str, name: str = "", part: str | None = None) -> Item:
    """Return the one row of a kind, name and part."""
    found = [
        item
        for ref, item in reader.items.items()
        if ref.kind == kind and name in ("", ref.name) and part in (None, ref.part)
    ]
    assert len(found) == 1, [str(ref) for ref in reader.items]
    return found[0]


def answering(**answers: Any) -> Ask:
    """Answer questions by what is asked for: a kind, ``Thing_Pod``, ``LogTail``, ``Tags``, ``Candidates``.

    An exception is why there is no answer; what is not named is not known yet. Objects are given as they
    are stored, and decoded as the adapters do.
    """

    def ask(question: Question[Any]) -> Answer[Any]:
        name = type(question).__name__
        if isinstance(question, Objects):
            name = question.kind.name
        elif isinstance(question, Thing):
            name = f"Thing_{question.kind}"
        found = answers.get(name)
        if isinstance(found, PortError):
            return Answer(trouble=found)
        if isinstance(found, list) and isinstance(question, Objects):
            made = [decoded(question.kind, one, whole=question.whole) for one in found]
            return Answer(tuple(one for one in made if isinstance(one, Object)))
        return Answer(found(question) if callable(found) else found)

    return ask


def facts(reader: StageReader, item: Item, title: str, ask: Ask | None = None) -> dict[str, Any]:
    """Return one part of a row's details by the names of its facts."""
    found = {detail.title: detail for detail in reader.details(item.ref, ask)}
    return {fact.name: fact.value for fact in found[title].facts}
