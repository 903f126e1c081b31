"""Kinks of any op are found from its values and its terms alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from nntui.engine.ops.kind import Index, Kind, Look, Term, Terms, cell
from nntui.engine.program import Op, Program
from nntui.engine.tensor import Tensor, batch_last
from nntui.session.kinks import Kink, find_kinks
from nntui.session.symbols import Symbols


def op(number: int, output: str, inputs: tuple[str, ...], terms: Callable[..., Terms]) -> Op:
    kind = Kind(
        name=output, title="", sentence="", formula=f"{output} = f", calls=lambda *_: (),
        terms=terms,
    )  # fmt: skip
    return Op(number, "forward", "", kind, inputs, output, {})


def largest(look: Look, op: Op, index: Index) -> Terms:
    """The largest of the three numbers of a sample, made of that one alone."""
    row = look.now("x")[index[0]]
    chosen = cell(look, "x", (index[0], int(row.argmax())))
    return Terms((Term((chosen,), "{0}", chosen.value),), chosen.value)


def plain(look: Look, op: Op, index: Index) -> Terms:
    """Made of the same cell of its input."""
    read = cell(look, op.inputs[0], index)
    value = float(look.now(op.output)[index])
    return Terms((Term((read,), "{0}", value),), value)


def program(*ops: Op) -> Program:
    names = {name for each in ops for name in (*each.inputs, each.output)}
    tensors = {}
    for name in names:
        shape, axes = batch_last((3 if name == "x" else 1,))
        tensors[name] = Tensor(name, shape, name, axes=axes)
    return Program(ops, ops, (), (), tensors, (), (), 0, {}, (), {}, ops[-1].output)


def kinks(run: Callable[[float], Mapping[str, np.ndarray]], *ops: Op) -> tuple[Kink, ...]:
    made = program(*ops)
    return find_kinks(made, made.ops, None, 1, run, 1e-4, Symbols(made, {}, {}, {}))  # type: ignore[arg-type]


def test_a_tie_of_a_maximum_names_both() -> None:
    def run(t: float) -> dict[str, np.ndarray]:
        x = np.array([[1.0, 5.0, 2.0], [3.0 + t, 3.0 - t, 0.0]])
        return {"x": x, "top": x.max(1, keepdims=True)}

    (kink,) = kinks(run, op(1, "top", ("x",), largest))
    assert (kink.op, kink.cell) == (1, "top[1] of sample 2")
    assert kink.reason == "it comes from x[1] of sample 2 below, from x[0] of sample 2 above"


def test_a_maximum_without_a_tie_has_none() -> None:
    def run(t: float) -> dict[str, np.ndarray]:
        x = np.array([[1.0 + t, 5.0 + 3 * t, 2.0]])
        return {"x": x, "top": x.max(1, keepdims=True)}

    assert kinks(run, op(1, "top", ("x",), largest)) == ()


@pytest.mark.parametrize("at", [0.0, 3e-5, -8e-5])
def test_what_only_hands_a_kink_on_is_not_named(at: float) -> None:
    def run(t: float) -> dict[str, np.ndarray]:
        z = np.array([[2 * (t - at)]])
        a = np.maximum(z, 0)
        return {"z": z, "a": a, "b": np.exp(a) + 1}

    (kink,) = kinks(run, op(1, "a", ("z",), plain), op(2, "b", ("a",), plain))
    assert kink.op == 1
    assert kink.reason.startswith("z[0] of sample 1 changes sign, from −")


def test_a_bend_without_a_reason_has_its_slopes() -> None:
    def run(t: float) -> dict[str, np.ndarray]:
        z = np.array([[1 + t]])
        return {"z": z, "a": np.maximum(z, 1.0) + np.minimum(z, 1.0) / 2}

    (kink,) = kinks(run, op(1, "a", ("z",), plain))
    assert kink.reason == "its slope is 0.5 below and 1 above"


def test_what_is_smooth_has_none() -> None:
    def run(t: float) -> dict[str, np.ndarray]:
        z = np.array([[0.0 + t], [3.0 - 2 * t]])
        return {"z": z, "a": np.tanh(z), "b": np.exp(3 * np.tanh(z)), "c": 1e6 * z**3 - 2e6 * z}

    assert kinks(run, *(op(k, name, ("z",), plain) for k, name in enumerate("abc", 1))) == ()
