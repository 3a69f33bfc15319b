"""Help for the screen one comes from: its keys as they are bound now, its stages, its glyphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import ActiveBinding

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.core.stage import Stage
from trombone_tui.ui.cells import Cell, Text
from trombone_tui.ui.choices import called
from trombone_tui.ui.desk import Desk
from trombone_tui.ui.keyboard import written
from trombone_tui.ui.page import Reading
from trombone_tui.ui.sheet import pairs, rule
from trombone_tui.ui.theme import HEALTH_MARK, STATE_MARK, STATE_WORD
from trombone_tui.ui.view import View

_HEALTH = {
    "Healthy": "as it should be",
    "Progressing": "on its way",
    "Degraded": "broken: somebody has to look",
    "Suspended": "held until somebody or something lets it go on",
    "Missing": "should be there and is not",
    "Unknown": "can't be told",
}


_STATE = {
    State.LIVE: "of a stage: what is shown is as it is now",
    State.CONNECTING: "of a stage: asked for, not all heard yet",
    State.STALE: "of a stage: nothing is heard of it since then, so it may be out of date",
    State.DENIED: "of a stage: you may not see it; also beside what can't be done, with the reason",
    State.NOT_INSTALLED: "of a stage: the cluster does not have it",
    State.UNREACHABLE: "of a stage: the API server does not answer",
}


class HelpView(Reading):
    """What can be done on a screen, and what its signs mean."""

    def __init__(self, view: View) -> None:
        super().__init__(view.desk)
        self._of = view.about
        self._stages = [view.subject] if view.subject else view.desk.stages
        self._signs = view.signs
        self._bindings_there = _keys(view.active_bindings, view.desk)

    def update(self) -> None:
        """Say what is to be said; snapshots change nothing of it."""
        self.title_line.say([Cell(" Help ", ("strong",)), Cell(f"for {self._of} ", ("dim",))])
        self.sheet.say(self._write)

    def _write(self, width: int) -> list[Text]:
        glyphs = self.desk.glyphs
        lines: list[Text] = [[], rule("Keys", width, glyphs)]
        lines += pairs([(keys, Cell(text)) for text, keys in self._bindings_there.items()], width)
        if self._signs:
            return [*lines, [], rule("Signs", width, glyphs), *pairs(self._signs, width)]
        if verbs := _verbs(self._stages, self.desk):
            actions = self.desk.keyboard.key("view.actions", "a")
            lines += [[], rule(f"Verbs ({actions} shows them)", width, glyphs), *pairs(verbs, width)]
        lines += [[], rule("Stages", width, glyphs)]
        lines += pairs([(stage.title, Cell(stage.about)) for stage in self._stages], width)
        lines += [[], rule("Signs", width, glyphs)]
        signs = [
            (f"{glyphs.health[health]} {health}", Cell(_HEALTH[health], (mark,)))
            for health, mark in HEALTH_MARK.items()
        ]
        signs += [
            (f"{glyphs.state[state]} {STATE_WORD[state]}", Cell(_STATE[state], (mark,)))
            for state, mark in STATE_MARK.items()
        ]
        signs += [
            (f"{glyphs.attention} needs you", Cell("a human has to look at this now", ("held",))),
            (f"{glyphs.picked} marked", Cell("verbs are for all rows that are marked", ("accent",))),
            (glyphs.none, Cell("a service has nothing in this stage", ("dim",))),
            (f"{glyphs.none}?", Cell("nothing is seen of it, for not all may be seen", ("dim",))),
            (
                glyphs.mark_stale(glyphs.health[Health.HEALTHY]),
                Cell("this may be out of date", ("held",)),
            ),
        ]
        return lines + pairs(signs, width)


def _verbs(stages: Iterable[Stage], desk: Desk) -> list[tuple[str, Cell]]:
    """Name what can be done to the items of stages, each with its key if it has one."""
    return [
        (f"{called(verb)} {desk.key_of(verb)}".strip(), Cell(f"{verb.kind.name}: {verb.about}"))
        for stage in stages
        for verb in stage.verbs
    ]


def _keys(bindings: Mapping[str, ActiveBinding], desk: Desk) -> dict[str, str]:
    """Return the keys that work, by what they do; what does nothing here, or is not ours, is left out."""
    keys: dict[str, str] = {}
    for key, active in bindings.items():
        binding = active.binding
        if not binding.id or not active.enabled:
            continue
        name = written(key)
        text = binding.tooltip or binding.description
        if binding.action.startswith("app.stage("):
            keys[text] = desk.keyboard.stages(len(desk.stages))
            continue
        keys[text] = f"{keys[text]} {name}" if text in keys else name
    return keys
