"""What the notes say to try can be done: keys, commands, and other scenarios."""

import re

import pytest
from on_screen import app_of, write

from nntui.scenario import bundled
from nntui.scenario.reader import load
from nntui.session.position import Depth
from nntui.session.session import Session
from nntui.ui.command_line import FORMS, parse
from nntui.ui.keys import KEYS

NAMES = [entry.name for entry in bundled()]
SHOWN = {part for key in KEYS for part in key.shown.split()}

_END = r",? (?:and|then|or|in|near|after|from|comes)\b|[:;] |[.,] (?!\d)|$"
_COMMAND = re.compile(rf":(?:{'|'.join(FORMS)})\b.*?(?={_END})")
_KEYS = re.compile(r"\b[Pp]ress (Ctrl\+\w|[A-Z][a-z]+|\S)(?= |[,.:;]|$)")
_RUN = re.compile(r"nntui run (\w+)")


def texts(name):
    scenario = load(name)
    return [scenario.about, *(note.text for note in scenario.notes)]


def commands(name):
    """The commands that the notes of a scenario name, as one would type them."""
    found = [match for text in texts(name) for match in _COMMAND.findall(text)]
    return [command.rstrip(".") for command in found]


def test_commands_are_found_in_prose():
    assert _COMMAND.findall(
        "Try :set a.b[0, 1] = -3.5 and n; or :watch lr, then :goto step 3 op x."
    ) == [
        ":set a.b[0, 1] = -3.5",
        ":watch lr",
        ":goto step 3 op x.",
    ]
    assert _KEYS.findall("Press n: then press . to go on, or press Ctrl+Z.") == ["n", ".", "Ctrl+Z"]


@pytest.mark.parametrize("name", NAMES)
def test_keys_exist(name):
    keys = [key for text in texts(name) for key in _KEYS.findall(text)]

    assert [key for key in keys if key not in SHOWN] == []


@pytest.mark.parametrize("name", NAMES)
def test_other_scenarios_exist(name):
    others = [other for text in texts(name) for other in _RUN.findall(text)]

    assert [other for other in others if other not in NAMES] == []


@pytest.mark.parametrize("name", NAMES)
def test_commands_are_understood(name):
    network = Session(load(name)).network

    for command in commands(name):
        parse(command, network.ops)


@pytest.mark.asyncio
@pytest.mark.parametrize("name", [name for name in NAMES if commands(name)])
async def test_commands_are_obeyed(name):
    session = Session(load(name))
    session.cursor.forward(Depth.STEP)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        for command in commands(name):
            await write(pilot, command.removeprefix(":"))
            errors = [note.message for note in app._notifications if note.severity == "error"]
            assert errors == []
            while len(app.screen_stack) > 1:
                await pilot.press("escape")
