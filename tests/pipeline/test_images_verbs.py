"""``hold`` and ``release``: what is sent, what it does to the object, what refuses it, who would undo it.

The ImageUpdater and the Application were written by Argo CD Image Updater 1.3.0 and Argo CD 3.2.6; a case
says what it changes. What counts where: ``argocd-image-updater@v1.3.0:pkg/argocd/argocd.go``
(mergeCommonUpdateSettings) and ``pkg/argocd/annotations.go``.
"""

from __future__ import annotations

import copy
import json
import shlex
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from any_json import objects
from changing import changed
from hypothesis import given, settings
from hypothesis import strategies as st
from image_updaters import IMAGE, following
from scenes import Staged, blocked, sent, verb
from stage_readers import NOW, read, stored

from trombone_tui.core.objects.argo_cd import APPLICATION
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER
from trombone_tui.core.objects.marks import HELD
from trombone_tui.core.objects.raw import merged
from trombone_tui.core.ports import Denied, PortError, Refused
from trombone_tui.core.verbs import Plan, Seen, Verb
from trombone_tui.demo.patches import json_patch
from trombone_tui.pipeline.images import STAGE

PREFIX = "argocd-image-updater.argoproj.io/"
TARGET = {"kustomize": {"name": IMAGE}}
OTHER = "Image Updater may write another tag that is still allowed at its next check, also a lower one."


