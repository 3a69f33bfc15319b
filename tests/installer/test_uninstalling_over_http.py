"""Uninstalling on the embedded API server over real HTTP: what is ours goes, everything else stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from installs import KINDS, at, came

from trombone_tui.adapters.audit import read_audit
from trombone_tui.core.installing import Came
from trombone_tui.core.ports import Refused
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.patches import MERGE

CASCADE = "resources-finalizer.argocd.argoproj.io"


async def test_all_of_it_goes_backwards_and_namespaces_and_the_secret_stay(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        plan = await here.removal()
        stages = [one.stage for one in plan.objects]
        assert stages == sorted(stages, key=["sync", "images", "workflows", "events"].index)
        deleted = [one.ref.kind for one in plan.objects if one.deletes and one.stage in ("sync", "events")]
        assert deleted == [
            "Application", "AppProject", "Sensor", "EventSource", "EventBus", "RoleBinding", "Role",
            "ServiceAccount",
        ]  # fmt: skip
        last = await here.uninstall()
        assert last.came is Came.DONE
        assert {kind: here.there(kind) for kind in KINDS if here.there(kind)} == {
            "Secret": ["shop-api-webhook"]
        }
        kept = {one for one, what in came(here.steps).items() if what is Came.KEPT}
        assert kept == {"Namespace/ci", "Namespace/shop-api", "Secret/shop-api-webhook"}
        entries, _ = read_audit(here.log)
        assert {entry.verb for entry in entries} == {"install", "uninstall"}


async def test_objects_of_others_and_of_other_services_are_left_alone(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        await here.install(values={"service": "shop-web"})
        theirs = {
            "metadata": {"name": "theirs", "namespace": "ci", "labels": {"trombone.dev/app": "shop-api"}}
        }
        here.server.store.create(KINDS["Sensor"], theirs | {"spec": {}})
        assert (await here.installer.services("here")).services == ("shop-api", "shop-web")
        await here.uninstall()
        assert sorted(here.there("Sensor")) == ["shop-web", "theirs"]
        assert here.there("Application") == ["shop-web"]
        assert (await here.installer.services("here")).services == ("shop-api", "shop-web")
        await here.uninstall(secrets=True)
        assert here.there("Secret") == ["shop-web-webhook"]


async def test_services_are_named_by_what_can_be_seen_and_it_is_said_what_can_not(tmp_path: Path) -> None:
    look = Rule(verbs=["list"], groups=["argoproj.io"], resources=["*"])
    viewer = Persona(name="viewer", token="viewer", rules=[look])
    async with at(tmp_path, viewer, token="viewer") as here:
        labels = {
            "app.kubernetes.io/managed-by": "trombone-tui",
            "app.kubernetes.io/instance": "shop-api-pipeline",
        }
        meta = {"name": "shop-api", "namespace": "argocd", "labels": labels}
        here.server.store.create(KINDS["Application"], {"metadata": meta, "spec": {}})
        for namespaces, place in (((), "all namespaces"), (("argocd",), "namespace argocd")):
            found = await here.installer.services("here", namespaces)
            assert found.services == ("shop-api",)
            (said,) = found.unseen
            assert re.fullmatch(f"may not list .*rolebindings.rbac.authorization.k8s.io.* in {place}", said)
            assert "sensors" not in said


async def test_of_namespaces_only_those_asked_for_tell_of_a_service(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        await here.install(values={"service": "shop-web", "app_namespace": "shop-web", "namespace": "web-ci"})
        found = await here.installer.services("here", ("shop-web", "web-ci"))
        assert (found.services, found.unseen) == (("shop-web",), ())


async def test_nothing_of_that_name_is_said_with_what_is_there(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        with pytest.raises(Refused, match="nothing is installed here for shop-api") as refused:
            await here.removal()
        assert refused.value.advice == "installed here is nothing"
        assert here.writes == []


async def test_a_second_uninstall_deletes_nothing(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        await here.uninstall()
        before = here.writes
        assert (await here.removal()).noop
        assert (await here.uninstall()).text == "0 objects deleted"
        assert here.writes == before


async def test_a_finalizer_that_would_delete_the_service_is_taken_off_first(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install("sync")
        mark = {"metadata": {"finalizers": [CASCADE]}}
        here.server.store.patch(KINDS["Application"], "argocd", "shop-api", mark, content_type=MERGE)
        await here.uninstall()
        sent = [method for method, path in here.writes if path.endswith("applications/shop-api")]
        assert sent[-2:] == ["PATCH", "DELETE"]
        assert here.there("Application") == []


async def test_with_workloads_the_application_waits_for_argo_cd_and_its_project_stays_so_long(
    tmp_path: Path,
) -> None:
    async with at(tmp_path, patience=0.2) as here:
        await here.install("sync")
        last = await here.uninstall(workloads=True)
        assert last.came is Came.STOPPED
        assert f"it is being deleted, and {CASCADE} has held it" in last.text
        assert here.there("AppProject") == ["shop-api"]
        assert here.get("Application", "shop-api", "argocd")["metadata"]["deletionTimestamp"]


async def test_another_object_of_the_name_is_not_deleted(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install("sync")
        plan = await here.removal()
        here.server.store.delete(KINDS["Application"], "argocd", "shop-api")
        here.server.store.create(
            KINDS["Application"], {"metadata": {"name": "shop-api", "namespace": "argocd"}, "spec": {}}
        )
        last = await here.follow(here.installer.remove(plan))
        assert last.came is Came.STOPPED
        assert here.there("Application") == ["shop-api"]


async def test_a_refusal_stops_it_and_says_what_is_deleted(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        here.server.faults.add(Fault(resource=KINDS["ImageUpdater"], verb="delete", status=422, times=None))
        last = await here.uninstall()
        assert (
            "deleted are Application argocd/shop-api (here), AppProject argocd/shop-api (here)" in last.text
        )
        assert here.there("EventBus") == ["shop-api"]


async def test_without_the_right_nothing_is_deleted(tmp_path: Path) -> None:
    look = Rule(verbs=["get", "list", "watch"], groups=["*"], resources=["*"])
    ask = Rule(verbs=["create"], groups=["authorization.k8s.io"], resources=["selfsubjectaccessreviews"])
    viewer = Persona(name="viewer", token="viewer", rules=[look, ask])
    async with at(tmp_path, viewer, token="viewer") as here:
        labels = {
            "app.kubernetes.io/managed-by": "trombone-tui",
            "app.kubernetes.io/instance": "shop-api-pipeline",
        }
        meta = {"name": "shop-api", "namespace": "argocd", "labels": labels}
        here.server.store.create(KINDS["Application"], {"metadata": meta, "spec": {}})
        plan = await here.removal()
        assert plan.hindrance == "may not delete applications.argoproj.io in namespace argocd"
        await here.follow(here.installer.remove(plan))
        assert here.writes == []


async def test_read_only_deletes_nothing(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        await here.install()
        here.cluster.read_only = "read-only: switched on"
        before = here.writes
        assert (await here.uninstall()).came is Came.STOPPED
        assert here.writes == before
