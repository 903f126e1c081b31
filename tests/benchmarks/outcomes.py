"""What the bundled scenarios reach, over several seeds, against what is asked of them.

    python tests/benchmarks/outcomes.py [NAME …]

A row says how long a scenario may take to an accuracy, and what it must end with. Each is trained
with the seeds 0 to 4 in place of its own. Exits with 1 where one falls short.
"""

from __future__ import annotations

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2]))

from nntui.engine.trainer import Score, Trainer, quiet
from nntui.scenario import parse
from nntui.scenario.bundle import find

SEEDS: Final = range(5)


@dataclass(frozen=True)
class Row:
    """What is asked of a scenario, on the rows it has not been trained with.

    Attributes:
        reach: an accuracy.
        within: the last epoch in which to reach it.
        end: (lowest, highest) accuracy after its own number of epochs.
    """

    name: str
    reach: float
    within: int
    end: tuple[float, float]


ROWS: Final = (
    Row("bars", reach=0.95, within=17, end=(0.98, 1.0)),
    Row("digits", reach=0.95, within=12, end=(0.95, 1.0)),
)


@dataclass(frozen=True)
class Outcome:
    """What came of a run; the epoch is infinite where the accuracy was never reached."""

    epoch: float
    score: Score

    @property
    def accuracy(self) -> float:
        return math.nan if self.score.accuracy is None else self.score.accuracy


def run(row: Row, seed: int) -> Outcome:
    """Train a scenario with another seed, evaluating it after every epoch."""
    path = find(row.name)
    assert path is not None, row.name
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join(f"seed = {seed}" if line.startswith("seed ") else line for line in lines)
    scenario = parse(text, origin=row.name, folder=path.parent)
    trainer = Trainer(scenario.model, scenario.data)
    held_back = scenario.data.test
    assert held_back is not None, f"{row.name} holds no rows back"
    reached = math.inf
    step = trainer.runner()
    for k in range(1, scenario.model.training.epochs * trainer.steps_per_epoch + 1):
        with quiet():
            step(k)
        if k % trainer.steps_per_epoch == 0:
            score = trainer.evaluate(held_back)
            if math.isinf(reached) and (score.accuracy or 0.0) >= row.reach:
                reached = k // trainer.steps_per_epoch
    return Outcome(reached, trainer.evaluate(held_back))


def report(row: Row) -> bool:
    """Print what a scenario reaches; whether that is what is asked."""
    outcomes = [run(row, seed) for seed in SEEDS]
    low, high = row.end
    met = all(o.epoch <= row.within and low <= o.accuracy <= high for o in outcomes)
    epochs = " ".join(f"{o.epoch:4g}" for o in outcomes)
    accuracies = " ".join(f"{100 * o.accuracy:6.2f}" for o in outcomes)
    asked = f"{100 * row.reach:g} % by epoch {row.within}, ends at {100 * low:g} to"
    print(
        f"{row.name:12} epoch {epochs}   end {accuracies} %   asked: {asked} {100 * high:g} %",
        end="",
    )
    print("   ok" if met else "   MISSED")
    return met


def main() -> int:
    wanted = sys.argv[1:] or [row.name for row in ROWS]
    met = [report(row) for row in ROWS if row.name in wanted]
    return 0 if met and all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
