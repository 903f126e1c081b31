"""The one table of keys."""

from collections import Counter

from textual.content import Content
from textual.markup import escape

from nntui.session.expressions import LANGUAGE
from nntui.ui.app import NntuiApp
from nntui.ui.keys import KEYS, bindings, footer_keys, groups, markdown
from nntui.ui.renderables.keybar import keybar_spans
from nntui.ui.screens.debugger import DebuggerScreen
from nntui.ui.screens.help import help_lines
from nntui.ui.spans import plain, width
from nntui.ui.widgets.pane import Pane

BACKWARDS = {"n": "N", "s": "S", "r": "R", "c": "C"}


def single_keys():
    return [name for key in KEYS for name in key.keys.split(",")]


def test_no_key_does_two_things():
    assert [name for name, count in Counter(single_keys()).items() if count > 1] == []


def test_capitals_go_backwards():
    helps = {name: key.help.lower() for key in KEYS for name in key.keys.split(",")}

    assert all("back" in helps[capital] for capital in BACKWARDS.values())
    assert not any("back" in helps[small] for small in BACKWARDS)


def test_nothing_is_on_alt_only():
    assert not any("alt+" in name or "ctrl+shift" in name for name in single_keys())


def test_every_action_exists():
    places = {"screen": DebuggerScreen, "pane": Pane}
    for key in KEYS:
        owner = NntuiApp if key.action.startswith("app.") else places[key.place]
        name = key.action.removeprefix("app.").split("(")[0]
        assert hasattr(owner, f"action_{name}"), key


def test_bindings_cover_the_table():
    assert len(bindings("screen")) + len(bindings("pane")) == len(KEYS)


def test_the_help_has_every_key():
    text = "\n".join(plain(line) for line in help_lines(120))

    assert all(entry.form in text and entry.help in text for entry in LANGUAGE)
    assert all(key.help in text for key in KEYS)
    assert all(part in text for key in KEYS for part in key.shown.split())


def test_the_help_fits_its_width():
    for cells in (40, 60, 80):
        assert max(width(line) for line in help_lines(cells)) <= cells


def test_the_readme_section_has_every_key():
    text = markdown()

    assert all(f"`{part}`" in text for key in KEYS for part in key.shown.split())
    assert [name for name, _ in groups()] == ["Step", "Run", "Stop and change", "Look", "App"]


def test_help_texts_are_no_markup():
    for key in KEYS:
        text = f"{key.shown}   {key.help}"
        assert Content.from_markup(escape(text)).plain == text


def test_the_bar_shows_what_fits_and_always_how_to_get_help():
    for cells in (40, 60, 80, 120, 200):
        spans = [span for span, _ in keybar_spans(footer_keys(), "paused 4/s", cells)]
        text = plain(tuple(spans))
        assert len(text) == cells
        assert text.rstrip().endswith("paused 4/s")
        assert "n/N next/back" in text
        assert cells < 60 or "? help" in text
