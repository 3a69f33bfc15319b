"""The plan of a rollback that stays: which steps, in which order, how far each is, who would undo it."""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from deliveries import BAD, World, lines
from situations import (
    AFTER,
    LEFT,
    NGINX,
    REFUSED,
    SITUATIONS,
    ahead,
    blue_green,
    child,
    holding,
    managed,
    parent,
    returned,
    with_image,
    world,
    written_into_spec,
)

from trombone_tui.core.ports import Refused
from trombone_tui.core.rollback import Check, RollbackPlan, RollbackStep, State

ABORTED = "abort Rollout demo | done already: it is aborted"
ABORT = "abort Rollout demo | can be done now"
HOLD = "hold 1.0.5 of app in ImageUpdater demo | can be done now"
HELD = "hold 1.0.5 of app in ImageUpdater demo | done already: it is held by alice since 23 Nov 13:10Z"
GIT = (
    "take 1.0.5 out of the source of Application demo | yours to do: its source is at 40addcb, and the "
    "Rollout is as that says"
)
OFF = "  or turn auto-sync of demo off | can be done now"
IS_OFF = "  or turn auto-sync of demo off | done already: auto-sync is off already"
BACK = (
    "  or roll demo back to sync 4 (1db68d2 of 23 Nov 13:06Z) | blocked: auto-sync is on: turn it off first"
)
MAY_BACK = "  or roll demo back to sync 4 (1db68d2 of 23 Nov 13:06Z) | can be done now"
ON = "  or turn auto-sync of demo on again | blocked: auto-sync is not off yet"
FIRST = "blocked: take the bad version out of the source first: a sync now changes nothing"
SYNC = f"sync Application demo | {FIRST}"
NOT_YET = "verify that it stays | blocked: not yet: Rollout demo is Healthy with app:1.0.4 alone"
REST = [OFF, BACK, ON, SYNC, NOT_YET]
GONE = "abort Rollout demo | done already: what is to go is not on its way any more"
REVERTED = (
    "take 1.0.5 out of the source of Application demo | done already: its source is at abababa, and that is "
    "what is deployed"
)
SYNCED = "sync Application demo | done already: it is Synced to abababa"
LIKELY = (
    "take 1.0.5 out of the source of Application demo | done already: likely: its source went from 40addcb "
    "to abababa, and the Rollout differs from that"
)
PROMOTED = "abort Rollout demo | done already: there is nothing to abort: the version is fully promoted"
AGAIN = "blocked: take the bad version out of the source first: it would be deployed again"
PATCH = "not permitted: you may not patch"
APPS = "applications.argoproj.io in namespace argocd"
UPDATERS = "imageupdaters.argocd-image-updater.argoproj.io"
KEPT = (
    "hold 1.0.5 of app in ImageUpdater demo | yours to do: Application platform keeps it as git says and "
    "would undo a hold within seconds: change the manifest or a patch of it of ImageUpdater demo in "
    "https://git.example/platform.git, path updaters, branch main"
)

