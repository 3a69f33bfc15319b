"""A git repository of the test's own that Argo CD reads over ``file://``, and Applications made from it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

IN_CLUSTER = "https://kubernetes.default.svc"
_WHO = ("-c", "user.name=tests", "-c", "user.email=tests@lab", "-c", "commit.gpgsign=false")

Manifest = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ConfigRepository:
    """A bare repository and a checkout of its branch main."""

    folder: Path

    @property
    def url(self) -> str:
        return f"file://{self.folder / 'bare.git'}"

    @property
    def head(self) -> str:
        """The newest commit."""
        return self._git("rev-parse", "HEAD").strip()

    @property
    def remote_head(self) -> str:
        """The newest commit, whoever made it."""
        return run_git("rev-parse", "main", where=self.folder / "bare.git").strip()

    def show(self, path: str) -> str:
        """Return a file as it is in the newest commit, whoever made it."""
        return run_git("show", f"main:{path}", where=self.folder / "bare.git")

    def commit(self, files: Mapping[str, str | Manifest | None]) -> str:
        """Write files by path, None removes one; push, and return the commit."""
        for name, content in files.items():
            path = self.folder / "work" / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            text = content if isinstance(content, str) else yaml.safe_dump(dict(content))
            path.write_text(text, encoding="utf-8")
        self._git("add", "-A")
        self._git(*_WHO, "commit", "-q", "-m", "tests: a change")
        self._git("push", "-q", "origin", "main")
        return self.head

    def _git(self, *words: str) -> str:
        return run_git(*words, where=self.folder / "work")

    def secret(self, name: str) -> Manifest:
        """Return the Secret without which Argo CD does not read it."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": name,
                "namespace": "argocd",
                "labels": {"argocd.argoproj.io/secret-type": "repository"},
            },
            "stringData": {"type": "git", "url": self.url, "username": "lab", "password": "lab"},
        }


def run_git(*words: str, where: Path) -> str:
    """Run git without the user's own settings."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(where), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=where, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr.strip()}"
    return done.stdout


@contextmanager
def config_repository() -> Iterator[ConfigRepository]:
    """Make an empty one and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="trombone-config-") as name:
        folder = Path(name)
        run_git("init", "-q", "--bare", "-b", "main", "bare.git", where=folder)
        run_git("init", "-q", "-b", "main", "work", where=folder)
        run_git("remote", "add", "origin", str(folder / "bare.git"), where=folder / "work")
        yield ConfigRepository(folder)


def application(
    name: str,
    source: Manifest,
    namespace: str,
    *,
    project: str = "default",
    auto: Manifest | None = None,
    retry: Manifest | None = None,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return an Application; ``auto`` is its ``automated``, None leaves auto-sync off."""
    policy = {key: value for key, value in {"automated": auto, "retry": retry}.items() if value is not None}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd", "annotations": dict(annotations or {})},
        "spec": {
            "project": project,
            "source": {"targetRevision": "main", **source},
            "destination": {"server": IN_CLUSTER, "namespace": namespace},
            "syncPolicy": policy,
        },
    }
