"""What ``status -o json`` says: a contract that scripts build on, and its schema.

``VERSION`` goes up whenever something is taken away or changes its meaning; new keys may come any time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from trombone_tui.cli.verdict import healthy
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.core.snapshot import Snapshot, StageSnapshot
from trombone_tui.core.stage import Item, Stage

VERSION = 1


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """How far a stage's items of one cluster can be trusted."""

    cluster: Annotated[str, Meta(description="The kubeconfig context's name.")]
    state: State
    reason: Annotated[str, Meta(description="What is missing and what to do; empty when all is well.")]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One object as its stage understands it. Unknown is null, never made up."""

    cluster: str
    kind: str
    namespace: str
    name: str
    uid: str
    part: Annotated[
        str | UnsetType,
        Meta(description="Tells entries of one object apart; absent where there is only one."),
    ] = UNSET
    health: Annotated[Health, Meta(description="In Argo CD's words.")]
    why: Annotated[str, Meta(description="One plain sentence, from the object itself.")]
    since: Annotated[datetime | None, Meta(description="When it came to be as it is.")]
    fields: Annotated[Any, Meta(description="The stage's own values.")]


class StageStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: a panel a cluster, and the items."""

    panel: tuple[Panel, ...]
    items: tuple[Entry, ...]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one moment."""

    version: int
    taken: datetime
    healthy: Annotated[bool, Meta(description="Nothing needs a human, and every panel is live.")]
    stages: dict[str, StageStatus]


def document(snapshot: Snapshot, stages: Sequence[Stage]) -> Document:
    """Write a snapshot as the contract has it: stages in travel order, items in order of their Ref."""
    seen = [snapshot.stages[stage.name] for stage in stages]
    return Document(
        version=VERSION,
        taken=snapshot.taken.astimezone(UTC).replace(microsecond=0),
        healthy=healthy(snapshot),
        stages={stage.name: _stage(status) for stage, status in zip(stages, seen, strict=True)},
    )


def _stage(stage: StageSnapshot) -> StageStatus:
    return StageStatus(
        panel=tuple(Panel(cluster=p.cluster, state=p.state, reason=p.reason) for p in stage.panel),
        items=tuple(_entry(stage.items[ref]) for ref in sorted(stage.items)),
    )


def _entry(item: Item) -> Entry:
    ref = item.ref
    return Entry(
        cluster=ref.cluster,
        kind=ref.kind,
        namespace=ref.namespace,
        name=ref.name,
        uid=ref.uid,
        part=ref.part or UNSET,
        health=item.health,
        why=item.why,
        since=item.since.astimezone(UTC) if item.since else None,
        fields=item.fields,
    )


def as_json(written: Document) -> str:
    """Write it as indented JSON; characters a terminal could obey are escaped."""
    text = msgspec.json.format(msgspec.json.encode(written), indent=2).decode()
    return re.sub(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", lambda m: f"\\u{ord(m[0]):04x}", text)


def schema(stages: Sequence[Stage]) -> dict[str, Any]:
    """Describe the contract as a JSON schema, each stage with the fields it declares."""
    types = [Panel, Entry, *(stage.fields for stage in stages)]
    refs, parts = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    for stage, ref in zip(stages, refs[2:], strict=True):
        part = parts[ref["$ref"].rpartition("/")[2]]
        part["required"] = list(part["properties"])
        entry = {"allOf": [refs[1]], "properties": {"fields": ref}}
        parts[stage.name] = {
            "description": stage.about,
            "type": "object",
            "properties": {
                "panel": {"type": "array", "items": refs[0]},
                "items": {"type": "array", "items": entry},
            },
            "required": ["panel", "items"],
        }
    names = [stage.name for stage in stages]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "trombone-tui status -o json",
        "type": "object",
        "properties": {
            "version": {"const": VERSION},
            "taken": {"type": "string", "format": "date-time"},
            "healthy": {"type": "boolean", "description": "Nothing needs a human, and every panel is live."},
            "stages": {
                "type": "object",
                "description": "All of them, always, in travel order.",
                "properties": {name: {"$ref": f"#/$defs/{name}"} for name in names},
                "required": names,
                "additionalProperties": False,
            },
        },
        "required": ["version", "taken", "healthy", "stages"],
        "$defs": dict(sorted(parts.items())),
    }
