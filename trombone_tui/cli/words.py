"""The words of a verb's command: which verb is meant, which object, and with which options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Refused
from trombone_tui.core.snapshot import Snapshot
from trombone_tui.core.stage import Stage
from trombone_tui.core.verbs import Option, Sort, Verb


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the words say: one of these verbs, on an object of this name, with these options."""

    verbs: tuple[Verb, ...]
    name: str
    part: str
    given: Mapping[str, Any]


def verbs_by_name(stages: Iterable[Stage]) -> dict[str, tuple[Verb, ...]]:
    """Return the verbs of all stages by what they are called; one name may stand for several kinds."""
    found: dict[str, tuple[Verb, ...]] = {}
    for stage in stages:
        for verb in stage.verbs:
            found[verb.name] = (*found.get(verb.name, ()), verb)
    return found


def options_of(verbs: Iterable[Verb]) -> list[Option]:
    """Return the options that any of these verbs has, each once."""
    return list({option.name: option for verb in verbs for option in verb.options}.values())


def usage(verbs: Sequence[Verb]) -> str:
    """Say what follows a verb: ``[rollout|workflow] NAME CONTAINER=IMAGE``."""
    nouns = [one.noun for one in verbs if one.noun and one.noun not in _kinds(verbs)]
    kinds = [one.kind.name.lower() for one in verbs]
    lead = nouns[0] if nouns else f"[{'|'.join(kinds)}]" if len(kinds) > 1 else ""
    values = [o.name.upper() for o in options_of(verbs) if o.sort is not Sort.FLAG and o.required]
    return " ".join(filter(None, [lead, "NAME", *values]))


def read_words(verbs: Sequence[Verb], words: Sequence[str], given: Mapping[str, Any]) -> Wanted:
    """Read ``[KIND] NAME[/PART] [VALUE ...]`` or ``KIND/NAME``; values fill the options that want one.

    Raises:
        Refused: a word is missing or has no meaning.
    """
    name, rest = verbs[0].name, list(words)
    if rest and (meant := [one for one in verbs if rest[0].lower() in _called(one)]) and len(rest) > 1:
        verbs, rest = meant, rest[1:]
    elif any(_named_after(one) for one in verbs):
        raise Refused(f"{name} of what? {_example(verbs)}")
    if not rest:
        raise Refused(f"{name} needs a name", advice=f"for example: {_example(verbs)}")
    target = rest.pop(0)
    before, slash, after = target.partition("/")
    if slash and (meant := [one for one in verbs if before.lower() in _called(one)]):
        verbs, target = meant, after
    target, _, part = target.partition("/")
    return Wanted(tuple(verbs), target, part, _filled(verbs, rest, given))


def _filled(verbs: Sequence[Verb], values: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values without a flag to the options that want one, required ones first."""
    known = {option.name for option in options_of(verbs)}
    filled = {name: value for name, value in given.items() if name != "namespace" or name in known}
    left = list(values)
    wanting = [o for o in options_of(verbs) if o.sort is not Sort.FLAG and o.name not in filled]
    for option in sorted(wanting, key=lambda option: not option.required):
        if not left:
            break
        if option.several:
            filled[option.name], left = tuple(left), []
        else:
            filled[option.name] = left.pop(0)
    if left:
        raise Refused(f"{verbs[0].name} has no use for {left[0]}", advice=_example(verbs))
    return {name: _sorted(verbs, name, value) for name, value in filled.items()}


def _sorted(verbs: Sequence[Verb], name: str, value: Any) -> Any:
    option = next((one for one in options_of(verbs) if one.name == name), None)
    if option is None:
        raise Refused(f"{verbs[0].name} {verbs[0].kind.name.lower()} has no option --{name}")
    if option.sort is not Sort.NUMBER or isinstance(value, int):
        return value
    if not str(value).isdecimal():
        raise Refused(f"--{name} is a number, and {value} is none")
    return int(value)


def found(snapshot: Snapshot, wanted: Wanted, stages: Sequence[Stage]) -> Iterator[tuple[Verb, Ref]]:
    """Yield the objects that may be meant, each with its verb; one of several rows once, if it may be."""
    for verb in wanted.verbs:
        stage = next(one for one in stages if verb in one.verbs)
        rows = [
            ref
            for ref in snapshot.stages[stage.name].items
            if (ref.kind, ref.name) == (verb.kind.name, wanted.name) and wanted.part in ("", ref.part)
        ]
        seen: set[tuple[str, ...]] = set()
        for ref in sorted(rows):
            place = (ref.cluster, ref.namespace, ref.part if verb.of_part else "")
            if place not in seen:
                seen.add(place)
                yield verb, ref


def _kinds(verbs: Iterable[Verb]) -> set[str]:
    return {one.kind.name.lower() for one in verbs}


def _called(verb: Verb) -> set[str]:
    """Return what an object of a verb may be called by before its name."""
    kind = verb.kind.name.lower()
    return {verb.noun} if _named_after(verb) else {kind, verb.kind.plural, verb.noun or kind}


def _named_after(verb: Verb) -> bool:
    """Say whether the verb is only whole with its noun: ``set image``."""
    return bool(verb.noun) and verb.noun != verb.kind.name.lower()


def _example(verbs: Sequence[Verb]) -> str:
    return f"trombone-tui {verbs[0].name} {usage(verbs)} -n NAMESPACE"
