"""Which steps are the unit test, the docker build and the push, where their names say so beyond doubt.

A name is taken apart into words; every word of it has to belong to the one thing it is taken for, so
``integration-test``, ``build-push``, ``git-push`` and ``test`` alone stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

STEP = "trombone.dev/step"
"""Label in a template's ``metadata`` that says it outright; only these three names are taken from it."""
UNIT_TEST, DOCKER_BUILD, PUSH = "unit test", "docker build", "push"
_NAMES = {"unit-test": UNIT_TEST, "docker-build": DOCKER_BUILD, "push": PUSH}

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_ITEM = re.compile(r"\(\d+(?::.*)?\)$", re.DOTALL)
_PLAIN = frozenset({"run", "the", "step", "task", "job", "template", "do"})
_TEST = frozenset({"test", "tests", "unit", "units", "unittest", "unittests"})
_IMAGE = frozenset({"docker", "image", "images", "container", "oci", "dockerfile"})
_LONGEST = 100


def known_as(title: str, template: str = "", labels: Mapping[str, str] | None = None) -> str:
    """Return ``unit test``, ``docker build`` or ``push``; empty where that is not beyond doubt.

    Args:
        title: The step's own name.
        template: The name of the template that it runs.
        labels: The template's labels; ``trombone.dev/step`` decides alone.
    """
    if labels and STEP in labels:
        return _NAMES.get(labels[STEP], "")
    found = {name for name in (_named(title), _named(template)) if name}
    return found.pop() if len(found) == 1 else ""


def told(title: str, template: str = "", labels: Mapping[str, str] | None = None) -> str:
    """Write a step's name as people see it: what it is known as, and its own name where that is another."""
    known = known_as(title, template, labels)
    return title if known in ("", title) else f"{known} ({title})"


def plainly(title: str, template: str = "") -> str:
    """Write a step's name for a sentence: its own beside it only where more than the spelling differs."""
    known = known_as(title, template)
    return known if known and known == " ".join(_WORD.findall(title)).lower() else told(title, template)


@lru_cache(maxsize=4096)
def _named(name: str) -> str:
    if not name or len(name) > _LONGEST:
        return ""
    words = {word.lower() for word in _WORD.findall(_ITEM.sub("", name)) if not word.isdigit()} - _PLAIN
    if words <= _TEST and (
        words & {"unittest", "unittests"} or (words & {"unit", "units"} and len(words) > 1)
    ):
        return UNIT_TEST
    if "build" in words and words & _IMAGE and words <= _IMAGE | {"build"}:
        return DOCKER_BUILD
    if "push" in words and words <= _IMAGE | {"push", "to", "registry"}:
        return PUSH
    return ""
