"""Settings, each from the first of flag, environment, file and default that gives it; and our own folders."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta

from trombone_tui.core.ports import Refused

DNS_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
REGISTRY = r"^[^=/\s]+=https?://[^\s]+$"
FOR_EVER = 365 * 86400.0
"""Seconds that stand for no limit; timers can't count to infinity."""
PREFIX = "TROMBONE_"
"""Begins the environment's names of settings: ``TROMBONE_NAMESPACES``. Lists are divided by commas."""


class Settings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"as_user": "as"}
):
    """What can be set, in ``config.toml`` by these names. Every key is optional."""

    kubeconfig: Annotated[
        str | None,
        Meta(
            description="Kubeconfig file, or several divided as in KUBECONFIG; without it KUBECONFIG counts."
        ),
    ] = None
    contexts: Annotated[
        tuple[str, ...],
        Meta(description="Kubeconfig contexts to look at, each one a cluster; without any the current one."),
    ] = ()
    namespaces: Annotated[
        tuple[Annotated[str, Meta(pattern=DNS_LABEL, max_length=63)], ...],
        Meta(description="Namespaces to look at; without any, all that can be seen."),
    ] = ()
    as_user: Annotated[str | None, Meta(description="User to impersonate, as in kubectl --as.")] = None
    as_groups: Annotated[
        tuple[str, ...], Meta(description="Groups to impersonate, together with a user.")
    ] = ()
    as_uid: Annotated[str | None, Meta(description="UID to impersonate, together with a user.")] = None
    request_timeout: Annotated[
        int | str | None,
        Meta(description="Longest wait for one request, and for `status`: 10, 10s, 1m30s; 0 is for ever."),
    ] = None
    registries: Annotated[
        tuple[Annotated[str, Meta(pattern=REGISTRY)], ...],
        Meta(
            description="Where a registry's API is, if not at https://HOST: `ghcr.io=https://mirror.example`."
        ),
    ] = ()
    read_only: Annotated[
        bool,
        Meta(description="Whether nothing may be written, whatever is pressed; nothing takes it back."),
    ] = False
    read_only_contexts: Annotated[
        tuple[str, ...], Meta(description="Kubeconfig contexts in which nothing may be written.")
    ] = ()
    protected_contexts: Annotated[
        tuple[str, ...],
        Meta(description="Kubeconfig contexts in which a name has to be typed before anything is written."),
    ] = ()
    keys: Annotated[
        dict[str, dict[str, str]],
        Meta(description='Other keys than the program\'s own: `view.logs = "L"`, several as in `"L,f5"`.'),
    ] = {}

    def __post_init__(self) -> None:
        """Refuse what the types can't."""
        if self.request_timeout is not None:
            seconds(self.request_timeout)

    @property
    def timeout(self) -> float | None:
        """The longest a request may take in seconds, `FOR_EVER` where 0 was said; None if nothing was."""
        return None if self.request_timeout is None else seconds(self.request_timeout)

    @property
    def keymap(self) -> dict[str, str]:
        """The user's own keys, by what they do: ``view.logs``."""
        return {f"{group}.{name}": key for group, keys in self.keys.items() for name, key in keys.items()}

    @property
    def endpoints(self) -> dict[str, str]:
        """The registries' own addresses, by host."""
        return dict(one.split("=", 1) for one in self.registries)


KEYS = tuple(msgspec.structs.fields(Settings))
NAMES = tuple(field.encode_name for field in KEYS)
"""The settings' names in the file, in the order in which they are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """Settings, and where each comes from: ``default``, ``config.toml:3``, a variable or a flag."""

    settings: Settings
    origins: Mapping[str, str]
    """By the settings' names; of keys by each one's own as well: ``keys.view.logs``."""


def folder(name: str) -> Path:
    """Find ``styles`` or ``manifests``: inside the package of a wheel, beside it in a checkout.

    Raises:
        FileNotFoundError: the installation is broken.
    """
    package = Path(__file__).parent
    for home in (package, package.parent):
        if (home / name).is_dir():
            return home / name
    raise FileNotFoundError(f"{package / name} is missing: install trombone-tui again")


def place(environ: Mapping[str, str]) -> Path:
    """Say where the settings file belongs: ``$XDG_CONFIG_HOME/trombone-tui/config.toml``."""
    base = environ.get("XDG_CONFIG_HOME") or ""
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".config"
    return home / "trombone-tui" / "config.toml"


def settle(file: Path, environ: Mapping[str, str], flags: Mapping[str, tuple[Any, str]]) -> Effective:
    """Put settings together; ``flags`` holds value and flag by a setting's name.

    Raises:
        Refused: a key, type or value is wrong; the text begins with the file and line, variable or flag.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(NAMES, "default")
    for layer in (_from_file(file, origins), _from_environment(environ), dict(flags)):
        for name, (value, origin) in layer.items():
            _check(name, value, origin)
            values[name], origins[name] = value, origin
    return Effective(settings=msgspec.convert(values, Settings), origins=origins)


