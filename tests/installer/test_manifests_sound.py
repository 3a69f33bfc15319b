"""The manifests themselves: pinned, confined, with few rights, and nothing of a value in a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from installs import VALUES

from trombone_tui.config import folder
from trombone_tui.core.ports import Refused
from trombone_tui.installer.manifests import APPLIED, Manifest, kinds, labels, selector, to_apply
from trombone_tui.installer.placeholders import filled
from trombone_tui.installer.rendering import for_git, rendered
from trombone_tui.installer.values import Given, placeholders, read_defaults, settle

MANIFESTS = folder("manifests")
FILES = sorted(MANIFESTS.rglob("*.yaml"))
PLACES = placeholders(
    settle(read_defaults(MANIFESTS), {name: Given(value, name) for name, value in VALUES.items()})
)
MADE = to_apply(MANIFESTS, PLACES)


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, str(key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, (*path, str(index)))


def of(kind: str) -> list[Manifest]:
    return [one for one in MADE if one.kind == kind]


def test_every_object_is_somewhere_and_carries_our_labels() -> None:
    ours = labels("shop-api")
    for one in MADE:
        assert one.body["metadata"]["labels"].items() >= ours.items()
        assert bool(one.namespace) is (one.kind != "Namespace")
    assert selector("shop-api") == (
        "app.kubernetes.io/managed-by=trombone-tui,app.kubernetes.io/instance=shop-api-pipeline"
    )


def test_the_instance_is_not_the_applications_name_which_argo_cd_may_track_by() -> None:
    (app,) = of("Application")
    assert labels("shop-api")["app.kubernetes.io/instance"] != app.name


def test_stages_are_applied_in_travel_order() -> None:
    stages = [stage for stage, _, _ in kinds(MANIFESTS)]
    assert stages == sorted(stages, key=APPLIED.index)


def test_no_placeholder_is_left() -> None:
    texts = [value for one in MADE for _, value in walk(one.body) if isinstance(value, str)]
    texts += for_git(MANIFESTS, PLACES).values()
    assert [text for text in texts if re.search(r"\(\([a-z_]+\)\)", text)] == []


def test_rights_are_roles_with_named_verbs_on_argos_own_kinds() -> None:
    assert {one.kind for one in MADE} & {"ClusterRole", "ClusterRoleBinding"} == set()
    rules = [rule for one in of("Role") for rule in one.body["rules"]]
    assert [(rule["resources"], rule["verbs"]) for rule in rules] == [
        (["workflows"], ["create"]),
        (["workflowtaskresults"], ["create", "patch"]),
    ]
    assert {group for rule in rules for group in rule["apiGroups"]} == {"argoproj.io"}


def test_bindings_give_the_roles_to_the_accounts_that_are_used() -> None:
    accounts = {one.name for one in of("ServiceAccount")}
    assert {one.body["subjects"][0]["name"] for one in of("RoleBinding")} == accounts
    assert {one.body["roleRef"]["name"] for one in of("RoleBinding")} == {one.name for one in of("Role")}
    used = {of("Sensor")[0].body["spec"]["template"]["serviceAccountName"]}
    used.add(of("WorkflowTemplate")[0].body["spec"]["serviceAccountName"])
    assert used == accounts


def test_images_are_pinned() -> None:
    images = [value for one in MADE for path, value in walk(one.body) if path[-1:] == ("image",)]
    assert [one for one in images if isinstance(one, str) and not re.search(r":[\w.-]*\d", one)] == []
    assert len(images) == 4


def test_containers_of_builds_have_commands_requests_and_no_more_rights_than_they_need() -> None:
    templates = of("WorkflowTemplate")[0].body["spec"]["templates"]
    containers = {one["name"]: one["container"] for one in templates if "container" in one}
    assert list(containers) == ["clone", "unit-test", "docker-build", "docker-push"]
    for name, one in containers.items():
        assert one["command"]
        assert {"cpu", "memory"} <= one["resources"]["requests"].keys()
        confined = one["securityContext"].get("allowPrivilegeEscalation") is False
        assert confined is (name != "docker-build")
        assert not one["securityContext"].get("privileged")


def test_no_value_is_put_into_a_script_of_a_build() -> None:
    """Values reach scripts as environment variables; only the test's own command is a script by itself."""
    text = (MANIFESTS / "workflows" / "2-build.yaml").read_text()
    scripts = [
        script for script in re.findall(r"(?ms)^ +args:\n +- \|\n(.*?)^ +env:", text) if "((" in script
    ]
    assert scripts == []
    args = [one["container"]["args"] for one in of("WorkflowTemplate")[0].body["spec"]["templates"][1:]]
    assert [value for one in args for value in one if "{{" in value] == []


