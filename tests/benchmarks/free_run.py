"""The app at full speed, with all that looks on, against the bare engine.

    python tests/benchmarks/free_run.py [ROUNDS]

64-16-16-10 with shuffled batches of 32. On one side a loop around the engine's training step; on
the other the app at full speed, drawing on a screen of 120 × 36 as often as it always does, with
history, two watches and three breakpoints that never come true. They take turns; the ratio is the
median of those of neighbours. Exits with 1 below the bar.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"

import asyncio  # noqa: E402 - the number of threads is read at import
import sys  # noqa: E402
import time  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Final  # noqa: E402

import numpy as np  # noqa: E402
from textual.pilot import Pilot  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2]))

from nntui.engine.model import Dataset, Samples  # noqa: E402
from nntui.engine.trainer import Trainer, quiet  # noqa: E402
from nntui.scenario import Scenario, parse  # noqa: E402
from nntui.session.curve import activation_curve  # noqa: E402
from nntui.session.session import Session  # noqa: E402
from nntui.ui.app import NntuiApp, keep_for_good  # noqa: E402

NETWORK: Final = """\
title = "64-16-16-10"
[data]
inputs = ["x"]
outputs = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
rows = [{ x = [0], y = 0 }, { x = [1], y = 1 }]
[[layers]]
name = "first"
type = "dense"
units = 16
activation = "relu"
[[layers]]
name = "second"
type = "dense"
units = 16
activation = "relu"
[[layers]]
name = "output"
type = "dense"
units = 10
[training]
loss = "cross_entropy"
optimizer = { type = "sgd", lr = 1e-6 }
batch_size = 32
epochs = 10000000
"""
BREAKPOINTS: Final = (
    "loss < 0.05",
    "abs(second.weight.grad).max() < 1e-6",
    "loss > 3 * prev(loss)",
)
WATCHES: Final = ("loss", "abs(first.weight).max()")

BAR: Final = 0.8
ROUND_SECONDS: Final = 0.5
ROWS: Final = 2048


def scenario() -> Scenario:
    """The network, on random data that are shuffled in every epoch."""
    random = np.random.default_rng(0)
    x, y = random.normal(size=(ROWS, 64)), random.integers(0, 10, ROWS)
    data = Dataset(
        train=Samples(x, y),
        inputs=tuple(f"x{k}" for k in range(64)),
        outputs=tuple(map(str, range(10))),
        classes=tuple(map(str, range(10))),
        shuffle=True,
    )
    return replace(parse(NETWORK, origin="free_run"), data=data)


class Bare:
    """The engine by itself."""

    def __init__(self, plan: Scenario) -> None:
        self._trainer = Trainer(plan.model, plan.data)
        self._step = 0

    def rate(self, seconds: float) -> float:
        """Training steps a second of processor time."""
        first, start = self._step, time.process_time()
        with quiet():
            run = self._trainer.runner()
            while time.process_time() < start + seconds:
                for step in range(self._step + 1, self._step + 65):
                    run(step)
                self._step += 64
        return (self._step - first) / (time.process_time() - start)


async def watched(session: Session, pilot: Pilot[None], seconds: float) -> float:
    """Training steps a second of processor time."""
    await pilot.press("c")
    first, start = session.timeline.done, time.process_time()
    await asyncio.sleep(seconds)
    rate = (session.timeline.done - first) / (time.process_time() - start)
    if session.player.stopped_by is not None:
        raise SystemExit(f"breakpoint {session.player.stopped_by.text} came true")
    await pilot.press("space")
    await pilot.app.workers.wait_for_complete()
    return rate


async def main() -> int:
    """Measure; 1 where the bar is missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    plan = scenario()
    bare, session = Bare(plan), Session(plan)
    for text in WATCHES:
        session.watches.add(text)
    for text in BREAKPOINTS:
        session.breakpoints.add(text)
    app = NntuiApp(session, activation_curve)
    keep_for_good()
    ratios, alone, together = [], [], []
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        for _ in range(rounds):
            alone.append(bare.rate(ROUND_SECONDS))
            together.append(await watched(session, pilot, ROUND_SECONDS))
            ratios.append(together[-1] / alone[-1])
    ratio = median(ratios)
    print(
        f"bare engine {median(alone):.0f} steps/s, the app {median(together):.0f} steps/s:"
        f" {ratio:.3f} of it (≥ {BAR:g})"
    )
    return 0 if ratio >= BAR else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