STEPS: dict[str, list[str]] = {
    "aborted, with self-heal": [ABORTED, HOLD, GIT, *REST],
    "auto-sync without self-heal": [ABORTED, HOLD, GIT, *REST],
    "never auto-sync": [
        ABORTED,
        HOLD,
        GIT,
        IS_OFF,
        MAY_BACK,
        f"  or turn auto-sync of demo on again | {FIRST}",
        SYNC,
        NOT_YET,
    ],
    "auto-sync was left off and a sync rolled back": [
        GONE,
        HOLD,
        "take 1.0.5 out of the source of Application demo | yours to do: its source is still at 40addcb, "
        "which brought it: the next sync brings it again",
        IS_OFF,
        "  or roll demo back to sync 4 (1db68d2 of 23 Nov 13:06Z) | done already: sync 6 (1db68d2 of "
        "23 Nov 13:11Z) deployed it again",
        f"sync Application demo | {AGAIN}",
        f"turn auto-sync of demo on again | {AGAIN}",
        "verify that it stays | blocked: not yet: Application demo is Synced, and not to 40addcb",
    ],
    "auto-sync is off, nothing rolled back yet": [
        ABORTED,
        HOLD,
        GIT,
        IS_OFF,
        MAY_BACK,
        SYNC,
        f"turn auto-sync of demo on again | {FIRST}",
        NOT_YET,
    ],
    "no ImageUpdater": [ABORTED, GIT, *REST],
    "ImageUpdaters can't be seen": [
        ABORTED,
        "hold the tag in Image Updater | not visible: whether anything follows the image can't be seen: you "
        f"may not list {UPDATERS}, or they are not read yet",
        GIT,
        *REST,
    ],
    "the ImageUpdater is kept by git": [ABORTED, KEPT, GIT, *REST],
    "the ImageUpdater is kept by git, without self-heal": [ABORTED, HOLD, GIT, *REST],
    "the ImageUpdater is kept by git that can't be seen": [ABORTED, HOLD, GIT, *REST],
    "no rights at all, in mid-update": [
        f"abort Rollout demo | {PATCH} rollouts.argoproj.io/status in namespace shop",
        f"hold 1.0.5 of app in ImageUpdater demo | {PATCH} {UPDATERS} in namespace argocd",
        GIT,
        f"  or turn auto-sync of demo off | {PATCH} {APPS}",
        f"  or roll demo back to sync 4 (1db68d2 of 23 Nov 13:06Z) | {PATCH} {APPS}",
        f"  or turn auto-sync of demo on again | {PATCH} {APPS}",
        f"sync Application demo | {PATCH} {APPS}",
        NOT_YET,
    ],
    "rights are not known yet": [
        f"{ABORT}: whether you may patch rollouts.argoproj.io/status in namespace shop is not known yet",
        f"{HOLD}: whether you may patch {UPDATERS} in namespace argocd is not known yet",
        GIT,
        f"{OFF}: whether you may patch {APPS} is not known yet",
        BACK,
        ON,
        SYNC,
        NOT_YET,
    ],
    "in mid-update": [ABORT, HOLD, GIT, *REST],
    "the tag is held already": [ABORTED, HELD, GIT, *REST],
    "fully promoted": [PROMOTED, HOLD, GIT, *REST],
    "fully promoted, the version before was refused": [
        PROMOTED,
        HOLD,
        GIT,
        OFF,
        BACK.replace("4 (1db68d2 of 23 Nov 13:06Z)", "3 (88eb353 of 23 Nov 13:05Z)"),
        ON,
        SYNC,
        NOT_YET.replace("1.0.4", "1.0.3"),
    ],
    "taken back": [GONE, HELD, REVERTED, SYNCED, "verify that it stays | done already"],
    "taken back, not checked since": [
        GONE,
        HELD.replace("13:10Z", "13:11Z"),
        REVERTED,
        SYNCED,
        "verify that it stays | blocked: not yet: it was checked since 1.0.5 is held",
    ],
    "taken back, not held": [
        GONE,
        HOLD,
        REVERTED,
        SYNCED,
        "verify that it stays | blocked: not yet: ImageUpdater demo holds 1.0.5 of app",
    ],
    "blue-green before its switch": [
        "abort Rollout bluegreen | can be done now",
        "hold 2 of app in ImageUpdater demo | can be done now",
        GIT.replace("1.0.5", "2"),
        OFF,
        BACK,
        ON,
        SYNC,
        "verify that it stays | blocked: not yet: Rollout bluegreen is Healthy with web:1 alone",
    ],
    "two Applications": [
        ABORTED,
        ABORT.replace("demo", "demo-eu"),
        HOLD,
        GIT,
        OFF,
        BACK,
        ON,
        *(line.replace("demo", "demo-eu") for line in (GIT, OFF, BACK, ON)),
        SYNC,
        SYNC.replace("demo", "demo-eu"),
        NOT_YET,
    ],
    "no Application": [
        ABORTED,
        HOLD,
        "take app:1.0.5 out of what deploys Rollout demo | yours to do: no Application is seen that deploys "
        "it: change what it is applied from",
        NOT_YET,
    ],
    "Applications can't be seen": [
        ABORTED,
        HOLD,
        "take app:1.0.5 out of what deploys Rollout demo | not visible: what deploys it can't be seen: you "
        "may not list applications.argoproj.io, or they are not read yet",
        NOT_YET,
    ],
    "ReplicaSets can't be seen": [
        ABORTED,
        HOLD,
        GIT,
        OFF,
        BACK,
        ON,
        SYNC,
        NOT_YET.replace("app:1.0.4", "the version before"),
    ],
    "the Application is made by a set": [
        ABORTED,
        HOLD,
        GIT,
        "  or turn auto-sync of demo off | blocked: ApplicationSet all turns it on again: change it in its "
        "template",
        *REST[1:],
    ],
    "the Application is kept by git": [
        ABORTED,
        HOLD,
        GIT,
        "  or turn auto-sync of demo off | blocked: Application apps turns it on again: change it in the "
        "manifest of Application demo in https://git.example/shop/demo.git, path apps, branch main",
        *REST[1:],
    ],
    "git is reverted, not synced": [
        ABORTED,
        HOLD,
        LIKELY,
        "sync Application demo | can be done now",
        NOT_YET,
    ],
    "git is reverted, an operation runs": [
        ABORTED,
        HOLD,
        LIKELY,
        "sync Application demo | blocked: another operation is in progress: wait, or end it with "
        "terminate-op",
        NOT_YET,
    ],
    "only the settings differ": [
        ABORTED,
        GIT.replace("1.0.5", "the new version"),
        OFF,
        BACK,
        ON,
        SYNC,
        NOT_YET.replace("app:1.0.4", "revision 5 of demo"),
    ],
    "the tag stands in the Application's spec": [
        ABORTED,
        HOLD,
        "take 1.0.5 out of the spec of Application demo | yours to do: its spec itself asks for it",
        *REST,
    ],
    "an image by its digest": [
        ABORTED,
        "hold aaaaaaaaaaaa of app in ImageUpdater demo | blocked: the image is named by its digest alone: "
        "there is no tag to hold",
        GIT.replace("1.0.5", "aaaaaaaaaaaa"),
        *REST,
    ],
    "annotations, read by nobody who is seen": [
        ABORTED,
        HOLD.replace("ImageUpdater", "Application"),
        GIT,
        *REST,
    ],
}


