"""Help tells the truth about the screen it was asked from."""

from __future__ import annotations

from typing import Any

import pytest
from feeds import STAGES, morning
from screens import lines, text

from trombone_tui.ui.help import HelpView


def sheet_text(app: Any) -> str:
    return "\n".join("".join(cell.text for cell in line) for line in app.screen.sheet.lines)


@pytest.mark.parametrize("keys", [[], ["2"], ["enter"], ["5", "enter"]])
async def test_every_key_of_the_screen_is_explained_and_no_other(play: Any, keys: list[str]) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press(*keys)
        await pilot.pause()
        bound = {
            a.binding.tooltip or a.binding.description
            for a in pilot.app.screen.active_bindings.values()
            if a.binding.id and a.enabled
        }
        about = pilot.app.screen.about
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpView)
        assert f"for {about}" in lines(pilot.app)[1]
        shown = sheet_text(pilot.app)
        assert all(words in shown for words in bound)
        assert ("order" in shown) is (keys == ["2"])
        assert "Copy selected text" not in shown


async def test_it_tells_what_each_stage_is_about_and_of_one_stage_only_that(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("question_mark")
        await pilot.pause()
        assert all(stage.about in sheet_text(pilot.app) for stage in STAGES)
        assert "1-6" in sheet_text(pilot.app)
        await pilot.press("escape", "3", "question_mark")
        await pilot.pause()
        assert STAGES[2].about in sheet_text(pilot.app)
        assert STAGES[1].about not in sheet_text(pilot.app)


async def test_signs_are_explained_and_help_has_no_help(play: Any) -> None:
    async with play(morning(), size=(80, 24)) as (pilot, _):
        await pilot.press("question_mark", "question_mark")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 2
        assert "✖ Degraded" in sheet_text(pilot.app)
        assert "⊘ denied" in sheet_text(pilot.app)
        assert "? help" not in lines(pilot.app)[-1]
        await pilot.press("q")
        await pilot.pause()
        assert "Changes" in text(pilot.app)
