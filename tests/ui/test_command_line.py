"""The `:` line."""

import pytest
from fake_session import exam

from nntui.errors import UsageError
from nntui.session.frame import Cell
from nntui.session.position import Depth
from nntui.ui.command_line import FORMS, SUGGESTIONS, Command, find_op, parse

OPS = exam().network.ops
WEIGHT = Cell("hidden.weight", (0, 1))


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (":depth element", Command("depth", depth=Depth.ELEMENT)),
        ("depth el", Command("depth", depth=Depth.ELEMENT)),
        ("goto op hidden.z", Command("goto", op=3)),
        ("goto 7", Command("goto", op=7)),
        ("goto step 120", Command("goto", step=120)),
        ("goto step 120 op 4", Command("goto", step=120, op=4)),
        ("goto step 3 hidden.z", Command("goto", step=3, op=3)),
        ("goto step 3 op 0", Command("goto", step=3, op=0)),
        ("goto loss.min", Command("goto", word="loss.min")),
        ("goto end", Command("goto", word="end")),
        ("break loss < 0.05", Command("break", word="loss < 0.05")),
        ("b", Command("break")),
        ("disable 2", Command("disable", number=2.0)),
        ("set lr = 0.1", Command("set", number=0.1, cell=Cell("lr", ()))),
        ("set hidden.weight[0,1]=−7e-1", Command("set", number=-0.7, cell=WEIGHT)),
        ("set hidden.weight [ 0, 1 ] = -0.7", Command("set", number=-0.7, cell=WEIGHT)),
        ("fork", Command("fork")),
        ("branch main", Command("branch", word="main")),
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
        ("depth", "write :depth term|element|op|layer|phase|turn|step|epoch"),
        ("depth e", "'e' is none of: term, element, op, layer, phase, turn, step, epoch"),
        ("goto 99", "a step has ops 1 to 19"),
        ("goto op hiden.z", "no op 'hiden.z' — did you mean 'hidden.z'?"),
        ("goto step 0", "training steps count from 1"),
        ("goto step", "write :goto start|end|loss.min|op NAME|step NUMBER [op NAME]"),
        ("goto step x", "'x' is not a number; write :" + FORMS["goto"].text),
        ("set hidden.a[one] = 1", "'[one]' is no index: write numbers from 0, like [0, 1]"),
        ("set hidden.a[-1] = 1", "'[-1]' is no index: write numbers from 0, like [0, 1]"),
        ("set", "write :set TENSOR[INDEX] = NUMBER"),
        ("undo 3", "write :undo"),
        ("delete", "write :delete NUMBER"),
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
        parse(line + "1" if line.endswith(" ") else line, OPS)


def test_finding_goes_on_after_the_cursor_and_wraps():
    assert find_op("sigmoid", OPS) == 4
    assert find_op("sigmoid", OPS, after=4) == 6
    assert find_op("sigmoid_grad", OPS, after=13) == 9
    assert find_op("hidden.z", OPS, after=10) == 3


def test_the_empty_text_finds_nothing():
    with pytest.raises(UsageError, match="no op ''"):
        find_op("", OPS)
