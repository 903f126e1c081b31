"""What the bundled scenarios reach, over several seeds, against what is asked of them.

    python tests/benchmarks/outcomes.py [NAME …]

A row says how many training steps or epochs a scenario may take to a goal, and what it must end
with; or that it must not get there. A claim is about something else that is measured in a run, such
as how many neurons are dead at its end. Each is trained with the seeds 0 to 4 in place of its own,
or those that a claim names. Exits with 1 where one falls short.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from nntui.engine.trainer import Score, Trainer, quiet
from nntui.scenario import parse
from nntui.scenario.bundle import find

SEEDS: Final = range(5)
NEVER: Final = math.inf
TE: Final = "topographic error"


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


@dataclass(frozen=True)
class Claim:
    """What a scenario is said to show, measured.

    Attributes:
        what: it in words.
        measure: finds the number in a run that has not begun.
        bounds: (lowest, highest) number for each seed.
        changes: what to write otherwise in the file.
        together: whether the bounds are those of the sum over the seeds.
    """

    name: str
    what: str
    measure: Callable[[Trainer], float]
    bounds: tuple[float, float]
    changes: Mapping[str, str] = field(default_factory=dict)
    seeds: Sequence[int] = SEEDS
    together: bool = False


def train(trainer: Trainer) -> None:
    """All the epochs of a run."""
    step = trainer.runner()
    with quiet():
        for k in range(1, trainer.model.epochs * trainer.steps_per_epoch + 1):
            step(k)


def final_loss(trainer: Trainer) -> float:
    """The loss after training."""
    train(trainer)
    return trainer.evaluate(trainer.dataset.train).loss


def final_accuracy(trainer: Trainer) -> float:
    """The share of right answers after training."""
    train(trainer)
    return trainer.evaluate(trainer.dataset.train).accuracy or 0.0


def stuck(trainer: Trainer) -> float:
    """1 for a run that ends without having learned its task, else 0."""
    return float(final_accuracy(trainer) < 1)


def dead(trainer: Trainer) -> float:
    """Hidden neurons that are 0 for every row after training."""
    train(trainer)
    trainer.run_ops(1, 1, len(trainer.program.ops))
    return float((trainer.memory(1).public("hidden.a") == 0).all(0).sum())


def first_infinite(trainer: Trainer) -> float:
    """The first training step whose loss is not finite; infinite where there is none."""
    step = trainer.runner()
    with quiet():
        for k in range(1, trainer.model.epochs * trainer.steps_per_epoch + 1):
            if not math.isfinite(step(k)):
                return k
    return NEVER


def first_to_last(trainer: Trainer) -> float:
    """The first layer's gradient as a share of the last one's: lengths over the first epoch.

    In a single batch the rows may happen to cancel at the last layer.
    """
    weights = [p for p in trainer.program.parameters if p.name.endswith(".weight")]
    step, found = trainer.runner(), []
    for k in range(1, trainer.steps_per_epoch + 1):
        step(k)
        ends = (weights[0], weights[-1])
        found.append([np.linalg.norm(p.view(trainer.gradients)) for p in ends])
    first, last = np.linalg.norm(found, axis=0)
    return float(first / last)


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
    Row(
        "gan_bars",
        goal=0.4,
        within=NEVER,
        end=(1, 3),
        every=100,
        measure="generator.loss",
        down=True,
    ),
    Row("som_colors", goal=0.0, within=600, end=(0.0, 0.0), every=25, measure=TE, down=True),
    Row("som_colors", goal=0.1, within=600, end=(0.06, 0.1), every=25, loss=True),
    Row("som_square", goal=0.0, within=1500, end=(0.0, 0.0), every=50, measure=TE, down=True),
    Row("som_useless", goal=0.5, within=NEVER, end=(0.9, 1.0), every=25, measure=TE, down=True),
    Row("som_useless", goal=0.001, within=600, end=(0.0, 0.001), every=25, loss=True),
    Row("som_iris", goal=0.1, within=1200, end=(0.0, 0.2), every=50, measure=TE, down=True),
)
LN2: Final = math.log(2)
CLAIMS: Final = (
    Claim("vanishing", "‖∂W₁‖ / ‖∂W₆‖, first epoch", first_to_last, (3e-5, 5e-3)),
    Claim("vanishing", "stuck after 150 epochs", stuck, (3, 5), together=True),
    Claim("vanishing_cured", "‖∂W₁‖ / ‖∂W₆‖, first epoch", first_to_last, (0.08, 2)),
    Claim("vanishing_cured", "stuck after 150 epochs", stuck, (0, 0), together=True),
    Claim("dying_relu", "dead of 8 after 200 steps, lr 10", dead, (7, 8)),
    Claim("dying_relu", "dead of 8, lr 1", dead, (0, 1), {"lr = 10.0": "lr = 1.0"}),
    Claim("explode", "first step not finite, lr 1", first_infinite, (5, 8)),
    Claim("explode", "the same, lr 0.5", first_infinite, (6, 8), {"lr = 1.0": "lr = 0.5"}),
    Claim("explode_cured", "the same, lr 0.01", first_infinite, (NEVER, NEVER)),
    Claim("symmetry", "loss after 500 steps", final_loss, (LN2, LN2)),
    Claim("symmetry_half", "loss after 500 steps", final_loss, (0.4855, 0.4865)),
    Claim("local_minimum", "stuck, of 20", stuck, (8, 11), seeds=range(20), together=True),
    Claim("local_minimum", "stuck, of 20, 4 units", stuck, (0, 0), {"units      = 2": "units = 4"},
          range(20), together=True),
    Claim("input_scale", "accuracy after 300 epochs", final_accuracy, (0.5, 0.65)),
    Claim("spiral", "accuracy after 300 epochs", final_accuracy, (0.94, 1.0)),
)  # fmt: skip


def begin(name: str, seed: int, changes: Mapping[str, str]) -> Trainer:
    """A run of a scenario with another seed, at its start."""
    path = find(name)
    assert path is not None, name
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, (name, old)
        text = text.replace(old, new)
    head, data, rest = text.partition("[data]")
    kept = [line for line in head.splitlines() if not line.startswith("seed ")]
    text = "\n".join([f"seed = {seed}", *kept, data + rest])
    scenario = parse(text, origin=name, folder=path.parent)
    return Trainer(scenario.model, scenario.data)


def run(row: Row, seed: int) -> tuple[float, float]:
    """(when it reaches the goal, what it ends with): a scenario with another seed."""
    trainer = begin(row.name, seed, {})
    rows = trainer.dataset.test or trainer.dataset.train
    reached, unit = NEVER, trainer.steps_per_epoch if row.unit == "epoch" else 1
    step = trainer.runner()
    for k in range(1, trainer.model.epochs * trainer.steps_per_epoch + 1):
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


def confirm(claim: Claim) -> bool:
    """Print what is measured; whether it is as claimed."""
    found = [claim.measure(begin(claim.name, seed, claim.changes)) for seed in claim.seeds]
    low, high = claim.bounds
    judged = [sum(found)] if claim.together else found
    met = all(low <= value <= high for value in judged)
    shown = " ".join(f"{value:.6g}" for value in judged)
    asked = f"{low:g} to {high:g}"
    print(f"{claim.name:15} {claim.what}: {shown}   {asked}   {'ok' if met else 'MISSED'}")
    return met


def main() -> int:
    wanted = sys.argv[1:] or [each.name for each in (*ROWS, *CLAIMS)]
    met = [report(row) for row in ROWS if row.name in wanted]
    met += [confirm(claim) for claim in CLAIMS if claim.name in wanted]
    return 0 if met and all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
