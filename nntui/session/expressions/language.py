"""The whole language in lines of help, each with an example on a bundled scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from nntui.session.expressions.functions import FUNCTIONS

Group = Literal["tensors", "operators", "functions", "the step before", "the position", "constants"]


@dataclass(frozen=True)
class Entry:
    """A line of the help.

    Attributes:
        form: how it is written.
        help: what it means.
        example: a whole expression with it.
        scenario: the bundled scenario that the example is for.
    """

    group: Group
    form: str
    help: str
    example: str
    scenario: str = "exam"


def _functions() -> tuple[Entry, ...]:
    return tuple(
        Entry(
            "functions",
            f"{row.name}(a)  a.{row.name}()" if row.method else f"{row.name}(a)",
            row.help,
            row.example,
        )
        for row in FUNCTIONS.values()
    )


LANGUAGE: Final[tuple[Entry, ...]] = (
    Entry("tensors", "loss  x  hidden.a", "a tensor by its name", "loss < 0.05"),
    Entry("tensors", "w.grad", "the gradient of a tensor", "hidden.weight.grad.norm() < 1e-6"),
    Entry("tensors", "a[0, 1]  a[-1]", "one element, counted from 0", "hidden.a[0, 1] > 0.9"),
    Entry("tensors", "a[:, 1]  a[0:2]", "some of its elements", "hidden.weight[:, 0].max()"),
    Entry("tensors", "a.T", "the axes in reverse", "hidden.weight.T[0].sum()"),
    Entry(
        "tensors",
        "attention[0, 7, 2]",
        "(head, query, key) of the shown sample",
        "block.attention[0, 7, 2] > 0.9",
        scenario="reverse",
    ),
    Entry("operators", "+ - * /", "arithmetic, element by element", "loss * 100 - 1"),
    Entry("operators", "// %", "whole division, remainder", "step % 10 == 0"),
    Entry("operators", "**", "to the power of", "(output.a - y).norm() ** 2"),
    Entry("operators", "< <= > >= == !=", "comparisons, also in chains", "0.1 < loss <= 0.2"),
    Entry("operators", "a == (3, 4)", "all elements at once", "x[0] == (3, 7)"),
    Entry("operators", "and or not", "of single truths", "loss < 0.1 and not step < 10"),
    Entry("operators", "a if c else b", "one of two values", "loss if step > 1 else 1"),
    *_functions(),
    Entry("functions", "min(a, b)", "the smaller, element by element", "min(loss, 1)"),
    Entry("functions", "max(a, b)", "the larger, element by element", "max(loss, lr)"),
    Entry("functions", "clip(a, low, high)", "kept between two limits", "clip(loss, 0, 1)"),
    Entry("functions", "dead(layer)", "units that are 0 for every sample", "dead(hidden) > 2"),
    Entry("the step before", "prev(a)", "its value there, at the same op", "loss > 3 * prev(loss)"),
    Entry(
        "the step before",
        "sign_flips(a)",
        "how many elements changed their sign",
        "sign_flips(output.weight)",
    ),
    Entry("the step before", "changed(a)", "whether any element changed", "changed(hidden.weight)"),
    Entry("the position", "step", "the training step, from 1", "step == 100"),
    Entry("the position", "epoch", "the epoch, from 1", "epoch >= 3"),
    Entry("the position", "op", "the op of the step, from 1", "op == 3 and step == 2"),
    Entry("the position", "phase", "data forward loss backward update", 'phase == "backward"'),
    Entry("the position", "layer", "the layer of the op", 'layer == "hidden"'),
    Entry(
        "the position",
        "player",
        "whose turn it is",
        'player == "generator"',
        scenario="gan_ring",
    ),
    Entry("the position", "lr", "the learning rate of the step", "lr < 0.01"),
    Entry("the position", "any_nan", "a NaN in any tensor computed so far", "any_nan"),
    Entry("the position", "any_inf", "an infinity in any of them", "any_nan or any_inf"),
    Entry("constants", "inf nan", "not finite", "loss < inf"),
    Entry("constants", "pi e", "3.14159…, 2.71828…", "x[0, 0] < 2 * pi - e"),
    Entry("constants", "true false", "truths", "any_nan == false"),
)
"""Everything there is, in the order of the help."""


def markdown() -> str:
    """The language as a table for the README."""
    rows = [f"| `{entry.form}` | {entry.help} | `{entry.example}` |" for entry in LANGUAGE]
    return "\n".join(["| written | | for example |", "|---|---|---|", *rows])
