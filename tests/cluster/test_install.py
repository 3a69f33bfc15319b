"""A pipeline installed on real controllers: taken as it is, taken up, found the same, and taken off again."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from asking import Apply, Kubectl
from config_repository import ConfigRepository, config_repository
from lab.places import CACHE
from lab.running import Lab
from patience import until

from trombone_tui.adapters.audit import AuditFile
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.config import folder
from trombone_tui.core.installing import Came, Order
from trombone_tui.core.snapshot import Snapshot
from trombone_tui.installer import ManifestInstaller

pytestmark = [
    pytest.mark.needs("workflows", "argocd", "images", "events", "rollouts"),
    pytest.mark.timeout(300),
]

OURS = "app.kubernetes.io/managed-by=trombone-tui"
KINDS = (
    "serviceaccounts,roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io,secrets,"
    "eventbus.argoproj.io,eventsources.argoproj.io,sensors.argoproj.io,workflowtemplates.argoproj.io,"
    "imageupdaters.argocd-image-updater.argoproj.io,appprojects.argoproj.io,applications.argoproj.io"
)


@dataclass(frozen=True)
class Site:
    """Where a pipeline is put, and the program that puts it there."""

    lab: Lab
    kubectl: Kubectl
    service: str
    config: ConfigRepository
    home: Path

    def program(self, *words: str) -> subprocess.CompletedProcess[str]:
        kubeconfig = ("--kubeconfig", str(self.lab.kubeconfig()))
        return subprocess.run(
            [sys.executable, "-m", "trombone_tui", *words, *kubeconfig],
            capture_output=True, text=True, check=False, timeout=240, stdin=subprocess.DEVNULL,
            env={**os.environ, "XDG_STATE_HOME": str(self.home)},
        )  # fmt: skip

    @property
    def given(self) -> dict[str, str]:
        return {
            "service": self.service,
            "namespace": f"{self.service}-ci",
            "source_repository": "lab/demo",
            "image_repository": "127.0.0.1:5000/demo/app",
            "config_repository": self.config.url,
            "registry_tls": "false",
            "bus_version": "latest",  # the only one that the lab's controller knows
            "prometheus_address": "http://127.0.0.1:9091",
        }

    def values(self) -> tuple[str, ...]:
        return tuple(f"--set={name}={value}" for name, value in self.given.items() if name != "service")

    def install(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.program("install", self.service, *self.values(), *words)

    def told(self, *words: str) -> dict[str, Any]:
        done = self.install(*words, "-o", "json")
        assert done.stdout, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def ours(self) -> list[str]:
        """Name what carries our labels, for this service."""
        label = f"{OURS},app.kubernetes.io/instance={self.service}-pipeline"
        found = self.kubectl.get(KINDS, "-A", "-l", label)["items"]
        return [f"{one['kind']}/{one['metadata']['name']}" for one in found]


@pytest.fixture(scope="module")
def site(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service of its own with a config repository that has its folder, and nothing else yet."""
    kubectl, service = Kubectl(lab), f"t-{secrets.token_hex(3)}"
    home = tmp_path_factory.mktemp("state")
    with config_repository() as config:
        site = Site(lab, kubectl, service, config, home)
        written_to = home / "config"
        written = site.program("install", service, *site.values(), "--config-to", str(written_to))
        assert written.returncode == 0, written.stderr
        files = {f"apps/{service}/{file.name}": file.read_text() for file in written_to.iterdir()}
        config.commit({name: text.replace("none-yet", "1.0.0") for name, text in files.items()})
        Apply(kubectl)(config.secret(f"{service}-config"))
        try:
            yield site
        finally:
            site.program("uninstall", service, "--yes", "--secrets", "--workloads")
            kubectl("delete", "secret", f"{service}-config", "-n", "argocd", check=False)
            for name in (service, f"{service}-ci"):
                kubectl("delete", "namespace", name, "--wait=false", check=False)


@pytest.fixture(scope="module")
def installed(site: Site) -> Site:
    done = site.install("--yes", "--timeout", "2m")
    assert done.returncode == 0, f"{done.stdout[-3000:]} {done.stderr}"
    return site


def test_everything_is_accepted_and_taken_up_by_the_real_controllers(installed: Site) -> None:
    get, ci = installed.kubectl.get, f"{installed.service}-ci"
    for kind in ("eventbus", "eventsource", "sensor"):
        conditions = get(f"{kind}.argoproj.io", installed.service, "-n", ci)["status"]["conditions"]
        assert {one["type"]: one["status"] for one in conditions if one["status"] != "True"} == {}
    app = get("applications.argoproj.io", installed.service, "-n", "argocd")
    assert app["status"]["sync"]["status"] in ("Synced", "OutOfSync")
    assert [one for one in app["status"].get("conditions", ()) if one["type"].endswith("Error")] == []
    pods = get("pods", "-n", ci, "-l", f"owner-name={installed.service}")["items"]
    assert {one["status"]["phase"] for one in pods} == {"Running"}


def test_argo_cd_deploys_the_example_folder_as_the_project_allows(installed: Site) -> None:
    def rollout() -> dict[str, Any] | None:
        found = installed.kubectl(
            "get", "rollouts.argoproj.io", installed.service, "-n", installed.service, "-o", "json",
            "--ignore-not-found",
        )  # fmt: skip
        return json.loads(found) if found else None

    made = until(lambda: (found := rollout()) and "status" in found and found, what="its Rollout")
    assert isinstance(made, dict)
    assert made["status"].get("phase") != "Degraded", made["status"]


