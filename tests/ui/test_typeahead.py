"""Keys that are typed before the app is there."""

import os
import pty
import signal
import termios

import pytest
from fake_session import fake_curve
from on_screen import SMALL, exam, text_of
from textual import events

from nntui.ui.app import NntuiApp
from nntui.ui.typeahead import Typeahead
from nntui.ui.widgets.prompt import Prompt

NAMES = {"\n": "ctrl+j", "\r": "enter", ":": "colon", " ": "space"}


async def shown_after(typed):
    """Where one stands, whether the prompt is open, and the screen, after keys typed too early."""

    def type_early():
        for character in typed:
            app.post_message(events.Key(NAMES.get(character, character), character))

    app = NntuiApp(exam(), fake_curve, release=type_early)
    async with app.run_test(size=SMALL) as pilot:
        while app._early is not None:
            await pilot.pause()
        await pilot.pause()
        asked = app.screen.query_one(Prompt).display
        return app.screen._session.cursor.position, asked, text_of(app)


@pytest.mark.asyncio
@pytest.mark.parametrize("enter", ["\r", "\n"])
async def test_a_command_typed_early_is_obeyed(enter):
    position, asked, _ = await shown_after(f":goto op 3{enter}")
    assert position.op == 3
    assert not asked


@pytest.mark.asyncio
async def test_keys_typed_early_are_done_one_after_the_other():
    position, asked, text = await shown_after("nnNn:depth")
    assert position.op == 2
    assert asked
    assert ":depth" in text


@pytest.fixture
def terminal(monkeypatch):
    """A pseudo-terminal as standard input."""
    master, slave = pty.openpty()
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield master, stdin
    os.close(master)


def test_a_held_terminal_neither_echoes_nor_changes_what_is_typed(terminal):
    master, stdin = terminal
    before = termios.tcgetattr(stdin)
    with Typeahead() as typed:
        os.write(master, b":n\r")
        assert os.read(stdin.fileno(), 10) == b":n\r"
        os.set_blocking(master, False)
        with pytest.raises(BlockingIOError):
            os.read(master, 10)
        typed.release()
        assert termios.tcgetattr(stdin) == before
    assert termios.tcgetattr(stdin) == before


def test_a_held_terminal_is_left_as_it_was_by_who_is_told_to_end(terminal):
    _, stdin = terminal
    before, handler = termios.tcgetattr(stdin), signal.getsignal(signal.SIGTERM)

    def told():
        with Typeahead():
            assert termios.tcgetattr(stdin) != before
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit, match="143"):
        told()
    assert termios.tcgetattr(stdin) == before
    assert signal.getsignal(signal.SIGTERM) is handler


def test_what_is_no_terminal_is_left_alone(tmp_path, monkeypatch):
    file = tmp_path / "keys"
    file.write_text("n")
    with file.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with Typeahead():
            assert stdin.read() == "n"
