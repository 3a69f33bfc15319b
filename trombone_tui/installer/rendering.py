"""Writes manifests as files with values in them, comments and all: for a repository that people read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from trombone_tui.core.ports import Refused
from trombone_tui.installer.manifests import FOR_GIT, read_text
from trombone_tui.installer.placeholders import filled, named, written


def for_git(folder: Path, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that belong into the service's folder of the config repository, by name.

    Raises:
        Refused: the manifests are damaged; file and line are named.
    """
    files = (file for stage in FOR_GIT for file in sorted((folder / stage).glob("*.yaml")))
    return {file.name: rendered(file.read_text(encoding="utf-8"), values, str(file)) for file in files}


def rendered(text: str, values: Mapping[str, Any], file: str) -> str:
    """Return YAML with values in its scalars and comments; it reads as the same objects that are applied.

    Raises:
        Refused: there is no such value, or it would not read the same.
    """
    pieces, done = [], 0
    for node in _scalars(text):
        start, end = node.start_mark.index, node.end_mark.index
        place = f"{file}:{node.start_mark.line + 1}"
        pieces += [filled(text[done:start], values, place), _scalar(node, text[start:end], values, place)]
        done = end
    made = "".join((*pieces, filled(text[done:], values, file)))
    if read_text(made, {}, file) != read_text(text, values, file):
        raise Refused(f"{file}: a value would change its structure", advice="install trombone-tui again")
    return made


def _scalars(text: str) -> Iterator[yaml.ScalarNode]:
    """Yield the scalars of all documents in the order of the text, each once."""
    found: dict[int, yaml.ScalarNode] = {}
    for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
        below = [document]
        while below:
            node = below.pop()
            if isinstance(node, yaml.ScalarNode):
                found[node.start_mark.index] = node
            elif isinstance(node, yaml.MappingNode):
                below += [one for pair in node.value for one in pair]
            elif isinstance(node, yaml.SequenceNode):
                below += node.value
    return iter([found[index] for index in sorted(found)])


def _scalar(node: yaml.ScalarNode, raw: str, values: Mapping[str, Any], place: str) -> str:
    """Write one scalar with its values in it: as plain as it was if it reads the same, else quoted."""
    if "((" not in raw:
        return raw
    if node.style in ("|", ">"):
        return filled(raw, values, place)  # no value has a line end
    name = named(node.value)
    if node.style is None and name in values and not isinstance(values[name], str):
        return written(values[name])
    text = filled(node.value, values, place)
    return text if node.style is None and _plain(text) else json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> bool:
    """Say whether a text reads as itself without quotes, inside brackets too."""
    try:
        return bool(yaml.safe_load(f"[{text}]") == [text])
    except yaml.YAMLError:
        return False
