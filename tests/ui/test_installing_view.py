"""Installing on the screen: values, plan, confirmation, progress and the way back, by the real installer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from on_clusters import MADE, VALUES, Estate, here, notices, planned, roadmap, shown, take_up
from screens import line_with, lines, text

from trombone_tui.adapters.audit import read_audit
from trombone_tui.core.installing import Came, Standing
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.patches import APPLY
from trombone_tui.demo.scenarios import scenario_named
from trombone_tui.ui.installing import adding
from trombone_tui.ui.installing import progress as progress_view
from trombone_tui.ui.installing.adding import InstallPlanView
from trombone_tui.ui.installing.consent import Consent
from trombone_tui.ui.installing.progress import ProgressView
from trombone_tui.ui.installing.roadmap import RoadmapView
from trombone_tui.ui.installing.values import ValuesForm
from trombone_tui.ui.installing.whole import PlannedView
from trombone_tui.ui.menu import Menu
from trombone_tui.ui.works import Phase

APPLICATIONS = "applications.argoproj.io"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No controller runs here: don't wait long for what none takes up."""
    monkeypatch.setattr(adding, "_PATIENCE", 0.3)


def progress(pilot: Any) -> bool:
    return isinstance(here(pilot), ProgressView)


def over(pilot: Any) -> bool:
    return progress(pilot) and not here(pilot).work.running and bool(here(pilot).work.verdicts)


async def test_the_form_has_defaults_marks_what_is_needed_and_turns_true_and_false(
    tmp_path: Path, settle: Any
) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, _):
        await roadmap(pilot)
        await pilot.press("I")
        await settle(pilot, lambda: isinstance(here(pilot), ValuesForm))
        assert "4 still needed" in text(pilot.app)
        assert "needed" in line_with(pilot.app, "image_repository")
        assert "needed" not in line_with(pilot.app, "branch")
        assert "main" in line_with(pilot.app, "branch")
        assert "The service under delivery" in text(pilot.app)
        await pilot.press(*"web")
        await settle(pilot, lambda: "3 still needed" in text(pilot.app))
        assert "apps/web" in line_with(pilot.app, "config_path")
        assert "needed" not in line_with(pilot.app, "▸ service")


async def test_what_is_missing_or_wrong_is_named_and_the_cursor_goes_there(
    tmp_path: Path, settle: Any
) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        await roadmap(pilot)
        await pilot.press("I", *"web", "enter")
        await settle(pilot, lambda: "values are missing" in text(pilot.app))
        assert here(pilot).value.name == "source_repository"
        pilot.app.desk.works.given["here"].update(VALUES | {"service": "Not A Name"})
        await pilot.press("enter")
        await settle(pilot, lambda: "is not lower-case letters" in text(pilot.app))
        assert here(pilot).value.name == "service"
        await pilot.press("escape", "I")
        await settle(pilot, lambda: isinstance(here(pilot), ValuesForm))
        assert "Not A Name" in text(pilot.app)
        assert estate.sent == []

        while here(pilot).value.name != "registry_tls":
            await pilot.press("down")
        await pilot.press("space")
        assert "false" in line_with(pilot.app, "registry_tls")
        await pilot.press("space")
        assert "true" in line_with(pilot.app, "registry_tls")
        assert "registry_tls" not in pilot.app.desk.works.given["here"]


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_plan_lists_every_object_and_what_has_to_be_brought_along(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with shown(tmp_path, size) as (pilot, estate):
        view = await planned(pilot)
        assert "Plan: install shop-api on here" in lines(pilot.app)[1]
        assert len(view.table.rows) == len(view.plan.objects)
        assert "new" in line_with(pilot.app, "EventBus ci/shop-api")
        assert "To be brought along" in text(pilot.app)
        assert "missing" in line_with(pilot.app, "Secret ci/registry-login")
        assert "I install" in lines(pilot.app)[-1]
        assert estate.writes == []


async def test_d_shows_the_whole_object_with_its_request(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (120, 36)) as (pilot, _):
        await planned(pilot)
        while "EventBus" not in here(pilot).table.current.name:
            await pilot.press("j")
        await pilot.press("d")
        await settle(pilot, lambda: isinstance(here(pilot), PlannedView) and "spec:" in text(pilot.app))
        assert "kind: EventBus" in text(pilot.app)
        assert "PATCH /apis/argoproj.io/v1alpha1/namespaces/ci/eventbus/shop-api" in text(pilot.app)
        await pilot.press("c")
        await settle(pilot, lambda: pilot.app.clipboard)
        assert "app.kubernetes.io/managed-by: trombone-tui" in pilot.app.clipboard
        await pilot.press("escape", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), PlannedView))


