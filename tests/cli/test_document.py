"""What `status` prints, from snapshots made by hand: the JSON contract and the table."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from trombone_tui.cli.document import as_json, document, schema
from trombone_tui.cli.table import lines
from trombone_tui.cli.verdict import Outcome, outcome
from trombone_tui.core.objects.basics import Health, Kind, Object, Ref
from trombone_tui.core.ports import State
from trombone_tui.core.snapshot import PanelState, Snapshot, StageSnapshot
from trombone_tui.core.stage import Column, Fields, Item, Source, Stage, Workings

TAKEN = datetime(2026, 11, 23, 17, 42, 10, 123456, tzinfo=UTC)
KIND = Kind(name="Rollout", plural="rollouts", group="argoproj.io", version="v1alpha1", shape=Object)


class RolloutFields(Fields, frozen=True, kw_only=True):
    phase: str | None = None
    step: int | None = None
    started: datetime | None = None


class SyncFields(Fields, frozen=True, kw_only=True):
    sync: str | None = None


STAGES = (
    Stage(
        name="sync",
        title="Sync",
        about="Syncs.",
        columns=(Column(key="sync", title="Sync", width=8),),
        workings=Workings(sources=(Source(kind=KIND),), fields=SyncFields),
    ),
    Stage(
        name="rollout",
        title="Rollout",
        about="Rolls out.",
        columns=(
            Column(key="name", title="Name", width=8),
            Column(key="phase", title="Phase", width=8),
            Column(key="step", title="Step", width=8),
            Column(key="started", title="Started", width=8),
            Column(key="why", title="Why", width=8),
        ),
        workings=Workings(sources=(Source(kind=KIND),), fields=RolloutFields),
    ),
)


def ref(name: str = "api", cluster: str = "prod", part: str = "") -> Ref:
    return Ref(cluster=cluster, kind="Rollout", namespace="shop", name=name, uid="u-1", part=part)


def item(of: Ref, health: Health = Health.HEALTHY, why: str = "All is well.", **fields: Any) -> Item:
    since = datetime(2026, 11, 23, 17, 40, tzinfo=UTC)
    return Item(ref=of, health=health, why=why, fields=RolloutFields(**fields), since=since)


def snapshot(
    *items: Item, states: tuple[State, ...] = (State.LIVE,), attention: tuple[Ref, ...] = (), reason: str = ""
) -> Snapshot:
    clusters = ("prod", "test")
    panel = tuple(
        PanelState(cluster=c, state=state, reason=reason, since=TAKEN)
        for c, state in zip(clusters, states, strict=False)
    )
    return Snapshot(
        taken=TAKEN,
        services={},
        stages={
            "rollout": StageSnapshot(
                items={i.ref: i for i in items}, panel=panel, attention=frozenset(attention)
            ),
            "sync": StageSnapshot(items={}, panel=panel),
        },
    )


def written(of: Snapshot) -> dict[str, Any]:
    return dict(json.loads(as_json(document(of, STAGES))))


def table(of: Snapshot) -> list[str]:
    return list(lines(of, STAGES, colour=False))


def test_json_has_exactly_the_keys_of_the_contract_and_unknown_is_null() -> None:
    data = written(snapshot(item(ref(), phase="Paused")))
    assert list(data) == ["version", "taken", "healthy", "stages"]
    assert (data["version"], data["taken"], data["healthy"]) == (1, "2026-11-23T17:42:10Z", True)
    assert list(data["stages"]) == ["sync", "rollout"]
    assert data["stages"]["sync"] == {
        "panel": [{"cluster": "prod", "state": "live", "reason": ""}],
        "items": [],
    }
    assert data["stages"]["rollout"]["items"] == [
        {
            "cluster": "prod",
            "kind": "Rollout",
            "namespace": "shop",
            "name": "api",
            "uid": "u-1",
            "health": "Healthy",
            "why": "All is well.",
            "since": "2026-11-23T17:40:00Z",
            "fields": {"phase": "Paused", "step": None, "started": None},
        }
    ]


def test_a_part_is_an_extra_key_only_where_there_is_one() -> None:
    entries = written(snapshot(item(ref(part="web")), item(ref("b"))))["stages"]["rollout"]["items"]
    assert [entry.get("part") for entry in entries] == ["web", None]


def test_items_stand_in_order_of_their_refs() -> None:
    data = written(snapshot(item(ref("b")), item(ref("a", "test")), item(ref("a"))))
    assert [(i["cluster"], i["name"]) for i in data["stages"]["rollout"]["items"]] == [
        ("prod", "a"),
        ("prod", "b"),
        ("test", "a"),
    ]


def test_json_escapes_what_a_terminal_could_obey() -> None:
    evil = "\x1b[31m \x9b31m \x7f \u202e"
    text = as_json(document(snapshot(item(ref(), why=evil)), STAGES))
    assert json.loads(text)["stages"]["rollout"]["items"][0]["why"] == evil
    assert text.replace("\n", "").isprintable()


def test_the_schema_holds_for_what_is_written_and_refuses_what_is_not() -> None:
    described = schema(STAGES)
    jsonschema.Draft202012Validator.check_schema(described)
    good = written(snapshot(item(ref(part="web"), phase="Paused", step=3)))
    jsonschema.validate(good, described)
    for spoil in (
        lambda d: d.pop("taken"),
        lambda d: d["stages"].pop("sync"),
        lambda d: d["stages"]["rollout"]["items"][0].pop("uid"),
        lambda d: d["stages"]["rollout"]["items"][0].update(health="Fine"),
        lambda d: d["stages"]["rollout"]["items"][0]["fields"].pop("phase"),
        lambda d: d["stages"]["rollout"]["items"][0]["fields"].update(step="three"),
        lambda d: d["stages"]["sync"]["panel"][0].update(state="asleep"),
    ):
        bad = json.loads(json.dumps(good))
        spoil(bad)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, described)


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (snapshot(item(ref())), Outcome.HEALTHY),
        (snapshot(item(ref(), Health.PROGRESSING)), Outcome.HEALTHY),
        (snapshot(item(ref()), attention=(ref(),)), Outcome.NEEDS_HUMAN),
        (snapshot(states=(State.LIVE, State.DENIED)), Outcome.NEEDS_HUMAN),
        (snapshot(states=(State.NOT_INSTALLED,)), Outcome.NEEDS_HUMAN),
        (snapshot(states=(State.UNREACHABLE, State.LIVE)), Outcome.NEEDS_HUMAN),
        (snapshot(states=(State.UNREACHABLE, State.CONNECTING)), Outcome.ERROR),
    ],
)
def test_the_exit_code_says_healthy_needs_a_human_or_error(seen: Snapshot, code: Outcome) -> None:
    assert outcome(seen) == code
    assert written(seen)["healthy"] == (code == Outcome.HEALTHY)


def test_the_table_is_aligned_and_the_why_stands_last() -> None:
    held = item(ref("日本"), Health.SUSPENDED, "Held at 20 %.", phase="Paused", step=3, started=TAKEN)
    printed = table(snapshot(item(ref("a-long-name")), held, attention=(held.ref,)))
    assert printed == [
        "sync  live",
        "",
        "rollout  live",
        "   HEALTH     NAMESPACE  NAME         PHASE   STEP  STARTED    WHY",
        "   Healthy    shop       a-long-name  -       -     -          All is well.",
        "!  Suspended  shop       日本         Paused  3     17:42:10Z  Held at 20 %.",
        "",
        "1 needs a human",
    ]


def test_several_clusters_get_a_column_and_a_state_each() -> None:
    printed = table(snapshot(item(ref()), states=(State.STALE, State.DENIED), reason="may not list"))
    assert printed[0] == "sync  prod: stale since 17:42:10Z (may not list), test: denied (may not list)"
    assert printed[3].split() == ["HEALTH", "CLUSTER", "NAMESPACE", "NAME", "PHASE", "STEP", "STARTED", "WHY"]
    assert printed[4].split()[:4] == ["Healthy", "prod", "shop", "api"]
    assert printed[-1] == "nothing that can be seen needs a human; 2 of 2 stages are not seen in full"


def test_the_last_line_sums_up() -> None:
    assert table(snapshot(item(ref())))[-1] == "nothing needs a human"
    two = snapshot(item(ref()), item(ref("b")), attention=(ref(), ref("b")))
    assert table(two)[-1] == "2 need a human"


def test_the_table_shows_control_characters_and_obeys_none() -> None:
    evil = item(ref("a\x1b[2Jb\u202e", part="\x07"), why="one\ntwo\x9b", phase="\x1b]0;x\x07")
    printed = table(snapshot(evil, reason="\x1b[1m"))
    assert all(line.isprintable() for line in printed)
    assert any("a^[[2Jb� [^G]" in line and "one^Jtwo�" in line for line in printed)


def test_colour_only_adds_to_the_words() -> None:
    seen = snapshot(item(ref(), Health.DEGRADED))
    coloured = list(lines(seen, STAGES, colour=True))
    assert any("\x1b[31mDegraded\x1b[0m" in line for line in coloured)
    plain = table(seen)
    assert len(plain) == len(coloured)
    assert not any("\x1b" in line for line in plain)
