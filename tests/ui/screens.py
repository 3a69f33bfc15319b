"""Reads what is on the screen as a user sees it: lines of text."""

from __future__ import annotations

from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip
from textual.widget import Widget


def strips(app: App[Any]) -> list[Strip]:
    """Draw every line of the screen, as the app does: over the screens that are seen through it."""
    visible_screen_stack.set(app._background_screens)
    return app.screen._compositor.render_strips()


def lines(app: App[Any]) -> list[str]:
    """Return the text of every line of the screen."""
    return [strip.text for strip in strips(app)]


def text(app: App[Any]) -> str:
    return "\n".join(lines(app))


def line_with(app: App[Any], needle: str) -> str:
    return next(line for line in lines(app) if needle in line)


def drawn(widget: Widget) -> list[str]:
    """Return the text of every line of a widget."""
    return [widget.render_line(y).text for y in range(widget.size.height)]
