"""Secrets in plain JSON made unreadable, before anything shows, copies or keeps it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

MASK = "••••"

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

_SECRET = re.compile(
    r"passw(?:or)?d|passphrase|secret|token|apikey|accesskey|privatekey|signingkey|encryptionkey"
    r"|authorization|credential|dockerconfigjson|dockercfg"
)
"""What names a secret, in a key of which only letters and digits are left."""

_ABOUT = re.compile(
    r"(?:names?|refs?|file|path|dir|url|uri|type|kind|policy|namespace|count|seconds?|expiry|expiration|ttl"
    r"|timestamp|mtime|enabled|audiences?|requests)$"
)
"""How a key ends that says something about a secret and does not hold it."""

_REFERENCE = re.compile(
    r"(?:(?:Bearer|Basic|token) )?(?:\{\{[^{}]*\}\}|\$\([\w.-]+\)|\$\{[\w.-]+\})"
    r"|(?:pullsecret|secret):[\w.-]+/[\w.-]+(?:#[\w.-]+)?|(?:env|ext):[\w./-]+"
)
"""A value that only says where the secret comes from: a template, a variable, Image Updater's words."""

_WORD = r"[\w.-]*(?i:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)[\w.-]*"
_VALUE = r"""("[^"\n]*"|'[^'\n]*'|[^\s"'&;]+)"""
_ASSIGNED = re.compile(rf"(?<![\w.-])({_WORD})=(?!=){_VALUE}")
"""``--token=x``, ``DB_PASSWORD=x``, ``?apikey=x``."""
_ENTRY = re.compile(r"""(?P<lead>[ \t]*(?:- +)?["']?(?P<key>[\w./-]+)["']?[ \t]*: +)(?P<value>\S.*)""")
"""A line of YAML inside a text; only texts of several lines are taken for YAML."""
_PAIR = re.compile(r'''"([\w./-]+)"(\s*:\s*)"((?:[^"\\]|\\.)+)"''')
"""A member of JSON somewhere in a text."""
_BEARER = re.compile(r"\b((?i:Bearer|Basic)) +(?=[\w.~+/-]*[0-9A-Z=])([\w.~+/=-]{8,})")
_KNOWN = re.compile(
    r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abp]-[\w-]{10,}|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})"
)
"""What gives itself away as a token: of GitHub, GitLab, Slack, AWS; a JWT."""
_LOGIN = re.compile(r"(://[^\s/:@]*:)([^\s/@]+)@")
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_SECRET_MANIFEST = re.compile(r"(?m)^[ \t]*(?:- +)?kind: +[\"']?Secret[\"']?[ \t]*$")
_TAKEN_FROM = ("$", "{{")
"""How a value begins that a shell or a template puts in."""


def masked(value: Any, mask: str = MASK) -> Any:
    """Return a copy of plain JSON in which no secret can be read; what is masked tells only its size.

    Masked are: all of a Secret's values, literal values under keys that name a secret, entries such as
    ``{name: DB_PASSWORD, value: x}``, arguments such as ``--token=x``, and the same again in texts that hold
    JSON or YAML (last-applied configurations, Helm values). References to secrets stay readable.
    """
    return _Masking(mask).any(value)


def names_secret(key: str) -> bool:
    """Say whether a key is one that a secret would stand under."""
    bare = re.sub(r"[^a-z0-9]", "", key.lower())
    return bool(_SECRET.search(bare)) and not _ABOUT.search(bare)


