"""Unit test, docker build and push are called so where a name says it beyond doubt, and nowhere else."""

from __future__ import annotations

import pytest
from changing import changed
from stage_readers import read, row, stored

from trombone_tui.pipeline.workflows import STAGE
from trombone_tui.pipeline.workflows.recognition import known_as, told

CERTAIN = {
    "unit test": [
        "unit-test", "unit-tests", "unitTest", "UnitTests", "run-unit-tests", "unittest", "test-unit",
        "unit_tests", "unit-test(0)", "unit-test(3:py3.12)", "unit-test-1", "UNIT_TEST",
    ],
    "docker build": [
        "docker-build", "build-image", "image-build", "build-docker-image", "container-build", "buildImage",
        "build-oci-image", "docker-build-step",
    ],
    "push": ["push", "docker-push", "push-image", "image-push", "push-to-registry", "pushImage"],
}  # fmt: skip
UNSURE = [
    "", "test", "tests", "integration-test", "e2e-test", "unit", "units", "unit-test-report", "build",
    "compile", "build-push", "docker-build-and-push", "build-and-push-image", "git-push", "push-tag",
    "push-metrics", "push-unit-test", "docker", "image", "kaniko", "build-docs", "rebuild-image-cache",
    "publish", "deploy", "unit-test-docker-build", "pushpin", "x" * 200,
]  # fmt: skip


@pytest.mark.parametrize(("name", "known"), [(one, known) for known, ones in CERTAIN.items() for one in ones])
def test_a_certain_name_is_known_by_step_or_by_template(name, known):
    assert known_as(name) == known
    assert known_as("step-3", name) == known


@pytest.mark.parametrize("name", UNSURE)
def test_an_unsure_name_stays_what_it_is(name):
    assert known_as(name) == ""
    assert told(name, name) == name


def test_a_step_and_a_template_that_disagree_are_neither():
    assert known_as("unit-test", "docker-build") == ""
    assert known_as("unit-test", "run-unit-tests") == "unit test"


@pytest.mark.parametrize(
    ("label", "known"),
    [("unit-test", "unit test"), ("docker-build", "docker build"), ("push", "push"), ("lint", ""), ("", "")],
)
def test_the_label_for_it_decides_alone(label, known):
    assert known_as("docker-push", "step", {"trombone.dev/step": label}) == known


@pytest.mark.parametrize(
    ("title", "template", "shown"),
    [
        ("unit-test", "", "unit test (unit-test)"),
        ("push", "", "push"),
        ("publish", "docker-push", "push (publish)"),
        ("lint", "step", "lint"),
    ],
)
def test_the_name_of_its_own_stands_beside(title, template, shown):
    assert told(title, template) == shown


def test_the_row_names_the_step_by_its_template_too():
    # as demo-build of the lab, whose task runs a template of another name
    nodes = stored("workflows", "running")["status"]["nodes"]
    key = next(key for key, node in nodes.items() if node["displayName"] == "docker-build")
    nodes[key] |= {"displayName": "publish", "templateName": "docker-push"}
    item = row(read(STAGE, changed(stored("workflows", "running"), status__nodes=nodes)), "Workflow")
    assert (item.fields.node, item.fields.step) == ("publish", "push")
    assert item.why == "Step push (publish) is about to start; 1/2 done."
