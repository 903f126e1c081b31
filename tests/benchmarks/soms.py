"""A self-organizing map and those that train the same one: MiniSom, and JAX's compiled function."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nntui.engine.data.colors import Colors
from nntui.engine.model import Dataset, Samples
from nntui.engine.models.som import Map, Som
from nntui.engine.random import Keyed
from nntui.engine.trainer import Trainer

Run = Callable[[int], Any]

RATE, RADIUS, LENGTH = 0.5, 3.0, 10_000


@dataclass(frozen=True)
class MapNetwork:
    """A square map of colours, a sample a step, with MiniSom's decay."""

    side: int

    def trainer(self) -> Trainer:
        """A fresh run."""
        options = {"rows": self.side, "cols": self.side, "init": "uniform"}
        plan = Map(**options, learning_rate=RATE, radius=RADIUS)
        x = self.samples()
        passes = LENGTH // len(x)
        return Trainer(Som(map=plan, passes=passes), Dataset(train=Samples(x, None)))

    def samples(self) -> np.ndarray:
        """(rows, 3)."""
        return Colors().generate(Keyed(0)).x

    def rivals(self) -> dict[str, Run]:
        """Those that are installed."""
        known = {"MiniSom": ("minisom", self._minisom), "JAX jit": ("jax", self._jax)}
        return {
            name: make()
            for name, (module, make) in known.items()
            if importlib.util.find_spec(module) is not None
        }

    def _minisom(self) -> Run:
        from minisom import MiniSom

        x = self.samples()
        other = MiniSom(self.side, self.side, 3, sigma=RADIUS, learning_rate=RATE, random_seed=0)

        def run(count: int) -> None:
            for t in range(count):
                sample = x[t % len(x)]
                other.update(sample, other.winner(sample), t, LENGTH)

        return run

    def _jax(self) -> Run:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_cpu_enable_async_dispatch", False)
        x = [jnp.array(row) for row in self.samples()]
        rows, columns = jnp.meshgrid(jnp.arange(self.side), jnp.arange(self.side), indexing="ij")

        def step(weight: Any, sample: Any, t: Any) -> tuple[Any, Any]:
            share = 1.0 + 2.0 * t / LENGTH
            difference = sample - weight
            distance = jnp.sqrt(jnp.sum(difference**2, axis=-1))
            best = jnp.argmin(distance)
            row, column = best // self.side, best % self.side
            apart = (rows - row) ** 2 + (columns - column) ** 2
            near = jnp.exp(-apart / (2.0 * (RADIUS / share) ** 2))
            moved = weight + (RATE / share * near)[..., None] * difference
            return moved, distance.reshape(-1)[best]

        compiled = jax.jit(step, donate_argnums=0)
        random = np.random.default_rng(0)
        state = [jnp.array(random.random((self.side, self.side, 3)))]

        def run(count: int) -> None:
            now, value = state[0], None
            for t in range(count):
                now, value = compiled(now, x[t % len(x)], t)
            if value is not None:
                value.block_until_ready()
            state[0] = now

        return run
