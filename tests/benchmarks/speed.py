"""A whole training step of ours against PyTorch's and JAX's, in one process on one thread.

A self-organizing map, which PyTorch has none of, is compared with MiniSom.

    python tests/benchmarks/speed.py [ROUNDS [NAME]]

NAME is a part of the names of the networks to measure.

Contenders take turns, round by round; a figure is the median of its rounds, so that what else the
machine does falls on all alike. Trust the ratios, not the microseconds. Exits with 1 where a bar is
missed.
"""

from __future__ import annotations

import os

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"
os.environ["XLA_FLAGS"] = (
    "--xla_cpu_multi_thread_eigen=false --xla_force_host_platform_device_count=1"
)

import importlib.util  # noqa: E402 - the number of threads is read at import
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any, Final  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2]))

from nntui.engine.machine import straight  # noqa: E402
from nntui.engine.trainer import Trainer, quiet  # noqa: E402
from tests.benchmarks.pytorch_peer import pytorch  # noqa: E402
from tests.benchmarks.soms import MapNetwork  # noqa: E402
from tests.engine.networks import (  # noqa: E402
    CONV,
    GAN,
    GRU,
    LARGE,
    LSTM,
    MIDDLE,
    NETWORKS,
    RNN,
    SMALL,
    SMALLEST,
    SMALLEST_BCE,
    TRANSFORMER,
    AnyNetwork,
)

TORCH_BARS: Final = {
    SMALLEST: 15.0, SMALLEST_BCE: 15.0, SMALL: 18.0, MIDDLE: 8.0, LARGE: 1.0, CONV: 4.0,
    RNN: 12.0, LSTM: 6.5, GRU: 8.0, TRANSFORMER: 3.5, GAN: 14.0,
}  # fmt: skip
SOM: Final = "map of 10×10 units, colours"
MAPS: Final = {SOM: MapNetwork(10)}
MINISOM_BARS: Final = {SOM: 3.4}
JAX_BARS: Final = dict.fromkeys(
    (SMALLEST, SMALLEST_BCE, SMALL, MIDDLE, CONV, RNN, LSTM, GRU, TRANSFORMER, GAN, SOM), 1.0
)
BARS: Final = {"PyTorch": TORCH_BARS, "MiniSom": MINISOM_BARS, "JAX jit": JAX_BARS}
PARTS_BAR: Final = 1.5
"""A step may take so many times as long as its calls do by themselves."""

ROUND_SECONDS: Final = 0.003
"""Short, so that most rounds run undisturbed."""

Run = Callable[[int], Any]
"""Does so many training steps."""


def ours(trainer: Trainer) -> Run:
    step = trainer.runner()

    def run(count: int) -> None:
        with quiet():
            for k in range(1, count + 1):
                step(k)

    return run


@dataclass
class Contender:
    """Something that trains.

    Attributes:
        count: steps in a round.
        times: seconds a step, by round.
    """

    run: Run
    count: int = 1
    times: list[float] = field(default_factory=list)

    def warm_up(self) -> None:
        """Settle, and find how many steps fill a round."""
        self.run(3)
        while (elapsed := min(self._elapsed() for _ in range(5))) < ROUND_SECONDS / 4:
            self.count *= 2
        self.count = max(1, round(self.count * ROUND_SECONDS / elapsed))

    def round(self) -> None:
        self.times.append(self._elapsed() / self.count)

    def _elapsed(self) -> float:
        start = time.perf_counter()
        self.run(self.count)
        return time.perf_counter() - start

    @property
    def microseconds(self) -> float:
        return 1e6 * median(self.times)


def parts(trainer: Trainer) -> float:
    """Microseconds that the calls of a step take one by one, each repeated by itself."""
    memory, total, repeats = trainer.memory(1), 0.0, 20
    step = trainer.runner()
    with quiet():
        for call in memory._straight_calls():
            # Between rounds the whole step sets every number right again.
            again, times = straight([call] * repeats, float), []
            for k in range(1, 40):
                step(k)
                start = time.perf_counter()
                again(k)
                times.append((time.perf_counter() - start) / repeats)
            total += median(times)
    return 1e6 * total


def rivals_of(network: AnyNetwork | MapNetwork) -> dict[str, Run]:
    """Those that train the same, as far as they are installed."""
    if isinstance(network, MapNetwork):
        return network.rivals()
    rivals = {"PyTorch": pytorch(network)}
    if importlib.util.find_spec("jax") is not None:
        from tests.benchmarks.jax_peer import jax

        rivals["JAX jit"] = jax(network)
    return rivals


def measure(network: AnyNetwork | MapNetwork, rounds: int) -> tuple[dict[str, float], float]:
    """Microseconds a step by contender, and those of our calls by themselves."""
    trainer = network.trainer()
    runs = {"ours": ours(trainer), **rivals_of(network)}
    contenders = {name: Contender(run) for name, run in runs.items()}
    for contender in contenders.values():
        contender.warm_up()
    alone = []
    for k in range(rounds):
        for contender in contenders.values():
            contender.round()
        if k % 20 == 0:
            alone.append(parts(trainer))
    return {name: c.microseconds for name, c in contenders.items()}, median(alone)


def report(name: str, trainer: Trainer, times: dict[str, float], alone: float) -> bool:
    """Print a line of the table; whether all bars are met."""
    mine = times["ours"]
    missed = []
    for who, bars in BARS.items():
        if who in times and name in bars and times[who] / mine < bars[name]:
            missed.append(f"{who} {times[who] / mine:.1f} < {bars[name]:g}")
    if mine / alone > PARTS_BAR:
        missed.append(f"step/calls {mine / alone:.2f} > {PARTS_BAR:g}")
    calls = len(trainer.memory(1)._straight_calls())
    columns = [f"{times.get(who, float('nan')):9.2f}" for who in ("ours", *BARS)]
    columns += [f"{times.get(who, float('nan')) / mine:9.2f}" for who in BARS]
    columns += [f"{calls:6d}", f"{mine / alone:10.2f}"]
    print(f"{name:36}", *columns, "missed: " + ", ".join(missed) if missed else "ok")
    return not missed


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    wanted = {name: network for name, network in {**NETWORKS, **MAPS}.items() if part in name}
    print("float64, one thread, microseconds a training step; × = that time over ours")
    heads = ("ours", *BARS, *(f"× {who}" for who in BARS))
    print(f"{'':36}", *(f"{head:>9}" for head in heads), f"{'calls':>6}", f"{'step/calls':>10}")
    met = [
        report(name, network.trainer(), *measure(network, rounds))
        for name, network in wanted.items()
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
