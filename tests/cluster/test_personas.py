"""Admin, viewer, dev and nobody: each is shown what RBAC grants, neither more nor less, and told the rest."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from asking import Apply, Kubectl, Status
from lab.running import Lab
from patience import until
from rights import ROWS, WATCHED, Name, Rights

pytestmark = [
    pytest.mark.needs("rollouts", "workflows", "argocd", "images", "events"),
    pytest.mark.timeout(180),
]

Document = Mapping[str, Any]
VERB = "watch"
"""What is denied where list and watch both are: a list that streams is a watch to the API server."""
SPECS: list[Mapping[str, Any]] = [
    {
        "kind": "Workflow",
        "metadata": {"name": "seen", "labels": {"workflows.argoproj.io/controller-instanceid": "none"}},
        "spec": {"entrypoint": "main", "templates": [{"name": "main", "suspend": {}}]},
    },
    {
        "kind": "AnalysisRun",
        "metadata": {"name": "seen"},
        "spec": {"terminate": True, "metrics": [{"name": "up", "provider": {"prometheus": {"query": "up"}}}]},
    },
    {
        "kind": "Rollout",
        "metadata": {"name": "seen"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": "seen"}},
            "template": {
                "metadata": {"labels": {"app": "seen"}},
                "spec": {"containers": [{"name": "app", "image": "shop/web:1"}]},
            },
            "strategy": {"canary": {}},
        },
    },
    {"kind": "EventSource", "metadata": {"name": "seen"}, "spec": {}},
]
"""Objects in every namespace of the test, of four stages."""


@dataclass(frozen=True, slots=True)
class Places:
    """Three namespaces with the same objects: dev works in the first two."""

    prefix: str
    kubectl: Kubectl

    @property
    def open(self) -> list[str]:
        return [f"{self.prefix}-a", f"{self.prefix}-b"]

    @property
    def closed(self) -> str:
        return f"{self.prefix}-c"

    def make(self) -> None:
        """Make them, with the objects, and wait until dev may work in its own."""
        for name in (*self.open, self.closed):
            self.kubectl("create", "namespace", name)
            Apply(self.kubectl)([{"apiVersion": "argoproj.io/v1alpha1", **spec} for spec in SPECS], name)
        role = ("--clusterrole=lab-develop", "--group=lab-devs")
        for name in self.open:
            self.kubectl("create", "rolebinding", self.prefix, "-n", name, *role)
        workflows = next(kind for kind in ROWS["workflows"] if kind.name == "Workflow")
        dev = Rights(self.kubectl, "dev")
        until(lambda: all(dev.may("list", workflows, name) for name in self.open), what="dev's rights")

    def remove(self) -> None:
        for name in (*self.open, self.closed):
            self.kubectl("delete", "namespace", name, "--wait=false", check=False)

    def names(self) -> list[str]:
        """Return the names of all namespaces of the lab that are not being deleted."""
        held = self.kubectl.get("namespaces")["items"]
        return [one["metadata"]["name"] for one in held if one["status"]["phase"] == "Active"]


@pytest.fixture(scope="module")
def places(lab: Lab) -> Iterator[Places]:
    made = Places(f"t-{secrets.token_hex(3)}", Kubectl(lab))
    try:
        made.make()
        yield made
    finally:
        made.remove()


@pytest.fixture
def granted(places: Places) -> Iterator[Callable[..., None]]:
    """Grants verbs on resources in all namespaces to ``--user=…`` or ``--group=…`` until the test ends."""
    names = []

    def grant(verbs: str, resources: str, *to: str) -> None:
        name = f"{places.prefix}-{len(names)}"
        names.append(name)
        places.kubectl("create", "clusterrole", name, f"--verb={verbs}", f"--resource={resources}")
        places.kubectl("create", "clusterrolebinding", name, f"--clusterrole={name}", *to)

    yield grant
    for name in names:
        places.kubectl("delete", "clusterrolebinding,clusterrole", name, check=False)


def shown(document: Document, stage: str) -> set[Name]:
    """Return what a stage shows, each object once."""
    items = document["stages"][stage]["items"]
    return {(item["kind"], item["namespace"], item["name"]) for item in items}


def panel(document: Document, stage: str) -> tuple[str, str]:
    (only,) = document["stages"][stage]["panel"]
    return only["state"], only["reason"]


def refused(reason: str) -> set[tuple[str, str]]:
    """Return the verb and resource of every denial that a panel names."""
    found = set()
    for verb, listed in re.findall(r"may not (\w+) ([\w., -]+?) in ", reason):
        found |= {(verb, name) for name in re.split(r", | and ", listed) if not name.endswith(" more")}
    return found


def more(reason: str) -> int:
    """Return how many denials a panel counts without naming them."""
    return sum(int(number) for number in re.findall(r"and (\d+) more", reason))


def same(status: Status, right: Callable[[Document], None], *flags: str, persona: str) -> Document:
    """Return the first status that is right: objects of other tests come and go meanwhile."""

    def ask() -> Document:
        document = status(*flags, persona=persona)
        right(document)
        return document

    return until(ask, seconds=20, what=f"status as {persona}")


@pytest.mark.parametrize("persona", ["admin", "viewer"])
def test_who_may_see_all_is_shown_all_and_every_panel_is_live(
    persona: str, places: Places, status: Status
) -> None:
    rights = Rights(places.kubectl, persona)
    every = {kind.name: kind for of in WATCHED.values() for kind in of}
    assert rights.everywhere(every.values()) == set(every)

    def right(document: Document) -> None:
        for stage, kinds in ROWS.items():
            assert panel(document, stage) == ("live", "")
            assert shown(document, stage) == set().union(*(rights.objects(kind, None) for kind in kinds)), (
                stage
            )

    document = same(status, right, persona=persona)
    assert {("Workflow", name, "seen") for name in (*places.open, places.closed)} <= shown(
        document, "workflows"
    )


def test_nobody_is_shown_nothing_and_told_of_every_denial(places: Places, status: Status) -> None:
    done = status.run(persona="nobody")
    document = json.loads(done.stdout)
    assert (done.returncode, document["healthy"]) == (1, False)
    for stage, kinds in WATCHED.items():
        state, reason = panel(document, stage)
        denied = {(VERB, kind.resource) for kind in kinds}
        assert (state, shown(document, stage)) == ("denied", set())
        assert refused(reason) <= denied
        assert len(refused(reason)) + more(reason) == len(kinds), reason
        assert "ask for" in reason
        for verb, resource in refused(reason):
            said = places.kubectl("auth", "can-i", verb, resource, "-A", persona="nobody", check=False)
            assert said.strip() == "no"


def test_a_denial_is_worded_as_kubectl_words_it(places: Places, status: Status) -> None:
    stream = "/apis/argoproj.io/v1alpha1/analysisruns?watch=1"
    with pytest.raises(AssertionError, match="Forbidden") as caught:
        places.kubectl("get", "--raw", stream, persona="nobody")
    found = re.search(
        r'cannot (\w+) resource "(\w+)" in API group "([\w.]+)" at the cluster scope', str(caught)
    )
    assert found is not None
    verb, plural, group = found.groups()
    _, reason = panel(status(persona="nobody"), "metrics")
    assert f"may not {verb} {plural}.{group}" in reason
    assert "in all namespaces" in reason


def test_dev_is_shown_the_namespaces_it_names_and_nothing_of_the_third(
    places: Places, status: Status
) -> None:
    dev, flags = Rights(places.kubectl, "dev"), [word for name in places.open for word in ("-n", name)]
    seen = dev.namespaces((*places.open, places.closed))

    def right(document: Document) -> None:
        for stage, kinds in ROWS.items():
            visible = [(kind, name) for kind in kinds for name in seen[kind.name]]
            assert shown(document, stage) == set().union(*(dev.objects(*one) for one in visible)), stage

    document = same(status, right, *flags, persona="dev")
    assert shown(document, "workflows") == {("Workflow", name, "seen") for name in places.open}
    state, reason = panel(document, "workflows")
    assert (state, refused(reason)) == ("live", {(VERB, "clusterworkflowtemplates.argoproj.io")})
    state, reason = panel(document, "images")
    assert (state, refused(reason)) == (
        "denied",
        {(VERB, "imageupdaters.argocd-image-updater.argoproj.io")},
    )
    assert all(name in reason for name in places.open)


def test_dev_who_names_a_closed_namespace_sees_the_others_and_what_is_denied_there(
    places: Places, status: Status
) -> None:
    document = status("-n", places.open[0], "-n", places.closed, persona="dev")
    assert shown(document, "workflows") == {("Workflow", places.open[0], "seen")}
    state, reason = panel(document, "workflows")
    assert state == "live"
    assert refused(reason) == {(VERB, kind.resource) for kind in ROWS["workflows"]}
    assert f"in namespace {places.closed}" in reason
    assert places.open[0] not in reason


def test_dev_who_may_not_list_namespaces_is_told_to_name_them(places: Places, status: Status) -> None:
    said = places.kubectl("auth", "can-i", "list", "namespaces", persona="dev", check=False)
    assert said.strip() == "no"
    document = status(persona="dev")
    for stage in ROWS:
        state, reason = panel(document, stage)
        assert (state, shown(document, stage)) == ("denied", set())
        assert "choose namespaces with -n" in reason


def test_dev_who_may_list_namespaces_is_shown_exactly_those_it_works_in(
    places: Places, status: Status, granted: Callable[..., None]
) -> None:
    dev = Rights(places.kubectl, "dev")
    granted("list", "namespaces", "--group=lab-devs")
    can = ("auth", "can-i", "list", "namespaces")
    until(
        lambda: places.kubectl(*can, persona="dev", check=False).strip() == "yes",
        what="the right to be granted",
    )

    def right(document: Document) -> None:
        seen = dev.namespaces(places.names())
        assert set(places.open) <= seen["Workflow"]
        assert places.closed not in seen["Workflow"]
        for stage, kinds in ROWS.items():
            visible = [(kind, name) for kind in kinds for name in seen[kind.name]]
            assert shown(document, stage) == set().union(*(dev.objects(*one) for one in visible)), stage
            state, reason = panel(document, stage)
            assert state == ("live" if visible else "denied"), stage
            if visible:
                assert "you may see only namespaces " in reason
                named = set(
                    re.split(r", | and \d+ more", reason.rpartition("you may see only namespaces ")[2])
                )
                assert named - {""} <= set().union(*(seen[kind.name] for kind in WATCHED[stage]))

    same(status, right, persona="dev")


def test_a_right_to_list_without_one_to_watch_shows_nothing_and_names_the_verb(
    places: Places, status: Status, granted: Callable[..., None]
) -> None:
    user = f"{places.prefix}-lister"
    granted("list", "rollouts.argoproj.io", f"--user={user}")
    can = ("auth", "can-i", "list", "rollouts.argoproj.io", "-A", "--as", user)
    until(lambda: places.kubectl(*can, check=False).strip() == "yes", what="the right to be granted")
    document = status("--as", user)
    state, reason = panel(document, "rollout")
    assert (state, shown(document, "rollout")) == ("denied", set())
    assert ("watch", "rollouts.argoproj.io") in refused(reason)
    assert ("list", "rollouts.argoproj.io") not in refused(reason)


def test_one_stage_that_is_granted_is_live_beside_five_that_are_denied(
    places: Places, status: Status, granted: Callable[..., None]
) -> None:
    user = f"{places.prefix}-builder"
    granted("list,watch", ",".join(kind.resource for kind in ROWS["workflows"]), f"--user={user}")
    can = ("auth", "can-i", "watch", "cronworkflows.argoproj.io", "-A", "--as", user)
    until(lambda: places.kubectl(*can, check=False).strip() == "yes", what="the right to be granted")
    document = status("--as", user)
    assert panel(document, "workflows") == ("live", "")
    assert {("Workflow", name, "seen") for name in (*places.open, places.closed)} <= shown(
        document, "workflows"
    )
    assert {stage: panel(document, stage)[0] for stage in ROWS if stage != "workflows"} == dict.fromkeys(
        ("events", "images", "sync", "rollout", "metrics"), "denied"
    )


def test_the_exit_code_tells_all_well_from_denied(places: Places, status: Status, namespace: str) -> None:
    codes = {
        persona: status.run("-n", namespace, persona=persona).returncode
        for persona in ("admin", "viewer", "nobody")
    }
    assert codes == {"admin": 0, "viewer": 0, "nobody": 1}
