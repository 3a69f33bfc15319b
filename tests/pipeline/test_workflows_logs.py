"""Which logs tell of a Workflow: failed steps first, what Argo adds last, and where logs went."""

from __future__ import annotations

import pytest
from changing import changed
from stage_readers import answering, read, row, stored

from trombone_tui.core.ports import Denied
from trombone_tui.pipeline.workflows import STAGE


def logs(obj, *pods, **answers):
    reader = read(STAGE, obj)
    ask = answering(**({"Workflow": [obj], "Pod": list(pods)} | answers))
    return reader.logs(row(reader, "Workflow").ref, ask)


def told(sources):
    return [(one.label, one.pod, one.container, one.failed, one.gone) for one in sources]


GONE = "gone with its pod; nothing archived it"


def test_a_failed_step_whose_pod_is_there_comes_first_and_what_argo_added_last():
    found = logs(stored("workflows", "failed-after-retries"), stored("workflows", "pod-failed"))
    there, first, second = (f"broken-build-bad-{end}" for end in ("448805743", "1992640881", "2596782260"))
    assert told(found) == [
        ("unit-test(2)", there, "main", True, ""),
        ("unit-test(0)", first, "main", True, GONE),
        ("unit-test(1)", second, "main", True, GONE),
        ("unit-test(2) init", there, "init", False, ""),
        ("unit-test(2) wait", there, "wait", False, ""),
    ]
    assert {one.namespace for one in found} == {"ci"}


def test_running_steps_come_before_those_that_went_well():
    found = logs(stored("workflows", "lab/workflow-running-steps"), Pod=None)
    assert [(one.label, one.gone) for one in found] == [("build", ""), ("checkout", "")]


def test_a_log_that_was_archived_says_where():
    obj = stored(
        "workflows",
        "failed-after-retries",
        status__artifactRepositoryRef={"artifactRepository": {"s3": {"bucket": "logs"}}},
    )
    for node in obj["status"]["nodes"].values():
        if node["type"] == "Pod":
            key = f"broken-build/{node['id']}/main.log"
            node["outputs"] = {"exitCode": "2", "artifacts": [{"name": "main-logs", "s3": {"key": key}}]}
    assert {one.gone for one in logs(obj)} == {
        f"its pod is gone; archived at s3 logs/broken-build/broken-build-{end}/main.log, argo-server shows it"
        for end in ("448805743", "1992640881", "2596782260")
    }


def test_a_step_that_never_began_shows_what_prepared_it_first():
    pod = stored("workflows", "pod-failed")
    ended = {"terminated": {"exitCode": 64, "reason": "Error"}}
    pod["status"]["initContainerStatuses"] = [{"name": "init", "state": ended}]
    assert told(logs(stored("workflows", "failed-after-retries"), pod))[0] == (
        "unit-test(2) init",
        "broken-build-bad-448805743",
        "init",
        True,
        "",
    )


POD_NAMES = [
    ("v2", "w.a", "step", "w-step-205987851"),
    ("v1", "w.a", "step", "w-1"),
    ("v2", "w", "step", "w"),
    ("v2", "w.a", "", "w-205987851"),
    ("v2", "w.a", "x" * 300, f"w-{'x' * 240}-205987851"),
]


@pytest.mark.parametrize(("version", "name", "template", "pod"), POD_NAMES)
def test_a_pod_is_named_as_its_controller_names_it(version, name, template, pod):
    # argo-workflows@v3.7.18:workflow/util/pod_name.go
    node = {"id": "w-1", "name": name, "displayName": "a", "type": "Pod", "phase": "Running"}
    obj = {
        "kind": "Workflow",
        "metadata": {
            "name": "w", "namespace": "ci",
            "annotations": {"workflows.argoproj.io/pod-name-format": version},
        },
        "status": {"phase": "Running", "nodes": {"w-1": node | {"templateName": template}}},
    }  # fmt: skip
    assert [one.pod for one in logs(obj, Pod=None)] == [pod]


def test_the_hash_is_that_of_the_reference():
    # [EW] B.4: the node id of appr-promotion-ffsv4.app1.wait-approval ends in 3235686597
    node = {"id": "x", "name": "appr-promotion-ffsv4.app1.wait-approval", "type": "Pod", "phase": "Running"}
    obj = {
        "kind": "Workflow",
        "metadata": {"name": "appr-promotion-ffsv4", "namespace": "ci"},
        "status": {"phase": "Running", "nodes": {"x": node}},
    }
    assert logs(obj)[0].pod == "appr-promotion-ffsv4-3235686597"


def test_the_containers_of_a_container_set_are_logs_of_one_pod():
    nodes = {
        "w": {"id": "w", "name": "w", "displayName": "w", "type": "Pod", "phase": "Running"},
        "a": {"id": "a", "name": "w.one", "displayName": "one", "type": "Container", "phase": "Failed",
              "boundaryID": "w"},
        "b": {"id": "b", "name": "w.two", "displayName": "two", "type": "Container", "phase": "Running",
              "boundaryID": "w"},
    }  # fmt: skip
    obj = {
        "kind": "Workflow",
        "metadata": {"name": "w", "namespace": "ci"},
        "status": {"phase": "Running", "nodes": nodes},
    }
    assert told(logs(obj, Pod=None)) == [("one", "w", "one", True, ""), ("two", "w", "two", False, "")]


def test_pods_alone_are_enough_where_nodes_can_not_be_read():
    obj = changed(
        stored("workflows", "failed-after-retries"),
        status__nodes=None,
        status__offloadNodeStatusVersion="fnv:1796343520",
    )
    pod = stored("workflows", "pod-failed")
    expected = [("broken-build.unit-test(2)", "broken-build-bad-448805743", "main", True, "")]
    assert told(logs(obj, pod)) == expected
    assert told(logs(obj, pod, Workflow=Denied("watch", "workflows.argoproj.io", namespace="ci"))) == expected
    assert logs(obj, Workflow=None, Pod=None) == ()
