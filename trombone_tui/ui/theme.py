"""How things look: a glyph for every state so that colour is never needed, and the two palettes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from textual.theme import BUILTIN_THEMES, Theme

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State

HUES = ("hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6")
"""Marks that tell things apart and mean nothing."""

MARKS = frozenset(
    {
        *HUES,
        "strong", "dim", "rule", "accent", "head", "key", "cursor", "chosen", "lit", "found", "here",
        "ok", "moving", "held", "bad", "missing", "unknown",
    }
)  # fmt: skip
"""What a piece of text may be marked as; ``styles/theme.tcss`` says how each is drawn."""

HEALTH_MARK = {
    Health.HEALTHY: "ok",
    Health.PROGRESSING: "moving",
    Health.SUSPENDED: "held",
    Health.DEGRADED: "bad",
    Health.MISSING: "missing",
    Health.UNKNOWN: "unknown",
}

STATE_MARK = {
    State.LIVE: "ok",
    State.CONNECTING: "dim",
    State.STALE: "held",
    State.DENIED: "held",
    State.NOT_INSTALLED: "dim",
    State.UNREACHABLE: "bad",
}

STATE_WORD = {state: state.value.replace("-", " ") for state in State}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """One character for each thing that is drawn, all one cell wide, no two states alike."""

    ascii_only: bool
    health: Mapping[Health, str]
    state: Mapping[State, str]
    attention: str
    cursor: str
    rule: str
    dot: str
    none: str
    more: str
    thumb: str
    track: str
    sorted: str
    now: str
    fork: str
    bend: str
    picked: str
    """Stands before a row that is marked."""
    picked_here: str
    """The same for the row the cursor is on."""
    mask: str
    """What stands for a secret."""

    def mark_stale(self, text: str) -> str:
        """Mark a text as perhaps out of date, as a stale panel is marked."""
        return f"{text}{self.state[State.STALE]}"


UNICODE = Glyphs(
    ascii_only=False,
    health={
        Health.HEALTHY: "✔",
        Health.PROGRESSING: "◐",
        Health.DEGRADED: "✖",
        Health.SUSPENDED: "‖",
        Health.MISSING: "○",
        Health.UNKNOWN: "?",
    },
    state={
        State.LIVE: "●",
        State.CONNECTING: "◌",
        State.STALE: "~",
        State.DENIED: "⊘",
        State.NOT_INSTALLED: "∅",
        State.UNREACHABLE: "↯",
    },
    attention="⚑",
    cursor="▸",
    rule="─",
    dot="·",
    none="·",
    more="…",
    thumb="┃",
    track="│",
    sorted="▾",
    now="▸",
    fork="├",
    bend="└",
    picked="◆",
    picked_here="◈",
    mask="••••",
)

ASCII = Glyphs(
    ascii_only=True,
    health={
        Health.HEALTHY: "+",
        Health.PROGRESSING: ">",
        Health.DEGRADED: "X",
        Health.SUSPENDED: "=",
        Health.MISSING: "o",
        Health.UNKNOWN: "?",
    },
    state={
        State.LIVE: "*",
        State.CONNECTING: ":",
        State.STALE: "~",
        State.DENIED: "#",
        State.NOT_INSTALLED: "_",
        State.UNREACHABLE: "%",
    },
    attention="!",
    cursor=">",
    rule="-",
    dot="/",
    none=".",
    more="~",
    thumb="#",
    track="|",
    sorted="v",
    now=">",
    fork="|",
    bend="`",
    picked="*",
    picked_here="&",
    mask="****",
)


def glyphs_for(environment: Mapping[str, str]) -> Glyphs:
    """Choose the glyphs a terminal of this environment can show: ASCII only where its locale says so.

    Python itself sets ``LC_CTYPE`` to ``C.UTF-8`` when it starts in the C locale (PEP 538), so that value
    says nothing beside a ``LANG`` that names the C locale. No locale at all says nothing either.
    """
    names = [environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if names[1] == "C.UTF-8":
        names = [names[0], names[2] or names[1]]
    locale = next((name for name in names if name), "")
    fits = not locale or "utf8" in locale.lower().replace("-", "")
    return UNICODE if fits else ASCII


def few_colours(environment: Mapping[str, str]) -> bool:
    """Say whether the terminal has 16 colours or fewer, or the user wants none (``NO_COLOR``)."""
    if environment.get("NO_COLOR"):
        return True
    return Console(force_terminal=True, _environ=environment).color_system in (None, "standard")


NIGHT = Theme(
    name="night",
    primary="#d9b36c",
    accent="#d9b36c",
    secondary="#7aa2c9",
    success="#86b88a",
    warning="#e2b455",
    error="#f07a72",
    foreground="#c9cfd8",
    background="#12161c",
    surface="#12161c",
    panel="#1a2028",
    boost="#1a2028",
    variables={
        "dim": "#717a87",
        "rule": "#323a45",
        "cursor": "#2b3644",
        "chosen": "#1f2732",
        "found": "#3d4a5c",
        "missing": "#c792ea",
        "bright": "#f2f4f7",
        "on-lit": "#12161c",
    },
)
"""Quiet colours on a dark ground, where the terminal has 256 or more."""

PLAIN = Theme(
    name="plain",
    ansi=True,
    primary="ansi_yellow",
    accent="ansi_yellow",
    secondary="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "dim": "ansi_default",
        "rule": "ansi_default",
        "cursor": "ansi_default",
        "chosen": "ansi_default",
        "found": "ansi_default",
        "missing": "ansi_magenta",
        "bright": "ansi_default",
        "on-lit": "ansi_default",
    },
)
"""The terminal's own 16 colours on its own ground; with NO_COLOR only bold, dim and reverse are left."""
