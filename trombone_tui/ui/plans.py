"""Acts written down: what they would change, their warnings, and the exact requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from trombone_tui.core.masking import masked
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.ports import PortError, State
from trombone_tui.core.verbs import Act
from trombone_tui.core.writes import Write
from trombone_tui.ui.cells import Cell, Text, broken
from trombone_tui.ui.choices import place_of
from trombone_tui.ui.given import written
from trombone_tui.ui.sheet import pairs, rule
from trombone_tui.ui.theme import Glyphs


def plan_lines(act: Act, width: int, glyphs: Glyphs) -> list[Text]:
    """Write what an act does to what, what else it brings about, and what it takes."""
    plan, ref = act.plan, act.ref
    rows = [("target", Cell(f"{ref.kind} {place_of(ref)}", ("strong",))), ("cluster", Cell(ref.cluster))]
    if ref.namespace:
        rows.append(("namespace", Cell(ref.namespace)))
    if act.given:
        rows.append(("options", Cell(written(act.given))))
    rows += _effect(act, glyphs)
    if plan.command:
        rows.append(("same as", Cell(plan.command, ("dim",))))
    return pairs(rows, width)


def several_lines(acts: Sequence[Act], width: int, glyphs: Glyphs) -> list[Text]:
    """Write what several acts do, one after the other."""
    lines: list[Text] = []
    for act in acts:
        lines += [[]] if lines else []
        lines += pairs([("target", Cell(str(act.ref), ("strong",))), *_effect(act, glyphs)], width)
    return lines


def trouble_lines(ref: Ref, error: PortError, width: int, glyphs: Glyphs) -> list[Text]:
    """Write why nothing can be done to an item, and what to do about it."""
    sign = glyphs.state[State.DENIED]
    rows = [("target", Cell(str(ref), ("strong",))), ("refused", Cell(f"{sign} {error}", ("bad",)))]
    if error.advice:
        rows.append(("what to do", Cell(error.advice)))
    return pairs(rows, width)


def request_lines(acts: Iterable[Act], width: int, glyphs: Glyphs) -> list[Text]:
    """Write the requests as they would be sent, without secrets."""
    lines: list[Text] = [[], rule("Requests", width, glyphs)]
    for act in acts:
        for number, write in enumerate(act.plan.writes, 1):
            lines += _request(f"{number}", write, width, glyphs)
            if write.instead is not None:
                lines += _request("if 404", write.instead, width, glyphs)
    return lines


def rehearsal_lines(said: Sequence[str], width: int, glyphs: Glyphs) -> list[Text]:
    """Write what the API server says would change."""
    lines: list[Text] = [[], rule("Dry run: the API server would change", width, glyphs)]
    return lines + [[Cell(part)] for text in said or ("nothing",) for part in broken(text, width)]


def _effect(act: Act, glyphs: Glyphs) -> list[tuple[str, Cell]]:
    plan = act.plan
    sign = glyphs.health[Health.SUSPENDED]
    rows = [("before", Cell(plan.before))]
    if plan.noop:
        rows.append(("nothing to do", Cell(plan.noop, ("strong",))))
    else:
        rows.append(("after", Cell(plan.after, ("strong",))))
    rows += [("mind", Cell(f"{glyphs.attention} {warning}", ("held",))) for warning in plan.warnings]
    rows += [("missing", Cell(f"{sign} you may not {right}", ("bad",))) for right in act.missing]
    return rows


def _request(number: str, write: Write, width: int, glyphs: Glyphs) -> list[Text]:
    title = f" ({write.title})" if write.title else ""
    after = f", {write.after:g} s after the one before" if write.after else ""
    lines: list[Text] = [
        [Cell(part, ("strong",))] for part in broken(f"{number} {write.where}{title}{after}", width)
    ]
    if write.body is None:
        return lines
    headers = write.call.shown(glyphs.mask) if write.call else {"Content-Type": write.media}
    told = [f"{name}: {value}" for name, value in headers.items()]
    lines += [[Cell(part, ("dim",))] for text in told for part in broken(text, width)]
    body = json.dumps(masked(write.body, glyphs.mask), indent=2, ensure_ascii=False, default=str)
    return lines + [[Cell(part)] for line in body.splitlines() for part in _kept(line, width)]


def _kept(line: str, width: int) -> Sequence[str]:
    """Break a line of JSON with its indent kept."""
    bare = line.lstrip(" ")
    indent = " " * min(len(line) - len(bare), width // 2)
    return [indent + part for part in broken(bare, max(8, width - len(indent)))]
