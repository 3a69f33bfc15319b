"""A STAND-IN for Argo CD Image Updater 1.3, whose modules can't be had: it writes what the real one writes.

``stand_in_image_updater.py KUBECONFIG SECONDS KUBECTL KUSTOMIZE`` looks each so many seconds.
Real around it: the ImageUpdater kind, the API server, the registry, git, kustomize and Argo CD. Imitated:
which tag is chosen (semver within a constraint like ``1.x``, else the greatest name), the commit to a
kustomization with the default subject and author, ``ImageUpdater.status`` and the ImagesUpdated event. It
only writes back to kustomizations in local bare repositories.
"""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

KUBECONFIG, SECONDS, KUBECTL, KUSTOMIZE = (*sys.argv[1:], "", "", "", "")[:4]
KIND = "imageupdaters.argocd-image-updater.argoproj.io"
AUTHOR = ("-c", "user.name=argocd-image-updater", "-c", "user.email=noreply@argoproj.io")
Object = dict[str, Any]


def kubectl(*words: str, stdin: str = "") -> str:
    """Run kubectl and return what it printed."""
    command = (KUBECTL, f"--kubeconfig={KUBECONFIG}", *words)
    return subprocess.run(command, input=stdin, text=True, capture_output=True, check=True).stdout


def now() -> str:
    """Return the time as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def version(tag: str) -> tuple[int, ...] | None:
    """Return the numbers of a version, or None for what is none."""
    match = re.fullmatch(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?", tag)
    return tuple(int(part or 0) for part in match.groups()) if match else None


def parts(image: str) -> tuple[str, str]:
    """Return an image's name and its constraint, which may be none; a registry's port is part of the name."""
    above, slash, last = image.rpartition("/")
    last, _, constraint = last.partition(":")
    return f"{above}{slash}{last}", constraint


def pick(tags: list[str], constraint: str, settings: Object) -> str | None:
    """Choose a tag as the settings say."""
    allow = settings.get("allowTags", "any")
    if allow.startswith("regexp:"):
        tags = [tag for tag in tags if re.search(allow.removeprefix("regexp:"), tag)]
    ignored = settings.get("ignoreTags", [])
    tags = [tag for tag in tags if not any(fnmatch.fnmatchcase(tag, glob) for glob in ignored)]
    if settings.get("updateStrategy", "semver") != "semver":
        return max(tags, default=None)
    fixed = [int(part) for part in re.findall(r"\d+", constraint)]
    fits = [tag for tag in tags if (numbers := version(tag)) and list(numbers[: len(fixed)]) == fixed]
    return max(fits, key=lambda tag: version(tag) or (), default=None)


@dataclass
class Round:
    """One look at one ImageUpdater: what was found and done."""

    updater: Object
    matched: set[str] = field(default_factory=set)
    images: int = 0
    updates: list[Object] = field(default_factory=list)
    errors: int = 0

    def look(self) -> None:
        """Go through all its images, and write down what came of it."""
        spec, where = self.updater["spec"], self.updater["metadata"]["namespace"]
        applications = json.loads(kubectl("get", "applications", "-n", where, "-o", "json"))["items"]
        for ref in spec["applicationRefs"]:
            for application in applications:
                name = application["metadata"]["name"]
                if fnmatch.fnmatchcase(name, ref["namePattern"]):
                    self.matched.add(name)
                    for image in ref.get("images", []):
                        self.images += 1
                        self._try(application, ref, image)
        self._write_status()

    def _try(self, application: Object, ref: Object, image: Object) -> None:
        try:
            self._update(application, ref, image)
        except (OSError, ValueError, KeyError, subprocess.CalledProcessError) as error:
            self.errors += 1
            print("error", image.get("imageName"), getattr(error, "stderr", None) or error, flush=True)

    def _update(self, application: Object, ref: Object, image: Object) -> None:
        spec = self.updater["spec"]
        settings = {
            key: value
            for level in (spec, ref, image)
            for key, value in level.get("commonUpdateSettings", {}).items()
        }
        name, constraint = parts(image["imageName"])
        host, _, repository = name.partition("/")
        with urllib.request.urlopen(f"http://{host}/v2/{repository}/tags/list", timeout=5) as reply:
            tags = json.load(reply)["tags"] or []
        live = application.get("status", {}).get("summary", {}).get("images", [])
        old = next((one.rpartition(":")[2] for one in live if one.startswith(f"{name}:")), "")
        new = pick(tags, constraint, settings)
        if not new or new == old or not (old or settings.get("forceUpdate")):
            return
        back = {**spec.get("writeBackConfig", {}), **ref.get("writeBackConfig", {})}["gitConfig"]
        target = back["writeBackTarget"]
        own = f"/{application['spec']['source']['path']}"
        folder = target.removeprefix("kustomization:") if ":" in target else own
        if commit(application, name, old, new, branch=back["branch"], folder=folder):
            announce(application, name, old, new)
            said = f"Updated from {old} to {new}."
            update = {"alias": image["alias"], "image": name, "newVersion": new, "applicationsUpdated": 1}
            self.updates.append({**update, "updatedAt": now(), "message": said})

    def _write_status(self) -> None:
        meta, failed = self.updater["metadata"], bool(self.errors)
        status: Object = {
            "observedGeneration": meta["generation"],
            "lastCheckedAt": now(),
            "applicationsMatched": len(self.matched),
            "imagesManaged": self.images,
            "conditions": [
                condition("Ready", True, "ReconcileCompletedWithErrors" if failed else "ReconcileSucceeded"),
                condition("Reconciling", False, "Idle"),
                condition(
                    "Error",
                    failed,
                    "PartialErrors" if failed else "NoErrors",
                    f"{self.errors} errors" if failed else "",
                ),
            ],
        }
        if self.updates:
            status |= {"lastUpdatedAt": now(), "recentUpdates": self.updates}
        patch = json.dumps({"status": status})
        where = ("-n", meta["namespace"], "--subresource=status", "--type=merge")
        kubectl("patch", KIND, meta["name"], *where, "-p", patch)
        counts = f"applications={len(self.matched)} images={self.images} updated={len(self.updates)}"
        print(now(), meta["name"], counts, f"errors={self.errors}", flush=True)


def condition(kind: str, status: bool, reason: str, message: str = "") -> Object:
    """Return a condition as of now."""
    said = {"reason": reason, "message": message, "lastTransitionTime": now()}
    return {"type": kind, "status": str(status), **said}


def commit(application: Object, image: str, old: str, new: str, *, branch: str, folder: str) -> bool:
    """Write the tag into the kustomization; False when it is in it already, and only not synced yet."""
    repository = application["spec"]["source"]["repoURL"].removeprefix("file://")
    name = application["metadata"]["name"]
    with tempfile.TemporaryDirectory() as clone:

        def git(*words: str) -> None:
            subprocess.run(("git", *AUTHOR, *words), cwd=clone, check=True, capture_output=True, text=True)

        git("clone", "-q", "-b", branch, repository, ".")
        edit = (KUSTOMIZE, "edit", "set", "image", f"{image}={image}:{new}")
        subprocess.run(edit, cwd=clone + folder, check=True, capture_output=True)
        subject = f"build: automatic update of {name}"
        try:
            git("commit", "-qam", f"{subject}\n\nupdates image {image} tag '{old}' to '{new}'\n")
        except subprocess.CalledProcessError as error:
            if "nothing to commit" in error.stdout:
                return False
            raise
        git("push", "-q", "origin", branch)
    return True


def announce(application: Object, image: str, old: str, new: str) -> None:
    """Write the event that says so."""
    meta, at, prefix = application["metadata"], now(), "argocd-image-updater.image-0"
    told = {"full-image-name": f"{image}:{new}", "image-name": image, "old-tag": old, "new-tag": new}
    involved = {key: meta[key] for key in ("name", "namespace", "uid")}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "type": "Normal",
        "reason": "ImagesUpdated",
        "message": f"Successfully updated application '{meta['name']}'",
        "source": {"component": "ArgocdImageUpdater"},
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
        "metadata": {
            "generateName": f"{meta['name']}.",
            "namespace": meta["namespace"],
            "annotations": {f"{prefix}/{key}": value for key, value in told.items()},
        },
        "involvedObject": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **involved},
    }
    kubectl("create", "-f", "-", stdin=json.dumps(event))


def main() -> None:
    """Look again and again until killed."""
    while True:
        try:
            for updater in json.loads(kubectl("get", KIND, "-A", "-o", "json"))["items"]:
                Round(updater).look()
        except (subprocess.CalledProcessError, KeyError, ValueError) as error:
            print("error", error, getattr(error, "stderr", None) or "", flush=True)
        time.sleep(float(SECONDS))


if __name__ == "__main__":
    main()
