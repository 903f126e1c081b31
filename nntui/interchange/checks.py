"""A check of all gradients as text: a line for each parameter, and the worst of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nntui.engine.gradcheck import NO_GRADIENT, Check


def lines(checks: Sequence[Check]) -> Iterator[str]:
    """The table, line by line; of a model that learns without gradients, that there are none."""
    if not checks:
        yield NO_GRADIENT
        return
    width = max(len(c.parameter) for c in checks)
    yield f"{'parameter':<{width}}  {'largest':>9}  {'central':>8}  {'complex':>8}"
    for c in checks:
        kinks = f"  {c.kinks} left out, at a kink of the loss" if c.kinks else ""
        yield (
            f"{c.parameter:<{width}}  {c.largest:9.2e}  {c.central:8.1e}  {c.complex_step:8.1e}"
            f"{kinks}"
        )
    central, exact = max(c.central for c in checks), max(c.complex_step for c in checks)
    yield f"worst relative error {central:.1e} by central differences, {exact:.1e} by complex step"
