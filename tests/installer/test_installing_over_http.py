"""Installing all the way on the embedded API server over real HTTP: planned, applied, taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from installs import KINDS, At, at, by, came, eventually, standings, the

from trombone_tui.adapters.audit import read_audit
from trombone_tui.core.installing import Came, Standing
from trombone_tui.core.ports import Refused
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.patches import APPLY, MERGE

EVERYTHING = Rule(verbs=["*"], groups=["*"], resources=["*"])
LOOK = Rule(verbs=["get", "list", "watch"], groups=["*"], resources=["*"])
REVIEWS = Rule(verbs=["create"], groups=["authorization.k8s.io"], resources=["selfsubjectaccessreviews"])
EDITOR = Writer("kubectl-edit", "Update", False, False)


async def test_a_fresh_install_creates_each_object_once_in_travel_order(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        plan = await here.plan()
        assert set(standings(plan).values()) == {Standing.MISSING}
        assert [one.stage for one in plan.objects] == sorted(
            (one.stage for one in plan.objects), key=["events", "workflows", "images", "sync"].index
        )
        assert here.writes == []
        last = await here.follow(here.installer.apply(plan))
        assert (last.came, last.text) == (Came.DONE, f"{len(plan.objects)} objects applied")
        assert set(came(here.steps).values()) == {Came.CREATED}
        assert len(here.writes) == len(plan.objects)
        assert here.writes == [(one.write.method, one.write.path) for one in plan.objects if one.write]
        for one in plan.objects:
            if one.ref.kind in KINDS:
                made = here.get(one.ref.kind, one.ref.name, one.ref.namespace)
                assert made["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "trombone-tui"


async def test_what_is_applied_refers_to_what_is_applied(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        source, sensor = here.get("EventSource", "shop-api"), here.get("Sensor", "shop-api")
        assert source["spec"]["eventBusName"] == sensor["spec"]["eventBusName"] == "shop-api"
        assert here.there("EventBus") == ["shop-api"]
        secret = source["spec"]["github"]["push"]["webhookSecret"]
        assert secret["key"] in here.get("Secret", secret["name"])["data"]
        started = sensor["spec"]["triggers"][0]["template"]["k8s"]["source"]["resource"]
        assert here.there("WorkflowTemplate") == [started["spec"]["workflowTemplateRef"]["name"]]
        app = here.get("Application", "shop-api", "argocd")
        assert here.there("AppProject") == [app["spec"]["project"]]


async def test_a_second_install_sends_nothing_and_says_so(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        before = here.writes
        plan = await here.plan()
        assert plan.noop
        assert set(standings(plan).values()) == {Standing.SAME, Standing.KEPT}
        last = await here.follow(here.installer.apply(plan))
        assert (last.came, last.text) == (Came.DONE, "nothing had to be sent")
        assert here.writes == before


async def test_a_drifted_field_is_shown_and_put_right(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        drift = {"spec": {"syncPolicy": {"automated": {"selfHeal": False}}}}
        here.server.store.patch(
            KINDS["Application"], "argocd", "shop-api", drift, content_type=MERGE, by=EDITOR
        )
        plan = await here.plan()
        app = the(plan, "Application")
        assert (app.standing, app.lines) == (
            Standing.DIFFERS,
            ("spec.syncPolicy.automated.selfHeal: false → true",),
        )
        await here.follow(here.installer.apply(plan))
        assert [step.ref.kind for step in here.steps if step.ref and step.came is Came.CHANGED] == [
            "Application"
        ]
        assert here.get("Application", "shop-api", "argocd")["spec"]["syncPolicy"]["automated"]["selfHeal"]


async def test_other_values_change_only_what_hangs_on_them(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        plan = await here.plan(values={"branch": "release/2.x"})
        changed = {one.ref.kind: one.lines for one in plan.objects if one.standing is Standing.DIFFERS}
        assert set(changed) == {"Sensor", "WorkflowTemplate"}
        assert r"^refs/heads/release/2\.x$" in changed["Sensor"][0]


async def owned_elsewhere(here: At) -> None:
    """Have another applier hold a field of the Application with another value."""
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop-api", "namespace": "argocd"},
        "spec": {"source": {"targetRevision": "hotfix"}},
    }
    here.server.store.patch(
        KINDS["Application"], "argocd", "shop-api", body, content_type=APPLY, by=by("app-of-apps", force=True)
    )


async def test_a_field_of_another_manager_is_a_conflict_that_names_it_and_hinders(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        await owned_elsewhere(here)
        before = here.writes
        plan = await here.plan()
        app = the(plan, "Application")
        assert app.standing is Standing.CONFLICT
        assert [(one.manager, one.fields) for one in app.clashes] == [
            ("app-of-apps", ("spec.source.targetRevision",))
        ]
        assert "app-of-apps manages spec.source.targetRevision" in plan.hindrance
        last = await here.follow(here.installer.apply(plan))
        assert last.came is Came.STOPPED
        assert here.writes == before


async def test_force_conflicts_takes_the_field_over_and_says_from_whom(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        await owned_elsewhere(here)
        plan = await here.plan(force=True)
        app = the(plan, "Application")
        assert (app.standing, app.text) == (Standing.DIFFERS, "taken from app-of-apps")
        assert app.lines == ("spec.source.targetRevision: hotfix → main",)
        await here.follow(here.installer.apply(plan))
        assert here.get("Application", "shop-api", "argocd")["spec"]["source"]["targetRevision"] == "main"


async def test_an_object_that_is_not_ours_is_taken_over_only_when_told_to(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        theirs = {"metadata": {"name": "shop-api", "namespace": "argocd"}, "spec": {"project": "theirs"}}
        made = here.server.store.create(KINDS["Application"], theirs)
        plan = await here.plan()
        app = the(plan, "Application")
        assert app.standing is Standing.CONFLICT
        assert "it is there and was not installed for this service" in plan.hindrance
        await here.follow(here.installer.apply(plan))
        assert here.get("Application", "shop-api", "argocd") == made
        forced = the(await here.plan(force=True), "Application")
        assert (forced.standing, forced.text) == (Standing.DIFFERS, "taken over")
        assert "spec.project: theirs → shop-api" in forced.lines


async def test_without_a_controller_nothing_is_applied_and_its_installation_is_named(tmp_path: Path) -> None:
    async with at(tmp_path, lacking=[KINDS["Sensor"], KINDS["ImageUpdater"]]) as here:
        plan = await here.plan()
        assert plan.hindrance == (
            "Argo Events and Argo CD Image Updater are missing, so nothing is installed"
        )
        lacking = {one.controller.name: one.lacking for one in plan.controllers if one.lacking}
        assert lacking == {
            "Argo Events": ("Sensor.argoproj.io",),
            "Argo CD Image Updater": ("ImageUpdater.argocd-image-updater.argoproj.io",),
        }
        sensor = the(plan, "Sensor")
        assert sensor.standing is Standing.NOT_SERVED
        assert sensor.controller is not None
        assert "argo-events" in " ".join(sensor.controller.commands)
        assert (await here.follow(here.installer.apply(plan))).came is Came.STOPPED
        assert here.writes == []


async def test_only_narrows_to_stages_whose_controllers_are_there(tmp_path: Path) -> None:
    async with at(tmp_path, lacking=[KINDS["ImageUpdater"]]) as here:
        last = await here.install("events", "workflows")
        assert last.came is Came.DONE
        assert {step.stage for step in here.steps if step.ref} == {"events", "workflows"}
        assert here.there("Application") == []


async def test_only_the_stages_that_argo_cd_applies_is_refused(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        with pytest.raises(Refused, match="applied by Argo CD from the config repository"):
            await here.plan("rollout")
        with pytest.raises(Refused, match="there is no stage event"):
            await here.plan("event")


async def test_a_missing_right_is_named_and_hinders(tmp_path: Path) -> None:
    may = Rule(verbs=["create", "patch"], groups=["", "argoproj.io"], resources=["*"])
    guest = Persona(name="guest", token="guest", rules=[LOOK, REVIEWS, may])
    async with at(tmp_path, guest, token="guest", namespaces=["argocd", "ci"]) as here:
        plan = await here.plan("events")
        assert the(plan, "Role").standing is Standing.DENIED
        assert plan.hindrance.startswith("Role ci/shop-api-sensor (here) is denied: may not")
        assert "roles.rbac.authorization.k8s.io" in plan.hindrance
        await here.follow(here.installer.apply(plan))
        assert here.writes == []


async def test_what_can_not_be_tried_before_is_asked_for_as_a_right(tmp_path: Path) -> None:
    may = Rule(verbs=["create", "patch"], groups=["", "argoproj.io"], resources=["*"])
    guest = Persona(name="guest", token="guest", rules=[LOOK, REVIEWS, may])
    async with at(tmp_path, guest, token="guest") as here:
        plan = await here.plan("events")
        assert {str(right) for right in plan.missing} == {
            f"{verb} {kind}.rbac.authorization.k8s.io in namespace ci"
            for verb in ("create", "patch")
            for kind in ("roles", "rolebindings")
        }
        assert plan.hindrance.startswith("may not ")


async def test_a_refusal_in_the_middle_stops_there_and_says_what_is_applied(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        plan = await here.plan()
        here.server.faults.add(Fault(resource=KINDS["Sensor"], verb="patch", status=422, times=None))
        last = await here.follow(here.installer.apply(plan))
        assert last.came is Came.STOPPED
        assert "Sensor ci/shop-api (here): the API server rejects patch sensors.argoproj.io" in last.text
        assert "applied are Namespace ci (here), ServiceAccount ci/shop-api-sensor" in last.text
        assert last.text.endswith(f"{len(plan.objects) - len(here.deeds)} objects not")
        after = [
            step.came for step in here.steps if step.ref and step.stage in ("workflows", "images", "sync")
        ]
        assert set(after) == {Came.NOT_SENT}
        assert here.there("WorkflowTemplate") == []


async def test_undo_takes_back_what_a_stopped_run_created(tmp_path: Path) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        plan = await here.plan()
        here.server.faults.add(Fault(resource=KINDS["Sensor"], verb="patch", status=422, times=None))
        await here.follow(here.installer.apply(plan))
        assert here.there("EventBus") == ["shop-api"]
        last = await here.follow(here.installer.undo(plan, here.deeds))
        assert (last.came, last.text) == (Came.DONE, "all of it is taken back")
        left = {kind: here.there(kind) for kind in KINDS if here.there(kind)}
        assert left == {}
        entries, _ = read_audit(here.log)
        assert {entry.outcome for entry in entries if entry.event == "outcome"} == {"stopped", "undo: done"}


async def test_undo_puts_back_what_was_changed_and_keeps_namespaces(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        first, before = list(here.deeds), here.get("Sensor", "shop-api")["spec"]
        here.deeds.clear()
        plan = await here.plan(values={"branch": "next"})
        await here.follow(here.installer.apply(plan))
        assert here.get("Sensor", "shop-api")["spec"] != before
        last = await here.follow(here.installer.undo(plan, here.deeds))
        assert (last.came, set(came(here.steps).values())) == (Came.DONE, {Came.PUT_BACK})
        assert here.get("Sensor", "shop-api")["spec"] == before
        assert (await here.plan()).noop
        last = await here.follow(here.installer.undo(plan, first))
        assert last.text == "not taken back: Namespace shop-api (here), Namespace ci (here)"
        assert here.there("Sensor") == []


async def test_undo_leaves_what_somebody_else_changed_since(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        here.deeds.clear()
        plan = await here.plan(values={"config_branch": "next"})
        await here.follow(here.installer.apply(plan))
        theirs = {"spec": {"source": {"targetRevision": "theirs"}}}
        here.server.store.patch(
            KINDS["Application"], "argocd", "shop-api", theirs, content_type=MERGE, by=EDITOR
        )
        last = await here.follow(here.installer.undo(plan, here.deeds))
        assert last.text == "not taken back: Application argocd/shop-api (here)"
        assert here.get("Application", "shop-api", "argocd")["spec"]["source"]["targetRevision"] == "theirs"


async def test_an_object_made_anew_since_the_plan_is_not_touched(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        plan = await here.plan(values={"config_branch": "next"})
        app = here.get("Application", "shop-api", "argocd")
        here.server.store.delete(KINDS["Application"], "argocd", "shop-api")
        here.server.store.create(
            KINDS["Application"],
            {"metadata": {"name": "shop-api", "namespace": "argocd"}, "spec": app["spec"]},
        )
        last = await here.follow(here.installer.apply(plan))
        assert last.came is Came.STOPPED
        assert "another has taken its place since it was looked at" in last.text
        assert here.get("Application", "shop-api", "argocd")["spec"] == app["spec"]


async def test_no_answer_is_not_called_a_refusal(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        plan = await here.plan()
        here.server.faults.add(Fault(resource=KINDS["EventBus"], verb="patch", hang_up=True, times=None))
        last = await here.follow(here.installer.apply(plan))
        assert came(here.steps)["EventBus/shop-api"] is Came.UNKNOWN
        assert "no answer that tells whether it was done" in last.text


async def test_read_only_sends_nothing_and_still_shows_what_is_missing(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        here.cluster.read_only = "read-only: it is said so here"
        plan = await here.plan()
        assert plan.hindrance == "read-only: it is said so here"
        assert set(standings(plan).values()) == {Standing.MISSING}
        await here.follow(here.installer.apply(plan))
        sent = [
            r for r in here.server.requests if r.method not in ("GET", "HEAD") and "reviews" not in r.path
        ]
        assert sent == []


async def test_read_only_switched_on_after_the_plan_counts(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        plan = await here.plan()
        here.cluster.read_only = "read-only: switched on"
        last = await here.follow(here.installer.apply(plan))
        assert "read-only: switched on" in last.text
        assert here.writes == []
        assert not here.log.exists()


async def test_a_plan_without_dry_runs_finds_the_same_drift(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        drift = {"spec": {"source": {"path": "elsewhere"}}}
        here.server.store.patch(
            KINDS["Application"], "argocd", "shop-api", drift, content_type=MERGE, by=EDITOR
        )
        asked, read = await here.plan(), await here.plan(rehearse=False)
        assert the(asked, "Application").lines == the(read, "Application").lines
        assert standings(asked) == standings(read)


async def test_the_webhooks_key_is_random_made_once_and_nowhere_else(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        plan = await here.plan()
        await here.follow(here.installer.apply(plan))
        secret = here.get("Secret", "shop-api-webhook")
        key = secret["data"]["secret"]
        assert len(key) >= 40
        assert key not in here.log.read_text() + repr(plan) + repr(here.steps) + repr(here.deeds)
        await here.install()
        assert here.get("Secret", "shop-api-webhook") == secret


async def test_a_secret_of_somebody_else_is_used_and_never_read_or_changed(tmp_path: Path) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        own = {"metadata": {"name": "shop-api-webhook", "namespace": "ci"}, "data": {"secret": "a2V5"}}
        theirs = here.server.store.create("secrets", own)
        plan = await here.plan()
        assert the(plan, "Secret").standing is Standing.KEPT
        await here.follow(here.installer.apply(plan))
        assert here.get("Secret", "shop-api-webhook") == theirs
        read = [one.path for one in here.server.requests if "secrets/" in one.path]
        assert read == []


async def test_what_is_sent_is_noted_before_and_after(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        entries, broken = read_audit(here.log)
        assert broken == 0
        assert len({entry.act for entry in entries}) == 1
        paths = [entry.path for entry in entries if entry.event == "intent"]
        assert paths == [path for _, path in here.writes]
        assert [entry.event for entry in entries] == ["intent", "reply"] * len(paths) + ["outcome"]
        assert (entries[-1].verb, entries[-1].outcome, entries[-1].options["service"]) == (
            "install",
            "done",
            "shop-api",
        )


async def test_what_can_not_be_noted_is_not_sent(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        here.log.parent.mkdir()
        here.log.mkdir()
        last = await here.install()
        assert last.came is Came.STOPPED
        assert "can't note it in" in last.text
        assert here.writes == []


async def test_what_is_being_sent_is_sent_to_its_end_when_it_is_interrupted(tmp_path: Path) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        plan = await here.plan()
        here.server.faults.add(Fault(resource=KINDS["Sensor"], verb="patch", delay=0.3))
        doing = asyncio.create_task(here.follow(here.installer.apply(plan)))
        await eventually(lambda: here.log.exists() and '"kind":"Sensor"' in here.log.read_text())
        doing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await doing
        assert here.there("Sensor") == ["shop-api"]
        assert here.there("WorkflowTemplate") == []
        entries, _ = read_audit(here.log)
        assert (entries[-1].event, entries[-1].kind, entries[-1].code) == ("reply", "Sensor", 201)


async def test_prerequisites_are_looked_for_by_name_alone(tmp_path: Path) -> None:
    async with at(tmp_path, namespaces=["argocd", "ci"]) as here:
        here.server.store.create("secrets", {"metadata": {"name": "registry-login", "namespace": "ci"}})
        plan = await here.plan()
        found = {f"{one.ref.namespace}/{one.ref.name}": one.there for one in plan.prerequisites}
        assert found == {
            "ci/registry-login": True,
            "argocd/registry-login": False,
            "argocd/shop-api-config": False,
            "shop-api/registry-login": False,
        }
        (pull,) = (one for one in plan.prerequisites if one.ref.namespace == "shop-api")
        assert pull.command.startswith("kubectl create secret docker-registry registry-login")


async def test_protected_clusters_are_said_to_be(tmp_path: Path) -> None:
    async with at(tmp_path, protected=["here"]) as here:
        assert (await here.plan()).protected
        await here.install()
        assert (await here.removal()).protected