@pytest.mark.parametrize(("name", "of", "may"), SITUATIONS, ids=[name for name, _, _ in SITUATIONS])
def test_a_plan_says_of_each_step_how_far_it_is(name: str, of: World, may: Any) -> None:
    assert lines(of.plan(may)) == STEPS[name]


def test_every_situation_is_told() -> None:
    assert {name for name, _, _ in SITUATIONS} == STEPS.keys()


WHY_NOT = {
    "the first version": (
        "demo: no earlier version is kept that served well, so there is nothing to go back to"
    ),
    "no status": "demo: its Rollout has no status that can be read",
    "Rollouts can't be seen": (
        "demo: its Rollouts can't be seen (rollouts.argoproj.io), so no way back can be worked out"
    ),
    "no Rollout": "demo: it has no Rollout, so no way back can be worked out",
    "promoted, ReplicaSets can't be seen": "demo: its earlier versions can't be seen (replicasets.apps)",
}


@pytest.mark.parametrize(("name", "of"), REFUSED, ids=[name for name, _ in REFUSED])
def test_where_there_is_nothing_to_go_back_to_it_says_why(name: str, of: World) -> None:
    with pytest.raises(Refused) as refused:
        of.plan()
    assert str(refused.value) == WHY_NOT[name]


def step(plan: RollbackPlan, begin: str) -> RollbackStep:
    every = [one for each in plan.steps for one in (each, *each.instead)]
    (found,) = [one for one in every if one.title.startswith(begin)]
    return found


