"""What ``kubectl get`` prints of core kinds, and how ages are written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trombone_tui.demo.cells import age, span
from trombone_tui.demo.clock import Clock, stamp
from trombone_tui.demo.resources import RESOURCES, Resource
from trombone_tui.demo.store import Store
from trombone_tui.demo.tables import definitions, look_up, row

NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
AGO = stamp(NOW - timedelta(minutes=5))


def cells(resource: str, **obj: Any) -> dict[str, Any]:
    store = Store(Clock(start=NOW - timedelta(hours=2)))
    store.put(resource, {"metadata": {"name": "x", "namespace": "shop"} | obj.pop("metadata", {}), **obj})
    kind = next(one for one in store.resources if one.name == resource)
    values = json.loads(row(kind, store.records(resource)[0], NOW, "None"))["cells"]
    return dict(zip([one["name"] for one in definitions(kind)], values, strict=True))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (252, "4m12s"),
        (10 * 60, "10m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 600, "3h10m"),
        (30 * 3600, "30h"),
        (3 * 86400, "3d"),
        (3 * 86400 + 7200, "3d2h"),
        (100 * 86400, "100d"),
        (3 * 365 * 86400 + 86400, "3y1d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_spans_are_written_as_kubectl_does(seconds: int, text: str) -> None:
    assert span(seconds) == text


def test_ages_that_can_not_be_told() -> None:
    assert age("nonsense", NOW) == "<unknown>"
    assert age(stamp(NOW + timedelta(minutes=1)), NOW) == "<invalid>"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (".status.phase", "Running"),
        (".status.conditions[?(@.type=='Ready')].status", "True"),
        (".status.conditions[?(@.type=='Other')].status", None),
        (".status.list[1]", 2),
        (".status.list[9]", None),
        (".status.phase[0]", None),
        (".nothing.at.all", None),
    ],
)
def test_json_paths_of_printer_columns(path: str, value: Any) -> None:
    status = {"phase": "Running", "list": [1, 2], "conditions": [{"type": "Ready", "status": "True"}]}
    assert look_up({"status": status}, path) == value


def test_pod() -> None:
    statuses = [
        {"ready": True, "restartCount": 2, "lastState": {"terminated": {"finishedAt": AGO}}},
        {"state": {"waiting": {"reason": "CrashLoopBackOff"}}},
    ]
    spec = {"containers": [{"name": "a"}, {"name": "b"}], "nodeName": "n1"}
    found = cells("pods", spec=spec, status={"phase": "Running", "containerStatuses": statuses})
    assert found["Ready"] == "1/2"
    assert found["Status"] == "CrashLoopBackOff"
    assert found["Restarts"] == "2 (5m ago)"
    assert found["Node"] == "n1"


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ({"phase": "Succeeded"}, "Succeeded"),
        ({"phase": "Failed", "reason": "Evicted"}, "Evicted"),
        ({"containerStatuses": [{"state": {"terminated": {"reason": "OOMKilled"}}}]}, "OOMKilled"),
        ({"containerStatuses": [{"state": {"terminated": {"exitCode": 3}}}]}, "ExitCode:3"),
    ],
)
def test_pod_status(status: dict[str, Any], text: str) -> None:
    assert cells("pods", status=status)["Status"] == text
    assert cells("pods", status=status, metadata={"deletionTimestamp": AGO})["Status"] == "Terminating"


def test_service_ingress_and_config() -> None:
    ports = [{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}]
    service = cells("services", spec={"type": "NodePort", "ports": ports, "selector": {"app": "x"}})
    assert (service["Port(s)"], service["Selector"], service["External-IP"]) == (
        "80:30080/TCP,53/UDP",
        "app=x",
        "<none>",
    )
    assert cells("services", spec={})["Port(s)"] == "<none>"
    ingress = cells(
        "ingresses.networking.k8s.io",
        spec={"rules": [{"host": "shop.example"}], "tls": [{}]},
        status={"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}},
    )
    assert (ingress["Hosts"], ingress["Address"], ingress["Ports"]) == ("shop.example", "10.0.0.1", "80, 443")
    assert cells("ingresses.networking.k8s.io", spec={})["Hosts"] == "*"
    assert cells("configmaps", data={"a": "1", "b": "2"})["Data"] == 2


def test_event() -> None:
    found = cells(
        "events",
        involvedObject={"kind": "Rollout", "name": "api"},
        reason="RolloutPaused",
        lastTimestamp=AGO,
        firstTimestamp=AGO,
        count=3,
    )
    assert next(iter(found)) == "Last Seen"
    assert (found["Last Seen"], found["Object"], found["Count"], found["Name"]) == (
        "5m",
        "rollout/api",
        3,
        "x",
    )
    assert cells("events")["Last Seen"] == "<unknown>"


def test_workloads() -> None:
    deployment = cells("deployments.apps", spec={"replicas": 3}, status={"readyReplicas": 2})
    template = {"spec": {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:2"}]}}
    wide = cells("replicasets.apps", spec={"template": template, "selector": {"matchLabels": {"app": "x"}}})
    assert (wide["Containers"], wide["Images"], wide["Selector"]) == ("a,b", "x:1,y:2", "app=x")
    crds = "customresourcedefinitions.apiextensions.k8s.io"
    assert cells(crds, metadata={"creationTimestamp": AGO})["Created At"] == AGO
    assert (deployment["Ready"], deployment["Up-to-date"]) == ("2/3", 0)
    assert cells("deployments.apps")["Ready"] == "0/1"
    times = {"startTime": AGO, "completionTime": stamp(NOW - timedelta(minutes=3))}
    done = {"conditions": [{"type": "Complete", "status": "True"}], "succeeded": 1}
    job = cells("jobs.batch", status=times | done)
    assert deployment["Containers"] == ""
    assert (job["Status"], job["Completions"], job["Duration"]) == ("Complete", "1/1", "2m")
    assert (cells("jobs.batch")["Status"], cells("jobs.batch")["Duration"]) == ("Running", None)
    assert cells("jobs.batch", status={"startTime": AGO})["Duration"] == "5m"
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1"}}
    assert (cells("nodes", status=ready)["Status"], cells("nodes")["Status"]) == ("Ready", "NotReady")


def test_a_binding_names_its_role() -> None:
    bound = cells("rolebindings.rbac.authorization.k8s.io", roleRef={"kind": "Role", "name": "api-sensor"})
    assert bound["Role"] == "Role/api-sensor"


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_every_kind_has_a_row_even_of_an_empty_object(resource: Resource) -> None:
    found = cells(resource.name)
    assert found["Name"] == "x"
    assert found.get("Age") in ("120m", "119m", None)


def test_argo_kinds_show_their_own_columns() -> None:
    rollout = cells("rollouts.argoproj.io", spec={"replicas": 3}, status={"updatedReplicas": 1})
    assert list(rollout) == ["Name", "Desired", "Current", "Up-to-date", "Available", "Age"]
    assert (rollout["Desired"], rollout["Current"], rollout["Up-to-date"]) == (3, None, 1)
    workflow = cells("workflows.argoproj.io", status={"phase": "Failed", "message": "boom", "startedAt": AGO})
    assert (workflow["Status"], workflow["Age"], workflow["Message"]) == ("Failed", "5m", "boom")
    conditions = [{"type": "Ready", "status": "True"}]
    updater = cells(
        "imageupdaters.argocd-image-updater.argoproj.io",
        status={"imagesManaged": 2, "conditions": conditions},
    )
    assert (updater["Images"], updater["Ready"], updater["Last Checked"]) == (2, "True", None)
