"""What can be found out about a run, written down: slow where a test wants to look in between."""

from __future__ import annotations

from nntui.errors import UsageError
from nntui.session.comparison import Comparison, Side
from nntui.session.course import Course
from nntui.session.differences import FirstDifference, NumberDifference
from nntui.session.edit import Edit
from nntui.session.frame import Cell, Curve
from nntui.session.kinks import Kink
from nntui.session.slope import Slope, Survey
from nntui.session.trust import Difference

LONG = 10**9
"""More reports than anyone waits for."""


def side(name, losses, *edits):
    steps = len(losses)
    x = tuple(float(k + 1) for k in range(steps))
    return Side(name, steps, losses[3], losses[-1], (4, 0.5), (4, 0.5), Curve(x, losses), edits)


def found(left="main", right="main-2"):
    """Two branches of the worked example."""
    edit = Edit(2, 3, "hidden.z", (0, 1), 1.5)
    weights = [
        NumberDifference(Cell("hidden.weight", (k // 2, k % 2)), f"w{k}", (1.0, 1.0 + 2.0**-k))
        for k in range(4)
    ]
    return Comparison(
        sides=(side(left, (0.9, 0.7, 0.5, 0.4, 0.3)), side(right, (0.9, 0.8, 0.7, 0.65), edit)),
        parent="main",
        fork=(2, 3),
        step=4,
        parted=2,
        first=FirstDifference(
            2, 3, "hidden.z[h2]", Cell("hidden.z", (1,)), 0, (3.2, 1.5), 1, 2, edited=True
        ),
        searched=5,
        differing=4,
        numbers=9,
        by_size=tuple(weights),
        by_ratio=tuple(weights[::-1]),
        complete=True,
    )


def slope(index=(0, 1), verdict="right", gradient=-0.25, kinks=()):
    """A gradient of −0.25, found again."""
    difference = Difference(
        (1e-4, 5e-5), 0.5, (0.499975, 0.4999875), (0.500025, 0.5000125), -0.25, -0.25, -0.25,
        1e-11, kink=verdict == "kink",
    )  # fmt: skip
    return Slope("hidden.weight", index, "w₁₂", 3, 0.3, gradient, difference, 0.25, verdict, kinks)


KINK = Kink(4, "a = max(0, z)", "hidden.a[h2] of sample 3", "hidden.z[h2] of sample 3 changes sign")


class FakeSlopes:
    """Gradients of the hidden weights, the second of which has a kink."""

    def of(self, name, index):
        if name != "hidden.weight":
            raise UsageError(f"there is no parameter '{name}'")
        return slope(index, "kink", kinks=(KINK,)) if index == (0, 1) else slope(index)

    def all(self, name):
        yield 0.5
        wrong = slope((1, 0), "wrong", 0.75)
        return Survey(name, 4, (wrong, slope((0, 1), "kink"), slope((0, 0)), slope((1, 1))))


class FakeStudy:
    """
    Args:
        reports: how many reports come before an answer.
    """

    def __init__(self, reports=0):
        self.reports = reports
        self.slopes = FakeSlopes()

    def compare(self, left, right, *, latest=False):
        known = found(left, right)
        return Comparison(known.sides, known.parent, known.fork, 5 if latest else 4, known.parted)

    def complete(self, comparison):
        for k in range(self.reports):
            yield k / self.reports
        return found(*(side.name for side in comparison.sides))

    def knows(self, text):
        return text != "x[0, 1]"

    def course(self, text):
        if "?" in text:
            raise UsageError("this is no expression")
        return Course(text, "main", op=3, steps=8, sampled="z" in text)

    def follow(self, course):
        for k in range(self.reports):
            yield k / self.reports
        for value in (1.0, 3.0, -2.0, 0.0, 3.0, None, 2.0, 5.0):
            course.append(value)
            yield len(course) / 8