def does(of: RollbackStep) -> tuple[str, str, str, str, Any]:
    assert of.does is not None
    ref = of.does.ref
    return of.does.stage, of.does.name, f"{ref.kind} {ref.namespace}/{ref.name}", ref.part, of.does.given


def test_each_step_names_the_verb_that_does_it_and_the_official_command() -> None:
    plan = world(rollout=NGINX).plan()
    found = [one for each in plan.steps for one in (each, *each.instead)]
    assert [(does(one), one.command) for one in found if one.does] == [
        (("rollout", "abort", "Rollout shop/demo", "", {}), "kubectl argo rollouts abort demo -n shop"),
        (
            (
                "images",
                "hold",
                "ImageUpdater argocd/demo",
                "app",
                {"tag": "1.0.5", "reason": "rollback of demo"},
            ),
            "kubectl -n argocd edit imageupdater demo  # add 1.0.5 to ignoreTags of image app",
        ),
        (
            ("sync", "auto-sync-off", "Application argocd/demo", "", {}),
            "argocd app set demo --sync-policy none",
        ),
        (("sync", "rollback", "Application argocd/demo", "", {"id": 4}), "argocd app rollback demo 4"),
        (
            ("sync", "auto-sync-on", "Application argocd/demo", "", {}),
            "argocd app set demo --sync-policy automated",
        ),
        (("sync", "sync", "Application argocd/demo", "", {}), "argocd app sync demo"),
    ]


def test_verbs_that_steps_name_are_there_and_take_what_they_are_given() -> None:
    of = world(rollout=NGINX)
    for each in of.plan().steps:
        for one in (each, *each.instead):
            if one.does is None:
                continue
            stage = of.readers[one.does.stage].stage
            verb = next(v for v in stage.verbs if (v.name, v.kind.name) == (one.does.name, one.does.kind))
            assert all(verb.option(name) is not None for name in one.does.given)
            assert of.known.item(one.does.ref) is not None


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("kustomization:/overlays/prod", "overlays/prod/kustomization.yaml"),
        ("kustomization", "overlays/prod/kustomization.yaml"),
        ("kustomization:../base", "overlays/base/kustomization.yaml"),
        ("helmvalues:values-prod.yaml", "overlays/prod/values-prod.yaml"),
        ("helmvalues:/charts/values.yaml", "charts/values.yaml"),
        ("helmvalues", "overlays/prod/values.yaml"),
        (None, "overlays/prod/.argocd-source-demo.yaml"),
    ],
)
def test_what_to_do_in_git_names_repository_branch_file_and_commit(target: str | None, file: str) -> None:
    back = {"method": "git:repocreds", "gitConfig": {"branch": "main", "writeBackTarget": target}}
    plan = world(updater=changed(LEFT["updater"], spec__writeBackConfig=back)).plan()
    assert step(plan, "take").command.splitlines() == [
        "git clone https://git.example/shop/demo.git && cd demo && git switch main",
        f"git log -5 --oneline --grep 'build: automatic update of demo' -- {file}",
        "# the commit that changed app from 1.0.4 to 1.0.5, likely 40addcb or one just before it",
        f"git revert --no-edit {BAD}",
        "git push origin main",
    ]


def test_what_is_not_known_of_the_commit_is_left_open() -> None:
    plan = world("updater", hidden=("ReplicaSet",)).plan()
    assert step(plan, "take").command.splitlines()[1:] == [
        "git log -5 --oneline --grep 'build: automatic update of demo' -- overlays/prod",
        "# the commit that changed app from ? to 1.0.5",
        "git revert --no-edit <commit>",
        "git push origin main",
    ]


