"""The story from registry to cluster: Image Updater's rounds, Argo CD's comparisons and syncs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from theatre import APPLICATIONS, UPDATERS, WORKFLOWS, Theatre, plan

from trombone_tui.demo.story.images import Image
from trombone_tui.demo.story.updater import newest


def deployed(**changes: Any) -> Theatre:
    theatre = Theatre(plan(**changes))
    theatre.run_until(theatre.healthy)
    theatre.run(2)
    return theatre


def push_image(theatre: Theatre, tag: str, *, age: float = 0.0) -> None:
    created = theatre.now - timedelta(seconds=age)
    theatre.story.world.images.push(Image(repository="shop/api", tag=tag, created=created))


def updater(theatre: Theatre) -> dict[str, Any]:
    return theatre.get(UPDATERS, "argocd", "shop-api")["status"]


def image(theatre: Theatre) -> str:
    return str(theatre.rollout()["spec"]["template"]["spec"]["containers"][0]["image"])


def test_newest_build_picks_by_time_among_allowed_tags() -> None:
    theatre = deployed()
    for tag, age in (
        ("v1.4.9-shaaaaaaa1", 50),
        ("v1.4.8-shabbbbbb2", 10),
        ("latest", 0),
        ("v1.4.7-shaccccccc", 5),
    ):
        push_image(theatre, tag, age=age)
    rule = theatre.get(UPDATERS, "argocd", "shop-api")["spec"]["applicationRefs"][0]["images"][0]
    images = theatre.story.world.images.images("shop/api")
    found = newest(images, rule)
    assert found is not None
    assert found.tag == "v1.4.7-shaccccccc"
    rule["commonUpdateSettings"]["ignoreTags"] = ["v1.4.7-*"]
    held = newest(images, rule)
    assert held is not None
    assert held.tag == "v1.4.8-shabbbbbb2"
    assert newest([], rule) is None


def test_updater_commits_reports_and_tells() -> None:
    theatre = deployed()
    before = image(theatre).rpartition(":")[2]
    push_image(theatre, "v1.4.7-shaccccccc")
    theatre.run_until(lambda: bool(updater(theatre).get("recentUpdates")))
    status = updater(theatre)
    assert status["recentUpdates"] == [
        {
            "alias": "app",
            "applicationsUpdated": 1,
            "image": "registry.example/shop/api",
            "message": f"Updated from {before} to v1.4.7-shaccccccc.",
            "newVersion": "v1.4.7-shaccccccc",
            "updatedAt": status["lastCheckedAt"],
        }
    ]
    assert status["lastUpdatedAt"] == status["lastCheckedAt"]
    assert [(c["type"], c["status"], c["reason"]) for c in status["conditions"]] == [
        ("Ready", "True", "ReconcileSucceeded"),
        ("Reconciling", "False", "Idle"),
        ("Error", "False", "NoErrors"),
    ]
    event = next(e for e in theatre.seen("events") if e["reason"] == "ImagesUpdated")
    assert event["source"]["component"] == "ArgocdImageUpdater"
    notes = event["metadata"]["annotations"]
    assert notes["argocd-image-updater.image-0/new-tag"] == "v1.4.7-shaccccccc"
    assert notes["argocd-image-updater.image-0/old-tag"] == before


def test_updater_reports_the_same_update_again_while_old_pods_run() -> None:
    theatre = deployed()
    push_image(theatre, "v1.4.7-shaccccccc")
    theatre.run_until(lambda: bool(updater(theatre).get("recentUpdates")))
    first = updater(theatre)["lastUpdatedAt"]
    commits = theatre.story.world.config._commits["shop-api"]
    count = len(commits)
    theatre.run(31)
    assert updater(theatre)["lastUpdatedAt"] > first
    assert len(commits) == count


def test_held_tag_is_not_written() -> None:
    theatre = deployed()
    spec = theatre.get(UPDATERS, "argocd", "shop-api")["spec"]
    spec["applicationRefs"][0]["images"][0]["commonUpdateSettings"]["ignoreTags"] = ["v1.4.7-shaccccccc"]
    theatre.patch(UPDATERS, "argocd", "shop-api", {"spec": spec})
    push_image(theatre, "v1.4.7-shaccccccc")
    theatre.run(120)
    assert "recentUpdates" not in updater(theatre)
    assert updater(theatre)["observedGeneration"] == 2


def test_synced_application_knows_revision_images_resources_and_history() -> None:
    theatre = deployed()
    push_image(theatre, "v1.4.7-shaccccccc")
    theatre.run_until(lambda: image(theatre).endswith("v1.4.7-shaccccccc"))
    theatre.run_until(lambda: "operation" not in theatre.app())
    theatre.run(4)
    status, head = theatre.app()["status"], theatre.story.world.config.head("shop-api")
    state = status["operationState"]
    assert (state["phase"], state["message"]) == ("Succeeded", "successfully synced (all tasks run)")
    assert state["syncResult"]["revision"] == status["sync"]["revision"] == head
    assert status["history"][-1]["revision"] == head
    assert [entry["id"] for entry in status["history"]] == [0, 1]
    rollout = next(one for one in state["syncResult"]["resources"] if one["kind"] == "Rollout")
    assert rollout["images"] == ["registry.example/shop/api:v1.4.7-shaccccccc"]
    assert rollout["message"] == "rollout.argoproj.io/shop-api configured"
    words = {one["message"].split()[-1] for one in state["syncResult"]["resources"] if one is not rollout}
    assert words == {"unchanged"}
    assert [one["kind"] for one in status["resources"]] == [
        "Service",
        "Service",
        "AnalysisTemplate",
        "Rollout",
        "Ingress",
    ]
    assert len(status["summary"]["images"]) == 2
    reasons = theatre.reasons("Application")
    assert reasons.count("OperationStarted") == reasons.count("OperationCompleted") == 2


def test_application_without_auto_sync_waits_out_of_sync_for_a_human() -> None:
    theatre = deployed(auto_sync=False)
    push_image(theatre, "v1.4.7-shaccccccc")
    theatre.run_until(lambda: theatre.app()["status"]["sync"]["status"] == "OutOfSync")
    theatre.run(120)
    assert not image(theatre).endswith("v1.4.7-shaccccccc")
    theatre.patch(
        APPLICATIONS, "argocd", "shop-api", {"operation": {"initiatedBy": {"username": "ada"}, "sync": {}}}
    )
    theatre.run_until(lambda: image(theatre).endswith("v1.4.7-shaccccccc"), within=5)
    theatre.run(2)
    app = theatre.app()
    assert "operation" not in app
    assert app["status"]["sync"]["status"] == "Synced"
    assert app["status"]["history"][-1]["initiatedBy"] == {"username": "ada"}


def test_refresh_compares_at_once_and_takes_its_annotation_away() -> None:
    theatre = deployed()
    old = theatre.app()["status"]["reconciledAt"]
    theatre.run(3)
    note = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}
    theatre.patch(APPLICATIONS, "argocd", "shop-api", note)
    theatre.run(0.3)
    app = theatre.app()
    assert "argocd.argoproj.io/refresh" not in app["metadata"]["annotations"]
    assert app["status"]["reconciledAt"] > old


def test_roll_back_to_an_older_revision_applies_its_tag() -> None:
    theatre = deployed(auto_sync=False)
    first, before = theatre.story.world.config.head("shop-api"), image(theatre)
    push_image(theatre, "v1.4.7-shaccccccc")
    theatre.run_until(lambda: theatre.app()["status"]["sync"]["status"] == "OutOfSync")
    for revision in (theatre.story.world.config.head("shop-api"), first):
        theatre.patch(APPLICATIONS, "argocd", "shop-api", {"operation": {"sync": {"revision": revision}}})
        theatre.run(5)
    assert image(theatre) == before


def test_nothing_is_polled_for_objects_that_are_gone() -> None:
    theatre = deployed()
    theatre.store.delete(APPLICATIONS, "argocd", "shop-api")
    theatre.store.delete(UPDATERS, "argocd", "shop-api")
    theatre.run(200)
    assert theatre.store.list(APPLICATIONS) == theatre.store.list(UPDATERS) == []


def test_without_image_updater_the_pipeline_commits_itself() -> None:
    kinds = (UPDATERS, "sensors.argoproj.io", "eventsources.argoproj.io", "eventbus.argoproj.io")
    theatre = Theatre(plan(), missing=kinds)
    theatre.run(30)
    before = image(theatre)
    theatre.story._pushes.push(theatre.story._plans[0])
    theatre.run_until(lambda: image(theatre) != before)
    labels = theatre.store.list(WORKFLOWS)[0]["metadata"]["labels"]
    assert not [key for key in labels if key.startswith("events.argoproj.io/")]
