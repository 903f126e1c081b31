"""Where the app refuses to start, and what it may import."""

import ast
import io
from pathlib import Path

import pytest
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

import nntui.ui
from nntui.errors import UsageError
from nntui.ui.terminal import check_terminal


class Tty(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environment", "stdin", "stderr", "word"),
    [
        ({}, io.StringIO(), Tty(), "standard input"),
        ({}, None, Tty(), "standard input"),
        ({}, Tty(), io.StringIO(), "standard error"),
        ({}, Tty(), None, "standard error"),
        ({"TERM": "dumb"}, Tty(), Tty(), "TERM=dumb"),
    ],
)
def test_no_terminal_no_app(environment, stdin, stderr, word):
    with pytest.raises(UsageError, match=word) as caught:
        check_terminal(environment, stdin, stderr)

    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_terminal_is_enough():
    check_terminal({"TERM": "xterm"}, Tty(), Tty())


FOLDER = Path(nntui.ui.__file__).parent


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda p: p.name)
def test_the_screen_does_no_arithmetic_and_knows_no_engine(path):
    names = set(imports(path))

    assert not [n for n in names if n.split(".")[0] == "numpy" or n.startswith("nntui.engine")]
    if path.parent.name == "renderables":
        assert not [n for n in names if n.startswith(("nntui.ui.widgets", "textual.widget"))]
    if path.name != "plot.py":
        assert not [n for n in names if n.startswith("plotext")]


def assigned(path):
    """The attributes that each class of a file sets on itself."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            for inner in ast.walk(node):
                stored = isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
                if stored and isinstance(inner.value, ast.Name) and inner.value.id == "self":
                    yield node.name, inner.attr


def test_no_private_attribute_of_textual_is_overwritten():
    bases = {"NntuiApp": App, "DebuggerScreen": Screen}
    clashes = []
    for path in [*FOLDER.glob("widgets/*.py"), *FOLDER.glob("screens/*.py"), FOLDER / "app.py"]:
        for owner, name in assigned(path):
            base = bases.get(owner, Widget)()
            if name.startswith("_") and hasattr(base, name):
                clashes.append((owner, name))

    assert clashes == []