def test_an_application_elsewhere_has_its_namespace_in_the_file() -> None:
    back = {"method": "git", "gitConfig": {"branch": "main"}}
    app = changed(LEFT["app"], status__controllerNamespace="argo")
    plan = world(app=app, updater=changed(LEFT["updater"], spec__writeBackConfig=back)).plan()
    assert "-- overlays/prod/.argocd-source-argocd_demo.yaml" in step(plan, "take").command


def test_a_tag_in_the_spec_is_set_there() -> None:
    plan = world(app=written_into_spec()).plan()
    assert step(plan, "take").command == (
        "argocd app set demo --kustomize-image 127.0.0.1:5000/demo/app:1.0.4"
    )
    helm = changed(LEFT["app"])
    helm["spec"]["source"]["helm"] = {"parameters": [{"name": "image.tag", "value": "1.0.5"}]}
    assert step(world(app=helm).plan(), "take").command == "argocd app set demo -p image.tag=1.0.4"


def test_no_password_of_a_repository_is_told() -> None:
    app = changed(LEFT["app"], spec__source__repoURL="https://me:secret@git.example/shop/demo.git")
    assert "secret" not in repr(world(app=app).plan())


def test_who_would_undo_each_step_is_told() -> None:
    plan = world(rollout=NGINX).plan()
    assert step(plan, "abort").undone_by == (
        "Nobody: it is written to the status, which Argo CD does not put back. But retry, or any change of "
        "the Rollout's template or steps, starts app:1.0.5 again while that is still wanted."
    )
    assert step(plan, "hold").undone_by == "Nobody: nothing is seen that keeps it as git says."
    assert step(plan, "take").undone_by == (
        "Image Updater writes the tag again at its next check, unless it is held first."
    )
    assert step(plan, "hold").why == (
        "Image Updater chooses without looking at what git asks for: its next check, in 1 min 5 s, by its "
        "default interval, writes 1.0.5 over a revert."
    )
    assert step(plan, "turn auto-sync of demo off").undone_by == ("Nobody: it stays off until auto-sync-on.")
    assert step(plan, "roll demo").undone_by == "Auto-sync as soon as it is on; every sync by hand."


@pytest.mark.parametrize(
    ("heal", "words"),
    [
        (True, "Application platform undoes it within seconds, unless it is changed in"),
        (False, "Application platform undoes it with its next sync, unless it is changed in"),
        (None, "Application platform, which can't be seen, undoes it if it heals itself."),
    ],
)
def test_who_keeps_the_image_updater_is_told(heal: bool | None, words: str) -> None:
    updater, keeps = managed()
    keeps["spec"]["syncPolicy"]["automated"] = {"selfHeal": heal}
    plan = world(updater=updater, more=() if heal is None else (keeps,)).plan()
    assert step(plan, "hold").undone_by.startswith(words)
    if heal:
        assert step(plan, "hold").does is None
        assert step(plan, "hold").command == (
            "# in git, https://git.example/platform.git, path updaters, branch main: "
            "add 1.0.5 to ignoreTags of image app"
        )


def test_who_keeps_the_application_turns_auto_sync_on_again() -> None:
    assert step(world(app=child(), more=(parent(),)).plan(), "turn auto-sync of demo off").undone_by == (
        "Application apps turns it on again."
    )
    unseen = step(world(app=child()).plan(), "turn auto-sync of demo off")
    assert unseen.reason == (
        "Application apps, which can't be seen, turns it on again: change it in its repository"
    )


def test_one_may_stop_after_each_step_that_is_done_in_the_cluster() -> None:
    plan = world(rollout=NGINX).plan()
    assert [bool(one.stop) for one in plan.steps] == [True] * len(plan.steps)
    assert step(plan, "abort").stop == (
        "Users get app:1.0.4; the Rollout stays Degraded, and app:1.0.5 is still what git asks for."
    )
    assert step(world(**ahead()).plan(), "abort").stop == "Nothing has changed: users get app:1.0.5."


