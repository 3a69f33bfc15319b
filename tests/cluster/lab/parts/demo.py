"""One service under delivery: its repository, Application, ImageUpdater and first image, ready for a push."""

from __future__ import annotations

import shutil
import subprocess

from lab import client, registry
from lab.part import Absent, Part
from lab.places import HERE, RUN
from lab.waiting import wait

REPOSITORY = RUN / "git" / "demo.git"
IMAGE = "demo/app"
FIRST = "1.0.0"
_DEVELOPER = ("-c", "user.name=dev", "-c", "user.email=dev@lab")


def git(*words: str, cwd: object = REPOSITORY) -> str:
    """Run git in the bare repository, or elsewhere, and return what it printed.

    Raises:
        Absent: there is no git, or it failed.
    """
    if not shutil.which("git"):
        raise Absent("there is no git on PATH")
    done = subprocess.run(("git", *words), cwd=str(cwd), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Absent(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _start() -> None:
    _repository()
    registry.push(IMAGE, FIRST)
    client.namespace("ci")
    client.namespace("shop")
    client.apply(HERE / "objects/demo-application.yaml", GIT=REPOSITORY)
    path = "jsonpath={.status.sync.status} {.status.health.status}"
    wait(
        "the demo service, Synced and Healthy,",
        lambda: client.kubectl("-n", "argocd", "get", "application", "demo", "-o", path) == "Synced Healthy",
        process="argocd-application-controller",
    )


def _repository() -> None:
    if REPOSITORY.exists():
        return
    seed = RUN / "git" / "seed"
    seed.parent.mkdir(exist_ok=True)
    shutil.copytree(HERE / "config-repo", seed)
    git("init", "-q", "--bare", "-b", "main", str(REPOSITORY), cwd=seed)
    git("init", "-q", "-b", "main", cwd=seed)
    git("add", "-A", cwd=seed)
    git(*_DEVELOPER, "commit", "-qm", "demo: first", cwd=seed)
    git("push", "-q", str(REPOSITORY), "main", cwd=seed)


DEMO = Part(
    name="demo",
    about="a service under delivery, ready for a push",
    needs=("control-plane", "rollouts", "prometheus", "workflows", "argocd", "images", "events"),
    start=_start,
)
