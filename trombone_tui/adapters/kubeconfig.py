"""Kubeconfig files, read and merged as kubectl does (``client-go@v0.36:tools/clientcmd/loader.go``).

Of several files the first that sets a value or names an entry wins, whole. Missing and empty files are
skipped. Relative paths in an entry are relative to the file the entry is in.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from trombone_tui.core.ports import Refused

try:
    from yaml import CSafeLoader as _Fast
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Fast  # type: ignore[assignment]  # the same interface, slower

_PLAIN = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
_TRUE = frozenset({"true", "yes", "on", "y"})
_FALSE = frozenset({"false", "no", "off", "n", ""})


class _TextLoader(_Fast):
    """Reads every scalar as the text it is: a context called ``on`` or ``1e3`` keeps its name."""


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN]
    for first, resolvers in _Fast.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One named entry: a context, a cluster or a user, or a part of one."""

    title: str
    """How messages call it: ``user "dev"``."""
    fields: Mapping[str, Any]
    """Every leaf is text."""
    file: Path
    name: str = ""

    def refuse(self, what: str, advice: str) -> Refused:
        """Return the refusal that names the file and this entry."""
        return Refused(f"{self.file}: {self.title}: {what}", advice=advice)

    def text(self, key: str) -> str:
        """Return a text; empty where it is not set."""
        value = self.fields.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.refuse(f"{key} must be a text", f"correct {key} in that file")
        return value

    def flag(self, key: str) -> bool:
        """Return a yes or no; no where it is not set."""
        value = self.text(key).lower()
        if value not in _TRUE | _FALSE:
            raise self.refuse(f"{key} must be true or false", f"correct {key} in that file")
        return value in _TRUE

    def items(self, key: str) -> tuple[Any, ...]:
        """Return a list's elements, whatever they are."""
        value = self.fields.get(key) or ()
        if isinstance(value, str | Mapping):
            raise self.refuse(f"{key} must be a list", f"correct {key} in that file")
        return tuple(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise self.refuse(f"{key} must be a list of texts", f"correct {key} in that file")
        return values

    def part(self, key: str) -> Entry | None:
        """Return what is nested under a key, an Entry of its own; None where it is not set."""
        value = self.fields.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self.refuse(f"{key} must be a mapping", f"correct {key} in that file")
        return Entry(f"{self.title}: {key}", value, self.file)

    def path(self, key: str) -> Path | None:
        """Return a path, made absolute from the folder of this entry's file."""
        value = self.text(key)
        return self.file.parent / value if value else None

    def bytes_of(self, key: str) -> bytes | None:
        """Return what ``KEY-data`` holds in base64, or the content of the file that ``KEY`` names.

        Raises:
            Refused: both are set, as kubectl refuses it; not base64; the file can't be read.
        """
        data, path = self.text(f"{key}-data"), self.path(key)
        if data and path:
            raise self.refuse(f"{key} and {key}-data are both set", "take one of them out")
        if data:
            try:
                return base64.b64decode("".join(data.split()), validate=True)
            except (binascii.Error, ValueError):
                raise self.refuse(f"{key}-data is not base64", f"correct {key}-data in that file") from None
        return self.content(key)

    def content(self, key: str) -> bytes | None:
        """Return the content of the file that a key names; None where it is not set."""
        path = self.path(key)
        if path is None:
            return None
        try:
            return path.read_bytes()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise self.refuse(f"{key}: {path}: {why}", "correct the path, or make it readable") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """All files merged: entries by name, in the order in which they are written."""

    files: tuple[Path, ...]
    """Those that exist and are not empty."""
    looked: tuple[Path, ...]
    """All that were looked for."""
    current: str
    """``current-context``; empty where no file sets one."""
    contexts: Mapping[str, Entry]
    clusters: Mapping[str, Entry]
    users: Mapping[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One context with what it refers to."""

    name: str
    namespace: str
    cluster: Entry
    user: Entry | None
    """None for a context without a user: requests are anonymous."""


def load(kubeconfig: str | None, environ: Mapping[str, str] = os.environ) -> Kubeconfig:
    """Read and merge the files that the flag, the environment or kubectl's default name.

    Raises:
        Refused: the flag's file is missing, or a file can't be read as a kubeconfig.
    """
    looked = _paths(kubeconfig, environ)
    found = [(path, fields) for path in looked if (fields := _read(path, needed=kubeconfig is not None))]
    names = ("contexts", "clusters", "users")
    merged: dict[str, dict[str, Entry]] = {name: {} for name in names}
    current = ""
    for path, fields in found:
        whole = Entry("kubeconfig", fields, path)
        current = current or whole.text("current-context")
        for name in names:
            for key, entry in _entries(whole, name).items():
                merged[name].setdefault(key, entry)
    return Kubeconfig(files=tuple(path for path, _ in found), looked=looked, current=current, **merged)


def choose(config: Kubeconfig, context: str | None) -> Chosen:
    """Return the context asked for, or the current one, with its cluster and user.

    Raises:
        Refused: there is none, or what it refers to does not exist.
    """
    where = ", ".join(str(path) for path in config.files or config.looked)
    known = ", ".join(config.contexts) or "none"
    name = context or config.current
    if not name:
        raise Refused(f"{where}: no current-context is set", advice=f"choose with --context; known: {known}")
    entry = config.contexts.get(name)
    if entry is None:
        what = f'{where}: there is no context "{name}"'
        raise Refused(what, advice=f"choose with --context; known: {known}")
    cluster, user = entry.text("cluster"), entry.text("user")
    for kind, wanted, entries in (("cluster", cluster, config.clusters), ("user", user, config.users)):
        if wanted and wanted not in entries:
            what = f'its {kind} "{wanted}" is in none of {where}'
            raise entry.refuse(what, f"add that {kind}, or name another")
    if not cluster:
        clusters = ", ".join(config.clusters) or "none known"
        raise entry.refuse("it names no cluster", f"name one of: {clusters}")
    return Chosen(
        name=name,
        namespace=entry.text("namespace") or "default",
        cluster=config.clusters[cluster],
        user=config.users[user] if user else None,
    )


def extension(cluster: Entry, name: str) -> Any:
    """Return a cluster entry's extension with numbers and truths as such; None if it has none.

    Everything else in a kubeconfig is text, but an extension is somebody else's JSON: its file is read
    once more for it.
    """
    if not any(
        isinstance(item, Mapping) and item.get("name") == name for item in cluster.items("extensions")
    ):
        return None
    whole = yaml.load(cluster.file.read_text(encoding="utf-8-sig"), Loader=_Fast)
    named = next(item["cluster"] for item in whole["clusters"] if str(item["name"]) == cluster.name)
    return next(item["extension"] for item in named["extensions"] if item["name"] == name)


def _paths(kubeconfig: str | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    if kubeconfig is not None:
        names = [kubeconfig]
    elif environ.get("KUBECONFIG"):
        names = [name for name in environ["KUBECONFIG"].split(os.pathsep) if name]
    else:
        home = environ.get("HOME")
        names = [str((Path(home) if home else Path.home()) / ".kube" / "config")]
    return tuple(dict.fromkeys(Path(name).absolute() for name in names))


def _read(path: Path, *, needed: bool) -> Mapping[str, Any]:
    """Return one file's content; nothing if it is empty, or missing and not needed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if needed:
            raise Refused(f"{path}: there is no such file", advice="correct --kubeconfig") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or "unreadable").lower() if isinstance(error, OSError) else "is not UTF-8 text"
        raise Refused(f"{path}: {why}", advice="make it a readable kubeconfig, or leave it out") from error
    try:
        content = _parse(text)
    except (yaml.YAMLError, msgspec.DecodeError) as error:
        raise Refused(f"{path}: {_problem(error)}", advice="correct that file, or leave it out") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise Refused(f"{path}: is not a kubeconfig", advice="correct that file, or leave it out")
    return content


def _parse(text: str) -> Any:
    if text.lstrip().startswith("{"):  # JSON may be indented with tabs, which YAML does not allow
        try:
            return _as_text(msgspec.json.decode(text))
        except msgspec.DecodeError:
            pass
    return yaml.load(text, Loader=_TextLoader)


def _as_text(value: Any) -> Any:
    match value:
        case dict():
            return {key: _as_text(inner) for key, inner in value.items()}
        case list():
            return [_as_text(inner) for inner in value]
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
    return value


def _problem(error: Exception) -> str:
    """Say what is wrong and where, without quoting the line: it may hold a token."""
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1}: " if mark is not None else ""
    return f"{place}{getattr(error, 'problem', None) or 'is not YAML'}"


def _entries(whole: Entry, name: str) -> dict[str, Entry]:
    """Return ``contexts``, ``clusters`` or ``users`` of one file by name."""
    kind = name.removesuffix("s")
    entries: dict[str, Entry] = {}
    for item in whole.items(name):
        if not isinstance(item, Mapping):
            raise whole.refuse(f"{name} must be a list of named entries", "correct that file")
        outer = Entry(name, item, whole.file)
        key = outer.text("name")
        if key in entries:
            raise whole.refuse(f'{kind} "{key}" is there twice', "take one of them out")
        inner = outer.part(kind)
        entries[key] = Entry(f'{kind} "{key}"', inner.fields if inner else {}, whole.file, key)
    return entries