def test_what_goes_and_what_comes_back_is_named() -> None:
    plan = world().plan()
    assert (plan.service, plan.cluster, plan.bad, plan.good) == ("demo", "lab", "app:1.0.5", "app:1.0.4")
    assert (blue_green().plan().bad, blue_green().plan().good) == ("web:2", "web:1")
    assert world(hidden=("ReplicaSet",)).plan().good == ""


def test_the_next_step_is_the_first_that_is_not_done() -> None:
    plan = world().plan()
    assert not plan.done
    assert plan.next is plan.steps[1]
    over = world(**returned(), updater=holding(LEFT["updater"])).plan()
    assert over.done
    assert over.next is None


def test_the_end_is_checked_part_by_part() -> None:
    found = world(**returned(), updater=holding(LEFT["updater"])).plan().steps[-1]
    assert found.checks == (
        Check("Rollout demo is Healthy with app:1.0.4 alone", True),
        Check("Application demo is Synced, and not to 40addcb", True),
        Check("auto-sync of demo is on", True),
        Check("ImageUpdater demo holds 1.0.5 of app", True),
        Check("it was checked since 1.0.5 is held", True),
    )
    assert found.command.splitlines() == [
        "kubectl argo rollouts status demo -n shop",
        "argocd app wait demo --sync --health",
    ]


@pytest.mark.parametrize(
    "of",
    [
        world(**returned(), hidden=("ImageUpdater",)),
        world(**{**returned(), "updater": holding(changed(LEFT["updater"], status=None))}),
    ],
    ids=["no ImageUpdater is seen", "Image Updater does not say when it checks"],
)
def test_what_can_not_be_told_is_never_taken_for_done(of: World) -> None:
    last = of.plan().steps[-1]
    assert last.state is State.BLOCKED
    assert last.checks[-1].holds is None
    assert last.reason.startswith("not known: ")


def test_a_tag_that_is_ignored_without_a_mark_counts_by_the_checked_spec() -> None:
    updater = holding(LEFT["updater"])
    updater["metadata"]["annotations"] = {}
    of = {**returned(), "updater": updater}
    assert world(**of).plan().steps[-1].state is State.DONE
    behind = changed(updater, metadata__generation=2)
    assert world(**{**of, "updater": behind}).plan().steps[-1].checks[-1].holds is False


NOTES = [
    (
        world(),
        (
            "undo is no way here: Application demo heals itself and puts the bad version back within 2 s, at "
            "the cost of two more revisions.",
            "Application demo is Synced to the bad version: an abort changes nothing in git.",
        ),
    ),
    (
        world("updater", app=changed(LEFT["app"], spec__syncPolicy=None), rollout=NGINX),
        ("Nothing is seen that follows the image, so no tag has to be held.",),
    ),
    (
        world("app", canary=with_image(LEFT["canary"], "127.0.0.1:5000/demo/app:1.0.4")),
        (
            "Rollout demo: both versions have the same images: what differs stands elsewhere in the "
            "template; there is no tag to hold.",
            "Nothing is seen that follows the image, so no tag has to be held.",
        ),
    ),
    (
        world("app", hidden=("ReplicaSet",)),
        ("What comes back for Rollout demo can't be seen (replicasets.apps).",),
    ),
    (
        world("app", **ahead()),
        ("It is fully promoted, so there is nothing to abort: users get it until the last step is done.",),
    ),
    (
        world("app", **{k: v for k, v in returned().items() if k != "app"}),
        ("It was taken back already; what is not done below keeps it from coming again.",),
    ),
]


@pytest.mark.parametrize(("of", "notes"), NOTES)
def test_what_else_is_to_be_known_is_told(of: World, notes: tuple[str, ...]) -> None:
    assert of.plan().notes == notes


