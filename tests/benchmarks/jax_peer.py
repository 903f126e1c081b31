"""The measured networks in JAX, compiled, trained by plain SGD."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from jax import config, jit, lax, nn, tree, value_and_grad
from jax import numpy as jnp
from jax import random as jax_random

from tests.engine.networks import (
    RATE,
    AnyNetwork,
    ConvNetwork,
    GanNetwork,
    Network,
    RecurrentNetwork,
    TransformerNetwork,
)

Run = Callable[[int], Any]


def jax_dense(network: Network) -> tuple[Any, Callable[[Any, Any], Any]]:
    """Parameters, and the function of them and x that predicts."""
    functions = {
        "sigmoid": nn.sigmoid, "tanh": jnp.tanh, "relu": nn.relu, "linear": lambda z: z,
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
    random = np.random.default_rng(1)
    parameters = [
        (jnp.array(random.normal(size=shape) / 3.0), jnp.zeros(shape[0]))
        for shape in ((network.filters, 1, 3, 3), (network.classes, network.features))
    ]

    def predict(parameters: Any, x: Any) -> Any:
        (filters, bias), (weight, last) = parameters
        z = lax.conv_general_dilated(x, filters, (1, 1), "VALID") + bias[:, None, None]
        window = (1, 1, 2, 2)
        pooled = lax.reduce_window(nn.relu(z), -jnp.inf, lax.max, window, window, "VALID")
        return pooled.reshape(len(x), -1) @ weight.T + last

    return parameters, predict


def jax_recurrent(network: RecurrentNetwork) -> tuple[Any, Callable[[Any, Any], Any]]:
    """The same for a recurrent layer, its loop over time unrolled: faster than a loop."""
    sigmoid, units = nn.sigmoid, network.units

    def rnn(x: Any, state: Any, h: Any) -> Any:
        a = jnp.tanh(x + h)
        return (a, a)

    def lstm(x: Any, state: Any, h: Any) -> Any:
        i, f, g, o = jnp.split(x + h, 4, axis=1)
        c = sigmoid(f) * state[1] + sigmoid(i) * jnp.tanh(g)
        return (sigmoid(o) * jnp.tanh(c), c)

    def gru(x: Any, state: Any, h: Any) -> Any:
        (xr, xz, xn), (hr, hz, hn) = jnp.split(x, 3, axis=1), jnp.split(h, 3, axis=1)
        z, n = sigmoid(xz + hz), jnp.tanh(xn + sigmoid(xr + hr) * hn)
        return ((1 - z) * n + z * state[0], state[1])

    cell, gates = {"rnn": (rnn, 1), "lstm": (lstm, 4), "gru": (gru, 3)}[network.cell]
    random = np.random.default_rng(1)
    shapes = ((gates * units, network.features), (gates * units, units), (network.outputs, units))
    parameters = [(jnp.array(random.normal(size=s) / s[1]), jnp.zeros(s[0])) for s in shapes]

    def predict(parameters: Any, x: Any) -> Any:
        (of_x, one), (of_h, other), (last, bias) = parameters
        states = (jnp.zeros((len(x), units)),) * 2
        for t in range(network.time):
            states = cell(x[:, t] @ of_x.T + one, states, states[0] @ of_h.T + other)
        return states[0] @ last.T + bias

    return parameters, predict


def jax_transformer(network: TransformerNetwork) -> tuple[Any, Callable[[Any, Any], Any]]:
    """The same for a transformer; a row of scores for each position of each sample."""
    units, heads, time = network.units, network.heads, network.time
    random = np.random.default_rng(1)

    def affine(before: int, after: int) -> tuple[Any, Any]:
        return jnp.array(random.normal(size=(after, before)) / before**0.5), jnp.zeros(after)

    parameters = {
        "embedding": jnp.array(random.normal(size=(network.tokens, units))),
        "positions": jnp.array(random.normal(size=(time, units))),
        "projections": affine(units, 3 * units),
        "out": affine(units, units),
        "ff1": affine(units, network.ff),
        "ff2": affine(network.ff, units),
        "scores": affine(units, network.tokens),
        **{name: (jnp.ones(units), jnp.zeros(units)) for name in ("norm1", "norm2", "norm")},
    }
    visible = jnp.tril(jnp.ones((time, time), bool))

    def project(x: Any, weights: Any) -> Any:
        return x @ weights[0].T + weights[1]

    def norm(x: Any, weights: Any) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        variance = (centred**2).mean(-1, keepdims=True)
        return centred / jnp.sqrt(variance + 1e-5) * weights[0] + weights[1]

    def attend(x: Any, weights: Any) -> Any:
        parts = project(x, weights).reshape(len(x), time, 3, heads, units // heads)
        q, k, v = parts.transpose(2, 0, 3, 1, 4)
        scores = q @ k.swapaxes(-1, -2) / (units // heads) ** 0.5
        found = nn.softmax(jnp.where(visible, scores, -jnp.inf)) @ v
        return found.transpose(0, 2, 1, 3).reshape(x.shape)

    def predict(p: Any, x: Any) -> Any:
        a = p["embedding"][x] + p["positions"]
        a = a + project(attend(norm(a, p["norm1"]), p["projections"]), p["out"])
        wide = nn.relu(project(norm(a, p["norm2"]), p["ff1"]))
        a = norm(a + project(wide, p["ff2"]), p["norm"])
        return project(a, p["scores"]).reshape(-1, network.tokens)

    return parameters, predict


def jax_adversaries(network: GanNetwork) -> tuple[Any, Callable[[Any], tuple[Any, Any]]]:
    """What a training step of two adversaries starts with, and the step."""
    x, latent = jnp.array(network.data()), network.generator[0]
    draws = np.random.default_rng(1)

    def start(sizes: tuple[int, ...]) -> list[tuple[Any, Any]]:
        return [
            (jnp.array(draws.normal(size=(after, before)) / before**0.5), jnp.zeros(after))
            for before, after in itertools.pairwise(sizes)
        ]

    def predict(parameters: Any, a: Any) -> Any:
        for weight, bias in parameters[:-1]:
            z = a @ weight.T + bias
            a = jnp.where(z > 0, z, network.slope * z)
        weight, bias = parameters[-1]
        return a @ weight.T + bias

    def descend(loss: Any, parameters: Any) -> tuple[Any, Any]:
        value, gradients = value_and_grad(loss)(parameters)
        return tree.map(lambda p, g: p - RATE * g, parameters, gradients), value

    def step(state: Any) -> tuple[Any, Any]:
        generator, discriminator, key = state
        key, one, other = jax_random.split(key, 3)
        z = [jax_random.normal(k, (network.batch, latent), x.dtype) for k in (one, other)]
        both = jnp.concatenate([x, predict(generator, z[0])])
        sign = jnp.concatenate([-jnp.ones((len(x), 1)), jnp.ones((len(x), 1))])

        def judged(d: Any) -> Any:
            return 2 * jnp.mean(nn.softplus(sign * predict(d, both)))

        discriminator, loss = descend(judged, discriminator)

        def fooled(g: Any) -> Any:
            return jnp.mean(nn.softplus(-predict(discriminator, predict(g, z[1]))))

        generator, other_loss = descend(fooled, generator)
        return (generator, discriminator, key), loss + other_loss

    return (start(network.generator), start(network.discriminator), jax_random.key(0)), step


def jax(network: AnyNetwork) -> Run:
    """Its training."""
    config.update("jax_enable_x64", True)
    config.update("jax_cpu_enable_async_dispatch", False)
    if isinstance(network, GanNetwork):
        return _running(*jax_adversaries(network))
    if isinstance(network, ConvNetwork):
        parameters, predict = jax_conv(network)
    elif isinstance(network, RecurrentNetwork):
        parameters, predict = jax_recurrent(network)
    elif isinstance(network, TransformerNetwork):
        parameters, predict = jax_transformer(network)
    else:
        parameters, predict = jax_dense(network)
    x, y = map(jnp.array, network.data())
    if isinstance(network, TransformerNetwork):
        x, y = x.astype(int), y.reshape(-1)

    def loss(parameters: Any) -> Any:
        a = predict(parameters, x)
        if network.loss == "mse":
            return jnp.mean((a - y) ** 2)
        if network.loss == "bce":
            return -jnp.mean(y * jnp.log(a) + (1 - y) * jnp.log1p(-a))
        return -jnp.mean(nn.log_softmax(a)[jnp.arange(len(y)), y])

    def step(parameters: Any) -> tuple[Any, Any]:
        value, gradients = value_and_grad(loss)(parameters)
        moved = tree.map(lambda p, g: p - RATE * g, parameters, gradients)
        return moved, value

    return _running(parameters, step)


def _running(parameters: Any, step: Callable[[Any], tuple[Any, Any]]) -> Run:
    """The compiled step, again and again."""
    compiled = jit(step, donate_argnums=0)
    state = [parameters]

    def run(count: int) -> None:
        now = state[0]
        for _ in range(count):
            now, value = compiled(now)
        value.block_until_ready()
        state[0] = now

    return run