def test_a_second_install_finds_all_the_same_and_kubectl_agrees(installed: Site, tmp_path: Path) -> None:
    told = installed.told("--yes", "--no-wait")
    assert {one["standing"] for one in told["objects"]} == {"same", "kept"}
    assert told["text"] == "nothing had to be sent"
    made = installed.program(
        "install", installed.service, *installed.values(), "--dry-run=client", "-o", "yaml"
    )
    once = [one for one in yaml.safe_load_all(made.stdout) if one and one["kind"] != "Namespace"]
    file = tmp_path / "made.yaml"
    file.write_text(yaml.safe_dump_all(once))
    done = subprocess.run(
        [
            installed.lab.bin("kubectl"), f"--kubeconfig={installed.lab.kubeconfig()}",
            f"--cache-dir={CACHE}", "diff", "--server-side", "--field-manager=trombone-tui", "-f", str(file),
        ],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_field_that_somebody_edited_is_shown_and_put_right(installed: Site) -> None:
    where = ("sensors.argoproj.io", installed.service, "-n", f"{installed.service}-ci")
    patch = json.dumps({"spec": {"triggers": []}})
    installed.kubectl("patch", *where, "--type=merge", "-p", patch, "--field-manager=somebody")
    told = installed.told("--dry-run=server")
    (sensor,) = (one for one in told["objects"] if one["target"]["kind"] == "Sensor")
    assert sensor["standing"] == "conflict"
    assert sensor["conflicts"] == [{"manager": "somebody", "fields": ["spec.triggers"]}]
    done = installed.install("--yes", "--no-wait", "--force-conflicts")
    assert done.returncode == 0, done.stderr
    assert "changed Sensor" in done.stdout
    assert installed.kubectl.get(*where)["spec"]["triggers"] != []
    assert installed.told("--dry-run=server")["outcome"] == "dry-run"


async def test_what_a_run_changed_is_put_back_and_is_no_conflict_with_ourselves(
    installed: Site, tmp_path: Path
) -> None:
    async def nothing() -> AsyncGenerator[Snapshot, None]:
        return
        yield

    where = ("sensors.argoproj.io", installed.service, "-n", f"{installed.service}-ci")
    before = installed.kubectl.get(*where)["spec"]
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(installed.lab.kubeconfig())))
    installer = ManifestInstaller(
        {cluster.name: cluster}, folder("manifests"), clock=lambda: datetime.now(UTC),
        audit=AuditFile(tmp_path / "state" / "audit.jsonl"), snapshots=nothing,
    )  # fmt: skip
    try:
        order = Order(cluster=cluster.name, values={**installed.given, "branch": "next"})
        for _ in range(2):
            plan = await installer.plan(order)
            assert plan.hindrance == ""
            deeds = [step.deed async for step in installer.apply(plan) if step.deed]
            assert {deed.ref.kind for deed in deeds} == {"Sensor", "WorkflowTemplate"}
            assert installed.kubectl.get(*where)["spec"] != before
            steps = [step async for step in installer.undo(plan, deeds)]
            assert [step.came for step in steps] == [Came.PUT_BACK, Came.PUT_BACK, Came.DONE]
            assert installed.kubectl.get(*where)["spec"] == before
        assert (await installer.plan(replace(order, values=installed.given))).noop
    finally:
        await cluster.close()


def test_the_workflow_controller_takes_the_template(installed: Site) -> None:
    ci = f"{installed.service}-ci"
    workflow = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "by-hand", "namespace": ci},
        "spec": {
            "workflowTemplateRef": {"name": f"{installed.service}-build"},
            "arguments": {"parameters": [{"name": "revision", "value": "0" * 40}]},
        },
    }
    Apply(installed.kubectl)(workflow)

    def status() -> Any:
        found = installed.kubectl.get("workflows.argoproj.io", "by-hand", "-n", ci).get("status", {})
        return found if found.get("phase") else None

    begun = until(status, what="the Workflow to be taken up")
    assert begun["phase"] == "Running", begun
    claims = until(lambda: installed.kubectl.get("pvc", "-n", ci)["items"], what="its claim")
    assert [one["metadata"]["name"] for one in claims] == ["by-hand-work"]


def test_the_key_is_nowhere_but_in_its_secret(installed: Site) -> None:
    secret = installed.kubectl.get("secret", f"{installed.service}-webhook", "-n", f"{installed.service}-ci")
    key = secret["data"]["secret"]
    log = (installed.home / "trombone-tui" / "audit.jsonl").read_text()
    assert key not in log + json.dumps(installed.told("--dry-run=server"))


def test_uninstall_leaves_nothing_of_ours_and_the_service_running(installed: Site) -> None:
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs"}}
    Apply(installed.kubectl)(other, f"{installed.service}-ci")
    assert len(installed.ours()) == 14
    done = installed.program("uninstall", installed.service, "--yes")
    assert done.returncode == 0, f"{done.stdout} {done.stderr}"
    assert installed.ours() == [f"Secret/{installed.service}-webhook"]
    service = installed.service
    assert (
        installed.kubectl.get("rollouts.argoproj.io", service, "-n", service)["metadata"]["name"] == service
    )
    assert installed.kubectl.get("configmap", "theirs", "-n", f"{service}-ci")["metadata"]["name"] == "theirs"
    done = installed.program("uninstall", service, "--yes", "--secrets")
    assert done.returncode == 0, done.stderr
    assert installed.ours() == []


def test_who_may_only_look_is_told_so_and_changes_nothing(site: Site) -> None:
    kubeconfig = ("--kubeconfig", str(site.lab.kubeconfig("viewer")))
    done = subprocess.run(
        [sys.executable, "-m", "trombone_tui", "install", "never", *site.values(), "--yes", *kubeconfig],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert "may not" in done.stderr
    found: Callable[..., str] = site.kubectl
    assert (
        found("get", "sensors.argoproj.io", "-A", "-l", f"{OURS},trombone.dev/app=never", "-o", "name") == ""
    )
