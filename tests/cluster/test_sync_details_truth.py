"""An Application's details, against what the official argocd prints and what kubectl holds."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl
from config_repository import ConfigRepository, application, config_repository
from delivery import AUTO, NO_RETRY, Held, both, config_map, deployment, job, retried, says, stands
from lab.running import Lab
from official_argocd import Argocd
from official_rollout import Plugin
from patience import eventually, until
from rollouts import GOOD, WANTED, rollout
from staging import wait_for_rest
from telling import Told, told
from watching import Follow, Seen

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("argocd", "rollouts"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

SYNCED = stands("Synced", phase="Succeeded")
NEVER = {"kind": "deny", "schedule": "* * * * *", "duration": "24h", "applications": ["*"]}
RARELY = {
    "kind": "deny",
    "schedule": "0 0 29 2 *",
    "duration": "1h",
    "applications": ["*"],
    "manualSync": True,
}
"""On leap days."""
PROJECTS: dict[str, Held] = {
    "own": {
        "description": "only elsewhere",
        "destinations": [{"server": "*", "namespace": "elsewhere"}],
        "clusterResourceWhitelist": [],
    },
    "closed": {"destinations": [{"server": "*", "namespace": "*"}], "syncWindows": [NEVER, RARELY]},
}


def hooked(name: str, when: str) -> Held:
    made: dict[str, Any] = dict(job(name, {"takes": "200ms"}))
    made["metadata"] = {"name": name, "annotations": {"argocd.argoproj.io/hook": when}}
    return made


def refused(name: str) -> Held:
    meta = {"name": name}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": [{"port": 99999}]}}


FILES: dict[str, dict[str, Held]] = {
    "drift": {"settings": config_map("drift"), "app": {**deployment("drift", 600)}},
    "hooks": {
        "settings": config_map("hooks"),
        "before": hooked("hooks-before", "PreSync"),
        "after": hooked("hooks-after", "PostSync"),
    },
    "partly": {"settings": config_map("partly"), "service": refused("partly")},
    "retrying": {"settings": config_map("retrying")},
    "window": {"settings": config_map("window")},
    "restricted": {"settings": config_map("restricted")},
    "degraded": {"settings": config_map("degraded"), "app": deployment("degraded", 2)},
    "aborted": {"rollout": rollout("aborted")},
    "moved": {"settings": config_map("moved")},
    "unpruned": {"settings": config_map("unpruned"), "extra": config_map("unpruned-extra")},
    "first": {"settings": config_map("shared")},
    "second": {"settings": config_map("shared")},
    "member": {"settings": config_map("member")},
}
MOVING = ("aborted", "moved", "unpruned")
"""Those whose repository gets a second commit: auto-sync would undo for it what drifted of the others."""
READY: dict[str, Callable[[Held], object]] = {
    "drift": stands("OutOfSync", phase="Succeeded"),
    "hooks": SYNCED,
    "partly": stands("OutOfSync", phase="Failed", condition="SyncError"),
    "retrying": both(stands("OutOfSync"), retried),
    "window": both(stands("OutOfSync", phase="Running"), says("blocked by sync window")),
    "restricted": stands("Unknown", condition="InvalidSpecError"),
    "degraded": stands("Synced", health="Degraded", phase="Succeeded"),
    "aborted": stands("Synced", health="Degraded", phase="Succeeded"),
    "moved": SYNCED,
    "unpruned": stands("OutOfSync", phase="Succeeded"),
    "parent": SYNCED,
    "child": stands("OutOfSync"),
    "of-set": SYNCED,
}


@dataclass(frozen=True, slots=True)
class Made:
    """All of them, brought into their states."""

    prefix: str
    kubectl: Kubectl
    argocd: Argocd
    seen: Seen
    commits: tuple[str, ...]

    def item(self, name: str) -> Item:
        found = self.seen.item("sync", "Application", "argocd", f"{self.prefix}-{name}")
        assert found is not None, f"{name} is not shown"
        return found

    def held(self, name: str) -> dict[str, Any]:
        return self.kubectl.get("application", f"{self.prefix}-{name}", "-n", "argocd")

    def printed(self, name: str) -> Held:
        return self.argocd.get(f"{self.prefix}-{name}")


class Making:
    """Makes everything, and takes it away."""

    def __init__(self, lab: Lab, still: ConfigRepository, moving: ConfigRepository) -> None:
        self.prefix, self.kubectl = f"t-{secrets.token_hex(3)}", Kubectl(lab)
        self.plugin = Plugin(lab, self.prefix)
        self._still, self._moving, self._apply = still, moving, Apply(self.kubectl)

    def make(self) -> tuple[str, ...]:
        """Return the two commits."""
        child = self._application("child", auto=None, folder="restricted")
        kept = {
            key: value for key, value in child["spec"].items() if value
        }  # an empty policy never is in sync
        parent = {"parent/child.yaml": {**child, "spec": kept}}
        files = {f"{app}/{name}.yaml": one for app, of in FILES.items() for name, one in of.items()}
        self._still.commit({**files, **parent})
        first = self._moving.commit(files)
        self._apply(
            [self._still.secret(f"{self.prefix}-still"), self._moving.secret(f"{self.prefix}-moving")]
        )
        self.kubectl("create", "namespace", self.prefix)
        usual = [self._usual(name) for name in FILES if name != "member"]
        self._apply([*map(self._project, PROJECTS), *usual, self._parent(), self._set()])
        for name in ("drift", "moved", "unpruned", "aborted"):
            self._await(name, SYNCED)
        until(
            lambda: self.plugin.shows("aborted").phase == "Healthy", what="its first deployment", seconds=45
        )
        self._drift()
        second = self._moving.commit(
            {
                "aborted/rollout.yaml": rollout("aborted", image=WANTED),
                "moved/settings.yaml": config_map("moved", "2"),
                "unpruned/extra.yaml": None,
            }
        )
        for name in MOVING:
            self._write(name, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})
        self._await("window", stands("OutOfSync"))
        self._write("window", {"operation": {"sync": {}}})
        until(lambda: self.plugin.shows("aborted").phase == "Paused", what="its canary", seconds=60)
        wait_for_rest(self.kubectl, self.prefix, "aborted")
        self.plugin("abort", "aborted")
        for name, ready in READY.items():
            self._await(name, ready)
        return first, second

    def _drift(self) -> None:
        change = '{"data":{"level":"changed by hand"}}'
        self.kubectl("patch", "configmap", "drift", "-n", self.prefix, "--type=merge", "-p", change)
        self.kubectl("set", "image", "deployment/drift", "app=shop/pullfail:9", "-n", self.prefix)

    def remove(self) -> None:
        """Take everything away; what Applications without a finalizer made goes with the namespace."""
        for kind in ("applicationsets", "applications", "secrets", "appprojects"):
            held = self.kubectl.get(kind, "-n", "argocd")["items"]
            names = [
                one["metadata"]["name"] for one in held if one["metadata"]["name"].startswith(self.prefix)
            ]
            if names:
                self.kubectl("delete", kind, *names, "-n", "argocd", "--wait=false", check=False)
        for hook in self.kubectl.get("jobs", "-n", self.prefix)["items"]:  # hooks have Argo CD's finalizer
            patch = ("--type=merge", "-p", '{"metadata":{"finalizers":null}}')
            self.kubectl("patch", "job", hook["metadata"]["name"], "-n", self.prefix, *patch, check=False)
        self.kubectl("delete", "namespace", self.prefix, "--wait=false", check=False)

    def _usual(self, name: str) -> Held:
        manual = name in ("window", "restricted")
        project = {"window": "closed", "restricted": "own"}.get(name, "")
        retry = {"partly": NO_RETRY, "retrying": {"limit": 5, "backoff": {"duration": "10m"}}}.get(name)
        where = f"{self.prefix}-missing" if name == "retrying" else ""
        return self._application(
            name, auto=None if manual else AUTO, project=project, retry=retry, where=where
        )

    def _application(
        self, name: str, *, auto: Held | None = AUTO, project: str = "", retry: Held | None = None,
        where: str = "", folder: str = "",
    ) -> Held:  # fmt: skip
        return application(
            f"{self.prefix}-{name}",
            {"repoURL": (self._moving if name in MOVING else self._still).url, "path": folder or name},
            where or self.prefix,
            project=f"{self.prefix}-{project}" if project else "default",
            auto=auto,
            retry=retry,
        )

    def _parent(self) -> Held:
        return self._application("parent", where="argocd")

    def _set(self) -> Held:
        made = self._application("of-set", folder="member")
        template = {"metadata": {"name": "{{.name}}"}, "spec": made["spec"]}
        elements = [{"name": f"{self.prefix}-of-set"}]
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": f"{self.prefix}-set", "namespace": "argocd"},
            "spec": {
                "goTemplate": True,
                "generators": [{"list": {"elements": elements}}],
                "template": template,
                "syncPolicy": {"applicationsSync": "create-only"},
            },
        }

    def _project(self, name: str) -> Held:
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": f"{self.prefix}-{name}", "namespace": "argocd"},
            "spec": {"sourceRepos": ["*"], **PROJECTS[name]},
        }

    def _await(self, name: str, ready: Callable[[Held], object]) -> None:
        place = (f"{self.prefix}-{name}", "-n", "argocd")
        until(lambda: ready(self.kubectl.get("application", *place)), what=f"Application {name}", seconds=60)

    def _write(self, name: str, patch: Held) -> None:
        words = ("patch", "application", f"{self.prefix}-{name}", "-n", "argocd", "--type=merge", "-p")
        self.kubectl(*words, json.dumps(patch))


@pytest.fixture(scope="module")
def making(lab: Lab) -> Iterator[tuple[Making, tuple[str, ...]]]:
    with config_repository() as still, config_repository() as moving:
        made = Making(lab, still, moving)
        try:
            yield made, made.make()
        finally:
            made.remove()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def made(lab: Lab, making: tuple[Making, tuple[str, ...]]) -> AsyncIterator[Made]:
    of, commits = making
    async with Follow(lab)(namespaces=("argocd", of.prefix)) as seen:
        yield Made(of.prefix, of.kubectl, Argocd(lab), seen, commits)


async def test_what_drifted_is_told_as_argocd_diffs_it(made: Made) -> None:
    diff = made.argocd("app", "diff", f"{made.prefix}-drift", "--exit-code=false")
    ours, theirs = ({line[2:].strip() for line in diff.splitlines() if line[:1] == mark} for mark in "<>")

    def right(details: Told) -> None:
        lines = [one.text for one in details.tree("Differs from the source")]
        named = [line for line in lines if re.fullmatch(r"(ConfigMap|Deployment) \S+/drift", line)]
        assert len(named) == 2, (lines, details.titles)
        assert "data.level: changed by hand live, 1 desired" in lines
        image = "spec.template.spec.containers[app].image"
        assert f"{image}: shop/pullfail:9 live, shop/pullfail:1 desired" in lines
        assert len(lines) == 4

    await told(made.seen, made.item("drift"), right)
    assert "level: changed by hand" in ours
    assert "- image: shop/pullfail:9" in ours or "image: shop/pullfail:9" in ours
    assert 'level: "1"' in theirs


async def test_what_an_operation_did_with_each_resource_is_told_as_argocd_tells_it(made: Made) -> None:
    for name in ("hooks", "partly", "moved"):

        def right(details: Told, name: str = name) -> None:
            state = made.printed(name)["status"]["operationState"]
            done = state["syncResult"]["resources"]
            told_of = {one.text: one for one in details.tree("What the operation did")}
            for one in done:
                hook = f"{one['hookType']} hook " if one.get("hookType") else ""
                branch = told_of[f"{hook}{one['kind']} {one['namespace']}/{one['name']}"]
                said = one["hookPhase"] if hook else one["status"]
                assert branch.note.startswith(said)
                assert one["message"][:60] in branch.note
                failed = said in ("SyncFailed", "Failed", "Error")
                assert branch.health is (Health.DEGRADED if failed else Health.HEALTHY)
            assert details.fact("Operation", "Phase") == state["phase"]
            assert details.fact("Operation", "Message") == state["message"]
            assert details.fact("Operation", "Finished") == datetime.fromisoformat(state["finishedAt"])

        await told(made.seen, made.item(name), right)


async def test_a_resource_that_failed_comes_first(made: Made) -> None:
    def right(details: Told) -> None:
        first = details.tree("What the operation did")[0]
        assert (first.text, first.health) == (f"Service {made.prefix}/partly", Health.DEGRADED)

    await told(made.seen, made.item("partly"), right)


async def test_a_retry_that_waits_tells_when_it_goes_on(made: Made) -> None:
    def right(details: Told) -> None:
        state = made.printed("retrying")["status"]["operationState"]
        again = datetime.fromisoformat(state["finishedAt"]) + timedelta(minutes=3)  # the most, by default
        assert f"Retrying attempt #1 at {again:%-I:%M%p}" in state["message"]
        assert details.fact("Operation", "Next attempt") == again
        assert details.fact("Operation", "Waits") == "10m, then 2 times as long each time, at most 3m"

    await told(made.seen, made.item("retrying"), right)


async def test_sync_windows_are_told_as_argocd_lists_them(made: Made) -> None:
    words = ("proj", "windows", "list", f"{made.prefix}-closed")
    listed = json.loads(made.argocd(*words, "-o", "json"))
    active = [state == "Active" for state in re.findall(r"\b(Active|Inactive)\b", made.argocd(*words))]
    assert active == [True, False]

    def right(details: Told) -> None:
        facts = details.facts("Sync windows")
        for fact, window, now in zip(facts, listed, active, strict=True):
            assert fact.name == f"{window['kind']} {window['schedule']} for {window['duration']}"
            said = str(fact.value)
            assert said.startswith("open now" if now else "not open now")
            assert ("a sync by hand passes" if window.get("manualSync") else "holds a sync by hand") in said

    await told(made.seen, made.item("window"), right)


async def test_what_the_project_forbids_is_told(made: Made) -> None:
    project = json.loads(made.argocd("proj", "get", f"{made.prefix}-own", "-o", "json"))

    def right(details: Told) -> None:
        assert details.fact("Project", "Project") == project["metadata"]["name"]
        assert details.fact("Project", "About") == project["spec"]["description"]
        allowed = project["spec"]["destinations"][0]["namespace"]
        assert details.fact("Project", "Destinations") == (
            f"namespace {allowed} of any cluster; nothing found that allows this one"
        )
        assert details.fact("Project", "Cluster-wide kinds") == "none"
        (condition,) = made.held("restricted")["status"]["conditions"]
        (line,) = details.lines("Conditions")
        assert line.text == f"The spec is refused ({condition['type']}): {condition['message']}"
        assert line.health is Health.DEGRADED

    await told(made.seen, made.item("restricted"), right)


async def test_the_resource_that_makes_it_unwell_is_named_as_argocd_marks_it(made: Made) -> None:
    printed = made.argocd("app", "get", f"{made.prefix}-degraded", "-o", "tree")
    (line,) = (one for one in printed.splitlines() if "Deployment/degraded" in one)
    assert "Degraded" in line

    def right(details: Told) -> None:
        said = str(details.fact("Application", "Health comes from"))
        assert said.startswith("Deployment degraded: ")
        assert "no progress within its deadline" in said
        branch = details.branch("Resources", f"Deployment {made.prefix}/degraded")
        assert branch.health is Health.DEGRADED
        assert details.branch("Resources", f"ConfigMap {made.prefix}/degraded").health is not Health.DEGRADED

    await told(made.seen, made.item("degraded"), right)


async def test_after_an_abort_it_says_what_is_live_and_that_argo_cd_is_synced_to_something_else(
    made: Made,
) -> None:
    held = made.kubectl.get("rollout", "aborted", "-n", made.prefix)
    stable = f"rollouts-pod-template-hash={held['status']['stableRS']}"
    (owned,) = made.kubectl.get("replicasets", "-n", made.prefix, "-l", f"app=aborted,{stable}")["items"]
    image = owned["spec"]["template"]["spec"]["containers"][0]["image"]
    assert (image, held["spec"]["template"]["spec"]["containers"][0]["image"]) == (GOOD, WANTED)

    def of_application(details: Told) -> None:
        sync = made.printed("aborted")["status"]["sync"]
        assert (sync["status"], sync["revision"]) == ("Synced", made.commits[1])
        assert details.fact("Application", "Sync") == "Synced"
        assert details.fact("Application", "Revision") == made.commits[1]
        (live,) = (one for one in details.facts("Live") if one.name == "Live of aborted")
        assert (live.value, live.health) == (f"{GOOD} (revision 1)", Health.SUSPENDED)
        assert details.fact("Live", "Asked of aborted") == f"{WANTED}: aborted, not live"

    await told(made.seen, made.item("aborted"), of_application)
    rollout_item = made.seen.item("rollout", "Rollout", made.prefix, "aborted")
    assert rollout_item is not None

    def of_rollout(details: Told) -> None:
        assert details.fact("Live", "Live image") == GOOD
        beside = str(details.fact("Rollout", "Live"))
        assert f"Synced to {made.commits[1][:7]}" in beside
        assert "web:1" in beside

    await told(made.seen, rollout_item, of_rollout)


async def test_the_history_is_the_one_that_argocd_lists(made: Made) -> None:
    ids = made.argocd("app", "history", f"{made.prefix}-moved", "-o", "id").split()
    listed = made.printed("moved")["status"]["history"]
    assert ids == [str(one["id"]) for one in listed]

    def right(details: Told) -> None:
        facts = details.facts("History")
        assert [one.name for one in facts] == [f"Sync {one['id']}" for one in reversed(listed)]
        for fact, one in zip(facts, reversed(listed), strict=True):
            assert str(fact.value).startswith(one["revision"][:7])
        assert "rollback goes here" in str(facts[1].value)

    await told(made.seen, made.item("moved"), right)


async def test_what_is_to_be_pruned_says_so(made: Made) -> None:
    def right(details: Told) -> None:
        (one,) = (
            one for one in made.printed("unpruned")["status"]["resources"] if one.get("requiresPruning")
        )
        (branch,) = details.tree("Differs from the source")
        assert branch.text == f"{one['kind']} {one['namespace']}/{one['name']}"
        assert branch.note == "to be deleted: it is not in the source any more"
        assert details.fact("Policy", "Prune") == "off"

    await told(made.seen, made.item("unpruned"), right)


async def test_a_resource_that_two_applications_have_is_warned_of(made: Made) -> None:
    def warned() -> tuple[str, str] | None:
        conditions = {name: made.held(name)["status"].get("conditions", ()) for name in ("first", "second")}
        shared = "SharedResourceWarning"
        found = (
            (name, one["message"]) for name, of in conditions.items() for one in of if one["type"] == shared
        )
        return next(found, None)

    name, message = await eventually(warned, what="the warning")

    def right(details: Told) -> None:
        texts = [line.text for line in details.lines("Conditions")]
        assert f"Another Application has it, too (SharedResourceWarning): {message}" in texts

    await told(made.seen, made.item(name), right)


async def test_a_parent_and_its_child_name_each_other(made: Made) -> None:
    def child(details: Told) -> None:
        status = made.held("parent")["status"]
        stand = f"{status['sync']['status']}, {status['health']['status']}"
        assert details.fact("Made by", "Application") == (
            f"{made.prefix}-parent ({stand}); it undoes changes of the spec when it syncs"
        )

    def parent(details: Told) -> None:
        (branch,) = details.tree("Applications it makes")
        assert branch.text == f"{made.prefix}-child"
        assert branch.note.startswith(made.held("child")["status"]["sync"]["status"])

    await told(made.seen, made.item("child"), child)
    await told(made.seen, made.item("parent"), parent)


async def test_an_application_of_a_set_names_it_and_what_the_set_does(made: Made) -> None:
    owners = made.held("of-set")["metadata"]["ownerReferences"]
    assert [one["name"] for one in owners] == [f"{made.prefix}-set"]

    def right(details: Told) -> None:
        assert details.fact("Made by", "ApplicationSet") == (
            f"{made.prefix}-set; it leaves changes of the spec alone"
        )

    await told(made.seen, made.item("of-set"), right)


async def test_the_whole_application_is_the_one_that_kubectl_prints(made: Made) -> None:
    place = (f"{made.prefix}-hooks", "-n", "argocd")

    async def same() -> bool:
        """It is written anew each ten seconds, so that both may see another version."""
        whole = dict(await made.seen.live.whole(made.item("hooks").ref))
        assert whole == made.kubectl.get("application", *place, "--show-managed-fields=true")
        return True

    await eventually(same, what="the same object")