async def test_only_a_yes_sends_anything(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, estate):
        view = await planned(pilot)
        sent = sum(one.standing.sends for one in view.plan.objects)
        for answer in ("enter", "n", "escape"):
            await pilot.press("I")
            await settle(pilot, lambda: isinstance(here(pilot), Consent), case=answer)
            assert "EventBus ci/shop-api: a queue of messages" in text(pilot.app), answer
            assert f"Send {sent} objects to here?" in text(pilot.app), answer
            await pilot.press(answer)
            await settle(pilot, lambda: here(pilot) is view, case=answer)
            assert estate.writes == [], answer


async def test_a_yes_installs_and_says_what_no_controller_took_up(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        await planned(pilot)
        await pilot.press("I", "y")
        await settle(pilot, lambda: over(pilot))
        assert estate.there() == MADE
        work = here(pilot).work
        assert [phase for phase, _ in work.verdicts] == [Phase.APPLYING, Phase.WAITING]
        assert [last.came for _, last in work.verdicts] == [Came.DONE, Came.STOPPED]
        assert "created" in line_with(pilot.app, "WorkflowTemplate ci/shop-api")
        assert "not ready" in line_with(pilot.app, "Application argocd/shop-api")
        assert "applied, but not ready within 0.3 s: EventBus ci/shop-api" in text(pilot.app)
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), RoadmapView) and not here(pilot).busy)
        assert "waiting: stopped" in line_with(pilot.app, "install shop-api")
        assert "installed" in line_with(pilot.app, "service shop-api")


async def test_it_is_done_when_the_controllers_have_taken_it_up(
    tmp_path: Path, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "_PATIENCE", 300.0)
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        await planned(pilot)
        await pilot.press("I", "y")
        await settle(pilot, lambda: progress(pilot) and here(pilot).work.phase is Phase.WAITING)
        await pilot.press("G")
        await settle(pilot, lambda: "Argo CD has not compared it yet" in text(pilot.app))
        assert "waiting" in line_with(pilot.app, "Application argocd/shop-api")
        take_up(estate.server)
        await settle(pilot, lambda: over(pilot))
        assert "ready" in line_with(pilot.app, "Application argocd/shop-api")
        assert "waiting: done" in lines(pilot.app)[1]
        assert "the controllers have taken it up" in text(pilot.app)


async def test_a_second_time_there_is_nothing_to_do(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, estate):
        await planned(pilot)
        await pilot.press("I", "y")
        await settle(pilot, lambda: over(pilot))
        before = estate.writes
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), RoadmapView) and not here(pilot).busy)
        await pilot.press("I", "enter")
        await settle(pilot, lambda: isinstance(here(pilot), InstallPlanView))
        assert {one.standing for one in here(pilot).plan.objects} == {Standing.SAME, Standing.KEPT}
        await pilot.press("I")
        await settle(pilot, lambda: any("nothing to do" in said for said in notices(pilot)))
        assert isinstance(here(pilot), InstallPlanView)
        assert estate.writes == before


