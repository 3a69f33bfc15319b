"""A whole object as YAML, in the order ``kubectl get -o yaml`` leads people to expect.

This loads PyYAML, some 25 ms; the screen imports it when somebody asks for YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

try:
    from yaml import CSafeDumper as _Fast
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeDumper as _Fast  # type: ignore[assignment]  # the same interface, slower

_FIRST = ("apiVersion", "kind", "metadata", "spec", "status")

_NUMBER_ELSEWHERE = re.compile(r"[-+]?[.\d][\d.eE_+-]*|[yYnN]")
"""Texts that PyYAML writes bare and YAML readers in Go take for numbers or booleans."""


def manifest(whole: Mapping[str, Any], *, managed: bool = False) -> list[str]:
    """Return the lines of an object's YAML; ``metadata.managedFields`` only if ``managed``.

    Takes about half a second a megabyte: call it in a thread.

    Raises:
        RecursionError: it is nested too deeply.
    """
    text: str = yaml.dump(
        _ordered(whole, managed=managed),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=2**31 - 1,
    )
    return text.removesuffix("\n").split("\n")


class _Dumper(_Fast):
    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else "'" if _NUMBER_ELSEWHERE.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _ordered(whole: Mapping[str, Any], *, managed: bool) -> dict[str, Any]:
    rest = sorted(whole.keys() - set(_FIRST))
    made = {key: _sorted(whole[key]) for key in (*_FIRST, *rest) if key in whole}
    if not managed and isinstance(metadata := made.get("metadata"), dict):
        metadata.pop("managedFields", None)
    return made


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list | tuple) else value
