"""What ``status`` prints for people: a heading a stage, aligned rows, the why last.

Nothing that comes from a cluster is obeyed: control characters are made visible.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import click

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.core.snapshot import PanelState, Snapshot, StageSnapshot
from trombone_tui.core.stage import Item, Stage
from trombone_tui.core.text import UNKNOWN, clean, moment, words

_COLOURS = {
    Health.HEALTHY: "green",
    Health.PROGRESSING: "cyan",
    Health.SUSPENDED: "yellow",
    Health.MISSING: "yellow",
    Health.DEGRADED: "red",
    Health.UNKNOWN: "magenta",
}


def lines(snapshot: Snapshot, stages: Sequence[Stage], *, colour: bool) -> Iterator[str]:
    """Yield the table line by line; ``colour`` adds to what the words already say."""
    clusters = {panel.cluster for stage in snapshot.stages.values() for panel in stage.panel}
    for stage in stages:
        status = snapshot.stages[stage.name]
        yield (
            _bold(stage.name, colour)
            + "  "
            + ", ".join(_panel(p, snapshot.taken, len(clusters) > 1) for p in status.panel)
        )
        if status.items:
            yield from _rows(stage, status, snapshot.taken, several=len(clusters) > 1, colour=colour)
        yield ""
    yield _summary([snapshot.stages[stage.name] for stage in stages])


def width(text: str) -> int:
    """Count the cells a text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def _summary(stages: Sequence[StageSnapshot]) -> str:
    waiting = sum(len(stage.attention) for stage in stages)
    dark = sum(any(panel.state is not State.LIVE for panel in stage.panel) for stage in stages)
    if waiting:
        words = f"{waiting} {'needs' if waiting == 1 else 'need'} a human"
    else:
        words = f"nothing{' that can be seen' if dark else ''} needs a human"
    return f"{words}; {dark} of {len(stages)} stages are not seen in full" if dark else words


def _panel(panel: PanelState, taken: datetime, several: bool) -> str:
    words = f"{clean(panel.cluster)}: {panel.state}" if several else str(panel.state)
    if panel.state is State.STALE and panel.since:
        words += f" since {moment(panel.since, taken)}"
    return f"{words} ({clean(panel.reason)})" if panel.reason else words


def _rows(
    stage: Stage, status: StageSnapshot, taken: datetime, *, several: bool, colour: bool
) -> Iterator[str]:
    middle = [c for c in stage.columns if c.key not in ("cluster", "namespace", "name", "health", "why")]
    titles = ["", "HEALTH", "CLUSTER", "NAMESPACE", "NAME", *(c.title.upper() for c in middle), "WHY"]
    items = [status.items[ref] for ref in sorted(status.items)]
    body = [
        [
            "!" if item.ref in status.attention else "",
            str(item.health),
            clean(item.ref.cluster),
            clean(item.ref.namespace) or UNKNOWN,
            clean(item.ref.name + (f" [{item.ref.part}]" if item.ref.part else "")),
            *(clean(words(c.key, item.value(c.key), taken)) for c in middle),
            clean(item.why),
        ]
        for item in items
    ]
    if not several:
        for row in (titles, *body):
            del row[2]
    widths = [max(map(width, column)) for column in zip(titles, *body, strict=True)]
    yield _bold(_align(titles, widths), colour)
    for item, row in zip(items, body, strict=True):
        line = _align(row, widths)
        yield _coloured(line, item, colour)


def _align(row: Iterable[str], widths: Sequence[int]) -> str:
    padded = [text + " " * (cells - width(text)) for text, cells in zip(row, widths, strict=True)]
    return "  ".join(padded).rstrip()


def _bold(text: str, colour: bool) -> str:
    return click.style(text, bold=True) if colour else text


def _coloured(line: str, item: Item, colour: bool) -> str:
    if not colour:
        return line
    word = str(item.health)
    return line.replace(word, click.style(word, fg=_COLOURS[item.health]), 1)
