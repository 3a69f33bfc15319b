"""What ``{{args.name}}`` stands for, without ever showing what a Secret holds.

The controller writes the resolved query into the run, Secrets' values and all; so it is not read, and the
query is resolved here from what is written down (``argo-rollouts@v1.9.1:utils/analysis/factory.go``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.argo_rollouts import Argument
from trombone_tui.core.stage import Fact

_PLACE = re.compile(r"\{\{\s*args\.([^\s{}]+)\s*\}\}")
_SECRET_NAME = re.compile(r"pass|token|secret|api-?key|auth|credential", re.IGNORECASE)


def resolved(text: str, arguments: Sequence[Argument]) -> str:
    """Put in what is written down; what comes from elsewhere stays as it is."""
    known = {one.name: one.value for one in arguments if one.value is not None and not _hidden(one)}
    return _PLACE.sub(lambda found: known.get(found[1]) or found[0], text)


def argument_facts(arguments: Sequence[Argument]) -> Iterator[Fact]:
    """Name each argument and its value, or where it comes from."""
    for one in arguments:
        yield Fact(one.name or "?", _value(one))


def _value(one: Argument) -> str | None:
    if one.value is not None:
        return f"not shown, {len(one.value)} characters" if _hidden(one) else one.value
    source = one.value_from
    if source is not None and source.secret_key_ref is not None:
        return f"from Secret {source.secret_key_ref.name}, key {source.secret_key_ref.key}; not shown"
    if source is not None and source.field_ref is not None:
        return f"from the Rollout's field {source.field_ref.field_path}"
    return None


def _hidden(one: Argument) -> bool:
    return bool(_SECRET_NAME.search(one.name or ""))