async def test_what_was_applied_is_taken_back_after_a_yes(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        await planned(pilot)
        await pilot.press("I", "y")
        await settle(pilot, lambda: over(pilot))
        made = len(here(pilot).work.deeds)
        assert "U take back" in lines(pilot.app)[-1]
        await pilot.press("U")
        await settle(pilot, lambda: isinstance(here(pilot), Consent))
        assert f"Take {made} objects back on here?" in text(pilot.app)
        await pilot.press("enter")
        await settle(pilot, lambda: progress(pilot))
        assert estate.there() == MADE
        await pilot.press("U", "y")
        await settle(pilot, lambda: over(pilot) and here(pilot).work.phase is Phase.TAKING_BACK)
        assert estate.there() == set()
        assert "not taken back: Namespace shop-api (here), Namespace ci (here)" in text(pilot.app)
        assert "kept" in line_with(pilot.app, "Namespace shop-api")
        assert "take back" not in lines(pilot.app)[-1]


async def test_waiting_ends_when_it_is_taken_back(
    tmp_path: Path, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "_PATIENCE", 300.0)
    async with shown(tmp_path) as (pilot, estate):
        await planned(pilot)
        await pilot.press("I", "y")
        await settle(pilot, lambda: progress(pilot) and here(pilot).work.phase is Phase.WAITING)
        await pilot.press("U", "y")
        await settle(pilot, lambda: over(pilot) and here(pilot).work.phase is Phase.TAKING_BACK)
        assert [phase for phase, _ in here(pilot).work.verdicts] == [Phase.APPLYING, Phase.TAKING_BACK]
        assert estate.there() == set()


async def test_it_goes_on_while_other_screens_are_in_front(
    tmp_path: Path, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "_PATIENCE", 300.0)
    monkeypatch.setattr(progress_view, "_SOON", 300.0)
    async with shown(tmp_path) as (pilot, estate):
        await planned(pilot)
        await pilot.press("I", "y")
        await settle(pilot, lambda: progress(pilot) and here(pilot).work.phase is Phase.WAITING)
        work = here(pilot).work
        await pilot.press("escape", "escape", "5")
        await settle(pilot, lambda: "install shop-api: waiting" in lines(pilot.app)[-2])
        assert any("install shop-api goes on" in said for said in notices(pilot))
        assert work.running
        pilot.app.clear_notifications()
        await roadmap(pilot)
        assert "running" in line_with(pilot.app, "install shop-api")
        await pilot.press("g", "enter")
        await settle(pilot, lambda: progress(pilot) and here(pilot).work is work)
        assert estate.there() == MADE


async def test_it_stops_at_the_first_refusal_and_says_what_is_applied_and_what_not(
    tmp_path: Path, settle: Any
) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        await planned(pilot)
        sensor = {"metadata": {"name": "shop-api", "namespace": "ci"}, "spec": {}}
        estate.server.store.create("namespaces", {"metadata": {"name": "ci"}})
        estate.server.store.create("sensors.argoproj.io", sensor)
        await pilot.press("I", "y")
        await settle(pilot, lambda: over(pilot))
        (phase, last), *more = here(pilot).work.verdicts
        assert (phase, last.came, more) == (Phase.APPLYING, Came.STOPPED, [])
        assert "refused" in line_with(pilot.app, "Sensor ci/shop-api")
        assert "it has appeared since it was" in text(pilot.app)
        await pilot.press("G")
        assert "not sent" in line_with(pilot.app, "Application argocd/shop-api")
        assert last.text.startswith("Sensor ci/shop-api (here): it has appeared since it was looked at; ")
        assert "applications.argoproj.io" not in estate.there()
        await pilot.press("U", "y")
        await settle(pilot, lambda: over(pilot) and here(pilot).work.phase is Phase.TAKING_BACK)
        assert estate.there() == set()


async def test_where_a_name_has_to_be_typed_a_wrong_one_sends_nothing(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path, (80, 24), protected=("here",)) as (pilot, estate):
        await planned(pilot)
        await pilot.press("I", "y")
        await settle(pilot, lambda: "type shop-api to go on" in text(pilot.app))
        await pilot.press(*"shop", "enter")
        await settle(pilot, lambda: "shop is not shop-api; nothing was done" in text(pilot.app))
        assert estate.writes == []
        await pilot.press(*"-api", "enter")
        await settle(pilot, lambda: over(pilot))
        assert estate.there() == MADE


def held_elsewhere(estate: Estate) -> None:
    """Have another applier hold a field of the Application with another value."""
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop-api", "namespace": "argocd"},
        "spec": {"source": {"targetRevision": "hotfix"}},
    }
    by = Writer("app-of-apps", "Apply", force=True)
    estate.server.store.patch(APPLICATIONS, "argocd", "shop-api", body, content_type=APPLY, by=by)


