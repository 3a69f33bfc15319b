"""What a verb sees while it plans, made of stored objects; and a plan as the lines that its tests compare.

``Staged`` is a ``Scene``: the object itself, others beside it, what may not be read. An object counts for
``fetch`` and ``list``, and for ``linked`` where the stage watches its kind.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from any_json import anything, objects
from hypothesis import given, note, settings
from hypothesis import strategies as st
from stage_readers import NOW, decoded, read, reference

from trombone_tui.core.around import Key
from trombone_tui.core.objects.basics import Kind, Meta, Ref
from trombone_tui.core.ports import Missing, PortError, Refused
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Stage
from trombone_tui.core.verbs import Given, Plan, Seen, Verb, Whole, Write
from trombone_tui.demo.records import Record
from trombone_tui.demo.selectors import label_tests


def verb(stage: Stage, name: str, kind: str = "") -> Verb:
    """Return a stage's one verb of that name (and kind, where several kinds have it)."""
    found = [one for one in stage.verbs if one.name == name and kind in ("", one.kind.name)]
    assert len(found) == 1, [f"{one.kind.name} {one.name}" for one in stage.verbs]
    return found[0]


class Staged:
    """A ``Scene`` around one object.

    ``others`` are the objects beside it; ``troubles`` are, by kind, why that kind can't be read.
    """

    def __init__(
        self,
        stage: Stage,
        whole: Whole,
        *others: dict[str, Any],
        given: Given | None = None,
        troubles: Mapping[str, PortError] | None = None,
        user: str = "kubernetes-admin",
        now: datetime = NOW,
        part: str = "",
    ) -> None:
        self.whole, self.given, self.user, self.now = whole, given or {}, user, now
        meta = whole.get("metadata")
        named = {k: v for k, v in (meta if isinstance(meta, dict) else {}).items() if isinstance(v, str)}
        self.ref = Ref(
            cluster="lab",
            kind=str(whole.get("kind", "")),
            namespace=named.get("namespace", ""),
            name=named.get("name", ""),
            uid=named.get("uid", ""),
            part=part,
        )
        self._others, self._troubles = others, troubles or {}
        watched = {source.kind.name for source in stage.sources}
        self.around: StageReader = read(stage, *(one for one in others if one["kind"] in watched))

    async def fetch(self, kind: Kind, namespace: str, name: str) -> Whole:
        """Return another object, or raise what keeps it from being read."""
        for one in self._readable(kind, namespace):
            if one["metadata"].get("name") == name:
                return one
        raise Missing(f"{kind.name} {namespace}/{name} is not there")

    async def list(self, kind: Kind, namespace: str) -> Sequence[Whole]:
        """Return the objects of a kind that its label selector selects."""
        tests = label_tests(kind.selector)
        return [one for one in self._readable(kind, namespace) if all(test(_record(one)) for test in tests)]

    def linked(self, kind: Kind, key: Key) -> Sequence[Any]:
        """Return the watched objects that have this key."""
        return self.around.linked(kind, key)

    def _readable(self, kind: Kind, namespace: str) -> Sequence[dict[str, Any]]:
        if kind.name in self._troubles:
            raise self._troubles[kind.name]
        return [
            one
            for one in self._others
            if one["kind"] == kind.name and one["metadata"].get("namespace", "") == namespace
        ]


def _record(obj: Mapping[str, Any]) -> Record:
    meta = obj["metadata"]
    return Record(
        namespace=meta.get("namespace", ""),
        name=meta.get("name", ""),
        uid=meta.get("uid", ""),
        version=1,
        labels=meta.get("labels") or {},
        owners=(),
        sections={},
    )


def blocked(stage: Stage, of: Verb, obj: dict[str, Any], *others: dict[str, Any], part: str = "") -> str:
    """Return why a verb is greyed beside a watched object; empty when it is not."""
    made = decoded(of.kind, obj)
    watched = {source.kind.name for source in stage.sources}
    around = read(stage, *(one for one in (obj, *others) if one["kind"] in watched))
    meta = made.metadata
    assert isinstance(meta, Meta)
    return of.blocked(made, msgspec.structs.replace(reference(of.kind, meta), part=part), around)


async def planned(stage: Stage, name: str, obj: Whole, *others: dict[str, Any], **given: Any) -> Plan:
    """Plan a verb; what it is given is spelt with ``_`` for ``-``."""
    options = {key.replace("_", "-"): value for key, value in given.items()}
    return await verb(stage, name).plan(Staged(stage, obj, *others, given=options))


def check_on_any_object(stage: Stage, *verbs: Verb) -> None:
    """Prove that verbs of one kind plan or refuse whatever an object holds, and judge what it becomes."""
    (kind,) = {one.kind for one in verbs}

    async def check(whole: dict[str, Any], later: dict[str, Any]) -> None:
        for of in verbs:
            note(of.name)
            try:
                plan = await of.plan(Staged(stage, whole))
            except Refused:
                continue
            assert bool(plan.noop) is not bool(plan.writes)
            for state in (whole, later, None):
                assert plan.proof is None or plan.proof.judge(state).seen in Seen

    @settings(deadline=None, max_examples=60)
    @given(objects(kind), st.dictionaries(st.sampled_from(["metadata", "spec", "status"]), anything))
    def never_raises(whole: dict[str, Any], later: dict[str, Any]) -> None:
        asyncio.run(check(whole, later))

    never_raises()


def sent(plan: Plan) -> list[str]:
    """Write each request of a plan as a line: method, path, content type, body, and what replaces it."""
    return [line for one in plan.writes for line in _lines(one, "")]


def _lines(one: Write, before: str) -> list[str]:
    group = f"{one.kind.group}/" if one.kind.group else ""
    place = "/".join(part for part in (one.namespace, one.kind.plural, one.name, one.subresource) if part)
    body = "" if one.body is None else " " + json.dumps(one.body, separators=(",", ":"), ensure_ascii=False)
    late = f"after {one.after} s: " if one.after else ""
    gone = " (404 is done)" if one.gone_is_done else ""
    kind = one.content.removeprefix("application/")
    line = f"{before}{late}{one.method} {group}{one.kind.version}/{place} {kind}{body}{gone}"
    return [line, *(_lines(one.instead, "on 404: ") if one.instead else ())]