def test_the_way_back_of_a_promoted_version_skips_steps_only_within_the_rollback_window() -> None:
    found = ahead()
    assert "an update of its own, with all steps" in step(world(**found).plan(), "sync").why
    window = changed(found["rollout"], spec__rollbackWindow={"revisions": 3})
    assert (
        "Versions of the last 3 revisions skip the steps"
        in step(world(**{**found, "rollout": window}).plan(), "sync").why
    )
    assert "steps are skipped" in step(world().plan(), "sync").why


def test_an_abort_that_is_asked_for_and_not_taken_up_is_not_done() -> None:
    asked = changed(NGINX, status__abort=True)
    found = step(world(rollout=asked).plan(), "abort")
    assert (found.state, found.reason) == (
        State.NOW,
        "an abort is asked for, and its controller has not taken it up yet",
    )


def test_git_that_moved_on_to_something_else_is_not_called_reverted() -> None:
    moved = returned(status__sync__status="OutOfSync")
    assert moved["app"]["status"]["sync"]["revision"] == AFTER
    found = step(world(**moved).plan(), "take")
    assert found.state is State.YOURS
    assert found.reason == ("its source is at abababa, which is not what is deployed: look what it asks for")
    unknown = changed(LEFT["app"], status__sync=None)
    assert step(world(app=unknown).plan(), "take").reason == "which revision its source is at is not known"


def test_annotations_that_an_image_updater_reads_take_the_right_to_change_the_application() -> None:
    prefix = "argocd-image-updater.argoproj.io/"
    app = changed(
        LEFT["app"], metadata__annotations={f"{prefix}image-list": "app=127.0.0.1:5000/demo/app:1.x"}
    )
    updater = changed(LEFT["updater"])
    updater["spec"]["applicationRefs"] = [{"namePattern": "demo", "useAnnotations": True}]
    found = step(world(app=app, updater=updater).plan(), "hold 1.0.5 of demo/app")
    assert str(found.right) == "patch applications.argoproj.io in namespace argocd"
    assert does(found)[2:4] == ("ImageUpdater argocd/demo", "demo/app")


def test_a_chart_is_changed_where_its_values_are() -> None:
    app = changed(LEFT["app"])
    app["spec"]["source"] = {"chart": "demo", "repoURL": "https://charts.example", "targetRevision": "1.2.3"}
    assert step(world(app=app).plan(), "take").command == (
        "# set the image in the values of Application demo: it takes chart demo of https://charts.example"
    )


def test_of_several_sources_or_a_hydrator_no_commit_is_guessed() -> None:
    several = changed(LEFT["app"])
    for entry in several["status"]["history"]:
        entry["revisions"] = [entry.pop("revision"), "c" * 40]
    hydrated = changed(LEFT["app"])
    source = hydrated["spec"].pop("source")
    dry = {"repoURL": "https://git.example/dry.git", "path": "prod", "targetRevision": "dry"}
    hydrated["spec"]["sourceHydrator"] = {"drySource": dry, "syncSource": {"path": source["path"]}}
    for app, branch in ((several, "main"), (hydrated, "dry")):
        assert step(world(app=app).plan(), "take").command.splitlines()[-2:] == [
            "git revert --no-edit <commit>",
            f"git push origin {branch}",
        ]


def test_what_objects_hold_is_no_command() -> None:
    evil = "127.0.0.1:5000/demo/app:1.0.5\nrm -rf x"
    canary = with_image(LEFT["canary"], evil)
    app = changed(LEFT["app"], spec__source__targetRevision="main; rm -rf x")
    plan = world(canary=canary, app=app).plan()
    found = step(plan, "take").command.splitlines()
    assert "git switch 'main; rm -rf x'" in found[0]
    assert found[2].startswith("# the commit that changed app from 1.0.4 to 1.0.5 rm -rf x, likely")
    assert all("\n" not in one.command for one in plan.steps if one.title.startswith("hold"))
