"""The documents of a YAML file of the test data, parsed once however many tests read it."""

from __future__ import annotations

import pickle
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _pickled(path: Path) -> bytes:
    return pickle.dumps(list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)))


def parsed(path: Path) -> list[Any]:
    """Return all documents, each time new ones that may be changed."""
    found: list[Any] = pickle.loads(_pickled(path))
    return found
