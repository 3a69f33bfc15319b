"""Options as they are typed, and as a verb is given them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Given, Option, Sort, Verb


def typed(option: Option, text: str) -> Any:
    """Return what a typed text means; several values are divided by blanks, quotes keep them together.

    Raises:
        Refused: it is no number, or its quotes don't close.
    """
    words = split(text) if option.several else [text.strip()]
    values = tuple(_value(option, word) for word in words)
    return values if option.several else values[0]


def split(text: str) -> list[str]:
    """Divide a line into words as a shell does.

    Raises:
        Refused: a quote is not closed.
    """
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Refused("a quote is not closed") from error


def written(given: Given) -> str:
    """Write options as on a command line: ``--to-revision 3 --full``."""
    parts: list[str] = []
    for name, value in given.items():
        for one in value if isinstance(value, tuple) else (value,):
            parts += [f"--{name}"] if one is True else [f"--{name}", shlex.quote(str(one))]
    return " ".join(parts)


def read(verb: Verb, words: Sequence[str]) -> Mapping[str, Any]:
    """Read ``--full --to-revision=3``; a word without a flag fills the first option that wants one.

    Raises:
        Refused: a word means nothing to the verb, or a value is missing.
    """
    given: dict[str, Any] = {}
    left = iter(words)
    for word in left:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            option, value = _wanting(verb, given, word), word
        else:
            found = verb.option(name)
            if found is None:
                raise Refused(f"{verb.name} has no option --{name}", advice=_has(verb))
            option = found
            if option.sort is not Sort.FLAG and not equals:
                value = next(left, "")
        _give(given, option, value, equals)
    return given


def missing(verb: Verb, given: Given) -> Option | None:
    """Return an option that must be given and is not."""
    return next((o for o in verb.options if o.required and given.get(o.name) in (None, "", ())), None)


def _give(given: dict[str, Any], option: Option, value: str, equals: str) -> None:
    if option.sort is Sort.FLAG:
        if equals and value not in ("true", "false"):
            raise Refused(f"--{option.name} is either there or not; it takes no value")
        given[option.name] = value != "false"
    elif not value:
        raise Refused(f"--{option.name} needs a value: {option.about}")
    elif option.several:
        given[option.name] = (*given.get(option.name, ()), _value(option, value))
    else:
        given[option.name] = _value(option, value)


def _value(option: Option, word: str) -> Any:
    if option.sort is not Sort.NUMBER:
        return word
    if not (word.isascii() and word.isdecimal()):
        raise Refused(f"--{option.name} is a number, and {word or 'nothing'} is none")
    return int(word)


def _wanting(verb: Verb, given: Given, word: str) -> Option:
    wanting = [o for o in verb.options if o.sort is not Sort.FLAG and (o.several or o.name not in given)]
    for option in sorted(wanting, key=lambda option: not option.required):
        return option
    raise Refused(f"{verb.name} has no use for {word}", advice=_has(verb))


def _has(verb: Verb) -> str:
    return f"it has {_names(verb.options)}" if verb.options else "it has no options"


def _names(options: Iterable[Option]) -> str:
    return ", ".join(f"--{option.name}" for option in options)
