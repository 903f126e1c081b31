"""A whole training step of ours against PyTorch's and JAX's, in one process on one thread.

    python tests/benchmarks/speed.py [ROUNDS]

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

import numpy as np  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2]))

from nntui.engine.machine import straight  # noqa: E402
from nntui.engine.trainer import Trainer, quiet  # noqa: E402
from tests.engine.networks import (  # noqa: E402
    CONV,
    LARGE,
    MIDDLE,
    NETWORKS,
    SMALL,
    SMALLEST,
    SMALLEST_BCE,
    AnyNetwork,
    ConvNetwork,
    Network,
)

TORCH_BARS: Final = {
    SMALLEST: 15.0, SMALLEST_BCE: 15.0, SMALL: 18.0, MIDDLE: 8.0, LARGE: 1.0, CONV: 4.0,
}  # fmt: skip
JAX_BARS: Final = {SMALLEST: 1.0, SMALLEST_BCE: 1.0, SMALL: 1.0, MIDDLE: 1.0, CONV: 1.0}
PARTS_BAR: Final = 1.5
"""A step may take so many times as long as its calls do by themselves."""

ROUND_SECONDS: Final = 0.003
"""Short, so that most rounds run undisturbed."""
RATE: Final = 0.01

Run = Callable[[int], Any]
"""Does so many training steps."""


def ours(trainer: Trainer) -> Run:
    step = trainer.runner()

    def run(count: int) -> None:
        with quiet():
            for k in range(1, count + 1):
                step(k)

    return run


def torch_layers(network: AnyNetwork) -> list[Any]:
    """The network as PyTorch's modules."""
    import torch

    if isinstance(network, ConvNetwork):
        return [
            torch.nn.Conv2d(1, network.filters, 3),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(network.features, network.classes),
        ]
    functions = {"sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
    layers: list[torch.nn.Module] = []
    for before, after, name in zip(
        network.sizes, network.sizes[1:], network.activations, strict=False
    ):
        layers.append(torch.nn.Linear(before, after))
        if name in functions:
            layers.append(functions[name]())
    return layers


def pytorch(network: AnyNetwork) -> Run:
    import torch

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    losses = {
        "mse": torch.nn.MSELoss,
        "bce": torch.nn.BCELoss,
        "cross_entropy": torch.nn.CrossEntropyLoss,
    }
    model, criterion = torch.nn.Sequential(*torch_layers(network)), losses[network.loss]()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    x, y = map(torch.tensor, network.data())

    def run(count: int) -> None:
        for _ in range(count):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            loss.item()

    return run


def jax_dense(network: Network) -> tuple[Any, Callable[[Any, Any], Any]]:
    """Parameters, and the function of them and x that predicts."""
    import jax
    import jax.numpy as jnp

    functions = {
        "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh, "relu": jax.nn.relu, "linear": lambda z: z,
    }  # fmt: skip
    random = np.random.default_rng(1)
    parameters = [
        (jnp.array(random.normal(size=(after, before)) / before**0.5), jnp.zeros(after))
        for before, after in zip(network.sizes, network.sizes[1:], strict=False)
    ]

    def predict(parameters: Any, a: Any) -> Any:
        for (weight, bias), name in zip(parameters, network.activations, strict=True):
            a = functions[name](a @ weight.T + bias)
        return a

    return parameters, predict


def jax_conv(network: ConvNetwork) -> tuple[Any, Callable[[Any, Any], Any]]:
    """The same for a convolution."""
    import jax
    import jax.numpy as jnp

    random = np.random.default_rng(1)
    parameters = [
        (jnp.array(random.normal(size=shape) / 3.0), jnp.zeros(shape[0]))
        for shape in ((network.filters, 1, 3, 3), (network.classes, network.features))
    ]

    def predict(parameters: Any, x: Any) -> Any:
        (filters, bias), (weight, last) = parameters
        z = jax.lax.conv_general_dilated(x, filters, (1, 1), "VALID") + bias[:, None, None]
        window = (1, 1, 2, 2)
        pooled = jax.lax.reduce_window(
            jax.nn.relu(z), -jnp.inf, jax.lax.max, window, window, "VALID"
        )
        return pooled.reshape(len(x), -1) @ weight.T + last

    return parameters, predict


def jax(network: AnyNetwork) -> Run:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    convolves = isinstance(network, ConvNetwork)
    parameters, predict = jax_conv(network) if convolves else jax_dense(network)
    x, y = map(jnp.array, network.data())

    def loss(parameters: Any) -> Any:
        a = predict(parameters, x)
        if network.loss == "mse":
            return jnp.mean((a - y) ** 2)
        if network.loss == "bce":
            return -jnp.mean(y * jnp.log(a) + (1 - y) * jnp.log1p(-a))
        return -jnp.mean(jax.nn.log_softmax(a)[jnp.arange(len(y)), y])

    def step(parameters: Any) -> tuple[Any, Any]:
        value, gradients = jax.value_and_grad(loss)(parameters)
        moved = jax.tree.map(lambda p, g: p - RATE * g, parameters, gradients)
        return moved, value

    compiled = jax.jit(step, donate_argnums=0)
    state = [parameters]

    def run(count: int) -> None:
        now = state[0]
        for _ in range(count):
            now, value = compiled(now)
        value.block_until_ready()
        state[0] = now

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


def measure(network: AnyNetwork, rounds: int) -> tuple[dict[str, float], float]:
    """Microseconds a step by contender, and those of our calls by themselves."""
    trainer = network.trainer()
    contenders = {"ours": Contender(ours(trainer)), "PyTorch": Contender(pytorch(network))}
    if importlib.util.find_spec("jax") is not None:
        contenders["JAX jit"] = Contender(jax(network))
    for contender in contenders.values():
        contender.warm_up()
    alone = []
    for k in range(rounds):
        for contender in contenders.values():
            contender.round()
        if k % 20 == 0:
            alone.append(parts(trainer))
    return {name: c.microseconds for name, c in contenders.items()}, median(alone)


def report(name: str, times: dict[str, float], alone: float) -> bool:
    """Print a line of the table; whether all bars are met."""
    mine = times["ours"]
    checks = [(times["PyTorch"] / mine, TORCH_BARS[name], "PyTorch")]
    if "JAX jit" in times and name in JAX_BARS:
        checks.append((times["JAX jit"] / mine, JAX_BARS[name], "JAX"))
    missed = [f"{what} {ratio:.1f} < {bar:g}" for ratio, bar, what in checks if ratio < bar]
    if mine / alone > PARTS_BAR:
        missed.append(f"step/calls {mine / alone:.2f} > {PARTS_BAR:g}")
    calls = len(NETWORKS[name].trainer().memory(1)._straight_calls())
    columns = [f"{times.get(who, float('nan')):9.2f}" for who in ("ours", "PyTorch", "JAX jit")]
    columns += [f"{times.get(who, float('nan')) / mine:9.2f}" for who in ("PyTorch", "JAX jit")]
    columns += [f"{calls:6d}", f"{mine / alone:10.2f}"]
    print(f"{name:28}", *columns, "missed: " + ", ".join(missed) if missed else "ok")
    return not missed


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("float64, one thread, microseconds a training step; × = that time over ours")
    heads = ("ours", "PyTorch", "JAX jit", "× PyTorch", "× JAX jit")
    print(f"{'':28}", *(f"{head:>9}" for head in heads), f"{'calls':>6}", f"{'step/calls':>10}")
    met = [report(name, *measure(network, rounds)) for name, network in NETWORKS.items()]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
