"""Where a straight run went wrong."""

from __future__ import annotations

from nntui.engine.options import Array
from nntui.engine.trainer import Trainer
from nntui.scenario.model import Scenario
from nntui.session.network import picture
from nntui.session.now import Now
from nntui.session.view import View


def locate(
    scenario: Scenario, trainer: Trainer, first: int, last: int, origin: Array
) -> tuple[int, str]:
    """The training step that made the first number that is not finite, and which it was, in words.

    Args:
        first, last: the steps to look at.
        origin: the state before step `first`.
    """
    trainer.state.vector[...] = origin
    now = Now(trainer)
    now.begin(first)
    while now.fault is None and not (now.step == last and now.complete):
        if now.complete:
            now.begin(now.step + 1)
        now.advance(now.done + 1)
    fault = now.fault
    if fault is None:
        return last, ""
    view = View(now, picture(trainer, scenario.title, scenario.about))
    return now.step, view.fault(fault)
