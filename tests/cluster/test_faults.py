"""What a real server can do to who watches it: each fault is told truly, and nothing is missing afterwards.

These tests run after all others: they stop the API server that those need.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from asking import Apply, Kubectl
from lab.running import Lab, answers
from outages import agreed, following, states
from patience import eventually, until
from rollouts import rollout
from watching import Seen

from trombone_tui.adapters.pace import Pace
from trombone_tui.core.ports import Denied, Expired, State, Unauthenticated, Unreachable

pytestmark = [
    pytest.mark.last,
    pytest.mark.needs("rollouts", "workflows", "argocd", "images", "events"),
    pytest.mark.timeout(120),
]
APISERVER = "kube-apiserver"
ETCD = "http://127.0.0.1:2379/v3/kv"
CRD = "imageupdaters.argocd-image-updater.argoproj.io"
BRIEF = replace(Pace(), watch=1.5, lived=1.0)
"""As always, but watches end after two or three seconds instead of five to ten minutes.

Kubernetes checks a token and rights when a watch begins, and lets it go on to its end.
"""


@pytest.fixture
def server(lab: Lab) -> Iterator[Lab]:
    """The lab, whose API server answers again afterwards."""
    yield lab
    lab.signal(APISERVER, signal.SIGCONT)
    if not answers():
        lab.restart(APISERVER)
    until(answers, seconds=60, what="the API server's return")


def names(seen: Seen, namespace: str) -> list[str]:
    return sorted(ref.name for ref in seen.snapshot.stages["rollout"].items if ref.namespace == namespace)


async def returned(lab: Lab) -> float:
    """Start the API server again and wait until it is ready; return the moment."""
    lab.restart(APISERVER)
    await eventually(answers, seconds=60, what="the API server's return", step=0.05)
    return time.monotonic()


async def test_a_killed_and_restarted_server_is_stale_since_meanwhile_and_shown_as_it_is_after(
    server: Lab, namespace: str, apply: Apply, kubectl: Kubectl
) -> None:
    apply([rollout("kept"), rollout("goes"), rollout("changes")], namespace)
    async with following(server.kubeconfig()) as (seen, cluster):
        await seen.until(lambda _: names(seen, namespace) == ["changes", "goes", "kept"])
        before = seen.snapshot
        server.stop(APISERVER)
        await seen.until(lambda _: states(seen) == {State.STALE}, seconds=5, what="every panel stale")
        assert seen.panel("rollout").since is not None
        assert "cut" in seen.panel("rollout").reason
        await seen.until(lambda _: "connection refused" in seen.panel("rollout").reason, seconds=5)
        assert names(seen, namespace) == ["changes", "goes", "kept"]
        assert seen.snapshot.stages["sync"].items.keys() == before.stages["sync"].items.keys()
        await agreed(seen, kubectl, cluster.name, await returned(server))
        assert all(isinstance(error, Unreachable | Expired) for _, error in cluster.troubles)
        kubectl("delete", "rollout", "goes", "-n", namespace)
        kubectl(
            "patch", "rollout", "changes", "-n", namespace, "--type=merge", "-p", '{"spec":{"replicas":3}}'
        )
        apply(rollout("new"), namespace)
        await agreed(seen, kubectl, cluster.name, time.monotonic())
        assert names(seen, namespace) == ["changes", "kept", "new"]
        changed = seen.item("rollout", "Rollout", namespace, "changes")
        assert changed is not None
        assert changed.value("desired") == 3


async def test_watches_whose_version_etcd_has_compacted_away_are_listed_again_and_nothing_is_missed(
    server: Lab, namespace: str, apply: Apply, kubectl: Kubectl
) -> None:
    apply(rollout("kept"), namespace)
    async with following(server.kubeconfig()) as (seen, cluster):
        await seen.until(lambda _: names(seen, namespace) == ["kept"])
        server.stop(APISERVER)
        await seen.until(lambda _: states(seen) == {State.STALE}, seconds=5)
        compact()
        await agreed(seen, kubectl, cluster.name, await returned(server))
        expired = {kind.name for kind, error in cluster.troubles if isinstance(error, Expired)}
        assert expired, cluster.troubles
        assert names(seen, namespace) == ["kept"]


def compact() -> None:
    """Write something, and let etcd forget all that was before it."""
    put = post("put", key="dHJvbWJvbmU=", value="MQ==")
    post("deleterange", key="dHJvbWJvbmU=")
    post("compaction", revision=put["header"]["revision"], physical=True)


def post(verb: str, **body: object) -> dict[str, dict[str, str]]:
    request = urllib.request.Request(f"{ETCD}/{verb}", json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=10) as reply:
        found: dict[str, dict[str, str]] = json.load(reply)
    return found


class Account:
    """A ServiceAccount that may see everything, and a kubeconfig that reads its token from a file."""

    def __init__(self, lab: Lab, kubectl: Kubectl, apply: Apply, namespace: str, folder: Path) -> None:
        self._kubectl, self._apply, self._namespace = kubectl, apply, namespace
        self._token = folder / "token"
        config = yaml.safe_load(lab.kubeconfig().read_text(encoding="utf-8"))
        config["users"][0]["user"] = {"tokenFile": str(self._token)}
        self.kubeconfig = folder / "kubeconfig"
        self.kubeconfig.write_text(yaml.safe_dump(config), encoding="utf-8")

    def create(self) -> None:
        self._kubectl("create", "serviceaccount", "watcher", "-n", self._namespace)
        self._token.write_text(self._kubectl("create", "token", "watcher", "-n", self._namespace))

    def delete(self) -> None:
        self._kubectl("delete", "serviceaccount", "watcher", "-n", self._namespace)

    def allow(self) -> None:
        self._apply({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": self._namespace},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "lab-view"},
            "subjects": [{"kind": "ServiceAccount", "name": "watcher", "namespace": self._namespace}],
        })  # fmt: skip

    def deny(self) -> None:
        self._kubectl("delete", "clusterrolebinding", self._namespace, "--ignore-not-found")


@pytest.fixture
def account(lab: Lab, kubectl: Kubectl, apply: Apply, namespace: str, tmp_path: Path) -> Iterator[Account]:
    made = Account(lab, kubectl, apply, namespace, tmp_path)
    made.create()
    made.allow()
    yield made
    made.deny()


async def test_a_revoked_token_is_told_when_watches_begin_anew_and_a_new_one_in_its_file_is_taken_up(
    account: Account, kubectl: Kubectl, namespace: str, apply: Apply
) -> None:
    async with following(account.kubeconfig, BRIEF) as (seen, cluster):
        assert states(seen) == {State.LIVE}
        account.delete()
        await seen.until(lambda _: states(seen) == {State.STALE}, seconds=15, what="every panel stale")
        assert "does not accept the credentials" in seen.panel("rollout").reason
        assert {type(error) for _, error in cluster.troubles} == {Unauthenticated}
        apply(rollout("meanwhile"), namespace)
        account.create()
        await seen.until(lambda _: states(seen) == {State.LIVE}, seconds=20, what="every panel live again")
        await agreed(seen, kubectl, cluster.name, time.monotonic())
        assert names(seen, namespace) == ["meanwhile"]


async def test_rights_taken_away_are_named_when_watches_begin_anew_and_given_back_are_used(
    account: Account, kubectl: Kubectl, namespace: str, apply: Apply
) -> None:
    async with following(account.kubeconfig, BRIEF) as (seen, cluster):
        account.deny()
        await seen.until(lambda _: states(seen) == {State.DENIED}, seconds=15, what="every panel denied")
        assert "may not watch rollouts.argoproj.io" in seen.panel("rollout").reason
        assert {type(error) for _, error in cluster.troubles} == {Denied}
        apply(rollout("meanwhile"), namespace)
        account.allow()
        await agreed(seen, kubectl, cluster.name, time.monotonic(), within=10)
        assert names(seen, namespace) == ["meanwhile"]


async def test_a_kind_that_is_removed_is_not_installed_and_its_rows_return_with_it(
    lab: Lab, kubectl: Kubectl
) -> None:
    definition, objects = kubectl.get("crd", CRD), kubectl.get(CRD, "--all-namespaces")
    try:
        async with following(lab.kubeconfig()) as (seen, cluster):
            assert seen.item("images", "ImageUpdater", "argocd", "demo") is not None
            kubectl("delete", "crd", CRD)
            await seen.until(lambda _: seen.panel("images").state is State.NOT_INSTALLED, seconds=10)
            assert CRD in seen.panel("images").reason
            assert not seen.snapshot.stages["images"].items
            assert {seen.panel(name).state for name in ("sync", "rollout", "workflows")} == {State.LIVE}
            restore(kubectl, definition, objects)
            await agreed(seen, kubectl, cluster.name, time.monotonic())
            assert seen.item("images", "ImageUpdater", "argocd", "demo") is not None
    finally:
        restore(kubectl, definition, objects)


def restore(kubectl: Kubectl, definition: dict, objects: dict) -> None:
    """Define the kind again if it is gone, and create its objects again if they are."""
    for made in (definition, *objects["items"]):
        made["metadata"] = {
            key: value
            for key, value in made["metadata"].items()
            if key in ("name", "namespace", "annotations")
        }
        made.pop("status", None)
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(definition))
    kubectl("wait", "--for=condition=Established", f"crd/{CRD}", "--timeout=30s")
    text = json.dumps(objects)
    until(
        lambda: kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text),
        what="the objects' return",
    )


async def test_a_frozen_server_is_stale_meanwhile_and_shown_as_it_is_after(
    server: Lab, namespace: str, apply: Apply, kubectl: Kubectl
) -> None:
    apply(rollout("kept"), namespace)
    async with following(server.kubeconfig()) as (seen, cluster):
        await seen.until(lambda _: names(seen, namespace) == ["kept"])
        server.signal(APISERVER, signal.SIGSTOP)
        frozen = time.monotonic()
        thaw = asyncio.create_task(asyncio.sleep(30))
        await seen.until(lambda _: states(seen) == {State.STALE}, seconds=30, what="every panel stale")
        print(f"known to be stale after {time.monotonic() - frozen:.1f} s; the goal is 30 s")
        panel = seen.panel("rollout")
        assert panel.since is not None
        assert "the API server is silent" in panel.reason
        assert names(seen, namespace) == ["kept"]
        await thaw
        server.signal(APISERVER, signal.SIGCONT)
        back = time.monotonic()
        apply(rollout("new"), namespace)
        await agreed(seen, kubectl, cluster.name, back)
        assert names(seen, namespace) == ["kept", "new"]
