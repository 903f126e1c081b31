"""The keys: one table for the bindings, the footer, the help screen, the palette and the README.

`python -m nntui.ui.keys` prints it as Markdown. The capital letters N, S, R and C are the commands
of the small ones, backwards in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Key:
    """A row of the table.

    Attributes:
        keys: Textual's names of the keys, separated by commas.
        shown: the keys as people write them.
        action: what they do.
        label: a word or two, for the footer and the palette.
        help: a sentence.
        group: the heading in the help.
        place: where the action lives: on the screen, or on the pane that has the focus.
        footer: its place in the footer, most important first; 0: not there. Neighbours with the
            same number share a place.
    """

    keys: str
    shown: str
    action: str
    label: str
    help: str
    group: str
    footer: int = 0
    place: Literal["screen", "pane"] = "screen"


STEP, RUN, CHANGE, LOOK, APP = "Step", "Run", "Stop and change", "Look", "App"

DEPTH = "Finer stops, or coarser: term, element, op, layer, phase, turn, step, epoch."
TURN = "To the end of the player's turn, or back to where one ended: D's step, G's step of a GAN."
SAMPLE = "Show the next sample of the batch, or the one before."
SPEED = "Faster, or slower: from 1 stop a second to full speed."
MOVE = "Move among the neurons, or the lines of a list."
ARROW = "Back, or on; where a neuron is chosen, to its neighbours."
PICTURE = "Of a map: colours, net, U-matrix, hits, features; of two players: samples, networks."
PAGE = "Ten lines down, or up."
ENDS = "To the first line, or the last."
HEAD = "The next head of the attention that is looked at, or the one before."
PANES = "Network, operation, ops, parameters, loss, neuron."
CYCLE = "To the next pane, or the one before."

KEYS: Final = (
    Key("n", "n", "step('forward')", "next", "Go to the next stop at the current depth.", STEP, 1),
    Key("N", "N", "step('back')", "back", "Go back to the stop before.", STEP, 1),
    Key("s", "s", "step('into')", "into", "Step into: one depth finer, then forward.", STEP, 2),
    Key("S", "S", "step('back_into')", "back into", "One depth finer, then back.", STEP),
    Key("r", "r", "step('finish')", "finish",
        "Finish what the cursor is in: the element, the op, the layer.", STEP, 10),
    Key("R", "R", "step('back_out')", "back out",
        "Back to the beginning of what the cursor is in.", STEP),
    Key("d", "d", "step('turn')", "player", TURN, STEP),
    Key("D", "D", "step('turn_back')", "player back", TURN, STEP),
    Key("left", "←", "arrow(-1)", "left", ARROW, STEP, place="pane"),
    Key("right", "→", "arrow(1)", "right", ARROW, STEP, place="pane"),
    Key("home", "Home", "command('goto start')", "start", "To the start of the run.", STEP),
    Key("end", "End", "command('goto end')", "end", "As far as it has been run.", STEP),
    Key("plus,equals_sign", "+", "change('depth', -1)", "finer", DEPTH, STEP, 11),
    Key("minus", "-", "change('depth', 1)", "coarser", DEPTH, STEP, 12),
    Key("full_stop", ".", "change('sample', 1)", "next sample", SAMPLE, STEP),
    Key("comma", ",", "change('sample', -1)", "previous sample", SAMPLE, STEP),
    Key("space", "space", "play('run')", "run", "Run by itself, or pause.", RUN, 3),
    Key("c", "c", "play('rush')", "continue",
        "Train at full speed to a breakpoint, or the end of the run.", RUN, 5),
    Key("C", "C", "play('back')", "run back",
        "Run back to where a breakpoint was last true, or the start.", RUN),
    Key("right_square_bracket,greater_than_sign", "] >", "change('speed', 1)", "faster",
        SPEED, RUN),
    Key("left_square_bracket,less_than_sign", "[ <", "change('speed', -1)", "slower", SPEED, RUN),
    Key("0", "0", "restart(False)", "restart",
        "To the start, with nothing changed.", RUN, 15),
    Key("right_parenthesis", ")", "restart(True)", "new seed",
        "Start from the weights of a new seed (Shift+0); :seed goes back to the old one.", RUN),
    Key("b", "b", "command('break here')", "break",
        "A breakpoint at the op, or on the op or parameter that is chosen; or none.", CHANGE, 7),
    Key("e", "e", "prompt('e')", "edit", "Change a number of the neuron, or any other.", CHANGE, 8),
    Key("i", "i", "command('whatif')", "what if",
        "What if a number were another from here? On a branch, beside the run as it was.",
        CHANGE, 16),
    Key("ctrl+z", "Ctrl+Z", "command('undo')", "undo", "Take the last change back.", CHANGE),
    Key("ctrl+y", "Ctrl+Y", "command('redo')", "redo", "Make it again.", CHANGE),
    Key("h", "h", "move(-1, 0)", "left", MOVE, LOOK, place="pane"),
    Key("down,j", "↓ j", "move(0, 1)", "down", MOVE, LOOK, place="pane"),
    Key("up,k", "↑ k", "move(0, -1)", "up", MOVE, LOOK, place="pane"),
    Key("l", "l", "move(1, 0)", "right", MOVE, LOOK, place="pane"),
    Key("pagedown", "PgDn", "move(0, 10)", "page down", PAGE, LOOK, place="pane"),
    Key("pageup", "PgUp", "move(0, -10)", "page up", PAGE, LOOK, place="pane"),
    Key("g", "g", "end(-1)", "first", ENDS, LOOK, place="pane"),
    Key("G", "G", "end(1)", "last", ENDS, LOOK, place="pane"),
    Key("enter", "Enter", "activate", "look closer",
        "Inspect the chosen neuron; go to the chosen op; the history of the chosen watch.", LOOK,
        place="pane"),
    Key("escape", "Esc", "follow", "follow",
        "Forget the chosen neuron and follow the cursor again.", LOOK),
    Key("f", "f", "change('field', 1)", "where from",
        "Where does this number come from? Its field on every map or time step before; and back.",
        LOOK),
    Key("u", "u", "change('picture', 1)", "next picture", PICTURE, LOOK),
    Key("U", "U", "change('picture', -1)", "previous picture", PICTURE, LOOK),
    Key("w", "w", "why", "why",
        "Why did this weight move? Its change, from the loss to the optimizer.", LOOK),
    Key("x", "x", "command('check')", "check",
        "Is this gradient right? Beside central differences, with the numbers.", LOOK),
    Key("H", "H", "command('history')", "history",
        "What this number was at every step; go to the step where it was that.", LOOK),
    Key("v", "v", "command('compare')", "compare", "Two branches side by side.", LOOK),
    Key("p", "p", "command('generate')", "generate",
        "Give the network a prompt, and watch it go on, one token at a time.", LOOK),
    Key("m", "m", "change('head', 1)", "next head", HEAD, LOOK),
    Key("M", "M", "change('head', -1)", "previous head", HEAD, LOOK),
    Key("o", "o", "command('notes')", "notes",
        "The notes of the scenario, to read again; Enter goes to the op of one.", LOOK),
    Key("1", "1", "pane(1)", "network", PANES, LOOK),
    Key("2", "2", "pane(2)", "operation", PANES, LOOK),
    Key("3", "3", "pane(3)", "ops", PANES, LOOK),
    Key("4", "4", "pane(4)", "parameters", PANES, LOOK),
    Key("5", "5", "pane(5)", "loss", PANES, LOOK),
    Key("6", "6", "pane(6)", "neuron", PANES, LOOK),
    Key("tab", "Tab", "cycle(1)", "next pane", CYCLE, LOOK, 14),
    Key("shift+tab", "Shift+Tab", "cycle(-1)", "previous pane", CYCLE, LOOK),
    Key("z", "z", "zoom", "zoom", "The pane in the whole window, and back.", LOOK),
    Key("L", "L", "change('scale', 1)", "log scale", "The loss on a log or a linear scale.", LOOK),
    Key("slash", "/", "prompt('/')", "find",
        "Find an op by a part of its name or formula.", APP, 13),
    Key("colon", ":", "prompt(':')", "command",
        "A command: goto, break, set, undo, fork, branch and more, listed below.", APP, 9),
    Key("y", "y", "copy", "copy", "Copy the operation as text.", APP),
    Key("t", "t", "app.next_theme", "theme", "The next theme: dark, light, high contrast.", APP),
    Key("question_mark,f1", "? F1", "app.help", "help", "These keys.", APP, 4),
    Key("ctrl+p", "Ctrl+P", "app.command_palette", "palette", "All commands, by name.", APP),
    Key("ctrl+c", "Ctrl+C", "app.interrupt", "interrupt", "Leave, with exit code 130.", APP),
    Key("q", "q", "app.quit", "quit", "Leave.", APP, 6),
)  # fmt: skip


def bindings(place: str) -> list[BindingType]:
    """The keys of a place as Textual's bindings."""
    return [
        Binding(key.keys, key.action, key.label.capitalize(), show=False, priority=_at_once(key))
        for key in KEYS
        if key.place == place
    ]


def _at_once(key: Key) -> bool:
    """Whether a key is acted on before the next one is looked at, however fast they come.

    What it opens then gets the keys that follow, and what it changes is changed for them.
    """
    return not key.action.startswith("app.")


def footer_keys() -> list[Key]:
    """The keys of the footer, in the order of the table."""
    return [key for key in KEYS if key.footer]


def groups() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The table for people: each heading with its lines of keys and help.

    Keys with the same help share a line.
    """
    for name, keys in groupby(KEYS, key=lambda key: key.group):
        yield (
            name,
            [
                (" ".join(key.shown for key in same), help_)
                for help_, same in groupby(keys, key=lambda key: key.help)
            ],
        )


def markdown() -> str:
    """The table for the README."""
    lines = []
    for name, keys in groups():
        lines += [f"**{name}**", "", "| key | |", "|---|---|"]
        for shown, help_ in keys:
            lines.append(f"| {' '.join(f'`{key}`' for key in shown.split())} | {help_} |")
        lines.append("")
    return "\n".join(lines).rstrip()


if __name__ == "__main__":
    print(markdown())  # noqa: T201
