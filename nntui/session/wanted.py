"""What a scenario wants a run to stop at and to watch: checked against the tensors there are."""

from __future__ import annotations

from nntui.engine.trainer import Trainer
from nntui.scenario.model import Scenario
from nntui.scenario.report import Place, Report
from nntui.scenario.text import quote
from nntui.session.breakpoints import Breakpoints
from nntui.session.expressions import ExpressionError
from nntui.session.network import op_list
from nntui.session.sight import makers


def check_wanted(scenario: Scenario, trainer: Trainer) -> None:
    """Check the breakpoints and watches of a file.

    Raises:
        ScenarioError: some cannot be used; all of them at once.
    """
    if not scenario.breakpoints and not scenario.watches:
        return
    breakpoints = Breakpoints(trainer, op_list(trainer), makers(trainer.program))
    report = Report()
    for key, texts, read in (
        ("breakpoints", scenario.breakpoints, breakpoints.condition),
        ("watches", scenario.watches, breakpoints.parse),
    ):
        for k, text in enumerate(texts):
            try:
                read(text)
            except ExpressionError as error:
                where = f"(character {error.offset + 1} of {quote(text)})"
                Place(report, (key, k)).refuse(f"{error.message} {where}", error.nearest)
    if report.count:
        raise report.error(scenario.source, scenario.origin)
