"""Which tag Argo CD Image Updater would pick, and the rule that refuses every other.

As Image Updater 1.3 does it; before, ``semver`` without a constraint took prereleases too (its pull request
1758). Order of the rules: ``argocd-image-updater@v1.3.0:registry-scanner/pkg``, there GetTags in
``registry/registry.go``, then GetNewestVersionFromTags in ``image/version.go``, and ``image/options.go``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from trombone_tui.core.objects.constraints import Constraint
from trombone_tui.core.objects.expressions import Expression
from trombone_tui.core.objects.globs import exact, matched
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.versions import Version

_NUMBERS = re.compile(r"([0-9]+)")
_SHOWN = 40
"""Characters of a rule that are repeated in a sentence."""


class Strategy(StrEnum):
    """What makes one tag better than another."""

    SEMVER = "semver"
    NEWEST = "newest-build"
    ALPHABETICAL = "alphabetical"
    DIGEST = "digest"


_FORMER = {"latest": Strategy.NEWEST, "name": Strategy.ALPHABETICAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is asked of a tag."""

    written: str = ""
    """The strategy as it is written."""
    constraint: str = ""
    """What a version must fit, or the tag whose digest is followed."""
    allow: str = ""
    """``any`` or ``regexp:<expression>``; empty allows any."""
    ignore: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    """``os/arch[/variant]``; empty is the platform of the updater's own pod, which is not known here."""

    @property
    def strategy(self) -> Strategy:
        """The strategy that is followed; one that is not known is semver."""
        name = self.written.lower()
        return _FORMER.get(name) or next((one for one in Strategy if one == name), Strategy.SEMVER)

    @property
    def unknown(self) -> bool:
        """Whether the strategy is not known, so that semver counts instead."""
        name = self.written.lower()
        return bool(name) and name not in _FORMER and name not in tuple(Strategy)

    @property
    def broken(self) -> str:
        """Why it can never pick anything, in words; empty when it can."""
        short = shortened(self.constraint, _SHOWN)
        if self.strategy is Strategy.DIGEST and not self.constraint:
            return "digest is followed but no tag is named, so nothing is picked"
        if self.strategy is Strategy.SEMVER and Constraint.parse(self.constraint) is None:
            return f"{short} is no constraint on versions, so nothing is picked"
        if _allowing(self.allow) is None:
            return f"allow-tags {shortened(self.allow, _SHOWN)} can't be read, so no tag is allowed"
        return ""

    @property
    def effect(self) -> tuple[object, ...]:
        """What two rules are compared by: equal ones always pick the same tag."""
        constrained = self.strategy in (Strategy.SEMVER, Strategy.DIGEST)
        allow = "" if self.allow.lower() == "any" else self.allow
        return (self.strategy, self.constraint if constrained else "", allow, frozenset(self.ignore))

    @property
    def held(self) -> tuple[str, ...]:
        """The tags that are ignored by their whole names, as ``hold`` does it."""
        return tuple(one for one in self.ignore if one and exact(one) and "\\" not in one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Of all tags the one that would be picked, and what refuses the others."""

    picked: str | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    """The best first, each with the rule in words."""
    open: tuple[str, ...] = ()
    """Tags that pass every rule, but it is not known when they were built: one of them may be the best."""


def sift(rule: Rule, tags: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """Return the tags that pass every rule, and what refuses the others; both with the best first.

    Of newest-build only the registry knows which is best; these are in the order of their numbers.
    """
    refuse = _refusing(rule)
    kept: list[str] = []
    refused: dict[str, str] = {}
    for tag in sorted(set(tags), key=_rank(rule.strategy), reverse=True):
        words = refuse(tag)
        if words:
            refused[tag] = words
        else:
            kept.append(tag)
    return kept, refused


def refusal(rule: Rule, tag: str) -> str:
    """Say which rule refuses a tag, apart from better ones; empty when none does."""
    return _refusing(rule)(tag)


def choose(
    rule: Rule,
    tags: Iterable[str],
    built: Mapping[str, datetime | None] | None = None,
    asked: Collection[str] | None = None,
) -> Choice:
    """Pick a tag.

    Args:
        rule: What is asked of it.
        tags: All that the registry has.
        built: When those that were asked about were built; None while nothing is known. Needed by
            newest-build alone.
        asked: Of which tags that was asked; all when None.
    """
    kept, refused = sift(rule, tags)
    if rule.strategy is not Strategy.NEWEST:
        return _best(kept, refused, rule.strategy)
    if built is None:
        return Choice(refused=refused, open=tuple(kept))
    unasked = tuple(tag for tag in kept if asked is not None and tag not in asked)
    return _newest([tag for tag in kept if tag not in unasked], refused, built, unasked)


def _newest(
    kept: Sequence[str],
    refused: Mapping[str, str],
    built: Mapping[str, datetime | None],
    unasked: tuple[str, ...],
) -> Choice:
    dated = sorted(((moment, tag) for tag in kept if (moment := built.get(tag)) is not None), reverse=True)
    undated = {
        tag: "its image says no time of its build, so it is left out"
        if tag in built
        else "the registry does not have it any more, or not for the platform asked for"
        for tag in kept
        if built.get(tag) is None
    }
    if not dated:
        return Choice(refused={**undated, **refused}, open=unasked)
    last, picked = dated[0]
    same = f"built at the same time as {picked}, and before it by its letters"
    older = {tag: same if moment == last else f"built before {picked}" for moment, tag in dated[1:]}
    return Choice(picked=picked, refused={**older, **undated, **refused}, open=unasked)


def _best(kept: Sequence[str], refused: Mapping[str, str], strategy: Strategy) -> Choice:
    if not kept:
        return Choice(refused=refused)
    picked, *others = kept
    return Choice(
        picked=picked, refused={**{tag: _worse(tag, picked, strategy) for tag in others}, **refused}
    )


def _worse(tag: str, picked: str, strategy: Strategy) -> str:
    if strategy is Strategy.ALPHABETICAL:
        return f"before {picked} by its letters"
    one, other = Version.parse(tag), Version.parse(picked)
    if one is not None and other is not None and one.order == other.order:
        return f"the same version as {picked}, and before it by its letters"
    return f"older than {picked}"


def _refusing(rule: Rule) -> Callable[[str], str]:
    """Return what says which rule refuses a tag, the first one that does."""
    allow, strategy = _allowing(rule.allow), rule.strategy
    constraint = Constraint.parse(rule.constraint) if strategy is Strategy.SEMVER else None
    shown = shortened(rule.allow.partition(":")[2] or rule.allow, _SHOWN)

    def refuse(tag: str) -> str:
        if allow is None:
            return f"allow-tags {shown} can't be read, so no tag is allowed"
        if not allow(tag):
            return f"not matched by allow-tags {shown}"
        if (pattern := matched(rule.ignore, tag)) is not None:
            return _ignored(pattern, tag)
        if strategy is Strategy.DIGEST:
            if not rule.constraint:
                return "no tag is named whose digest is followed"
            return "" if tag == rule.constraint else f"not {rule.constraint}, whose digest is followed"
        return _unversioned(tag, constraint, rule.constraint) if strategy is Strategy.SEMVER else ""

    return refuse


def _ignored(pattern: str, tag: str) -> str:
    if pattern == tag:
        return "held: ignored by its name until release"
    return f"ignored by pattern {shortened(pattern, _SHOWN)}"


def _unversioned(tag: str, constraint: Constraint | None, written: str) -> str:
    version, short = Version.parse(tag), shortened(written, _SHOWN)
    if version is None:
        return "not a semantic version"
    if constraint is None:
        return f"{short} is no constraint on versions, so nothing is picked"
    if constraint.fits(version):
        return ""
    if version.prerelease and not constraint.takes_prereleases:
        names_none = (
            f"the constraint {short} names none"
            if written
            else "no constraint names one (Image Updater before 1.3 takes it)"
        )
        return f"a prerelease, and {names_none}"
    return f"outside {short}"


def _allowing(written: str) -> Callable[[str], bool] | None:
    """Read ``allowTags``; None when it can't be read, so that it allows nothing."""
    if not written or written.lower() == "any":
        return lambda _: True
    how, colon, text = written.partition(":")
    expression = Expression.parse(text) if colon and how.lower() == "regexp" else None
    return expression.found_in if expression is not None else None


def _rank(strategy: Strategy) -> Callable[[str], tuple[object, ...]]:
    """Return what tags are ordered by, the best last."""
    if strategy is Strategy.ALPHABETICAL:
        return lambda tag: (tag,)
    return _by_version if strategy is Strategy.SEMVER else lambda tag: (by_number(tag),)


def _by_version(tag: str) -> tuple[object, ...]:
    version = Version.parse(tag)
    return (True, version.order, tag) if version is not None else (False, by_number(tag), tag)


def by_number(tag: str) -> list[tuple[int, str]]:
    """Order texts by the numbers in them: 1.0.9 before 1.0.10."""
    parts = _NUMBERS.split(tag)
    return [(len(part.lstrip("0")) if odd % 2 else 0, part) for odd, part in enumerate(parts)]
