"""Asking the lab: with kubectl, and with the program under test as a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from lab.places import CACHE
from lab.running import Lab

SCHEMA = Path(__file__).parents[2] / "docs" / "status.schema.json"


class Kubectl:
    """kubectl with the kubeconfig of a persona."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def __call__(
        self, *words: str, stdin: str | None = None, persona: str = "admin", check: bool = True
    ) -> str:
        """Return what it printed.

        Raises:
            AssertionError: it failed, and ``check`` was not False; says what it said.
        """
        done = subprocess.run(
            [
                self.lab.bin("kubectl"),
                f"--kubeconfig={self.lab.kubeconfig(persona)}",
                f"--cache-dir={CACHE}",
                *words,
            ],
            input=stdin or "",
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert not (check and done.returncode), f"kubectl {' '.join(words)}: {done.stderr.strip()}"
        return done.stdout

    def get(self, *words: str, persona: str = "admin") -> dict[str, Any]:
        """Return the object or list that ``kubectl get`` prints as JSON."""
        found: dict[str, Any] = json.loads(self("get", *words, "-o", "json", persona=persona))
        return found


@contextmanager
def own_namespace(kubectl: Kubectl, *, wide: str = "") -> Iterator[str]:
    """Make a namespace, and take it away in the end.

    ``wide`` is a kind that is in none: its object of the same name, ``t-12ab34-wide``, goes as well.
    """
    name = f"t-{secrets.token_hex(3)}"
    kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        if wide:
            kubectl("delete", wide, f"{name}-wide", check=False)
        kubectl("delete", "namespace", name, "--wait=false", check=False)


class Apply:
    """``kubectl apply --server-side`` of YAML text, of one object, or of several in a list."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl

    def __call__(
        self,
        objects: str | Mapping[str, Any] | list[Mapping[str, Any]],
        namespace: str | None = None,
        *,
        persona: str = "admin",
    ) -> None:
        if isinstance(objects, list):
            objects = {"apiVersion": "v1", "kind": "List", "items": objects}
        text = objects if isinstance(objects, str) else json.dumps(objects)
        where = ("-n", namespace) if namespace else ()
        self._kubectl(
            "apply", "--server-side", "--force-conflicts", "-f", "-", *where, stdin=text, persona=persona
        )


class Status:
    """``trombone-tui status -o json`` as a process, its answer checked against the published schema."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def __call__(self, *flags: str, persona: str = "admin") -> dict[str, Any]:
        """Return the document.

        Raises:
            AssertionError: the program failed or broke its contract.
        """
        done = self.run(*flags, persona=persona)
        assert done.returncode in (0, 1), f"status ended with {done.returncode}: {done.stderr.strip()}"
        found: dict[str, Any] = json.loads(done.stdout)
        jsonschema.validate(found, _schema())
        assert found["healthy"] is (done.returncode == 0)
        return found

    def run(self, *flags: str, persona: str = "admin") -> subprocess.CompletedProcess[str]:
        """Return how it ended and what it printed, whatever that is."""
        kubeconfig = self._lab.kubeconfig(persona)
        words = ("-m", "trombone_tui", "status", "-o", "json", "--kubeconfig", str(kubeconfig), *flags)
        return subprocess.run(
            [sys.executable, *words],
            text=True,
            encoding="utf-8",
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=60,
            env=dict(os.environ),
        )


@cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


class Row:
    """One item of a fresh status."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def __call__(
        self, stage: str, kind: str, namespace: str, name: str, part: str | None = None, *flags: str
    ) -> dict[str, Any] | None:
        """Return it, or None where there is none; without ``part`` the first of the object's.

        Only the object's namespace is looked at, unless ``flags`` name others.
        """
        if not {"-n", "--namespace"} & set(flags):
            flags = (*flags, "-n", namespace)
        return pick(self._status(*flags), stage, kind, namespace, name, part)


def pick(
    document: Mapping[str, Any], stage: str, kind: str, namespace: str, name: str, part: str | None = None
) -> dict[str, Any] | None:
    """Return one item of a status that was taken before, or None."""
    for item in document["stages"][stage]["items"]:
        if (item["kind"], item["namespace"], item["name"]) == (kind, namespace, name) and (
            part is None or item.get("part") == part
        ):
            found: dict[str, Any] = item
            return found
    return None
