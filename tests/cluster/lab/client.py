"""The lab's own kubectl, as administrator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.building import copied
from lab.part import Absent, Manifests
from lab.places import ADMIN, CACHE, USED
from lab.waiting import wait


def kubectl(*words: str, stdin: str | None = None, check: bool = True) -> str:
    """Run kubectl and return what it printed.

    Raises:
        Absent: it failed, and ``check`` was not False.
    """
    done = subprocess.run(
        (str(USED / "kubectl"), f"--kubeconfig={ADMIN}", f"--cache-dir={CACHE}", *words),
        input=stdin or "",
        text=True,
        capture_output=True,
        check=False,
    )
    if check and done.returncode:
        raise Absent(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def get(*words: str) -> dict[str, Any]:
    """Return what ``kubectl get`` finds."""
    found: dict[str, Any] = json.loads(kubectl("get", *words, "-o", "json"))
    return found


def namespace(name: str) -> None:
    """Create a namespace if it is not there."""
    put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def put(*objects: Mapping[str, Any]) -> None:
    """Apply objects."""
    apply_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))


def apply(path: Path, **words: object) -> None:
    """Apply a file, each of ``words`` in capitals replaced by its value."""
    text = path.read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(word, str(value))
    apply_text(text)


def apply_text(text: str) -> None:
    """Apply YAML or JSON on the server's side: some definitions are too large for kubectl's annotation."""
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)


def define(manifests: Manifests) -> None:
    """Apply what was copied of a module, and wait until the server serves the kinds defined in it."""
    paths = sorted(path for path in copied(manifests).rglob("*.yaml") if path.name != "kustomization.yaml")
    texts = [path.read_text(encoding="utf-8") for path in paths]
    definitions = [text for text in texts if "\nkind: CustomResourceDefinition\n" in f"\n{text}"]
    if definitions:
        text = "\n---\n".join(definitions)
        if kubectl("get", "-f", "-", "--ignore-not-found", "-o", "name", stdin=text):
            apply_text(text)
        else:  # half the work for the API server
            kubectl("create", "--validate=false", "-f", "-", stdin=text)
        wait("the kinds", lambda: all(map(_established, _defined(text))))
    if others := [text for text in texts if text not in definitions]:
        apply_text("\n---\n".join(others))


def _defined(text: str) -> list[dict[str, Any]]:
    found = json.loads(kubectl("get", "-f", "-", "-o", "json", stdin=text))
    items: list[dict[str, Any]] = found.get("items", [found])
    return items


def _established(definition: dict[str, Any]) -> bool:
    conditions = definition.get("status", {}).get("conditions") or ()
    return any((c["type"], c["status"]) == ("Established", "True") for c in conditions)
