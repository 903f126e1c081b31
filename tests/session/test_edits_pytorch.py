"""A number changed in the middle of a training step does what PyTorch says it should."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nntui.scenario import parse  # noqa: E402
from nntui.session.session import Session  # noqa: E402

NETWORK = """\
title = "Edited"
seed = {seed}
[data]
source = "gaussians"
samples = 6
[[layers]]
name = "first"
type = "dense"
units = 4
activation = "tanh"
[[layers]]
name = "second"
type = "dense"
units = 3
activation = "sigmoid"
[[layers]]
name = "output"
type = "dense"
units = 2
[training]
loss = "cross_entropy"
optimizer = {optimizer}
batch_size = 6
epochs = 9
"""

OPTIMIZERS = ('{ type = "sgd", lr = 0.3, momentum = 0.9 }', '{ type = "adam", lr = 0.05 }')
LAYERS = ("first", "second", "output")
TENSORS = (
    *(f"{layer}.{kind}" for layer in LAYERS for kind in ("weight", "bias", "z", "z.grad")),
    *(f"{layer}.{kind}.grad" for layer in LAYERS for kind in ("weight", "bias")),
    *(f"{layer}.a{kind}" for layer in LAYERS[:2] for kind in ("", ".grad")),
    "x",
)


def replay(session: Session, ops: list[str], edits: dict[int, Any]) -> dict[str, Any]:
    """The same step in PyTorch, op by op: each number from those before it as they stand then."""
    t = {
        name: torch.tensor(session.reader.look(name).copy()) for name in session.network.parameters
    }
    y = torch.tensor(session.reader.look("y").copy().astype(np.int64))
    x = torch.tensor(session.trainer.dataset.train.x[session.trainer.batches.rows(1)])
    act = {"first": torch.tanh, "second": torch.sigmoid, "output": torch.clone}
    # PyTorch's derivatives of these take the activation that the forward pass has left.
    derivative = {
        "first": torch.ops.aten.tanh_backward,
        "second": torch.ops.aten.sigmoid_backward,
    }
    before = {"first": "x", "second": "first.a", "output": "second.a"}

    def compute(name: str) -> Any:
        layer, _, kind = name.partition(".")
        above = {"first.a": "second", "second.a": "output"}
        if name == "x":
            return x.clone()
        if kind == "z":
            return t[before[layer]] @ t[f"{layer}.weight"].T + t[f"{layer}.bias"]
        if kind == "a":
            return act[layer](t[f"{layer}.z"])
        if name == "loss":
            return torch.nn.functional.cross_entropy(t["output.a"], y)
        if name == "output.z.grad":
            logits = t["logits"].clone().requires_grad_(True)
            torch.nn.functional.cross_entropy(logits, y).backward()
            return logits.grad
        if kind == "z.grad":
            return derivative[layer](t[f"{layer}.a.grad"], t[f"{layer}.a"])
        upper = above.get(f"{layer}.a", layer)
        point = t[name.removesuffix(".grad")].clone().requires_grad_(True)
        if kind == "a.grad":
            (point @ t[f"{upper}.weight"].T).backward(t[f"{upper}.z.grad"])
        elif kind == "weight.grad":
            (t[before[layer]] @ point.T).backward(t[f"{layer}.z.grad"])
        else:
            (point + torch.zeros(len(x), 1, dtype=x.dtype)).backward(t[f"{layer}.z.grad"])
        return point.grad

    for number, name in enumerate(ops, 1):
        if name == "loss":
            # The gradient of a softmax is made of the shares that the loss was made of.
            t["logits"] = t["output.a"].clone()
        if name in COMPUTED:
            t[name] = compute(name)
        for edit in edits.get(number, ()):
            t[edit.tensor][edit.index] = edit.value
    return t


COMPUTED = frozenset(
    {"x", "loss", *(f"{layer}.{kind}" for layer in LAYERS for kind in ("z", "a", "z.grad"))}
    | {f"{layer}.{kind}.grad" for layer in LAYERS for kind in ("weight", "bias")}
    | {"first.a.grad", "second.a.grad"}
)


def optimized(session: Session, t: dict[str, Any]) -> dict[str, Any]:
    """What PyTorch's optimizer makes of the gradients in its first step."""
    parameters = {name: torch.nn.Parameter(t[name].clone()) for name in session.network.parameters}
    options = dict(vars(session.trainer.model.training.optimizer))
    kind = torch.optim.Adam if "betas" in options else torch.optim.SGD
    optimizer = kind(list(parameters.values()), **options)
    for name, parameter in parameters.items():
        parameter.grad = t[f"{name}.grad"].clone()
    optimizer.step()
    return {name: parameter.detach().numpy() for name, parameter in parameters.items()}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("seed", range(12))
def test_random_changes_in_the_middle_of_a_step(optimizer: str, seed: int) -> None:
    chance = random.Random(seed)
    text = NETWORK.format(seed=seed, optimizer=optimizer)
    session = Session(parse(text, origin="edited.toml"))
    plain = Session(session.scenario)
    plain.cursor.go(1)
    ops = [info.output for info in session.network.ops]
    phases = [info.phase for info in session.network.ops]
    start = Session(session.scenario)
    start.cursor.go(1, 2)
    last = phases.index("update")
    edits: dict[int, list[Any]] = {}
    for moment in sorted(chance.sample(range(1, last + 1), 4)):
        session.cursor.go(1, moment)
        there = [n for n in TENSORS if n in session.frame.arrays]
        tensor = chance.choice([n for n in there if n not in session.frame.known])
        shape = session.reader.look(tensor).shape
        batched = tensor in session.frame.batched
        index = tuple(chance.randrange(n) for n in shape[batched:])
        edits.setdefault(moment, []).append(session.edit(tensor, index, chance.uniform(-2, 2)))
    expected = replay(start, ops, edits)
    session.cursor.go(1, last)

    for name in sorted(COMPUTED):
        given, wanted = session.reader.look(name), expected[name].numpy()
        np.testing.assert_allclose(given, wanted, rtol=1e-12, atol=1e-13, err_msg=name)
    updated = optimized(session, expected)
    session.cursor.go(1)
    for name, wanted in updated.items():
        np.testing.assert_allclose(
            session.reader.look(name), wanted, rtol=1e-12, atol=1e-13, err_msg=name
        )
    assert any(
        (session.reader.look(n) != plain.reader.look(n)).any() for n in session.network.parameters
    )
