"""A number changed in the middle of a transformer's step does what PyTorch says it should.

A changed number is PyTorch's plus a constant: whatever is computed from it sees the new value, and
its gradient goes on to what it was computed from, as if nothing had happened.
"""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from networks import scenario

from nntui.session.edit import Edit
from nntui.session.session import Session

torch = pytest.importorskip("torch")

HEADS = 2
TENSORS = (
    "hidden.a",
    "place.a",
    "block.norm1.a",
    "block.attention.query.z",
    "block.attention.key.heads",
    "block.attention.value.z",
    "block.attention.scores",
    "block.attention.scaled",
    "block.attention.found",
    "block.attention.joined",
    "block.attention.a",
    "block.half",
    "block.norm2.a",
    "block.ff1.z",
    "block.ff2.z",
    "block.a",
    "output.z",
)


class Pass:
    """A forward pass of `glances` in PyTorch, with some numbers changed on the way.

    Attributes:
        p: the parameters, by name.
        t: the tensors computed, by name.
    """

    def __init__(self, session: Session, edits: list[Edit]) -> None:
        self.p = {
            name: torch.tensor(session.reader.look(name).copy(), requires_grad=True)
            for name in session.network.parameters
        }
        self.t: dict[str, Any] = {}
        self._edits = edits

    def put(self, name: str, value: Any) -> Any:
        """A tensor that has just been computed, and changed where someone has changed it."""
        for edit in self._edits:
            if edit.tensor == name:
                delta = torch.zeros_like(value)
                delta[edit.index] = edit.value - value.detach()[edit.index]
                value = value + delta
        self.t[name] = value
        return value

    def affine(self, name: str, x: Any) -> Any:
        return x @ self.p[f"{name}.weight"].T + self.p[f"{name}.bias"]

    def norm(self, name: str, x: Any) -> Any:
        weight, bias = self.p[f"{name}.weight"], self.p[f"{name}.bias"]
        return self.put(f"{name}.a", torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias))

    def heads(self, part: str, x: Any) -> Any:
        name = f"block.attention.{part}"
        batch, time, width = x.shape
        z = self.put(f"{name}.z", self.affine(name, x)).view(batch, time, HEADS, width // HEADS)
        return self.put(f"{name}.heads", z.transpose(1, 2))

    def attend(self, x: Any) -> Any:
        name, put = "block.attention", self.put
        q, k, v = (self.heads(part, x) for part in ("query", "key", "value"))
        scores = put(f"{name}.scores", q @ k.transpose(2, 3))
        scaled = put(f"{name}.scaled", scores / math.sqrt(q.shape[3]))
        later = torch.ones(scaled.shape[2:], dtype=torch.bool).triu(1)
        found = put(f"{name}.found", scaled.masked_fill(later, -math.inf).softmax(3) @ v)
        joined = put(f"{name}.joined", found.transpose(1, 2).reshape(x.shape))
        return put(f"{name}.a", self.affine(f"{name}.out", joined))

    def loss(self, x: Any, y: Any) -> Any:
        put, functional = self.put, torch.nn.functional
        a = put("hidden.a", self.p["hidden.weight"][x])
        a = put("place.a", a + self.p["place.weight"])
        half = put("block.half", a + self.attend(self.norm("block.norm1", a)))
        wide = put("block.ff1.z", self.affine("block.ff1", self.norm("block.norm2", half)))
        z = put("block.ff2.z", self.affine("block.ff2", functional.gelu(wide)))
        z = put("output.z", self.affine("output", put("block.a", half + z)))
        return functional.cross_entropy(z.flatten(0, 1), y.flatten(), ignore_index=-1)


def op_of(session: Session, tensor: str) -> int:
    return next(info.number for info in session.network.ops if info.output == tensor)


@pytest.mark.parametrize("seed", range(12))
def test_random_changes_in_the_middle_of_a_step(seed: int) -> None:
    chance = random.Random(seed)
    session = Session(scenario("glances"))
    chosen = sorted(chance.sample(TENSORS, 3), key=lambda name: op_of(session, name))
    edits = []
    for tensor in chosen:
        session.cursor.go(1, op_of(session, tensor))
        session.reader.sample = chance.randrange(2)
        shape = session.reader.look(tensor).shape[1:]
        index = tuple(chance.randrange(n) for n in shape)
        edits.append(session.edit(tensor, index, chance.uniform(-2, 2)))
    backward = [info.number for info in session.network.ops if info.phase == "backward"]
    session.cursor.go(1, backward[-1])

    look = session.reader.look
    one = Pass(session, edits)
    loss = one.loss(*(torch.tensor(look(name).astype(np.int64)) for name in ("x", "y")))
    loss.backward()

    assert look("loss") == pytest.approx(loss.item(), rel=1e-12)
    for name, value in one.t.items():
        wanted = value.detach().numpy()
        np.testing.assert_allclose(look(name), wanted, rtol=1e-11, atol=1e-12, err_msg=name)
    for name, parameter in one.p.items():
        wanted = parameter.grad.numpy()
        np.testing.assert_allclose(
            look(f"{name}.grad"), wanted, rtol=1e-10, atol=1e-12, err_msg=name
        )


def test_a_changed_weight_moves_what_is_found_and_nothing_before() -> None:
    session = Session(scenario("glances"))
    session.cursor.go(1, op_of(session, "block.attention.weights"))
    session.reader.sample = 1
    session.edit("block.attention.weights", (1, 3, 0), 0.75)
    session.cursor.go(1, op_of(session, "block.attention.found"))
    look = session.reader.look
    weights, values = look("block.attention.weights"), look("block.attention.value.heads")

    assert weights[1, 1, 3, 0] == 0.75
    np.testing.assert_allclose(look("block.attention.found"), weights @ values, rtol=1e-14)
    plain = Session(scenario("glances"))
    plain.cursor.go(1, op_of(plain, "block.attention.found"))
    moved = look("block.attention.found") != plain.reader.look("block.attention.found")
    assert moved.any(axis=3).nonzero() == ([1], [1], [3])
