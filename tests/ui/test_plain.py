"""Terminals that cannot show everything."""

from pathlib import Path

from rich.segment import Segment
from textual.color import Color

import nntui
from nntui.ui.plain import PlainText, plain_character
from nntui.ui.renderables.plane import ARROWS
from nntui.ui.terminal import filter_for

EVERYTHING = "╭─╮│╰╯┏━┓┃┗┛▸•·✓▶◀▀▄█▎→←↓↑…−×∂σᵀ₁₂²√Σ⠑⢄⠶‹›ŷ名"


def shown(text, **options):
    line = PlainText(**options).apply([Segment(text)], Color(0, 0, 0))
    return "".join(segment.text for segment in line)


def test_everything_becomes_ascii_of_the_same_width():
    from rich.cells import cell_len

    text = shown(EVERYTHING, ascii_only=True)

    assert text.isascii()
    assert cell_len(text) == cell_len(EVERYTHING)
    assert shown("╭─ h1 ─╮ z₁ = −3.2 × ∂", ascii_only=True) == "+- h1 -+ z1 = -3.2 x d"
    assert shown("w₍₁,₂₎₃ z⁽²⁾", ascii_only=True) == "w(1,2)3 z(2)"
    assert shown("⊕◀┓ ┣━┛ ╱╱ q╲k", ascii_only=True) == "+<+ +=+ // q\\k"


def test_nothing_that_the_program_writes_becomes_a_question_mark():
    written = {
        c for file in Path(nntui.__file__).parent.rglob("*.py") for c in file.read_text("utf-8")
    }

    assert [c for c in sorted(written) if c != "?" and "?" in plain_character(c, True)] == []
    assert shown("2.1·10⁻⁵", ascii_only=True) == "2.1.10-5"


def test_arrows_stay_apart_and_are_no_digits():
    arrows = shown(ARROWS, ascii_only=True)

    assert len(set(arrows)) == len(ARROWS)
    assert not any(arrow.isdigit() for arrow in arrows)


def test_a_linux_console_keeps_all_but_braille():
    assert shown("╭─╮ ⠒⠢⡠⡇ σ", ascii_only=False) == "╭─╮ -\\/| σ"


def test_braille_becomes_the_stroke_it_looks_like():
    strokes = {"⠒": "-", "⠑": "\\", "⠊": "/", "⡇": "|", "⠁": ".", "⣿": "x", "\u2800": " "}

    assert {c: plain_character(c, True) for c in strokes} == strokes


def test_which_terminals_need_it():
    assert filter_for({"TERM": "xterm-256color"}, "utf-8") is None
    assert filter_for({"TERM": "tmux-256color"}, "UTF-8") is None
    assert filter_for({"TERM": "linux"}, "utf-8") is not None
    assert filter_for({"TERM": "vt100"}, "utf-8") is not None
    assert filter_for({"TERM": "xterm"}, "latin-1") is not None
    assert filter_for({"TERM": "xterm", "NNTUI_ASCII": "1"}, "utf-8") is not None