def seconds(text: int | str) -> float:
    """Read a time-out as kubectl does: ``10`` and ``10s`` are seconds, ``0`` means for ever.

    Raises:
        ValueError: it is no duration.
    """
    if isinstance(text, int) or re.fullmatch(r"\d+", text):
        total = float(text)
    else:
        parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text)
        if not parts or "".join(number + unit for number, unit in parts) != text:
            raise ValueError(f"{text!r} is no duration: write 10, 10s, 1m30s or 0 for ever")
        total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if total < 0:
        raise ValueError(f"{text} is less than nothing: write 10, 10s, 1m30s or 0 for ever")
    return total or FOR_EVER


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _check(name: str, value: Any, origin: str) -> None:
    try:
        msgspec.convert({name: value}, Settings)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        if "matching regex" in problem:
            namespace = name == "namespaces"
            problem = "a namespace is lower-case letters, digits and `-`" if namespace else "write HOST=URL"
        where = path.rstrip("`") or name
        raise Refused(f"{origin}: {where}: {problem[:1].lower()}{problem[1:]}", advice=_about(name)) from None


def _about(name: str) -> str:
    """Return what a setting is for, from its declaration."""
    hints = get_type_hints(Settings, include_extras=True)
    field = next(field.name for field in KEYS if field.encode_name == name)
    return str(hints[field].__metadata__[0].description)


def _from_file(file: Path, origins: dict[str, str]) -> dict[str, tuple[Any, str]]:
    """Return values and lines by name; where each key of ``[keys]`` stands is put into ``origins``."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file}: can't be read: {error}", advice="make it a readable UTF-8 file") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"\(at line (\d+)", str(error))
        number = line[1] if line else text.count("\n") + 1
        problem = re.sub(r" \(at .*\)$", "", str(error))
        raise Refused(f"{file}:{number}: {problem}", advice="the file is TOML: https://toml.io") from None
    for key in data:
        if key not in NAMES:
            close = get_close_matches(key, NAMES, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(NAMES)}"
            raise Refused(
                f"{file}:{_line(text, key)}: unknown key `{key}`; {hint}", advice="correct or remove the line"
            )
    if isinstance(keys := data.get("keys"), dict):
        lines = {name: f"{file}:{line}" for name, line in _key_lines(text).items()}
        _check_keys(keys, lines)
        origins.update(lines)
    return {key: (value, f"{file}:{_line(text, key)}") for key, value in data.items()}


def _check_keys(keys: Mapping[str, Any], lines: Mapping[str, str]) -> None:
    """Refuse what is no text under two names; which names and keys there are, the screen knows."""
    for group, named in keys.items():
        for name, key in named.items() if isinstance(named, dict) else [("", named)]:
            path = f"keys.{group}.{name}".rstrip(".")
            if not name:
                raise Refused(
                    f"{lines[path]}: {path}: it takes two names, not in quotes, as in `view.logs`",
                    advice=_about("keys"),
                )
            if not isinstance(key, str):
                raise Refused(
                    f'{lines[path]}: {path}: write a key in quotes, as in "L"', advice=_about("keys")
                )


def _key_lines(text: str) -> dict[str, int]:
    """Return the line of each key: the first with which the file, read that far, is complete and has it."""
    lines = text.splitlines()
    found: dict[str, int] = {}
    for number in range(1, len(lines) + 1):
        try:
            keys = tomllib.loads("\n".join(lines[:number])).get("keys", {})
        except tomllib.TOMLDecodeError:
            continue
        for group, named in keys.items():
            for name in named if isinstance(named, dict) else [""]:
                found.setdefault(f"keys.{group}.{name}".rstrip("."), number)
    return found


def _line(text: str, key: str) -> int:
    """Find the line a top-level key stands on: the first that names it where a statement may begin."""
    lines = text.splitlines()
    named = re.compile(rf"""\s*\[*\s*["']?{re.escape(key)}["']?\s*[=.\]]""")
    for number, line in enumerate(lines, start=1):
        if named.match(line) and _complete("\n".join(lines[: number - 1])):
            return number
    return 1


def _complete(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _read(text: str, default: Any) -> Any:
    """Read a variable as what its setting is; what can't be read stays a text, to be refused."""
    if isinstance(default, tuple):
        return tuple(part for part in text.split(",") if part)
    return _SAID.get(text.lower(), text) if isinstance(default, bool) else text


_SAID = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for field in KEYS:
        variable = PREFIX + field.encode_name.upper()
        if value := environ.get(variable, ""):
            found[field.encode_name] = (_read(value, field.default), variable)
    return found