class _Masking:
    def __init__(self, mask: str) -> None:
        self._mask = mask

    def any(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list | tuple):
            return self._items(value)
        return self._text(value) if isinstance(value, str) else value

    def _mapping(self, whole: Mapping[str, Any]) -> dict[str, Any]:
        secret = whole.get("kind") == "Secret"
        entry = any(isinstance(name := whole.get(key), str) and names_secret(name) for key in ("name", "key"))
        made: dict[str, Any] = {}
        for key, value in whole.items():
            if secret and key in ("data", "stringData"):
                made[key] = self._all(value, encoded=key == "data")
            elif secret and key == "metadata":
                made[key] = self._metadata(value)
            elif names_secret(key) or (entry and key in ("value", "default")):
                made[key] = self._literal(value)
            else:
                made[key] = self.any(value)
        return made

    def _items(self, items: Sequence[Any]) -> list[Any]:
        made: list[Any] = []
        before: Any = None
        for item in items:
            flag = isinstance(before, str) and before.startswith("-") and "=" not in before
            secret = flag and names_secret(before) and isinstance(item, str) and not item.startswith("-")
            made.append(self._literal(item) if secret else self.any(item))
            before = item
        return made

    def _metadata(self, metadata: Any) -> Any:
        made = self.any(metadata)
        annotations = made.get("annotations") if isinstance(made, dict) else None
        if isinstance(annotations, dict) and LAST_APPLIED in annotations:
            annotations[LAST_APPLIED] = self._sized(metadata["annotations"][LAST_APPLIED])
        return made

    def _all(self, value: Any, *, encoded: bool) -> Any:
        if isinstance(value, Mapping):
            return {key: self._all(inner, encoded=encoded) for key, inner in value.items()}
        return None if value is None else self._sized(value, encoded=encoded)

    def _literal(self, value: Any) -> Any:
        """Mask what stands under a secret's name: a value, or several; look into objects, they may refer."""
        if isinstance(value, list | tuple):
            return [self._literal(item) for item in value]
        if isinstance(value, bool) or value in (None, ""):
            return value
        if isinstance(value, Mapping):
            return self.any(value)
        return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else self._sized(value)

    def _text(self, text: str) -> str:
        if text[:1] in ("{", "[") and (inner := self._json(text)) is not None:
            return inner
        if _KEY_BLOCK.search(text):
            return self._sized(text)
        if "\n" in text:
            if _SECRET_MANIFEST.search(text):
                return self._sized(text)
            text = self._lines(text)
        if "=" in text:
            text = _ASSIGNED.sub(self._assigned, text)
        if '"' in text:
            text = _PAIR.sub(self._pair, text)
        if "://" in text:
            text = _LOGIN.sub(lambda found: f"{found[1]}{self._mask}@", text)
        text = _BEARER.sub(lambda found: f"{found[1]} {self._sized(found[2])}", text)
        return _KNOWN.sub(lambda found: self._sized(found[0]), text)

    def _json(self, text: str) -> str | None:
        """Return a text of JSON with its secrets masked, as it was if it has none; None if it is not JSON."""
        try:
            value = json.loads(text)
            made = self.any(value)
        except ValueError:
            return None
        except RecursionError:
            return self._sized(text)
        if made == value:
            return text
        return json.dumps(made, ensure_ascii=False, separators=(",", ":"))

    def _lines(self, text: str) -> str:
        """Mask the secrets of a text that may be YAML; what is indented below one goes."""
        lines: list[str] = []
        inside: int | None = None
        for line in text.split("\n"):
            indent = len(line) - len(line.lstrip())
            if inside is not None:
                if not line.strip() or indent > inside:
                    continue
                inside = None
            found = _ENTRY.match(line)
            if found is None or not names_secret(found["key"]):
                lines.append(line)
                continue
            value = found["value"].strip()
            if value.strip("\"'").startswith(_TAKEN_FROM):
                lines.append(line)
                continue
            inside = indent
            lines.append(f"{found['lead']}{self._sized(value)}")
        return "\n".join(lines)

    def _pair(self, found: re.Match[str]) -> str:
        key, between, value = found.groups()
        if not names_secret(key) or _REFERENCE.fullmatch(value):
            return found[0]
        return f'"{key}"{between}"{self._sized(value)}"'

    def _assigned(self, found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if not names_secret(name) or value.strip("\"'").startswith(_TAKEN_FROM):
            return found[0]
        return f"{name}={self._sized(value)}"

    def _sized(self, value: Any, *, encoded: bool = False) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        size = len(text.encode("utf-8", "replace"))
        if encoded:
            with suppress(ValueError):  # not base64 after all
                size = len(base64.b64decode(text, validate=True))
        return f"{self._mask} ({size} byte{'s' * (size != 1)})"
