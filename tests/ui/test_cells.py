"""Text for terminal cells: the width is what was asked for, and nothing acts on the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from trombone_tui.ui.cells import cut, fit, plain, wrap

hostile = st.text(
    st.one_of(st.characters(), st.sampled_from("\x1b\x00\n\t\u202e\u200b宽é👩\ufe0f\x9b")), max_size=40
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "^[[31mred^[[0m"),
        ("two\nlines", "two^Jlines"),
        ("\u202eevil", "�evil"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("naïve 宽", "naïve 宽"),
    ],
)
def test_what_could_act_is_shown_and_markup_means_nothing(text: str, shown: str) -> None:
    assert plain(text, ascii_only=False) == shown


def test_ascii_terminals_get_only_ascii_with_accents_taken_off() -> None:
    assert plain("naïve 宽 ✔", ascii_only=True) == "naive ? ?"


@pytest.mark.parametrize(
    ("text", "width", "cut_to"),
    [
        ("rollout", 7, "rollout"),
        ("rollouts", 7, "rollou…"),
        ("宽宽宽", 5, "宽宽…"),
        ("宽宽宽", 4, "宽…"),
        ("abc", 0, ""),
        ("宽", 1, "…"),
    ],
)
def test_a_text_too_long_ends_in_an_ellipsis_within_its_width(text: str, width: int, cut_to: str) -> None:
    assert cut(text, width) == cut_to


@settings(max_examples=60, deadline=None)
@given(hostile, st.integers(0, 30), st.booleans())
def test_fitted_text_is_exactly_as_wide_as_asked_and_printable(text: str, width: int, right: bool) -> None:
    fitted = fit(plain(text, ascii_only=False), width, right=right)
    assert cell_len(fitted) == width
    assert fitted.isprintable()


@settings(max_examples=60, deadline=None)
@given(hostile, st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    shown = plain(text, ascii_only=False)
    lines = wrap(shown, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == shown.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("registry.example/pay/ledger:v7.0.96", 26, ["registry.example/pay/", "ledger:v7.0.96"]),
        ("of ghcr.io/acme/shop:v2 now", 14, ["of", "ghcr.io/acme/", "shop:v2 now"]),
        ("sha256:0123456789abcdef", 10, ["sha256:", "0123456789", "abcdef"]),
        ("shop-api-7fk2p", 10, ["shop-api-", "7fk2p"]),
        ("a b-c", 5, ["a b-c"]),
    ],
)
def test_a_name_wider_than_the_line_is_broken_at_what_divides_it(
    text: str, width: int, lines: list[str]
) -> None:
    assert wrap(text, width) == lines


def test_numbers_stand_at_the_right() -> None:
    assert fit("42", 5, right=True) == "   42"
