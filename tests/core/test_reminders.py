"""What was left off or halfway by hand, read from objects as controllers wrote them, with what ends it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from changing import changed
from deliveries import Obj, documents, objects, typed

from trombone_tui.core.left_off import left_off
from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Kind, Malformed, Meta, Ref
from trombone_tui.core.objects.cron_workflows import CRON_WORKFLOW
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.objects.marks import (
    AUTO_SYNC_OFF,
    HELD,
    Held,
    Mark,
    Unreadable,
    read_held,
    read_off,
    write_held,
    write_off,
)
from trombone_tui.core.reminders import Reminder, in_order

LEFT = objects()
AT = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
BY_ALICE = write_off("alice", AT, "rollback of demo")
PREFIX = "argocd-image-updater.argoproj.io/"


def app(automated: Any, mark: str = "", **notes: str) -> Obj:
    found = {**notes, **({AUTO_SYNC_OFF: mark} if mark else {})}
    return changed(LEFT["app"], spec__syncPolicy__automated=automated, metadata__annotations=found)


def holding(*tags: str, ignored: tuple[str, ...] | None = None) -> Obj:
    entries = [{"tag": tag, "image": "app", "by": "alice", "at": "2026-11-23T13:20:00Z"} for tag in tags]
    made = changed(LEFT["updater"], metadata__annotations={HELD: json.dumps(entries)})
    block = made["spec"]["applicationRefs"][0]["images"][0]["commonUpdateSettings"]
    block["ignoreTags"] = list(tags if ignored is None else ignored)
    return made


def lab(name: str, **changes: Any) -> Obj:
    (found,) = documents(f"rollout/lab/{name}.yaml")
    return changed(found, **changes)


def told(kind: Kind, obj: Obj) -> tuple[Reminder, ...]:
    made = typed(kind, obj)
    meta = made.metadata
    return tuple(left_off(Ref("lab", kind.name, meta.namespace, meta.name), made))


OFF = {"enabled": False, "prune": True, "selfHeal": True}
LEGACY = {f"{PREFIX}image-list": "app=demo:1.x", f"{PREFIX}app.ignore-tags": "x, 1.0.5"}
MARKED = json.dumps([{"tag": "1.0.5", "image": "app", "reason": "p95"}])

SITUATIONS: list[tuple[str, Kind, Obj, list[tuple[str, str]]]] = [
    ("auto-sync is on", APPLICATION, app({"prune": True}), []),
    ("auto-sync is said to be on", APPLICATION, app({"enabled": True}), []),
    ("auto-sync never was", APPLICATION, app(None), []),
    ("no policy", APPLICATION, changed(LEFT["app"], spec__syncPolicy=None), []),
    ("a mark that was left behind", APPLICATION, app({"prune": True}, BY_ALICE), []),
    ("auto-sync is off", APPLICATION, app(OFF), [("auto-sync-on", "Auto-sync of demo is off.")]),
    (
        "auto-sync was switched off",
        APPLICATION,
        app(OFF, BY_ALICE),
        [
            (
                "auto-sync-on",
                "Auto-sync of demo is off since 23 Nov 13:20Z by alice (rollback of demo).",
            )
        ],
    ),
    (
        "its settings are gone",
        APPLICATION,
        app(None, BY_ALICE),
        [
            (
                "auto-sync-on",
                "Auto-sync of demo is off since 23 Nov 13:20Z by alice (rollback of demo); how it was set is "
                "not kept.",
            )
        ],
    ),
    (
        "a mark that can't be read",
        APPLICATION,
        app(OFF, "{"),
        [("auto-sync-on", "Auto-sync of demo is off; its mark can't be read.")],
    ),
    ("nothing is held", IMAGE_UPDATER, LEFT["updater"], []),
    (
        "ignored by hand is no reminder",
        IMAGE_UPDATER,
        changed(holding("1.0.5"), metadata__annotations={}),
        [],
    ),
    (
        "a tag is held",
        IMAGE_UPDATER,
        holding("1.0.5"),
        [("release", "Tag 1.0.5 of app is held back since 23 Nov 13:20Z by alice.")],
    ),
    (
        "two tags are held",
        IMAGE_UPDATER,
        holding("1.0.5", "1.0.6"),
        [
            ("release", "Tag 1.0.5 of app is held back since 23 Nov 13:20Z by alice."),
            ("release", "Tag 1.0.6 of app is held back since 23 Nov 13:20Z by alice."),
        ],
    ),
    (
        "a hold that self-heal undid",
        IMAGE_UPDATER,
        holding("1.0.5", ignored=()),
        [
            (
                "release",
                "Tag 1.0.5 of app is held back since 23 Nov 13:20Z by alice; it is not ignored any more, "
                "somebody undid it.",
            )
        ],
    ),
    (
        "a tag is held in annotations",
        APPLICATION,
        app({}, **LEGACY, **{HELD: MARKED}),
        [("release", "Tag 1.0.5 of app is held back (p95).")],
    ),
    (
        "a mark of tags that can't be read",
        IMAGE_UPDATER,
        changed(LEFT["updater"], metadata__annotations={HELD: "no\njson"}),
        [("release", "What demo holds back can't be read: JSON is malformed: invalid character (byte 4).")],
    ),
    (
        "aborted and left",
        ROLLOUT,
        LEFT["rollout"],
        [
            (
                "retry",
                "Rollout demo was left aborted since 23 Nov 13:08Z; 127.0.0.1:5000/demo/app:1.0.5 is still "
                "wanted.",
            )
        ],
    ),
    (
        "blue-green, aborted and left",
        ROLLOUT,
        lab("rollout-blue-green-degraded-rolloutaborted-aborted"),
        [
            (
                "retry",
                "Rollout dropped was left aborted since 26 Nov 02:40Z; shop/web:2 is still wanted.",
            )
        ],
    ),
    ("a retry", ROLLOUT, changed(LEFT["rollout"], status__abort=False), []),
    ("asked to abort a moment ago", ROLLOUT, changed(LEFT["rollout"], status__abortedAt=None), []),
    ("a pause of its steps", ROLLOUT, lab("rollout-canary-paused-canarypausestep"), []),
    (
        "paused by hand at a pause",
        ROLLOUT,
        lab("rollout-canary-paused-manually-paused"),
        [("resume", "Rollout byhand is paused by hand.")],
    ),
    (
        "paused by hand",
        ROLLOUT,
        lab("rollout-canary-paused-manually-paused", status__pauseConditions=None),
        [("resume", "Rollout byhand is paused by hand since 26 Nov 02:39Z.")],
    ),
    ("healthy", ROLLOUT, lab("rollout-canary-healthy"), []),
    (
        "a suspended CronWorkflow may be meant so",
        CRON_WORKFLOW,
        documents("workflows/lab/cronworkflow-suspended.yaml")[0],
        [],
    ),
]


@pytest.mark.parametrize(
    ("kind", "obj", "found"), [row[1:] for row in SITUATIONS], ids=[row[0] for row in SITUATIONS]
)
def test_what_does_not_go_on_by_itself_is_told(kind: Kind, obj: Obj, found: list[tuple[str, str]]) -> None:
    assert [(one.verb, one.text) for one in told(kind, obj)] == found


def test_a_reminder_says_what_to_turn_on_and_who_turned_it_off() -> None:
    (off,) = told(APPLICATION, app(OFF, BY_ALICE))
    assert off.ref == Ref("lab", "Application", "argocd", "demo")
    assert (off.since, off.by, off.marked, off.given) == (AT, "alice", True, {})
    (meant,) = told(APPLICATION, app(OFF))
    assert (meant.since, meant.by, meant.marked) == (None, "", False)
    (tag,) = told(IMAGE_UPDATER, holding("1.0.5"))
    assert tag.ref == Ref("lab", "ImageUpdater", "argocd", "demo", part="app")
    assert (tag.since, tag.by, tag.marked, tag.given) == (AT, "alice", True, {"tag": "1.0.5"})
    (aborted,) = told(ROLLOUT, LEFT["rollout"])
    assert aborted.others == ("undo",)


def test_the_oldest_comes_first_and_what_has_no_time_last() -> None:
    left = ((APPLICATION, app(OFF)), (APPLICATION, app(OFF, BY_ALICE)), (ROLLOUT, LEFT["rollout"]))
    refs = [Ref("lab", kind.name, "ns", str(place)) for place, (kind, _) in enumerate(left)]
    made = zip(refs, (typed(kind, obj) for kind, obj in left), strict=True)
    found = in_order(one for ref, obj in made for one in left_off(ref, obj))
    assert [one.ref.name for one in found] == ["2", "1", "0"]


def test_what_can_not_be_read_reminds_of_nothing() -> None:
    broken = Malformed(metadata=Meta(name="demo"), path="$.spec", problem="Expected `object`")
    assert list(left_off(Ref("lab", "Rollout", "shop", "demo"), broken)) == []


def test_marks_are_written_as_they_are_read() -> None:
    held = (
        Held(tag="1.0.5", image="app", by="alice", at=AT, reason="p95", made="ignoreTags"),
        Held(tag="1", image="web"),
    )
    written = write_held(held)
    assert written == (
        '[{"tag":"1.0.5","image":"app","by":"alice","at":"2026-11-23T13:20:00Z","reason":"p95",'
        '"made":"ignoreTags"},{"tag":"1","image":"web"}]'
    )
    assert read_held(written) == held
    assert write_held(()) is None
    assert read_held("") == ()
    assert BY_ALICE == '{"by":"alice","at":"2026-11-23T13:20:00Z","reason":"rollback of demo"}'
    assert read_off(BY_ALICE) == Mark(by="alice", at=AT, reason="rollback of demo")


@pytest.mark.parametrize(
    "written", ["x", "{}", "[1]", '[{"image":"a"}]', '[{"tag":1,"image":"a"}]', "\ud800"]
)
def test_what_is_no_mark_is_not_taken_for_one(written: str) -> None:
    with pytest.raises(Unreadable):
        read_held(written)
