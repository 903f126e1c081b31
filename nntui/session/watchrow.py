"""`WatchRow`: what the screen shows of a watched expression."""

from __future__ import annotations

from dataclasses import dataclass, field

from nntui.session.losses import Curve


@dataclass(frozen=True)
class WatchRow:
    """A watched expression at the cursor.

    Attributes:
        number: to name it by, from 1.
        value: None where it is not known yet in this step.
        low, high: the smallest and the largest at the steps seen; None where there is none.
        history: its values at the ends of steps seen, oldest first: all of a few, of many so many
            spread over the run, the smallest and the largest among them.
        steps: which training steps these are.
        curve: its values at all steps seen, where it reads more than the loss; else empty.
    """

    number: int
    text: str
    value: float | None
    low: float | None
    high: float | None
    history: tuple[float, ...] = ()
    steps: tuple[int, ...] = ()
    curve: Curve = field(default_factory=Curve)
