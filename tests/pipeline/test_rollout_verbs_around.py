"""What a Rollout's verbs say of the objects around it: former revisions, who takes a change back, pods.

The family is the lab's bad journey (Argo Rollouts 1.9.1, Argo CD with self-heal), as its controllers left it.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from any_json import anything, objects
from changing import changed
from hypothesis import given, note, settings
from hypothesis import strategies as st
from lab_objects import AT_PAUSE, BLUE, BY_HAND, UNDECIDED
from recordings import documents
from scenes import Staged, sent, verb

from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.ports import Denied, NotInstalled, PortError, Refused
from trombone_tui.core.verbs import Given, Plan, Seen
from trombone_tui.pipeline.rollout import STAGE
from trombone_tui.pipeline.rollout.verbs.injected import clean

Held = dict[str, Any]
FAMILY = documents("rollout", "aborted-family")
ABORTED, AROUND = FAMILY[0], FAMILY[1:]
APPLICATION = next(one for one in AROUND if one["kind"] == "Application")
UNMANAGED = [one for one in AROUND if one["kind"] != "Application"]
HEALTHY = next(
    event["object"] for event in documents("rollout", "journey-bad") if event["object"]["kind"] == "Rollout"
)
"""The same Rollout before: revision 5 is fully promoted, revision 4 was aborted."""
OLD = [one for one in AROUND if one["metadata"]["name"] != "demo-64cd7cc9bc"]
BEFORE = [one for one in OLD if one["metadata"]["name"] != "demo-64cd7cc9bc-6-2"]
HEALS = (
    "Argo CD's Application demo heals itself: it puts this back within seconds, at the cost of two more "
    "revisions; abort stays, and so does a revert in git."
)


async def planned(
    name: str,
    obj: Held,
    *others: Held,
    options: Given | None = None,
    troubles: dict[str, PortError] | None = None,
) -> Plan:
    scene = Staged(STAGE, obj, *others, given=options, troubles=troubles)
    return await verb(STAGE, name).plan(scene)


async def test_undo_writes_the_template_of_the_revision_before_without_its_hash() -> None:
    plan = await planned("undo", ABORTED, *AROUND)
    (write,) = plan.writes
    (step,) = write.body
    assert sent(plan)[0].startswith("PATCH argoproj.io/v1alpha1/shop/rollouts/demo json-patch+json [{")
    assert (step["op"], step["path"]) == ("replace", "/spec/template")
    assert step["value"]["metadata"] == {"labels": {"app": "demo"}}
    assert step["value"]["spec"]["containers"][0]["image"] == "127.0.0.1:5000/demo/app:1.0.4"
    assert plan.before == "revision 6 (app:1.0.5)"
    assert plan.after == "the template of revision 5 (app:1.0.4), as revision 7"
    assert plan.command == "kubectl argo rollouts undo demo -n shop"
    assert plan.warnings == (
        "Revision 5 (app:1.0.4) is the stable version.",
        "It is the stable version, so steps and analyses are skipped.",
        HEALS,
    )
    assert plan.proof is not None
    assert plan.proof.waits_for == "Healthy on the stable version"
    assert plan.proof.stays == 10


async def test_undo_to_an_aborted_revision_names_the_last_that_was_healthy() -> None:
    plan = await planned("undo", HEALTHY, *BEFORE)
    assert plan.after == "the template of revision 4 (app:1.0.3), as revision 6"
    assert plan.warnings[:2] == (
        "Revision 4 (app:1.0.3) was aborted: its analysis demo-7f947fdd8f-4-2 ended Failed; the last one "
        "that was healthy is revision 3 (app:1.0.2): undo --to-revision 3.",
        "It is an update like any other: all steps and analyses run again.",
    )


FATES = [
    (3, "Revision 3 (app:1.0.2) passed its analysis."),
    (2, "Revision 2 (app:1.0.1) was aborted: its analysis demo-7b6db48f59-2-2 ended Failed; "),
    (1, "Revision 1 (app:1.0.0) may have served well or not: no decided analysis of it is kept; the last "),
]


@pytest.mark.parametrize(("number", "fate"), FATES)
async def test_undo_says_what_became_of_the_revision_that_is_named(number: int, fate: str) -> None:
    plan = await planned("undo", HEALTHY, *BEFORE, options={"to-revision": number})
    assert plan.warnings[0].startswith(fate)
    assert plan.command == f"kubectl argo rollouts undo demo --to-revision {number} -n shop"


WAYS: list[tuple[Held, str]] = [
    (
        {"spec__rollbackWindow": {"revisions": 3}},
        "Within the last 3 revisions (rollbackWindow) steps are skipped.",
    ),
    (
        {"spec__strategy": {"blueGreen": {"activeService": "a"}}},
        "It is an update like any other: it is promoted as the Rollout says.",
    ),
    (
        {"spec__paused": True},
        "It is paused by hand: the new version gets a ReplicaSet without pods until resume.",
    ),
    ({"spec__strategy": {"canary": {}}}, HEALS),
]


@pytest.mark.parametrize(("changes", "way"), WAYS)
async def test_undo_says_how_the_former_revision_comes_back(changes: Held, way: str) -> None:
    plan = await planned("undo", changed(HEALTHY, **changes), *BEFORE, options={"to-revision": 3})
    assert plan.warnings[1] == way


async def test_undo_to_the_stable_revision_while_paused_by_hand_waits_for_the_revision_only() -> None:
    plan = await planned("undo", changed(ABORTED, spec__paused=True), *UNMANAGED)
    assert plan.proof is not None
    assert plan.proof.waits_for == "revision 7"


async def test_undo_refuses_a_revision_whose_template_is_gone() -> None:
    broken = [
        changed(one, spec__template=None) if one["metadata"]["name"] == "demo-7f947fdd8f" else one
        for one in BEFORE
    ]
    with pytest.raises(Refused, match=r"revision 4 \(no image\) has no pod template"):
        await planned("undo", HEALTHY, *broken)


UNDER_WAY = [
    ({}, "Revision 6 (app:1.0.5) was aborted; the last one that was healthy is revision 5 (app:1.0.4): "),
    (
        {"status__abort": None, "status__phase": "Progressing"},
        "Revision 6 (app:1.0.5) is on its way; the last one that was healthy is revision 5 (app:1.0.4): ",
    ),
]


@pytest.mark.parametrize(("changes", "fate"), UNDER_WAY)
async def test_undo_says_what_becomes_of_the_newest_revision(changes: Held, fate: str) -> None:
    unseen = changed(ABORTED, metadata__generation=99, **changes)
    plan = await planned("undo", unseen, *UNMANAGED, options={"to-revision": 6})
    assert plan.warnings[0].startswith(fate)


async def test_undo_to_what_is_wanted_already_sends_nothing() -> None:
    plan = await planned("undo", HEALTHY, *BEFORE, options={"to-revision": 5})
    assert plan.noop == "its template is that of revision 5 (app:1.0.4) already"
    assert plan.writes == ()


async def test_undo_refuses_a_revision_that_is_not_kept_and_names_those_that_are() -> None:
    with pytest.raises(Refused, match="there is no revision 9 in its history") as refused:
        await planned("undo", HEALTHY, *BEFORE, options={"to-revision": 9})
    assert refused.value.advice == "there are: 5, 4, 3, 2, 1"


async def test_undo_refuses_where_the_replica_sets_may_not_be_listed() -> None:
    trouble = Denied("list", "replicasets.apps", namespace="shop")
    with pytest.raises(Refused, match=r"may not list replicasets\.apps in namespace shop"):
        await planned("undo", HEALTHY, troubles={"ReplicaSet": trouble})


async def test_a_replica_set_of_a_former_rollout_of_that_name_is_no_revision() -> None:
    stranger = [changed(one, metadata__ownerReferences=[]) for one in OLD if one["kind"] == "ReplicaSet"]
    with pytest.raises(Refused, match="there is no revision before this one"):
        await planned("undo", HEALTHY, *stranger)


async def test_undo_is_seen_as_healthy_on_the_stable_version() -> None:
    plan = await planned("undo", ABORTED, *UNMANAGED)
    assert plan.proof is not None
    (step,) = plan.writes[0].body
    asked = changed(ABORTED, spec__template=step["value"], metadata__generation=13)
    taken = changed(
        asked,
        status__observedGeneration="13",
        status__currentPodHash="5957f674b8",
        status__abort=None,
        status__phase="Progressing",
        metadata__annotations={"rollout.argoproj.io/revision": "7"},
    )
    healthy = changed(taken, status__phase="Healthy", status__message=None)
    seen = [plan.proof.judge(one).seen for one in (ABORTED, asked, taken, healthy)]
    assert seen == [Seen.NOT_YET, Seen.REQUESTED, Seen.NOT_YET, Seen.DONE]
    assert plan.proof.stays == 10  # the tracking annotation still names an Application


def affinity(*hashes: str, own: bool = False) -> Held:
    terms = [
        {
            "labelSelector": {
                "matchExpressions": [
                    {"key": "rollouts-pod-template-hash", "operator": "In", "values": [one]},
                ]
            },
            "topologyKey": "kubernetes.io/hostname",
        }
        for one in hashes
    ]
    mine = [{"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "zone"}] if own else []
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [*mine, *terms]}}


def stable_set(**changes: Any) -> Held:
    found = next(one for one in AROUND if one["metadata"]["name"] == "demo-5957f674b8")
    return changed(found, **changes)


async def test_what_the_controller_injected_is_left_out_and_named() -> None:
    injected = stable_set()
    injected["metadata"]["annotations"]["rollout.argoproj.io/ephemeral-metadata"] = json.dumps(
        {"labels": {"role": "stable"}, "annotations": {"note": "x"}}
    )
    injected["spec"]["template"]["metadata"]["labels"]["role"] = "stable"
    injected["spec"]["template"]["metadata"]["annotations"] = {"note": "x", "mine": "y"}
    injected["spec"]["template"]["spec"]["affinity"] = affinity("64cd7cc9bc", own=True)
    others = [one for one in UNMANAGED if one["metadata"]["name"] != "demo-5957f674b8"]
    plan = await planned("undo", ABORTED, injected, *others)
    template = plan.writes[0].body[0]["value"]
    assert template["metadata"] == {"labels": {"app": "demo"}, "annotations": {"mine": "y"}}
    assert template["spec"]["affinity"] == affinity(own=True)
    told = "label role, annotation note, the anti-affinity to the other version"
    assert f"Left out, as the controller put it there: {told}." in plan.warnings
    assert plan.command == ""


def test_an_anti_affinity_that_was_only_injected_leaves_nothing_behind() -> None:
    preferred = {"weight": 1, "podAffinityTerm": affinity("a")["podAntiAffinity"].popitem()[1][0]}
    terms = {"preferredDuringSchedulingIgnoredDuringExecution": [preferred]}
    for found in (affinity("a"), {"podAntiAffinity": terms}):
        cleaned = clean(stable_set(spec__template__spec__affinity=found))
        assert cleaned is not None
        assert "affinity" not in cleaned[0]["spec"]
    odd = stable_set(metadata__annotations={"rollout.argoproj.io/ephemeral-metadata": "{"})
    odd["spec"]["template"]["metadata"] = {"labels": {"rollouts-pod-template-hash": "a"}}
    assert clean(odd) == ({"metadata": {}, "spec": odd["spec"]["template"]["spec"]}, ())
    assert clean({"spec": {"template": {"spec": None}}}) is None
    kept = clean(stable_set(spec__template__spec__affinity={"podAntiAffinity": {}}))
    assert kept is not None
    assert kept[0]["spec"]["affinity"] == {"podAntiAffinity": {}}


IMAGE = {"image": ("app=127.0.0.1:5000/demo/app:1.0.2",)}
POLICIES = [
    ({"automated": {"selfHeal": True}}, HEALS),
    (
        {"automated": {}},
        "Argo CD's Application demo becomes OutOfSync, and the next commit it syncs by itself overwrites "
        "this; revert it in git as well.",
    ),
    (
        {"automated": {"enabled": False, "selfHeal": True}},
        "Argo CD's Application demo becomes OutOfSync, and its next sync overwrites this.",
    ),
    ({}, "Argo CD's Application demo becomes OutOfSync, and its next sync overwrites this."),
]


@pytest.mark.parametrize(("policy", "warning"), POLICIES)
async def test_a_change_of_the_template_says_what_argo_cd_does_about_it(policy: Held, warning: str) -> None:
    application = changed(APPLICATION, spec__syncPolicy=policy)
    plan = await planned("set", HEALTHY, application, options=IMAGE)
    assert plan.warnings == (warning,)
    assert plan.proof is not None
    assert plan.proof.stays == 10


async def test_an_application_that_can_not_be_seen_is_said_to_be_unknown() -> None:
    plan = await planned("set", HEALTHY, options=IMAGE)
    assert plan.warnings == (
        "Argo CD's Application demo manages it and can't be seen from here: whether it puts this back is "
        "not known.",
    )


async def test_an_application_in_a_namespace_of_its_own_is_fetched() -> None:
    tracked = changed(
        HEALTHY,
        metadata__annotations={"argocd.argoproj.io/tracking-id": "apps_mine:argoproj.io/Rollout:shop/demo"},
    )
    mine = changed(APPLICATION, metadata__name="mine", metadata__namespace="apps", status__resources=[])
    plan = await planned("set", tracked, mine, options=IMAGE)
    assert plan.warnings == (HEALS.replace("demo", "mine"),)
    plan = await planned("set", tracked, options=IMAGE)
    assert plan.warnings[0].startswith(
        "Argo CD's Application apps/mine manages it and can't be seen from here"
    )


async def test_a_tracking_annotation_of_another_object_counts_for_nothing() -> None:
    copied = changed(
        HEALTHY,
        metadata__annotations={"argocd.argoproj.io/tracking-id": "other:argoproj.io/Rollout:shop/other"},
    )
    plan = await planned("set", copied, options=IMAGE)
    assert plan.warnings == ()
    assert plan.proof is not None
    assert plan.proof.stays == 0


def updater(**ref: Any) -> Held:
    images = [{"alias": "app", "imageName": "127.0.0.1:5000/demo/app:1.x"}]
    place = APPLICATION["metadata"]["namespace"]
    return {
        "kind": "ImageUpdater",
        "metadata": {"name": "apps", "namespace": place},
        "spec": {"applicationRefs": [{"namePattern": "de*", "images": images, **ref}]},
    }


ANNOTATED = "argocd-image-updater.argoproj.io/image-list"
LISTED = changed(APPLICATION, metadata__annotations={ANNOTATED: "app=127.0.0.1:5000/demo/app:1.x, b=other"})
CHOOSERS: list[tuple[list[Held], dict[str, PortError], str]] = [
    ([updater()], {}, "ImageUpdater apps may choose the tag again: hold it there as well."),
    ([updater(namePattern="x*")], {}, ""),
    ([{**updater(), "spec": "melted"}], {}, ""),
    ([updater(images=[{"alias": "a", "imageName": "other:1.x"}])], {}, ""),
    ([updater(labelSelectors={"matchLabels": {"team": "b"}})], {}, ""),
    ([], {"ImageUpdater": NotInstalled("imageupdaters")}, ""),
    (
        [],
        {"ImageUpdater": Denied("list", "imageupdaters", namespace="argocd")},
        "Whether an ImageUpdater chooses the tag again can't be seen: may not list imageupdaters in "
        "namespace argocd.",
    ),
]


@pytest.mark.parametrize(("others", "troubles", "warning"), CHOOSERS)
async def test_a_change_of_the_template_names_what_may_choose_the_tag_again(
    others: list[Held], troubles: dict[str, PortError], warning: str
) -> None:
    plan = await planned("set", HEALTHY, APPLICATION, *others, options=IMAGE, troubles=troubles)
    assert plan.warnings == ((HEALS, warning) if warning else (HEALS,))


async def test_the_annotations_of_the_older_image_updater_are_read_as_well() -> None:
    plan = await planned("set", HEALTHY, LISTED, options=IMAGE)
    told = "The Image Updater may choose the tag again: Application demo is annotated so."
    assert plan.warnings == (HEALS, told)
    by_ref = updater(images=None, useAnnotations=True)
    plan = await planned("undo", HEALTHY, *BEFORE[:-1], LISTED, by_ref)
    assert plan.warnings[-1] == "ImageUpdater apps may choose the tag again: hold it there as well."


MEASURING = changed(
    UNDECIDED, status__pauseConditions=None, status__controllerPause=None, status__phase="Progressing"
)
STAYS = (
    "It stays Degraded, and web:2 stays wanted, until the template changes or it is retried; take the "
    "version back in git, or the next commit starts from there."
)
WARNED = [
    ("promote", AT_PAUSE, {}, ()),
    (
        "promote",
        MEASURING,
        {},
        ("Nothing is paused: this skips step 2 of 3 (analysis undecided), which is running.",),
    ),
    (
        "promote",
        changed(MEASURING, spec__paused=True),
        {},
        (
            "It is paused by hand only: this lets it go on and skips step 2 of 3 (analysis undecided) as "
            "well; resume lets it go on without skipping.",
        ),
    ),
    (
        "promote",
        UNDECIDED,
        {},
        (
            "The analysis of step 2 of 3 (analysis undecided) could not decide, and counts as passed; "
            "remeasure asks once more.",
        ),
    ),
    (
        "promote",
        AT_PAUSE,
        {"full": True},
        (
            "It skips the 3 steps that are left, with every pause and analysis: nothing measures web:2 any "
            "more.",
        ),
    ),
    (
        "promote",
        changed(BY_HAND, status__pauseConditions=None),
        {"skip-current-step": True},
        ("It skips step 2 of 2 (pause until promoted).", "It stays paused by hand: resume lets it go on."),
    ),
    (
        "promote",
        changed(
            UNDECIDED, status__currentStepIndex=2, spec__strategy__canary__steps=[{}, {}, {"setWeight": 5}]
        ),
        {},
        ("Only the pause (InconclusiveAnalysisRun) is lifted: step 3 of 3 (set weight 5 %) still runs.",),
    ),
    ("abort", AT_PAUSE, {}, (STAYS,)),
    (
        "abort",
        changed(AT_PAUSE, status__stableRS=None),
        {},
        (STAYS, "Mind that it is its first version: there is none to go back to."),
    ),
    (
        "abort",
        changed(BLUE, status__blueGreen__activeSelector=BLUE["status"]["currentPodHash"]),
        {},
        (
            STAYS,
            "The active service already selects the new version: it goes back to the stable one.",
        ),
    ),
    (
        "pause",
        HEALTHY,
        {},
        ("Nothing is on its way: a new version gets a ReplicaSet without pods until resume.",),
    ),
    ("resume", BY_HAND, {}, ("It stays held by CanaryPauseStep: promote goes on from there.",)),
    ("pause", MEASURING, {}, ("An analysis that runs goes on measuring while it is paused.",)),
    (
        "set",
        AT_PAUSE,
        {"image": ("app=a:1",)},
        (
            "An update is under way (Paused in step 2 of 4 (pause 1 h)): it is dropped, and the new one "
            "starts at its first step.",
        ),
    ),
    (
        "set",
        BY_HAND,
        {"image": ("app=a:1",)},
        ("It is paused by hand: the new version gets a ReplicaSet without pods until resume.",),
    ),
]


@pytest.mark.parametrize(("name", "obj", "options", "warnings"), WARNED)
async def test_a_plan_says_what_else_it_brings_about(
    name: str, obj: Held, options: Given, warnings: tuple[str, ...]
) -> None:
    assert (await planned(name, obj, options=options)).warnings == warnings


def budget(allowed: int, **labels: str) -> Held:
    return {
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "tight", "namespace": "lab"},
        "spec": {"selector": {"matchLabels": labels}},
        "status": {"disruptionsAllowed": allowed},
    }


def scaler(least: int, name: str = "timed") -> Held:
    return {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "hpa", "namespace": "lab"},
        "spec": {"minReplicas": least, "scaleTargetRef": {"kind": "Rollout", "name": name}},
    }


ONE = "It has one pod only: while that is replaced there is none."
TIGHT = "PodDisruptionBudget tight lets no pod go now: the restart waits until it does."
SCALED = "A HorizontalPodAutoscaler may bring it down to one pod: then there is none meanwhile."
UNSEEN = "Whether a PodDisruptionBudget holds its pods can't be seen: may not list budgets in namespace lab."
RESTARTS: list[tuple[Held, list[Held], dict[str, PortError], tuple[str, ...]]] = [
    (AT_PAUSE, [], {}, ()),
    (changed(AT_PAUSE, spec__replicas=1), [], {}, (ONE,)),
    (changed(AT_PAUSE, spec__replicas=None), [], {}, (ONE,)),
    (AT_PAUSE, [budget(0, app="timed")], {}, (TIGHT,)),
    (AT_PAUSE, [budget(1, app="timed")], {}, ()),
    (AT_PAUSE, [budget(0, app="other")], {}, ()),
    (AT_PAUSE, [scaler(1)], {}, (SCALED,)),
    (AT_PAUSE, [{**scaler(1), "spec": 1}, {**budget(0), "spec": 1}], {}, ()),
    (AT_PAUSE, [], {"HorizontalPodAutoscaler": Denied("list", "scalers", namespace="lab")}, ()),
    (AT_PAUSE, [scaler(2), scaler(1, "other")], {}, ()),
    (AT_PAUSE, [], {"PodDisruptionBudget": Denied("list", "budgets", namespace="lab")}, (UNSEEN,)),
]


@pytest.mark.parametrize(("obj", "others", "troubles", "warnings"), RESTARTS)
async def test_a_restart_says_whether_pods_will_be_missing_or_may_not_go(
    obj: Held, others: list[Held], troubles: dict[str, PortError], warnings: tuple[str, ...]
) -> None:
    assert (await planned("restart", obj, *others, troubles=troubles)).warnings == warnings


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        (None, "never restarted"),
        ("2026-11-22T13:00:00Z", "restarted last on 22 Nov 13:00Z"),
        ("0001-01-01T00:00:00+14:00", "restarted last on 0001-01-01T00:00:00+14:00"),
    ],
)
async def test_a_restart_says_when_the_last_one_was(moment: str | None, before: str) -> None:
    assert (await planned("restart", changed(HEALTHY, status__restartedAt=moment))).before == before


async def test_undo_of_a_referenced_deployment_is_written_there() -> None:
    by_ref = changed(ABORTED, spec__template=None, spec__workloadRef={"kind": "Deployment", "name": "web"})
    plan = await planned("undo", by_ref, *UNMANAGED)
    assert sent(plan)[0].startswith("PATCH apps/v1/shop/deployments/web json-patch+json [{")
    pods = changed(by_ref, spec__workloadRef={"kind": "PodTemplate", "name": "web"})
    plan = await planned("undo", pods, *UNMANAGED)
    assert sent(plan)[0].startswith("PATCH v1/shop/podtemplates/web json-patch+json [{")
    assert plan.writes[0].body[0]["path"] == "/template"


def replica_set(number: int, spec: Any) -> Held:
    meta = {
        "name": "r",
        "namespace": "n",
        "labels": {"rollouts-pod-template-hash": "a"},
        "annotations": {"rollout.argoproj.io/revision": str(number)},
        "ownerReferences": [{"kind": "Rollout", "uid": "u", "controller": True}],
    }
    pods = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
    return {"kind": "ReplicaSet", "metadata": meta, "spec": {"template": pods}}


PROMOTED: list[Given] = [{}, {"full": True}, {"skip-current-step": True}, {"skip-all-steps": True}]
WHOLES = objects(ROLLOUT) | st.fixed_dictionaries(
    {"metadata": anything, "spec": anything, "status": anything}
)


@settings(deadline=None, max_examples=100)
@given(WHOLES, st.sampled_from(PROMOTED), objects(ROLLOUT) | anything, st.lists(anything, max_size=2))
async def test_any_object_gives_a_plan_or_a_refusal_and_any_other_a_sight(
    whole: Held, promoted: Given, later: Any, sets: list[Any]
) -> None:
    if isinstance(whole["metadata"], dict):
        whole["metadata"]["uid"] = "u"
    others = [replica_set(number, spec) for number, spec in enumerate(sets)]
    options: dict[str, Given] = {"promote": promoted, "set": {"image": ("*=a:1",)}}
    for chosen in STAGE.verbs:
        note(chosen.name)
        try:
            plan = await chosen.plan(Staged(STAGE, whole, *others, given=options.get(chosen.name)))
        except Refused:
            continue
        assert bool(plan.noop) is not bool(plan.writes)
        if plan.proof is not None:
            for state in (whole, later if isinstance(later, dict) else {}, None):
                assert plan.proof.judge(state).seen in Seen
