"""A pipeline that is installed while the story plays is taken up by the controllers; nothing else is."""

from __future__ import annotations

from typing import Any

from theatre import APPLICATIONS, UPDATERS, Theatre, plan

LABELS = {"app.kubernetes.io/managed-by": "trombone-tui"}
EVENTS = ("eventbus.argoproj.io", "eventsources.argoproj.io", "sensors.argoproj.io")


def added(theatre: Theatre, resource: str, namespace: str, spec: dict[str, Any], **labels: str) -> None:
    metadata = {"name": "shop-new", "namespace": namespace, "labels": labels or LABELS}
    theatre.store.create(resource, {"metadata": metadata, "spec": spec})


def status(theatre: Theatre, resource: str, namespace: str) -> dict[str, Any]:
    found: dict[str, Any] = theatre.store.get(resource, namespace, "shop-new").get("status", {})
    return found


def test_buses_sources_and_sensors_get_pods_in_their_namespace_and_say_so() -> None:
    theatre = Theatre(plan())
    theatre.store.create("namespaces", {"metadata": {"name": "builds"}})
    for resource in EVENTS:
        added(theatre, resource, "builds", {})
    theatre.run(8.0)
    for resource in EVENTS:
        conditions = status(theatre, resource, "builds")["conditions"]
        assert {one["status"] for one in conditions} == {"True"}
    pods = [one for one in theatre.store.list("pods", "builds") if one["status"]["phase"] == "Running"]
    assert {one["metadata"]["labels"]["controller"] for one in pods} == {
        "eventbus-controller",
        "eventsource-controller",
        "sensor-controller",
    }


def test_an_application_is_compared_and_an_updater_checked() -> None:
    theatre = Theatre(plan())
    image = {"alias": "app", "imageName": "registry.example/shop/new"}
    refs = [{"namePattern": "shop-new", "images": [image]}]
    added(theatre, APPLICATIONS, "argocd", {"source": {"path": "apps/shop-new"}})
    added(theatre, UPDATERS, "argocd", {"applicationRefs": refs})
    theatre.run(8.0)
    assert status(theatre, APPLICATIONS, "argocd")["sync"]["status"] == "Synced"
    assert status(theatre, UPDATERS, "argocd")["lastCheckedAt"]


def test_what_somebody_else_adds_is_left_alone() -> None:
    theatre = Theatre(plan())
    added(theatre, APPLICATIONS, "argocd", {}, app="x")
    theatre.run(8.0)
    assert status(theatre, APPLICATIONS, "argocd") == {}


def test_what_is_gone_before_it_is_taken_up_is_no_matter() -> None:
    theatre = Theatre(plan(), missing=EVENTS)
    added(theatre, APPLICATIONS, "argocd", {})
    theatre.store.delete(APPLICATIONS, "argocd", "shop-new")
    theatre.run(8.0)
    assert "shop-new" not in [one["metadata"]["name"] for one in theatre.store.list(APPLICATIONS)]
