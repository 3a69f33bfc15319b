"""A registry, the ImageUpdater kind, and a stand-in for the Image Updater, whose modules can't be had."""

from __future__ import annotations

import sys

from lab import client
from lab.packages import find, libraries
from lab.part import Manifests, Part
from lab.places import ADMIN, HERE, RUN, USED
from lab.processes import start
from lab.waiting import serves, wait

KIND = "1.3.0"
"""The Image Updater's version whose kind is defined and whose writing is imitated."""
STAND_IN = "stand-in-image-updater"
_STOCK = Manifests(
    module="argocd",
    path=f"github.com/argoproj-labs/argocd-image-updater@v{KIND}",
    files=("config/crd/bases",),
)


def _start() -> None:
    folder = RUN / "registry"
    folder.mkdir(exist_ok=True)
    (folder / "config.yml").write_text(
        "version: 0.1\nlog: {level: warn}\nhttp: {addr: '127.0.0.1:5000'}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}\n",
        encoding="utf-8",
    )
    start("registry", find("docker-registry"), "serve", folder / "config.yml", env=libraries())
    wait("registry", lambda: serves("http://127.0.0.1:5000/v2/"), process="registry")
    client.define(_STOCK)
    start(
        STAND_IN, sys.executable, HERE / "stand_in_image_updater.py", ADMIN, "10",
        USED / "kubectl", USED / "kustomize",
    )  # fmt: skip


IMAGES = Part(
    name="images",
    about=f"docker-registry of the machine's Debian; a stand-in for the Image Updater {KIND}",
    needs=("control-plane", "argocd"),
    programs=(("docker-registry", "docker-registry"),),
    manifests=_STOCK,
    processes=("registry", STAND_IN),
    ports=(5000,),
    start=_start,
)
