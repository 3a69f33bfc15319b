"""Writes the JSON schemas in this folder from the code: the settings file and ``status -o json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from trombone_tui.cli.document import schema
from trombone_tui.config import Settings
from trombone_tui.pipeline import PIPELINE

HERE = Path(__file__).parent


def schemas() -> dict[Path, str]:
    """Return what each schema file has to hold."""
    settings = msgspec.json.schema(Settings)
    settings |= {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "trombone-tui config.toml",
    }
    return {
        HERE / "config.schema.json": _text(settings),
        HERE / "status.schema.json": _text(schema(PIPELINE)),
    }


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")