def test_pushes_are_signed_and_filtered_by_event_first() -> None:
    github = of("EventSource")[0].body["spec"]["github"]["push"]
    assert github["webhookSecret"]["name"] == of("Secret")[0].name
    (dependency,) = of("Sensor")[0].body["spec"]["dependencies"]
    filters = dependency["filters"]["data"]
    assert filters[0]["path"] == "body.X-GitHub-Event"
    assert [one["value"] for one in filters if not all(v.startswith("^") for v in one["value"])] == [
        ["false"]
    ]


@pytest.mark.parametrize(
    ("branch", "pattern"), [("main", "^refs/heads/main$"), ("release/1.x", r"^refs/heads/release/1\.x$")]
)
def test_a_branch_is_matched_as_the_text_it_is(branch: str, pattern: str) -> None:
    given = {name: Given(value, name) for name, value in {**VALUES, "branch": branch}.items()}
    made = to_apply(MANIFESTS, placeholders(settle(read_defaults(MANIFESTS), given)))
    (sensor,) = (one for one in made if one.kind == "Sensor")
    filters = sensor.body["spec"]["dependencies"][0]["filters"]["data"]
    assert [pattern] in [one["value"] for one in filters]


def test_the_canary_gets_a_fifth_first_is_measured_and_waits_for_somebody() -> None:
    rollout = yaml.safe_load(for_git(MANIFESTS, PLACES)["rollout.yaml"])
    steps = rollout["spec"]["strategy"]["canary"]["steps"]
    assert [next(iter(step)) for step in steps] == ["setWeight", "pause", "analysis", "setWeight", "pause"]
    assert (steps[0]["setWeight"], steps[-1]["pause"]) == (20, {})
    templates = yaml.safe_load(for_git(MANIFESTS, PLACES)["analysis-template.yaml"])
    assert steps[2]["analysis"]["templates"] == [{"templateName": templates["metadata"]["name"]}]


def test_the_project_allows_what_the_folder_holds_and_nothing_cluster_wide() -> None:
    spec = of("AppProject")[0].body["spec"]
    allowed = {(one["group"], one["kind"]) for one in spec["namespaceResourceWhitelist"]}
    texts = for_git(MANIFESTS, PLACES)
    held = [one for text in texts.values() for one in yaml.safe_load_all(text)]
    wanted = {
        (one["apiVersion"].rpartition("/")[0], one["kind"]) for one in held if one["kind"] != "Kustomization"
    }
    assert wanted <= allowed
    assert spec["clusterResourceWhitelist"] == []


def test_the_kustomization_names_the_files_beside_it_and_the_image_that_is_updated() -> None:
    texts = for_git(MANIFESTS, PLACES)
    kustomization = yaml.safe_load(texts["kustomization.yaml"])
    assert {*kustomization["resources"], "kustomization.yaml"} == set(texts)
    updater = of("ImageUpdater")[0].body["spec"]["applicationRefs"][0]["images"][0]
    assert kustomization["images"][0]["name"] == updater["manifestTargets"]["kustomize"]["name"]


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(MANIFESTS)) for file in FILES])
def test_comments_are_kept_in_what_is_written_for_people(file: Any) -> None:
    if file.name == "values.yaml":
        return
    text = file.read_text()
    made = rendered(text, PLACES, str(file))
    assert made.count("#") == text.count("#")
    assert made.count("\n") == text.count("\n")


def test_a_value_that_needs_quotes_gets_them_in_what_is_written() -> None:
    made = rendered("a: ((x))\nb: [((x)), z]\nc: ((n))\n# ((x))\n", {"x": "y: 1, 2", "n": 5}, "here")
    assert yaml.safe_load(made) == {"a": "y: 1, 2", "b": ["y: 1, 2", "z"], "c": 5}


def test_a_placeholder_without_a_value_names_file_and_line() -> None:
    with pytest.raises(Refused, match=r"here:2: there is no value y"):
        rendered("a: ((x))\nb: ((y))\n", {"x": "1"}, "here")


def test_what_a_value_holds_is_not_looked_at_again() -> None:
    assert filled("((a))", {"a": "((b))", "b": "x"}, "here") == "((b))"
