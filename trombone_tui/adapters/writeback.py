"""Writes renewed tokens back into a kubeconfig: only their own text changes, whatever else is in the file.

It locks as kubectl does, with ``FILE.lock`` (``client-go@v0.36:tools/clientcmd/config.go``), and replaces
the file in one step.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import yaml

from trombone_tui.adapters.kubeconfig import Entry

_PATIENCE = 2.0
"""Seconds to wait for another program's lock."""


def write_tokens(user: Entry, tokens: Mapping[str, str]) -> None:
    """Set keys of a user's ``auth-provider`` config, blocking.

    Raises:
        OSError: the file can't be written, or is locked.
        ValueError: it no longer holds that user's auth-provider.
    """
    path = Path(os.path.realpath(user.file))
    with _locked(path):
        text = path.read_text(encoding="utf-8")
        for key, value in tokens.items():
            text = _with(text, user.name, key, value)
        _replace(path, text)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = path.with_name(path.name + ".lock")
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    mode = path.stat().st_mode & 0o777
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _with(text: str, user: str, key: str, value: str) -> str:
    """Return a kubeconfig's text with one key of a user's auth-provider config set."""
    written = msgspec.json.encode(value).decode()  # a JSON string is a YAML string
    config = _config(text, user)
    node = _value(config, key)
    if node is not None:
        end = "\n" if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else ""
        return text[: node.start_mark.index] + written + end + text[node.end_mark.index :]
    first = config.value[0][0].start_mark
    gap = ", " if config.flow_style else "\n" + " " * first.column
    return f'{text[: first.index]}"{key}": {written}{gap}{text[first.index :]}'


def _config(text: str, user: str) -> yaml.MappingNode:
    """Find a user's auth-provider config in a kubeconfig's text."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        root = None
    users = _value(root, "users")
    for item in users.value if isinstance(users, yaml.SequenceNode) else ():
        name = _value(item, "name")
        if name is not None and name.value == user:
            config = _value(_value(_value(item, "user"), "auth-provider"), "config")
            if isinstance(config, yaml.MappingNode) and config.value:
                return config
    raise ValueError("the kubeconfig has changed")


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