async def test_a_field_of_another_manager_hinders_until_it_is_to_be_taken_over(
    tmp_path: Path, settle: Any
) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        held_elsewhere(estate)
        view = await planned(pilot)
        assert "1 conflict" in lines(pilot.app)[1]
        await pilot.press("G")
        assert "conflict" in line_with(pilot.app, "Application argocd/shop-api")
        assert "app-of-apps: spec.source.targetRevision" in line_with(pilot.app, "held by")
        await pilot.press("I")
        await settle(pilot, lambda: any("app-of-apps manages" in said for said in notices(pilot)))
        assert estate.writes == []
        await pilot.press("f")
        await settle(pilot, lambda: not view.busy and view.plan.order.force)
        assert "taking fields over" in lines(pilot.app)[1]
        await pilot.press("I")
        await settle(pilot, lambda: isinstance(here(pilot), Consent))
        assert "from app-of-apps: spec.source.targetRevision" in text(pilot.app)
        await pilot.press("y")
        await settle(pilot, lambda: over(pilot))
        source = estate.server.store.get(APPLICATIONS, "argocd", "shop-api")["spec"]["source"]
        assert source["targetRevision"] == "main"
        await pilot.press("U", "y")
        await settle(pilot, lambda: over(pilot) and here(pilot).work.phase is Phase.TAKING_BACK)
        source = estate.server.store.get(APPLICATIONS, "argocd", "shop-api")["spec"]["source"]
        assert source["targetRevision"] == "hotfix"


async def test_without_its_controllers_nothing_is_installed_and_the_plan_says_which(
    tmp_path: Path, settle: Any
) -> None:
    lacking = scenario_named("not-installed").missing
    async with shown(tmp_path, lacking=lacking) as (pilot, estate):
        await planned(pilot)
        assert "not served" in line_with(pilot.app, "Sensor ci/shop-api")
        assert "Argo Events and Argo CD Image Updater are missing" in text(pilot.app)
        await pilot.press("I")
        await settle(pilot, lambda: any("are missing" in said for said in notices(pilot)))
        assert isinstance(here(pilot), InstallPlanView)
        assert estate.writes == []


async def test_who_has_few_rights_is_told_which_are_lacking(tmp_path: Path, settle: Any) -> None:
    persona = scenario_named("few-rights").personas[0]
    async with shown(tmp_path, (120, 36), persona=persona) as (pilot, estate):
        view = await planned(pilot)
        assert "denied" in line_with(pilot.app, "EventBus ci/shop-api")
        assert "create secrets in namespace ci" in text(pilot.app)
        assert view.quiet("confirm")
        await pilot.press("I")
        await settle(pilot, lambda: any("nothing was sent" in said for said in notices(pilot)))
        assert estate.writes == []


@pytest.mark.parametrize("when", ["by setting", "by key", "while it is asked"])
async def test_read_only_sends_nothing_not_even_a_dry_run(tmp_path: Path, settle: Any, when: str) -> None:
    read_only = "read-only: the setting read_only is on" if when == "by setting" else ""
    async with shown(tmp_path, read_only=read_only) as (pilot, estate):
        if when == "by key":
            await pilot.press("ctrl+t")
        view = await planned(pilot)
        if when == "while it is asked":
            before = len(estate.sent)
            await pilot.press("I")
            await settle(pilot, lambda: isinstance(here(pilot), Consent))
            pilot.app.desk.acts.set_read_only(True)
            await pilot.press("y")
        else:
            before = 0
            assert view.quiet("confirm")
            await pilot.press("I")
        await settle(
            pilot, lambda: any("read-only" in said and "nothing was" in said for said in notices(pilot))
        )
        assert here(pilot) is view
        assert len(estate.sent) == before
        assert estate.writes == []


