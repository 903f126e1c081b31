"""The `:` line."""

import pytest
from fake_session import exam

from nntui.errors import UsageError
from nntui.session.position import Depth
from nntui.ui.command_line import SUGGESTIONS, Command, find_op, parse

OPS = exam().network.ops


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (":depth element", Command("depth", depth=Depth.ELEMENT)),
        ("depth el", Command("depth", depth=Depth.ELEMENT)),
        ("goto op hidden.z", Command("goto", number=3)),
        ("goto 7", Command("goto", number=7)),
        ("speed 4", Command("speed", number=4.0)),
        ("speed full", Command("speed", number=float("inf"))),
        ("sample 3", Command("sample", number=3.0)),
        ("seed 5", Command("seed", number=5.0)),
        ("scale log", Command("scale", word="log")),
        ("theme light", Command("theme", word="light")),
        ("q", Command("quit")),
    ],
)
def test_commands_are_understood(line, command):
    assert parse(line, OPS) == command


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("dpth op", "unknown command 'dpth' — did you mean 'depth'?"),
        ("depth", "write :depth term|element|op|layer|phase|step|epoch"),
        ("depth e", "'e' is none of: term, element, op, layer, phase, step, epoch"),
        ("goto 99", "a step has ops 1 to 19"),
        ("goto op hiden.z", "no op 'hiden.z' — did you mean 'hidden.z'?"),
        ("sample two", "'two' is not a number; write :sample NUMBER"),
        ("seed -1", "-1 is out of range"),
        ("speed nan", "nan is out of range"),
        ("seed 1e9", "'1e9' is not a number; write :seed NUMBER"),
    ],
)
def test_mistakes_are_named_with_their_cure(line, message):
    with pytest.raises(UsageError) as caught:
        parse(line, OPS)

    assert str(caught.value) == message


def test_every_suggestion_is_a_command():
    for line in SUGGESTIONS:
        ending = {
            "goto op ": "1",
            "sample ": "1",
            "seed ": "1",
            "watch ": "loss",
            "unwatch ": "1",
        }.get(line, "")
        parse(line + ending, OPS)


def test_finding_goes_on_after_the_cursor_and_wraps():
    assert find_op("sigmoid", OPS) == 4
    assert find_op("sigmoid", OPS, after=4) == 6
    assert find_op("sigmoid_grad", OPS, after=13) == 9
    assert find_op("hidden.z", OPS, after=10) == 3


def test_the_empty_text_finds_nothing():
    with pytest.raises(UsageError, match="no op ''"):
        find_op("", OPS)
