"""The pages that a key or a command opens over the screen: a comparison, a course, a check, the
notes, what might be otherwise, and what the network says.
"""

from __future__ import annotations

from textual.screen import ModalScreen

from nntui.errors import UsageError
from nntui.session.frame import Cell
from nntui.ui import numbers
from nntui.ui.command_line import Command
from nntui.ui.listings import Listed
from nntui.ui.numbers import Numbers
from nntui.ui.renderables.chances import wanted_at
from nntui.ui.renderables.generated import prompt_of
from nntui.ui.renderables.tokens import tokens_of
from nntui.ui.scene import Scene
from nntui.ui.screens.chooser import Chooser
from nntui.ui.screens.compare import CompareScreen, pair
from nntui.ui.screens.course import CourseScreen
from nntui.ui.screens.generate import GenerateScreen
from nntui.ui.screens.notes import NotesScreen
from nntui.ui.screens.slope import SlopeScreen
from nntui.ui.screens.why import candidates
from nntui.ui.stepper import Stepper
from nntui.ui.what_if import what_ifs
from nntui.ui.widgets.loss import LossPane
from nntui.ui.widgets.parameters import ParametersPane

NAMES = ("compare", "history", "check", "generate", "notes")
"""The commands that open a page."""

ALONE = (
    "There is only one branch, {}. Another begins with a what-if (i), with :fork, or where a "
    "number is changed in the past (N, then e)."
)

UNTOLD = "This scenario has no notes. They are written in its file, each at an op, under [[notes]]."


def page(session: Stepper, scene: Scene, pane: object, command: Command) -> ModalScreen[str]:
    """The page that a command asks for, about what is looked at where it names nothing.

    Args:
        pane: what has the focus.

    Raises:
        UsageError: there is nothing of that name, or nothing to show.
    """
    if command.name == "compare":
        return _comparison(session, command.word.split())
    if command.name == "notes":
        return _notes(scene)
    if command.name == "whatif":
        row = pane.chosen if isinstance(pane, ParametersPane) else None
        return Chooser(what_ifs(scene, row))
    if command.name == "generate":
        return _speaking(session, scene)
    if command.name == "history":
        return CourseScreen(session, _numbers(session, scene, pane, command.word))
    return _check(session, scene, pane, command)


def _speaking(session: Stepper, scene: Scene) -> ModalScreen[str]:
    """The network, to be given a prompt: to begin with, that of the shown sample."""
    network, frame = scene.network, scene.frame
    tokens = tokens_of(network, frame)
    asked = [t for t in range(len(tokens)) if wanted_at(network, frame, t) is not None]
    prompt = prompt_of(tokens, asked[0] if asked else None)
    return GenerateScreen(session.study.speaker(), prompt, f"at step {frame.position.step}")


def _notes(scene: Scene) -> ModalScreen[str]:
    lessons, op = scene.network.lessons, scene.frame.op
    if not lessons:
        return Chooser(Listed("Notes", (), "", UNTOLD))
    return NotesScreen(lessons, op.number if op else 0)


def _comparison(session: Stepper, names: list[str]) -> ModalScreen[str]:
    if len(names) > 2:
        raise UsageError("two branches can be compared: write :compare BRANCH BRANCH")
    two = pair(session, names)
    if two is None:
        only = ALONE.format(session.timeline.branch.name)
        return Chooser(Listed("Compare", (), "", only))
    return CompareScreen(session, *two)


def _numbers(session: Stepper, scene: Scene, pane: object, text: str) -> Numbers:
    """The numbers whose course is meant."""
    if text:
        text = " ".join(text.split())
        session.study.course(text)
        return Numbers((text,))
    if isinstance(pane, LossPane):
        found = numbers.watched(scene.frame, pane.chosen)
    elif isinstance(pane, ParametersPane) and scene.parameters:
        rows, at = candidates(scene, listed=True)
        found = numbers.listed(rows, at, scene.frame)
    else:
        found = numbers.around(scene)
    # Of a program without a loss, say, not all can be followed.
    known = tuple(filter(session.study.knows, found.texts))
    if not known:
        raise UsageError("there is no number here to follow: write :history EXPRESSION")
    first = found.texts[found.at]
    return Numbers(known, known.index(first) if first in known else 0)


def _check(session: Stepper, scene: Scene, pane: object, command: Command) -> ModalScreen[str]:
    if command.cell is not None:
        if command.cell.index:
            session.study.slopes.of(command.cell.tensor, command.cell.index)
            return SlopeScreen(session, [command.cell])
        return SlopeScreen(session, [Cell(command.cell.tensor, ())], whole=True)
    rows, at = candidates(scene, listed=isinstance(pane, ParametersPane))
    if not rows:
        raise UsageError("there are no weights here")
    return SlopeScreen(session, [row.cell for row in rows], at)