async def test_stages_are_left_out_and_taken_in_again(tmp_path: Path, settle: Any) -> None:
    missing = scenario_named("not-installed").missing
    async with shown(tmp_path, (80, 24), lacking=missing) as (pilot, estate):
        view = await planned(pilot)
        assert view.reason == "Argo Events and Argo CD Image Updater are missing, so nothing is installed"
        assert " s stages " in lines(pilot.app)[-1]
        every = [one.ref for one in view.plan.objects]

        async def turn(stage: str) -> None:
            await pilot.press("s")
            await settle(pilot, lambda: isinstance(here(pilot), Menu))
            await pilot.press(*stage, "enter")
            await settle(pilot, lambda: here(pilot) is view and not view.busy)

        await turn("events")
        await turn("events")
        assert [one.ref for one in view.plan.objects] == every
        assert "without" not in lines(pilot.app)[1]
        await turn("events")
        await turn("images")
        assert "without 2 stages " in lines(pilot.app)[1]
        assert {one.stage for one in view.plan.objects} == {"workflows", "sync"}
        await turn("workflows")
        await turn("sync")
        assert "are applied by Argo CD from the config repository" in text(pilot.app)
        assert "without 3 stages " in lines(pilot.app)[1]
        assert "\nevents, workflows, images\n" in view.copied()
        await pilot.press("I")
        await settle(pilot, lambda: isinstance(here(pilot), Consent))
        assert "the stages events, workflows, images" in line_with(pilot.app, "leaves out")
        await pilot.press("y")
        await settle(pilot, lambda: over(pilot))
        assert [path.rpartition("/")[0].rpartition("/")[2] for _, path in estate.writes] == [
            "v1", "appprojects", "applications"
        ]  # fmt: skip
        entries, _ = read_audit(tmp_path / "state" / "audit.jsonl")
        assert entries[0].options["only"] == "sync,rollout,metrics"


async def test_escape_goes_back_a_step_at_a_time(tmp_path: Path, settle: Any) -> None:
    async with shown(tmp_path) as (pilot, _):
        view = await planned(pilot)
        await pilot.press("I")
        await settle(pilot, lambda: isinstance(here(pilot), Consent))
        await pilot.press("escape")
        await settle(pilot, lambda: here(pilot) is view)
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), ValuesForm))
        assert "registry.example/shop/api" in text(pilot.app)
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), RoadmapView))


async def test_left_in_the_middle_what_is_sent_comes_to_its_end_and_what_is_left_is_said(
    tmp_path: Path, settle: Any
) -> None:
    async with shown(tmp_path, (80, 24)) as (pilot, estate):
        await planned(pilot)
        estate.server.faults.add(Fault(resource="sensors.argoproj.io", verb="patch", delay=3.0))
        await pilot.press("I", "y")
        sensor = ("PATCH", "/apis/argoproj.io/v1alpha1/namespaces/ci/sensors/shop-api")
        await settle(pilot, lambda: sensor in estate.writes)
        await pilot.press("ctrl+c")
        (said,) = await pilot.app.desk.works.cut_off()
        assert said.startswith(
            "install shop-api (here) was interrupted while applying; applied are Namespace"
        )
        _, sent, left = re.split("; sent last was |; not sent are ", said)
        assert sent == "Sensor ci/shop-api (here)"
        assert "Application argocd/shop-api (here)" in left
        assert estate.writes[-1] == sensor
        assert "sensors.argoproj.io" in estate.there()
        assert APPLICATIONS not in estate.there()
        entries, _ = read_audit(tmp_path / "state" / "audit.jsonl")
        assert (entries[-1].kind, entries[-1].code) == ("Sensor", 201)