def app(notes: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    said = {f"{PREFIX}{key}": value for key, value in (notes or {}).items()}
    return stored("images", "application-one-version", metadata__annotations=said, **changes)


def bare(outer: Any = None, of_ref: Any = None) -> dict[str, Any]:
    """Return an ImageUpdater whose image has no settings of its own."""
    made = following()
    (ref,) = made["spec"]["applicationRefs"]
    del ref["images"][0]["commonUpdateSettings"]
    made["spec"] |= {"commonUpdateSettings": outer} if outer else {}
    ref |= {"commonUpdateSettings": of_ref} if of_ref else {}
    return made


def reading() -> dict[str, Any]:
    made = following()
    made["spec"]["applicationRefs"] = [{"namePattern": "d*", "useAnnotations": True}]
    return made


async def planned(name: str, obj: dict[str, Any], *others: Any, part: str = "app", **said: Any) -> Plan:
    troubles = said.pop("troubles", None)
    scene = Staged(STAGE, obj, *others, given=said, part=part, troubles=troubles)
    return await verb(STAGE, name, obj["kind"]).plan(scene)


async def done(name: str, obj: dict[str, Any], *others: Any, **said: Any) -> dict[str, Any]:
    """Return the object after the one write of a plan; that of the annotations where they are written."""
    (write,) = (await planned(name, obj, *others, **said)).writes
    kept = next(one for one in (obj, *others) if one["kind"] == write.kind.name)
    made: dict[str, Any] = merged(kept, write.body)
    return made


def spec(*images: dict[str, Any]) -> str:
    refs = [{"images": list(images), "namePattern": "demo", "useAnnotations": False}]
    return json.dumps({"applicationRefs": refs}, separators=(",", ":"))


def note(made: str) -> str:
    entry = {"tag": "1.0.5", "image": "app", "by": "kubernetes-admin", "at": "2026-11-23T13:20:00Z"}
    entry |= {"made": made} if made else {}
    return json.dumps(json.dumps([entry], separators=(",", ":")))


UPDATER = f"PATCH {IMAGE_UPDATER.group}/v1alpha1/argocd/imageupdaters/demo merge-patch+json "
APP = "PATCH argoproj.io/v1alpha1/argocd/applications/demo merge-patch+json "


def image(block: Any) -> dict[str, Any]:
    return {
        "alias": "app",
        "commonUpdateSettings": block,
        "imageName": f"{IMAGE}:1.x",
        "manifestTargets": TARGET,
    }


def last(block: Any) -> dict[str, Any]:
    return {
        "alias": "app",
        "imageName": f"{IMAGE}:1.x",
        "manifestTargets": TARGET,
        "commonUpdateSettings": block,
    }


def to_updater(made: str, of: dict[str, Any]) -> str:
    head = f'{{"metadata":{{"resourceVersion":"8491","annotations":{{"{HELD}":{note(made)}}}}}'
    return f'{UPDATER}{head},"spec":{spec(of)}}}'


def to_app(made: str, key: str, value: str) -> str:
    notes = f'"{PREFIX}{key}":"{value}","{HELD}":{note(made)}'
    return f'{APP}{{"metadata":{{"resourceVersion":"8505","annotations":{{{notes}}}}}}}'


STRATEGY = {"forceUpdate": True, "updateStrategy": "semver"}
HOLDS: list[tuple[str, dict[str, Any], tuple[str, str], str]] = [
    (
        "settings without a list",
        following(),
        ("app ignores no tag", "app ignores 1.0.5"),
        to_updater("ignoreTags", image({**STRATEGY, "ignoreTags": ["1.0.5"]})),
    ),
    (
        "a list is there",
        following(ignoreTags=["*-rc*"]),
        ("app ignores *-rc*", "app ignores *-rc*, 1.0.5"),
        to_updater("", image({**STRATEGY, "ignoreTags": ["*-rc*", "1.0.5"]})),
    ),
    (
        "no settings: the API server would write semver and false into new ones",
        bare({"updateStrategy": "newest-build", "forceUpdate": True, "ignoreTags": ["*-rc*"]}),
        ("app ignores *-rc*", "app ignores *-rc*, 1.0.5"),
        to_updater(
            "commonUpdateSettings",
            last({"updateStrategy": "newest-build", "forceUpdate": True, "ignoreTags": ["*-rc*", "1.0.5"]}),
        ),
    ),
    (
        "no settings anywhere",
        bare(),
        ("app ignores no tag", "app ignores 1.0.5"),
        to_updater(
            "commonUpdateSettings",
            last({"updateStrategy": "semver", "forceUpdate": False, "ignoreTags": ["1.0.5"]}),
        ),
    ),
    (
        "annotations, the first tag",
        app({"image-list": f"app={IMAGE}:1.x"}),
        ("app ignores no tag", "app ignores 1.0.5"),
        to_app("ignoreTags", "app.ignore-tags", "1.0.5"),
    ),
    (
        "annotations, a list of the image's own",
        app({"image-list": f"app={IMAGE}:1.x", "app.ignore-tags": "*-rc*, x"}),
        ("app ignores *-rc*, x", "app ignores *-rc*, x, 1.0.5"),
        to_app("", "app.ignore-tags", "*-rc*,x,1.0.5"),
    ),
    (
        "annotations, a list for all images",
        app({"image-list": f"app={IMAGE}:1.x", "ignore-tags": "*-rc*"}),
        ("app ignores *-rc*", "app ignores *-rc*, 1.0.5"),
        to_app("ignoreTags", "app.ignore-tags", "*-rc*,1.0.5"),
    ),
]


@pytest.mark.parametrize(("obj", "words", "line"), [row[1:] for row in HOLDS], ids=[row[0] for row in HOLDS])
async def test_hold_sends_the_whole_list_and_who_holds(
    obj: dict[str, Any], words: tuple[str, str], line: str
) -> None:
    plan = await planned("hold", obj, tag="1.0.5")
    assert (plan.before, plan.after) == words
    assert sent(plan) == [line]


@pytest.mark.parametrize("obj", [row[1] for row in HOLDS], ids=[row[0] for row in HOLDS])
async def test_release_leaves_the_object_as_hold_found_it(obj: dict[str, Any]) -> None:
    held = await done("hold", obj, tag="1.0.5")
    assert held != obj
    again = await done("release", held)
    assert again["spec"] == obj["spec"]
    assert again["metadata"]["annotations"] == {
        key: value.replace(", ", ",") if "ignore-tags" in key else value
        for key, value in obj["metadata"]["annotations"].items()
    }


@pytest.mark.parametrize("obj", [row[1] for row in HOLDS], ids=[row[0] for row in HOLDS])
@pytest.mark.parametrize("name", ["hold", "release"])
async def test_the_command_shown_does_the_same_to_the_list(obj: dict[str, Any], name: str) -> None:
    before = obj if name == "hold" else await done("hold", obj, tag="1.0.5")
    plan = await planned(name, before, **({"tag": "1.0.5"} if name == "hold" else {}))
    words = shlex.split(plan.command)
    after = merged(before, plan.writes[0].body)
    if "patch" in words:
        assert words[:5] == ["kubectl", "-n", "argocd", "patch", "imageupdater"]
        assert json_patch(copy.deepcopy(before), json.loads(words[-1]))["spec"] == after["spec"]
    else:
        assert words[:6] == ["kubectl", "-n", "argocd", "annotate", "application", "demo"]
        key, equals, value = words[6].partition("=")
        notes = after["metadata"]["annotations"]
        assert notes[key] == value if equals else words[6].removesuffix("-") not in notes


async def test_an_image_without_an_alias_is_held_for_all_that_have_no_list() -> None:
    legacy = app({"image-list": f"{IMAGE}:1.x"})
    plan = await planned("hold", legacy, tag="1.0.5", part=IMAGE)
    notes = plan.writes[0].body["metadata"]["annotations"]
    assert notes[f"{PREFIX}ignore-tags"] == "1.0.5"
    assert plan.warnings == (
        OTHER,
        "The image has no alias, so this counts for every listed image without ignore-tags of its own.",
    )
    again = await done("release", merged(legacy, plan.writes[0].body), part=IMAGE)
    assert again["metadata"]["annotations"] == legacy["metadata"]["annotations"]


async def test_where_annotations_are_read_the_application_is_written() -> None:
    legacy = app({"image-list": f"app={IMAGE}:1.x"})
    plan = await planned("hold", reading(), legacy, tag="1.0.5", part="demo/app")
    assert sent(plan) == [to_app("ignoreTags", "app.ignore-tags", "1.0.5")]
    assert plan.proof is not None
    assert (plan.proof.kind, plan.proof.name, plan.proof.within) == (APPLICATION, "demo", 30.0)
    assert plan.warnings == (OTHER,)  # its own reader is no rival
    held = merged(legacy, plan.writes[0].body)
    assert blocked(STAGE, verb(STAGE, "release", "ImageUpdater"), reading(), held, part="demo/app") == ""
    again = await done("release", reading(), held, part="demo/app")
    assert again["metadata"]["annotations"] == legacy["metadata"]["annotations"]


async def test_what_was_made_goes_with_the_last_tag_that_is_released() -> None:
    obj = bare({"updateStrategy": "newest-build"})
    one = await done("hold", obj, tag="1.0.5")
    two = await done("hold", one, tag="1.0.6")
    with pytest.raises(Refused, match=r"2 tags are held: 1\.0\.5, 1\.0\.6"):
        await planned("release", two)
    first = await done("release", two, tag="1.0.5")
    (held,) = json.loads(first["metadata"]["annotations"][HELD])
    assert (held["tag"], held["made"]) == ("1.0.6", "commonUpdateSettings")
    (ref,) = first["spec"]["applicationRefs"]
    assert ref["images"][0]["commonUpdateSettings"]["ignoreTags"] == ["1.0.6"]
    assert (await done("release", first))["spec"] == obj["spec"]


async def test_what_somebody_changed_meanwhile_is_not_taken_away() -> None:
    held = await done("hold", bare(), tag="1.0.5")
    block = held["spec"]["applicationRefs"][0]["images"][0]["commonUpdateSettings"]
    block["allowTags"] = "regexp:^1"
    again = await done("release", held)
    assert again["spec"]["applicationRefs"][0]["images"][0]["commonUpdateSettings"] == {
        **block,
        "ignoreTags": [],
    }


async def test_a_tag_that_somebody_took_out_already_only_loses_its_mark() -> None:
    held = await done("hold", following(), tag="1.0.5")
    plan = await planned("release", changed(following(), metadata=held["metadata"]))
    body = '{"metadata":{"resourceVersion":"8491","annotations":{"trombone.dev/held":null}}}'
    assert sent(plan) == [UPDATER + body]


@pytest.mark.parametrize(
    ("ignored", "noop"),
    [
        (["1.0.5"], "1.0.5 is ignored already"),
        (["1.0.*"], "1.0.5 is ignored already by the pattern 1.0.*"),
    ],
)
async def test_a_tag_that_is_ignored_is_not_held_once_more(ignored: list[str], noop: str) -> None:
    plan = await planned("hold", following(ignoreTags=ignored), tag="1.0.5")
    assert (plan.noop, plan.writes) == (noop, ())


async def test_a_tag_that_is_held_says_by_whom() -> None:
    held = await done("hold", following(), tag="1.0.5", reason="p95 doubled")
    plan = await planned("hold", held, tag="1.0.5")
    told = "1.0.5 is held by kubernetes-admin since 23 Nov 13:20Z (p95 doubled)"
    assert plan.noop == f"1.0.5 is held already; {told}"
    assert (await planned("release", held)).before == f"app ignores 1.0.5; {told}"


async def test_a_tag_is_held_by_its_own_name_alone() -> None:
    held = await done("hold", following(), tag="1[0]*")
    assert held["spec"]["applicationRefs"][0]["images"][0]["commonUpdateSettings"]["ignoreTags"] == [
        "1\\[0]\\*"
    ]
    assert (await done("release", held))["spec"] == following()["spec"]


async def test_with_nothing_held_there_is_nothing_to_release() -> None:
    plan = await planned("release", following())
    assert (plan.noop, plan.writes) == ("hold keeps back no tag of app", ())


REFUSED: list[tuple[str, str, dict[str, Any], str, dict[str, Any], str]] = [
    ("two tags", "hold", following(), "app", {"tag": "1.0.5,1.0.6"}, "is no tag"),
    ("an image", "hold", following(), "app", {"tag": "demo/app:1.0.5"}, "is no tag"),
    ("no tag", "hold", following(), "app", {}, "is no tag"),
    ("a control character", "hold", following(), "app", {"tag": "1.0\n5"}, "is no tag"),
    ("no image", "hold", following(), "", {"tag": "1"}, "no image is chosen"),
    ("another image", "hold", following(), "web", {"tag": "1"}, "ImageUpdater demo has no image web"),
    ("not in an Application", "hold", app(), "web", {"tag": "1"}, "Application demo has no image web"),
    (
        "a mark of somebody else",
        "release",
        following() | {"metadata": {"name": "demo", "namespace": "argocd", "annotations": {HELD: "x"}}},
        "app",
        {},
        "not what hold writes",
    ),
    (
        "ignored by hand",
        "release",
        following(ignoreTags=["1.0.5"]),
        "app",
        {"tag": "1.0.5"},
        "1.0.5 is ignored, but hold did not add it",
    ),
    (
        "a field of the wrong type",
        "hold",
        following() | {"spec": {"applicationRefs": "x"}},
        "app",
        {"tag": "1"},
        "can't be read",
    ),
]


@pytest.mark.parametrize(
    ("name", "obj", "part", "said", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
async def test_what_can_not_be_done_is_refused_with_the_reason(
    name: str, obj: dict[str, Any], part: str, said: Mapping[str, Any], why: str
) -> None:
    with pytest.raises(Refused, match=why) as refused:
        await planned(name, obj, part=part, **said)
    assert refused.value.advice


def manager(heal: bool, auto: Any = None, **changes: Any) -> dict[str, Any]:
    """Return the Application that keeps ImageUpdaters as git says."""
    spec = {"automated": {"selfHeal": heal}} if auto is None else auto
    listed = {"group": IMAGE_UPDATER.group, "kind": "ImageUpdater", "namespace": "argocd", "name": "demo"}
    return app(
        metadata__name="platform",
        spec__syncPolicy=spec,
        spec__source__path="updaters",
        spec__source__repoURL="https://user:word@git.example/platform.git",
        status__resources=[listed],
        **changes,
    )


def tracked(**changes: Any) -> dict[str, Any]:
    notes = {"argocd.argoproj.io/tracking-id": f"platform:{IMAGE_UPDATER.group}/ImageUpdater:argocd/demo"}
    return changed(following(), metadata__annotations=notes, **changes)


WHERE = (
    "the manifest or a patch of it of ImageUpdater demo in https://git.example/platform.git, path updaters, "
    "branch main"
)
UNDONE = (
    "Application platform manages this ImageUpdater: its next sync undoes the change; "
    f"add 1.0.5 to ignoreTags of image app in git too: {WHERE}."
)
UNSEEN = (
    "Application platform manages this ImageUpdater and can't be seen: where it heals itself it undoes the "
    "change within seconds; add 1.0.5 to ignoreTags of image app in its repository too."
)
RULE = [{"group": IMAGE_UPDATER.group, "kind": "ImageUpdater", "jsonPointers": ["/spec/applicationRefs"]}]
LABELLED = changed(following(), metadata__labels={"app.kubernetes.io/instance": "platform"})
COPIED = {"argocd.argoproj.io/tracking-id": f"platform:{IMAGE_UPDATER.group}/ImageUpdater:argocd/other"}
OWNED = [{"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": "all", "uid": "1"}]
KEEPERS = [
    ("nobody", following(), [], []),
    ("no self-heal", tracked(), [manager(heal=False)], [UNDONE]),
    ("no auto-sync", tracked(), [manager(heal=True, auto={})], [UNDONE]),
    (
        "auto-sync switched off",
        tracked(),
        [manager(heal=True, auto={"automated": {"enabled": False, "selfHeal": True}})],
        [UNDONE],
    ),
    ("told to ignore it", tracked(), [manager(heal=True, spec__ignoreDifferences=RULE)], [UNDONE]),
    ("it can't be seen", tracked(), [], [UNSEEN]),
    ("by label", LABELLED, [manager(heal=False)], [UNDONE]),
    (
        "a label that Helm wrote",
        LABELLED,
        [changed(manager(heal=True), status__resources=[])],
        [],
    ),
    ("a copied annotation", changed(following(), metadata__annotations=COPIED), [manager(heal=True)], []),
    (
        "an owner",
        changed(following(), metadata__ownerReferences=OWNED),
        [],
        ["ApplicationSet all made this ImageUpdater and may undo the change."],
    ),
]


@pytest.mark.parametrize(
    ("obj", "others", "warnings"), [row[1:] for row in KEEPERS], ids=[row[0] for row in KEEPERS]
)
async def test_who_would_undo_it_is_told(
    obj: dict[str, Any], others: list[dict[str, Any]], warnings: list[str]
) -> None:
    plan = await planned("hold", obj, *others, tag="1.0.5")
    assert list(plan.warnings) == [OTHER, *warnings]


@pytest.mark.parametrize("obj", [tracked(), LABELLED], ids=["by annotation", "by label"])
async def test_where_it_would_be_undone_at_once_the_file_in_git_is_named(obj: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        await planned("hold", obj, manager(heal=True), tag="1.0.5")
    assert str(refused.value) == (
        "Application platform manages ImageUpdater demo from git and heals itself: it would undo the change "
        "within seconds"
    )
    assert refused.value.advice == f"add 1.0.5 to ignoreTags of image app in git: {WHERE}"


async def test_what_may_not_be_read_is_not_seen() -> None:
    away = tracked()
    away["metadata"]["annotations"] = {
        "argocd.argoproj.io/tracking-id": f"ops_platform:{IMAGE_UPDATER.group}/ImageUpdater:argocd/demo"
    }
    denied = {"Application": Denied("get", "applications.argoproj.io", namespace="ops")}
    plan = await planned("hold", away, tag="1.0.5", troubles=denied)
    assert plan.warnings[1].startswith("Application ops_platform manages this ImageUpdater and can't be seen")


async def test_another_image_updater_that_would_pick_the_tag_is_named() -> None:
    rival = changed(following("*"), metadata__name="rival", metadata__uid="2")
    other = changed(following("2.x"), metadata__name="other", metadata__uid="3")
    obj = following()
    plan = await planned("hold", obj, app(), obj, rival, other, tag="1.0.5")
    assert plan.warnings[1:] == (
        "ImageUpdater rival follows it for the same Application and may pick 1.0.5: hold it there too.",
    )


@pytest.mark.parametrize(
    ("obj", "tag", "warning"),
    [
        (following(), "2.0.0", "Its rule refuses 2.0.0 already: outside 1.x."),
        (
            following("main", updateStrategy="digest"),
            "main",
            "It follows the digest of main: nothing is updated while that is held.",
        ),
    ],
)
async def test_what_holding_changes_in_truth_is_told(obj: dict[str, Any], tag: str, warning: str) -> None:
    assert (await planned("hold", obj, tag=tag)).warnings == (warning,)


def status(observed: Any, checked: Any = "2026-11-23T13:21:00Z") -> dict[str, Any]:
    return {"observedGeneration": observed, "lastCheckedAt": checked}


HELD_NOW = following(ignoreTags=["1.0.5"])
SIGHTS: list[tuple[str, str, Any, tuple[Seen, str]]] = [
    ("not yet", "hold", following(), (Seen.NOT_YET, "1.0.5 is not ignored")),
    (
        "set, not checked since",
        "hold",
        changed(HELD_NOW, metadata__generation=2),
        (
            Seen.NOT_YET,
            "1.0.5 is ignored; next by 23 Nov 13:13Z if the interval is the default 2 min",
        ),
    ),
    (
        "checked since",
        "hold",
        changed(HELD_NOW, metadata__generation=2, status=status(2)),
        (Seen.DONE, "1.0.5 is ignored, checked on 23 Nov 13:21Z"),
    ),
    (
        "an older Image Updater",
        "hold",
        changed(HELD_NOW, status=None),
        (Seen.DONE, "1.0.5 is ignored; this Image Updater does not say when it checks"),
    ),
    ("gone", "hold", None, (Seen.FAILED, "the object is gone")),
    (
        "the image is gone",
        "hold",
        changed(HELD_NOW, spec__applicationRefs=[]),
        (Seen.FAILED, "the image is not listed any more"),
    ),
    ("unreadable", "hold", changed(HELD_NOW, spec=3), (Seen.FAILED, "the object can't be read")),
    ("undone", "release", HELD_NOW, (Seen.NOT_YET, "1.0.5 is ignored")),
    (
        "released",
        "release",
        changed(following(), metadata__generation=3, status=status(3)),
        (Seen.DONE, "1.0.5 is no longer ignored, checked on 23 Nov 13:21Z"),
    ),
]


@pytest.mark.parametrize(
    ("name", "obj", "sight"), [row[1:] for row in SIGHTS], ids=[row[0] for row in SIGHTS]
)
async def test_it_is_proved_by_the_field_and_the_next_check(
    name: str, obj: Any, sight: tuple[Seen, str]
) -> None:
    start = following() if name == "hold" else await done("hold", following(), tag="1.0.5")
    proof = (await planned(name, start, **({"tag": "1.0.5"} if name == "hold" else {}))).proof
    assert proof is not None
    assert (proof.within, proof.stays) == (150.0, 10.0)
    found = proof.judge(obj)
    assert found.seen is sight[0]
    assert found.text.startswith(sight[1])


async def test_an_annotation_is_proved_by_being_there() -> None:
    legacy = app({"image-list": f"app={IMAGE}:1.x"})
    proof = (await planned("hold", legacy, tag="1.0.5")).proof
    assert proof is not None
    assert proof.judge(legacy).seen is Seen.NOT_YET
    assert proof.judge(await done("hold", legacy, tag="1.0.5")).seen is Seen.DONE


async def test_each_verb_is_greyed_with_the_reason() -> None:
    hold, release = (verb(STAGE, name, "ImageUpdater") for name in ("hold", "release"))
    held = await done("hold", following(), tag="1.0.5")
    gone = changed(following(), metadata__deletionTimestamp="2026-11-23T13:00:00Z")
    assert blocked(STAGE, hold, following(), part="app") == ""
    assert blocked(STAGE, hold, following()) == "choose one of its images"
    assert blocked(STAGE, hold, gone, part="app") == "it is being deleted"
    assert blocked(STAGE, release, gone, part="app") == "it is being deleted"
    assert blocked(STAGE, release, following(), part="app") == "hold keeps nothing back here"
    assert blocked(STAGE, release, held, part="app") == ""
    unreadable = changed(held, metadata__annotations={HELD: "{"})
    assert blocked(STAGE, release, unreadable, part="app") == ""


def test_holding_is_dangerous_and_releasing_is_not() -> None:
    for kind in ("ImageUpdater", "Application"):
        assert verb(STAGE, "hold", kind).dangerous({})
        assert not verb(STAGE, "release", kind).dangerous({})


async def plan_or_reason(of: Verb, scene: Staged) -> tuple[Plan | None, str]:
    try:
        return await of.plan(scene), ""
    except PortError as error:
        return None, str(error)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["hold", "release"]), objects(IMAGE_UPDATER), objects(APPLICATION), st.data())
async def test_any_object_gives_a_plan_or_a_reason(name: str, one: Any, two: Any, data: Any) -> None:
    for kind, obj in ((IMAGE_UPDATER, one), (APPLICATION, two)):
        whole = {**obj, "kind": kind.name}
        parts = sorted({ref.part for ref in _rows(whole)} | {"", "a/b"})
        scene = Staged(STAGE, whole, given={"tag": "1.2"}, part=data.draw(st.sampled_from(parts)), now=NOW)
        plan, reason = await plan_or_reason(verb(STAGE, name, kind.name), scene)
        assert (plan is None) is bool(reason)
        if plan is None:
            continue
        assert bool(plan.noop) is not bool(plan.writes)
        for write in plan.writes:
            assert msgspec.json.encode(write.body)
            assert plan.proof is not None
            after = merged(whole, write.body)
            wanted = Seen.NOT_YET if name == "release" else None
            assert plan.proof.judge(after).seen in (Seen.DONE, Seen.NOT_YET, wanted)


def _rows(whole: dict[str, Any]) -> list[Any]:
    return list(read(STAGE, whole).items)
