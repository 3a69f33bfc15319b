"""The values that the manifests take: defaults with their comments, a user's file, and single ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from trombone_tui.core.installing import Value
from trombone_tui.core.masking import masked
from trombone_tui.core.ports import Refused
from trombone_tui.installer.forms import FORMS, derived
from trombone_tui.installer.placeholders import filled

FILE = "values.yaml"
_LARGEST = 256 * 1024
"""Bytes of a values file; a real one has some 4,000."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value, and where it was given: ``mine.yaml:3`` or ``--set``."""

    value: Any
    origin: str


def read_defaults(folder: Path) -> tuple[Value, ...]:
    """Return what can be given, in the file's order, each with the comment above it.

    Raises:
        Refused: the manifests that came with the program are damaged.
    """
    file = folder / FILE
    given = read_file(file)
    comments = _comments(file.read_text(encoding="utf-8").splitlines(), given)
    return tuple(Value(name=name, about=comments[name], default=one.value) for name, one in given.items())


def read_file(file: Path) -> dict[str, Given]:
    """Return the values in a file, each with its line.

    Raises:
        Refused: it can't be read, is no mapping of names to plain values, or names one that is not known.
    """
    try:
        data = file.read_bytes()
        if len(data) > _LARGEST:
            raise Refused(
                f"{file}: {len(data)} bytes are too many for values", advice=f"see {FILE} in manifests/"
            )
        node = yaml.compose(data.decode(), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file}: can't be read: {error}", advice="make it a readable UTF-8 file") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Refused(f"{file}:{line}: {error.problem}", advice="the file is YAML: NAME: VALUE") from None
    except yaml.YAMLError as error:
        raise Refused(f"{file}: {error}", advice="the file is YAML: NAME: VALUE") from None
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise Refused(f"{file}:{node.start_mark.line + 1}: values are lines of NAME: VALUE", advice=_SEE)
    found: dict[str, Given] = {}
    for key, value in node.value:
        origin = f"{file}:{key.start_mark.line + 1}"
        if not (isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)):
            raise Refused(f"{origin}: a value is one text, number or boolean", advice=_SEE)
        if key.value in found:
            raise Refused(f"{origin}: {key.value} is given twice", advice="leave one of them out")
        _known(key.value, origin)
        found[key.value] = Given(_plain(value), origin)
    return found


def read_settings(settings: Sequence[str]) -> dict[str, Given]:
    """Return what ``--set NAME=VALUE`` says; texts are read as what the default is.

    Raises:
        Refused: one is not of that form or names a value that is not known.
    """
    found: dict[str, Given] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals:
            raise Refused(f"--set {text}: write NAME=VALUE", advice=_SEE)
        _known(name, f"--set {text}")
        found[name] = Given(value, f"--set {name}")
    return found


def settle(defaults: Sequence[Value], given: Mapping[str, Given]) -> dict[str, Any]:
    """Return all values as they count; defaults that name others have these in them.

    Raises:
        Refused: one is missing or not of its form; where it was given is said.
    """
    for name, stated in given.items():
        _known(name, stated.origin)
    values: dict[str, Any] = {}
    lacking: list[Value] = []
    for one in defaults:
        known = given.get(one.name)
        if known is None or known.value is None:
            if one.default is None:
                lacking.append(one)
                continue
            origin, value = f"the default of {one.name}", _filled(one.default, values, lacking)
        else:
            origin, value = known.origin, _as_default(known.value, one.default)
        if value is None:  # hangs on one that is lacking
            continue
        form = FORMS[one.name]
        if not form.fits(value):
            raise Refused(f"{origin}: {one.name} {masked(value)!r} is not {form.said}", advice=one.about)
        values[one.name] = value
    if lacking:
        names = ", ".join(one.name for one in lacking)
        raise Refused(
            f"{'a value is' if len(lacking) == 1 else 'values are'} missing: {names}",
            advice="\n".join(f"--set {one.name}=…  {one.about}" for one in lacking),
        )
    return values


def placeholders(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what placeholders may name: the values, and what follows from them."""
    return {**values, **derived(values)}


_SEE = "see `trombone-tui install --help`; all values with their meaning: `trombone-tui install --values`"


def _known(name: str, origin: str) -> None:
    if name not in FORMS:
        close = get_close_matches(name, FORMS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(FORMS)}"
        raise Refused(f"{origin}: there is no value {name}; {hint}", advice=_SEE)


def _plain(node: yaml.ScalarNode) -> Any:
    """Read a scalar of a values file: what is not a text, number, boolean or null stays a text."""
    match node.tag:
        case "tag:yaml.org,2002:null":
            return None
        case "tag:yaml.org,2002:bool":
            return node.value.lower() in ("true", "yes", "on")
        case "tag:yaml.org,2002:int" if node.value.isascii() and node.value.isdigit():
            return int(node.value) if str(int(node.value)) == node.value else node.value
    return node.value


def _as_default(value: Any, default: Any) -> Any:
    """Read a text as what the default is, and a number where a text is wanted as it was written."""
    if isinstance(value, str):
        if isinstance(default, bool) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if isinstance(default, int) and not isinstance(default, bool) and value.isascii() and value.isdigit():
            return int(value[:20])
    elif isinstance(value, int) and not isinstance(value, bool) and not isinstance(default, int):
        return str(value)
    return value


def _filled(default: Any, values: Mapping[str, Any], lacking: Sequence[Value]) -> Any:
    if not isinstance(default, str):
        return default
    open_ = {one.name: None for one in lacking}
    made = filled(default, {**open_, **values}, "values.yaml")
    return None if any(f"(({name}))" in default for name in open_) else made


def _comments(lines: Sequence[str], given: Mapping[str, Given]) -> dict[str, str]:
    """Return the comment above each name; of several names below one comment each has it."""
    found: dict[str, str] = {}
    above: list[str] = []
    inside = False
    for line in lines:
        if line.startswith("#"):
            above = [*above, line.lstrip("# ")] if inside else [line.lstrip("# ")]
            inside = True
            continue
        inside = False
        name = line.partition(":")[0]
        if name in given:
            found[name] = " ".join(above)
    return found
