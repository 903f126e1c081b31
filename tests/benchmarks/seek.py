"""Going to a random op of a long history, and one op back: how long, and whether bit-identical.

    python tests/benchmarks/seek.py [STEPS]

Runs each network for a million training steps (or STEPS) with the checkpoints of a session, notes
the state after some of them, and goes back to those in random order. Also: what the checkpoints
cost a run. Times are the processor's for this process, so that what else the machine does does not
count. Exits with 1 where a bar is missed.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import random  # noqa: E402 - the number of threads is read at import
import sys  # noqa: E402
import time  # noqa: E402
from hashlib import blake2b  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Final  # noqa: E402

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2]))

from nntui.engine.optimizers import Adam, Optimizer, Sgd  # noqa: E402
from nntui.engine.trainer import quiet  # noqa: E402
from nntui.session.timeline import Timeline  # noqa: E402
from tests.engine.networks import MIDDLE, NETWORKS, SMALL  # noqa: E402

CASES: Final[tuple[tuple[str, Optimizer, float], ...]] = (
    (SMALL, Sgd(lr=0.01), 1.0),
    (SMALL, Adam(), 2.0),
    (MIDDLE, Sgd(lr=0.01), 8.0),
    (MIDDLE, Adam(), 40.0),
)
"""Network, optimizer, and the most milliseconds that 95 % of seeks may take."""

BACK_BAR: Final = 0.2
COST_BAR: Final = 1.05
PLACES: Final = 300
CHUNK: Final = 512


def digest(timeline: Timeline) -> bytes:
    """A hash of parameters and moments."""
    return blake2b(timeline.trainer.state.vector.tobytes()).digest()


def train(timeline: Timeline, to: int) -> None:
    """Run on to the end of a step, as a free run does."""
    while timeline.done < to:
        timeline.straight(min(CHUNK, to - timeline.done))


def cost(name: str, optimizer: Optimizer, rounds: int = 101) -> float:
    """Time of a run with history over that of the bare engine.

    Both are rounds of the same machine, in turn, so that where its memory lies and what else goes
    on falls on both alike.
    """
    timeline = Timeline(NETWORKS[name].trainer(optimizer))
    trainer = timeline.trainer
    ratios = []
    for first in range(1, rounds * CHUNK, CHUNK):
        state = trainer.state.vector.copy()
        start = time.process_time()
        with quiet():
            run = trainer.runner()
            for step in range(first, first + CHUNK):
                run(step)
        middle = time.process_time()
        trainer.state.vector[...] = state
        again = time.process_time()
        train(timeline, first + CHUNK - 1)
        ratios.append((time.process_time() - again) / (middle - start))
    return median(ratios)


def case(name: str, optimizer: Optimizer, bar: float, steps: int) -> bool:
    """Measure one; prints a line, and says whether it is within the bars."""
    timeline = Timeline(NETWORKS[name].trainer(optimizer))
    ops = len(timeline.trainer.program.ops)
    choose = random.Random(1)
    places = sorted(choose.sample(range(2, steps), PLACES))
    known = {}
    for place in places:
        train(timeline, place - 1)
        known[place] = digest(timeline)
    train(timeline, steps)
    choose.shuffle(places)
    seeks, wrong = [], 0
    for place in places:
        op = choose.randint(1, ops)
        start = time.process_time()
        timeline.reach(place, op)
        seeks.append(1000 * (time.process_time() - start))
        timeline.reach(place, 0)
        wrong += digest(timeline) != known[place]
    backs = []
    step, op = places[-1], ops
    for _ in range(20 * ops):
        step, op = (step, op - 1) if op > 1 else (step - 1, ops)
        start = time.process_time()
        timeline.reach(step, op)
        backs.append(1000 * (time.process_time() - start))
    ratio = cost(name, optimizer)
    p95, back = float(np.percentile(seeks, 95)), float(np.percentile(backs, 95))
    print(
        f"{name:<26} {optimizer.type:<5} seek p50 {median(seeks):6.2f}  p95 {p95:6.2f} ms"
        f" (≤ {bar:g})"
        f"  one op back p95 {back:5.3f} ms (≤ {BACK_BAR:g})  checkpoints × {ratio:.3f}"
        f" (≤ {COST_BAR:g})  {PLACES - wrong}/{PLACES} bit-identical"
    )
    return p95 <= bar and back <= BACK_BAR and ratio <= COST_BAR and not wrong


def main() -> int:
    """Measure all; 1 where a bar is missed."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    results = [case(*row, steps) for row in CASES]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
