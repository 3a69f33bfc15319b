"""Constraints on versions, as Argo CD Image Updater understands them: ``~1.4``, ``>=1.2 <2 || 3.x-0``.

Rules: ``semver@v3.4.0:constraints.go`` of Masterminds, with which it is built, oddities included (``^*`` is
``0.0.0`` alone, ``>1`` begins at ``2``). No Python library keeps to them: decision 0019.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from trombone_tui.core.objects.versions import IDENTIFIERS, Version

LONGEST = 256
"""Characters of a constraint that is read; a tag has at most 128."""
_SPACE = r"[\t\n\f\r ]"
_NUMBER = r"[0-9|xX*]+"
_PATTERN = rf"v?{_NUMBER}(?:\.{_NUMBER})?(?:\.{_NUMBER})?(?:-{IDENTIFIERS})?(?:\+{IDENTIFIERS})?"
_PARTS = re.compile(
    rf"v?(?P<major>{_NUMBER})(?:\.(?P<minor>{_NUMBER}))?(?:\.(?P<patch>{_NUMBER}))?"
    rf"(?P<pre>-{IDENTIFIERS})?(?:\+{IDENTIFIERS})?"
)
_RANGE = re.compile(rf" ?({_PATTERN}) - ({_PATTERN}) ?")
_TERM = re.compile(rf"(!=|>=|=>|<=|=<|~>|[=><~^]?) ?({_PATTERN})")
_SEPARATOR = re.compile(r" ?, ?| ")
_ANY = frozenset("xX*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """One comparison; ``open`` are the numbers that are not fixed, from which one on."""

    operator: str
    version: Version
    major_open: bool = False
    minor_open: bool = False
    """The minor number and what follows, while the major one is given."""
    patch_open: bool = False
    """The patch number alone."""

    @property
    def loose(self) -> bool:
        return self.major_open or self.minor_open or self.patch_open

    def fits(self, version: Version) -> bool:
        return _OPERATORS[self.operator](version, self)


@dataclass(frozen=True, slots=True)
class Constraint:
    """Alternatives, each of comparisons that must all hold."""

    alternatives: tuple[tuple[_Term, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a constraint; None when it is none. An empty one asks for any release, as ``*`` does."""
        if len(text) > LONGEST:
            return None
        plain = _RANGE.sub(r">=\1, <=\2 ", re.sub(f"{_SPACE}+", " ", text or "*"))
        made = [_alternative(part.strip(" ")) for part in plain.split("||")]
        return None if None in made else cls(tuple(one for one in made if one is not None))

    def fits(self, version: Version) -> bool:
        """Say whether a version fits; a prerelease only where a comparison beside it names one."""
        return any(
            all(term.fits(version) for term in terms)
            for terms in self.alternatives
            if not version.prerelease or _names_prerelease(terms)
        )

    @property
    def takes_prereleases(self) -> bool:
        """Whether any prerelease can fit."""
        return any(map(_names_prerelease, self.alternatives))


def _names_prerelease(terms: tuple[_Term, ...]) -> bool:
    return any(term.version.prerelease for term in terms)


def _alternative(text: str) -> tuple[_Term, ...] | None:
    """Read comparisons separated by commas or blanks."""
    terms: list[_Term] = []
    at = 0
    while True:
        found = _TERM.match(text, at)
        term = _term(found[1], found[2]) if found else None
        if found is None or term is None:
            return None
        terms.append(term)
        if found.end() == len(text):
            return tuple(terms)
        between = _SEPARATOR.match(text, found.end())
        if between is None:
            return None
        at = between.end()


def _term(operator: str, written: str) -> _Term | None:
    found = _PARTS.fullmatch(written)
    assert found is not None  # it is the same pattern with its parts named
    major, minor, patch, pre = found["major"], found["minor"], found["patch"], found["pre"] or ""
    major_open = major in _ANY
    minor_open = not major_open and (minor is None or minor in _ANY)
    patch_open = not major_open and not minor_open and (patch is None or patch in _ANY)
    if major_open:
        plain = f"0.0.0{pre}"
    elif minor_open:
        plain = f"{major}.0.0{pre}"
    else:
        plain = f"{major}.{minor}.{0 if patch_open else patch}{pre}"
    version = Version.parse(plain)
    if version is None:
        return None
    return _Term(
        operator=operator,
        version=version,
        major_open=major_open,
        minor_open=minor_open,
        patch_open=patch_open,
    )


def _equal(version: Version, term: _Term) -> bool:
    return _tilde(version, term) if term.loose else version.order == term.version.order


def _unequal(version: Version, term: _Term) -> bool:
    wanted = term.version
    if term.loose and version.major != wanted.major:
        return True
    if term.minor_open:
        return False
    if term.patch_open:
        return version.minor != wanted.minor or version.prerelease != wanted.prerelease
    return version.order != wanted.order


def _above(version: Version, term: _Term) -> bool:
    wanted = term.version
    if term.minor_open:
        return version.major > wanted.major
    if term.patch_open:
        return (version.major, version.minor) > (wanted.major, wanted.minor)
    return version.order > wanted.order


def _below(version: Version, term: _Term) -> bool:
    return version.order < term.version.order


def _at_least(version: Version, term: _Term) -> bool:
    return version.order >= term.version.order


def _at_most(version: Version, term: _Term) -> bool:
    wanted = term.version
    if not term.loose:
        return version.order <= wanted.order
    if version.major != wanted.major:
        return version.major < wanted.major
    return term.minor_open or version.minor <= wanted.minor


def _tilde(version: Version, term: _Term) -> bool:
    wanted = term.version
    if _below(version, term):
        return False
    zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0)
    if zero and not term.minor_open and not term.patch_open:
        return True
    return version.major == wanted.major and (term.minor_open or version.minor == wanted.minor)


def _caret(version: Version, term: _Term) -> bool:
    wanted = term.version
    if _below(version, term) or version.major != wanted.major:
        return False
    if wanted.major > 0 or term.minor_open:
        return True
    if wanted.minor > 0 or term.patch_open:
        return version.minor == wanted.minor
    return version.minor == 0 and version.patch == wanted.patch


_OPERATORS: Mapping[str, Callable[[Version, _Term], bool]] = {
    "": _equal,
    "=": _equal,
    "!=": _unequal,
    ">": _above,
    "<": _below,
    ">=": _at_least,
    "=>": _at_least,
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}
