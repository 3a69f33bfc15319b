"""The manifests as they came with the program, and the objects that values make of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from trombone_tui.core.ports import Refused
from trombone_tui.installer.placeholders import filled, named

try:
    from yaml import CSafeLoader as _Fast
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Fast  # type: ignore[assignment]  # the same interface, slower

APPLIED = ("events", "workflows", "images", "sync")
"""The stages whose manifests are applied, in travel order."""
FOR_GIT = ("rollout", "metrics")
"""The stages whose manifests belong into the config repository: Argo CD applies them from there."""

MANAGED_BY = "app.kubernetes.io/managed-by"
INSTANCE = "app.kubernetes.io/instance"
OURS = "trombone-tui"
_PART_OF = {"app.kubernetes.io/part-of": "trombone"}
_APP = "trombone.dev/app"
STAGE = "trombone.dev/stage"
"""Which stage's folder an object came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One object of a file, with its values in it."""

    stage: str
    file: str
    """``sync/3-application.yaml``."""
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        """Its kind."""
        return str(self.body["kind"])

    @property
    def group(self) -> str:
        """The group of its kind; empty for Kubernetes' own first one."""
        group, slash, _ = str(self.body["apiVersion"]).partition("/")
        return group if slash else ""

    @property
    def name(self) -> str:
        """Its name."""
        return str((self.body.get("metadata") or {}).get("name", ""))

    @property
    def namespace(self) -> str:
        """Its namespace; empty for what is in none."""
        return str((self.body.get("metadata") or {}).get("namespace", ""))


def labels(service: str) -> dict[str, str]:
    """Return what we write on each object, so that it is found again.

    The instance is not just the service's name: Argo CD takes the label for its own where it tracks by
    labels, and would call these objects part of the Application of that name.
    """
    return {MANAGED_BY: OURS, **_PART_OF, INSTANCE: f"{service}-pipeline", _APP: service}


def selector(service: str = "") -> str:
    """Return what finds our objects, of one service or of all."""
    return ",".join(
        (f"{MANAGED_BY}={OURS}", *([f"{INSTANCE}={service}-pipeline"] if service else [f"{INSTANCE}"]))
    )


def to_apply(folder: Path, values: Mapping[str, Any], stages: Collection[str] = ()) -> tuple[Manifest, ...]:
    """Return the objects that are applied, in order, with our labels on them.

    Raises:
        Refused: the manifests are damaged; file and line are named.
    """
    made = []
    for stage in APPLIED:
        if stage in stages or not stages:
            for manifest in _read(folder, stage, values):
                metadata = manifest.body["metadata"]
                ours = {**labels(str(values["service"])), STAGE: stage}
                metadata["labels"] = {**(metadata.get("labels") or {}), **ours}
                made.append(manifest)
    return tuple(made)


def kinds(folder: Path) -> tuple[tuple[str, str, str], ...]:
    """Return stage, group and name of each kind that is applied, each once, in the order of applying.

    Raises:
        Refused: the manifests are damaged; file and line are named.
    """
    found: dict[tuple[str, str], str] = {}
    for stage in APPLIED:
        for manifest in _read(folder, stage, _Anything()):
            found.setdefault((manifest.group, manifest.kind), stage)
    return tuple((stage, group, kind) for (group, kind), stage in found.items())


class _Anything(dict[str, Any]):
    """Stands for values where only the kinds matter."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return name


def _read(folder: Path, stage: str, values: Mapping[str, Any]) -> Iterator[Manifest]:
    for file in sorted((folder / stage).glob("*.yaml")):
        for body in read_text(file.read_text(encoding="utf-8"), values, str(file)):
            yield Manifest(stage=stage, file=f"{stage}/{file.name}", body=body)


def read_text(text: str, values: Mapping[str, Any], file: str) -> list[dict[str, Any]]:
    """Return the objects of a file with values in their scalars.

    Raises:
        Refused: it is no YAML, or names a value that there is not; file and line are named.
    """
    try:
        loader = _Loader(text, values, file)
        bodies = []
        while loader.check_node():
            bodies.append(loader.construct_document(loader.get_node()))
    except yaml.YAMLError as error:
        raise Refused(f"{file}: {error}", advice="install trombone-tui again") from error
    return bodies


class _Loader(_Fast):
    """Reads YAML with values in its scalars; a plain placeholder becomes what the value is, a number say."""

    def __init__(self, text: str, values: Mapping[str, Any], file: str) -> None:
        super().__init__(text)
        self.values, self.file = values, file


def _scalar(loader: _Loader, node: yaml.ScalarNode) -> Any:
    text = str(loader.construct_scalar(node))
    place = f"{loader.file}:{node.start_mark.line + 1}"
    if not node.style and (name := named(text)) and name in loader.values:
        return loader.values[name]
    return filled(text, loader.values, place)


_Loader.add_constructor("tag:yaml.org,2002:str", _scalar)
