"""Writes what is made from the code: the JSON schemas in this folder, and the list of keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from trombone_tui.cli.document import schema
from trombone_tui.config import Settings
from trombone_tui.pipeline import PIPELINE
from trombone_tui.ui.keyboard import written
from trombone_tui.ui.keymap import Command, commands

HERE = Path(__file__).parent

KEYS = """# Keys that can be changed
Written by `make schemas` from the code. In `config.toml` (`trombone-tui config path` says where it is):

```toml
[keys]
view.logs = "L"
table.open = "enter,o"
verb.restart = "ctrl+r"
```

A key is a character, a name as in `space` or `f5`, or either with `ctrl+`, `alt+` or `shift+`; several are
divided by commas (a comma itself is `comma`). What is wrong is named with its line when the dashboard starts:
an id or a key that there is not, a key that means something else on the same screen, a letter where letters
are typed. `--demo` doesn't read the file.

| id | keys | what it does |
|---|---|---|
"""


def schemas() -> dict[Path, str]:
    """Return what each file has to hold."""
    for stage in PIPELINE:
        stage.load()
    known = commands(PIPELINE)
    settings = msgspec.json.schema(Settings)
    settings["$defs"]["Settings"]["properties"]["keys"] |= _keys(known)
    settings |= {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "trombone-tui config.toml",
    }
    return {
        HERE / "config.schema.json": _text(settings),
        HERE / "status.schema.json": _text(schema(PIPELINE)),
        HERE / "keys.md": KEYS + "".join(_row(ident, command) for ident, command in known.items()),
    }


def _keys(known: Mapping[str, Command]) -> dict[str, Any]:
    """Return the schema of ``[keys]``: a table a group, the keys by themselves as defaults."""
    groups: dict[str, Any] = {}
    for ident, command in known.items():
        group, _, name = ident.partition(".")
        closed = {"type": "object", "additionalProperties": False, "properties": {}}
        properties = groups.setdefault(group, closed)["properties"]
        properties[name] = {"type": "string", "description": command.about}
        if command.keys:
            properties[name]["default"] = ",".join(command.keys)
    return {"additionalProperties": False, "properties": groups}


def _row(ident: str, command: Command) -> str:
    keys = " ".join(f"`{written(key)}`" for key in command.keys)
    return f"| `{ident}` | {keys} | {command.about} |\n"


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")
