"""What the bundled scenarios reach, over several seeds, against what is asked of them.

    python tests/benchmarks/outcomes.py [NAME …]

A row says how many training steps or epochs a scenario may take to a goal, and what it must end
with; or that it must not get there. Each is trained with the seeds 0 to 4 in place of its own.
Exits with 1 where one falls short.
"""

from __future__ import annotations

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2]))

from nntui.engine.trainer import Score, Trainer, quiet
from nntui.scenario import parse
from nntui.scenario.bundle import find

SEEDS: Final = range(5)
NEVER: Final = math.inf


@dataclass(frozen=True)
class Row:
    """What is asked of a scenario, on the rows held back, or else on those trained with.

    Attributes:
        goal: an accuracy (or another measure) to reach, or a loss to come down to.
        within: the last training step (or epoch) in which to reach it; infinite where it must never
            be reached.
        end: (lowest, highest) of the same after its own number of epochs.
        every: how many steps (or epochs) from one look to the next.
        unit: what `within` and `every` count.
        loss: whether the goal is a loss.
        measure: what the goal is about where it is none.
        down: whether the measure is to come down to the goal, as a loss is.
    """

    name: str
    goal: float
    within: float
    end: tuple[float, float]
    every: int = 2
    unit: Literal["step", "epoch"] = "step"
    loss: bool = False
    measure: str = "accuracy"
    down: bool = False

    def value(self, score: Score) -> float:
        """What the row is about."""
        if self.loss:
            return score.loss
        return score.measures[self.measure].value if self.measure in score.measures else math.nan

    def has(self, score: Score) -> bool:
        """Whether the goal is reached."""
        value = self.value(score)
        return value <= self.goal if self.loss or self.down else value >= self.goal


ROWS: Final = (
    Row("bars", goal=0.95, within=17, end=(0.98, 1.0), every=1, unit="epoch"),
    Row("digits", goal=0.95, within=12, end=(0.95, 1.0), every=1, unit="epoch"),
    Row("hello", goal=0.025, within=75, end=(0.0, 0.01), every=1, loss=True),
    Row("forget", goal=0.95, within=NEVER, end=(0.4, 0.6)),
    Row("remember", goal=0.95, within=94, end=(0.97, 1.0)),
    Row("remember_bias0", goal=0.95, within=NEVER, end=(0.4, 0.6)),
    Row("flip_flop", goal=0.97, within=88, end=(0.99, 1.0)),
    Row("sine_wave", goal=0.01, within=100, end=(0.0, 0.006), loss=True),
    Row("text", goal=0.8, within=100, end=(0.9, 1.0), every=4),
    Row("reverse", goal=1.0, within=200, end=(1.0, 1.0), every=10, measure="exact match"),
    Row("sort", goal=0.99, within=400, end=(0.98, 1.0), every=10, measure="exact match"),
    Row("shakespeare", goal=0.7, within=1120, end=(0.75, 1.0), every=112),
    Row("gan_ring", goal=8, within=1500, end=(7, 8), every=100, measure="modes"),
    Row("gan_collapse", goal=8, within=NEVER, end=(0, 7), every=50, measure="modes"),
    Row("gan_line", goal=0.06, within=400, end=(0.0, 0.06), every=50, measure="js", down=True),
    Row("gan_bars", goal=0.4, within=NEVER, end=(1, 3), measure="generator.loss", down=True),
)


def run(row: Row, seed: int) -> tuple[float, float]:
    """(when it reaches the goal, what it ends with): a scenario with another seed."""
    path = find(row.name)
    assert path is not None, row.name
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join(f"seed = {seed}" if line.startswith("seed ") else line for line in lines)
    scenario = parse(text, origin=row.name, folder=path.parent)
    trainer = Trainer(scenario.model, scenario.data)
    rows = scenario.data.test or scenario.data.train
    reached, unit = NEVER, trainer.steps_per_epoch if row.unit == "epoch" else 1
    step = trainer.runner()
    for k in range(1, scenario.model.epochs * trainer.steps_per_epoch + 1):
        with quiet():
            step(k)
        looks = reached == NEVER and k % (row.every * unit) == 0
        if looks and row.has(trainer.evaluate(rows)):
            reached = k // unit
    return reached, row.value(trainer.evaluate(rows))


def report(row: Row) -> bool:
    """Print what a scenario reaches; whether that is what is asked."""
    outcomes = [run(row, seed) for seed in SEEDS]
    low, high = row.end
    timely = all((at == NEVER) if row.within == NEVER else at <= row.within for at, _ in outcomes)
    met = timely and all(low <= end <= high for _, end in outcomes)
    steps = " ".join(f"{at:4g}" for at, _ in outcomes)
    ends = " ".join(f"{end:6.4f}" for _, end in outcomes)
    when = "never" if row.within == NEVER else f"by {row.unit} {row.within:g}"
    what = f"{'loss' if row.loss else row.measure} {row.goal:g}"
    asked = f"{what} {when}, ends at {low:g} to {high:g}"
    print(
        f"{row.name:15} {row.unit:5} {steps}   end {ends}   {asked}   {'ok' if met else 'MISSED'}"
    )
    return met


def main() -> int:
    wanted = sys.argv[1:] or [row.name for row in ROWS]
    met = [report(row) for row in ROWS if row.name in wanted]
    return 0 if met and all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
