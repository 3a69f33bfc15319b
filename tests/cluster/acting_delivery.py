"""A whole delivery of a test's own: an image in the registry, its ImageUpdater, a configuration repository,
an Application with auto-sync, prune and self-heal, and a canary whose analysis can't decide."""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asking import Apply, Kubectl
from config_repository import ConfigRepository, application, config_repository, run_git
from lab import registry
from lab.running import Lab
from patience import until
from rollouts import ENDLESS, analysis, canary, metric, rollout, template, weight

HOST = "127.0.0.1:5000"
UPDATERS = "imageupdaters.argocd-image-updater.argoproj.io"
STEPS = (weight(20), analysis("error-rate"), weight(60), ENDLESS)
HEAL = {"prune": True, "selfHeal": True}
UNDECIDED = metric("error-rate", "vector(0.03)", "result[0] < 0.01", failureCondition="result[0] > 0.05")

Held = dict[str, Any]


class OwnDelivery:
    """One service and all that delivers it; its objects are called as the service."""

    def __init__(self, lab: Lab, repository: ConfigRepository, name: str, namespace: str) -> None:
        self.kubectl, self.repository = Kubectl(lab), repository
        self.name, self.namespace = name, namespace
        self.repository_name = f"{namespace}/{name}"

    @property
    def image(self) -> str:
        return f"{HOST}/{self.repository_name}"

    def make(self) -> None:
        """Deploy 1.0.0, and wait until it runs."""
        self.push("1.0.0")
        self.repository.commit(self._files())
        self.kubectl("create", "namespace", self.namespace)
        apply = Apply(self.kubectl)
        apply(self.repository.secret(self.namespace))
        source = {"repoURL": self.repository.url, "path": "prod"}
        made = application(self.name, source, self.namespace, auto=HEAL)
        apply([made, self._updater()])
        until(
            lambda: self.stands() == ("Synced", "Healthy", "Healthy") and self.tags() == ["1.0.0"],
            what=f"{self.name} deployed",
            seconds=60,
        )
        until(lambda: self.updater().get("status"), what="the updater's first check", seconds=40)

    def remove(self) -> None:
        for kind in (UPDATERS, "application"):
            self.kubectl("delete", kind, self.name, "-n", "argocd", "--wait=false", check=False)
        self.kubectl("delete", "secret", self.namespace, "-n", "argocd", check=False)
        self.kubectl("delete", "namespace", self.namespace, "--wait=false", check=False)

    def push(self, tag: str) -> None:
        """Push a tag, as a build would."""
        registry.push(self.repository_name, tag, secrets.token_hex(20))

    def canary_of(self, tag: str) -> None:
        """Push a tag, and wait until its canary is held by the analysis that can't decide."""
        self.push(tag)
        until(lambda: self.written() == tag, what=f"the updater's commit of {tag}", seconds=45)
        self.refresh()
        until(
            lambda: (
                self.rollout()["status"].get("message") == "InconclusiveAnalysisRun" and self.tag() == tag
            ),
            what=f"the canary of {tag}",
            seconds=45,
        )

    def rollout(self) -> Held:
        return self.kubectl.get("rollout", self.name, "-n", self.namespace)

    def application(self) -> Held:
        return self.kubectl.get("application", self.name, "-n", "argocd")

    def updater(self) -> Held:
        return self.kubectl.get(UPDATERS, self.name, "-n", "argocd")

    def tag(self) -> str:
        """Return the tag that the Rollout wants."""
        image: str = self.rollout()["spec"]["template"]["spec"]["containers"][0]["image"]
        return image.rpartition(":")[2]

    def tags(self) -> list[str]:
        """Return the tags that Argo CD sees running."""
        images = self.application().get("status", {}).get("summary", {}).get("images", [])
        return sorted(one.rpartition(":")[2] for one in images)

    def stands(self) -> tuple[str, str, str]:
        """Return how it is synced, its health, and the Rollout's phase."""
        status = self.application().get("status", {})
        words = self.kubectl(
            *("get", "rollout", self.name, "-n", self.namespace, "--ignore-not-found"),
            *("-o", "jsonpath={.status.phase}"),
        )
        sync, health = (status.get(key, {}).get("status", "") for key in ("sync", "health"))
        return sync, health, words

    def written(self) -> str:
        """Return the tag in git, whoever wrote it."""
        lines = self.repository.show("prod/kustomization.yaml").splitlines()
        return next(line.partition(":")[2].strip(" '\"") for line in lines if "newTag:" in line)

    def revert(self) -> str:
        """Take the newest commit back in git, from a checkout of its own; return the new one."""
        with tempfile.TemporaryDirectory() as name:
            where = Path(name)
            run_git("clone", "-q", self.repository.url, "clone", where=where)
            who = ("-c", "user.name=tests", "-c", "user.email=tests@lab")
            run_git(*who, "revert", "--no-edit", "HEAD", where=where / "clone")
            run_git("push", "-q", "origin", "main", where=where / "clone")
        return self.repository.remote_head

    def refresh(self) -> None:
        """Have Argo CD compare, and wait until it has."""
        before = self.application()["status"].get("reconciledAt", "")
        patch = json.dumps({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}})
        self.kubectl("patch", "application", self.name, "-n", "argocd", "--type=merge", "-p", patch)

        def compared() -> bool:
            held = self.application()
            asked = "argocd.argoproj.io/refresh" in held["metadata"].get("annotations", {})
            newer: bool = held["status"]["reconciledAt"] > before
            return newer and not asked

        until(compared, what="a comparison")

    def checked(self, times: int = 1) -> None:
        """Wait until the updater has looked so often."""
        for _ in range(times):
            self._check_after(self.updater().get("status", {}).get("lastCheckedAt"))

    def _check_after(self, before: str | None) -> None:
        until(
            lambda: self.updater()["status"].get("lastCheckedAt") != before,
            what="the updater's next check",
            seconds=40,
        )

    def _files(self) -> dict[str, str | Held]:
        made = rollout(self.name, canary(*STEPS), image=self.image, replicas=5)
        return {
            "prod/rollout.yaml": made,
            "prod/analysis.yaml": template("error-rate", UNDECIDED),
            "prod/kustomization.yaml": {
                "apiVersion": "kustomize.config.k8s.io/v1beta1",
                "kind": "Kustomization",
                "resources": ["rollout.yaml", "analysis.yaml"],
                "images": [{"name": self.image, "newTag": "1.0.0"}],
            },
        }

    def _updater(self) -> Held:
        target = {"branch": "main", "writeBackTarget": "kustomization:/prod"}
        image = {
            "alias": "app",
            "imageName": f"{self.image}:1.x",
            "commonUpdateSettings": {"updateStrategy": "semver"},
            "manifestTargets": {"kustomize": {"name": self.image}},
        }
        return {
            "apiVersion": "argocd-image-updater.argoproj.io/v1alpha1",
            "kind": "ImageUpdater",
            "metadata": {"name": self.name, "namespace": "argocd"},
            "spec": {
                "writeBackConfig": {"method": "git:repocreds", "gitConfig": target},
                "applicationRefs": [{"namePattern": self.name, "images": [image]}],
            },
        }


@contextmanager
def own_delivery(lab: Lab, name: str = "", namespace: str = "") -> Iterator[OwnDelivery]:
    """Deploy a service for a block."""
    namespace = namespace or f"t-{secrets.token_hex(3)}"
    with config_repository() as repository:
        made = OwnDelivery(lab, repository, name or f"{namespace}-app", namespace)
        try:
            made.make()
            yield made
        finally:
            made.remove()
