"""Where a number comes from: the cells that made it, and those that made them, back to the data.

Of a cell of a map these are its receptive fields: the window on the map before, and a larger one on
every map before that. It is one walk back through the list of ops that asks each op's `terms` which
cells it read, so it holds for every kind of network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from nntui.engine.ops.kind import Index, Operand
from nntui.engine.program import Op
from nntui.session.frame import Cell
from nntui.session.now import Now
from nntui.session.sight import Source

MOST: Final = 20_000
"""Operands that are looked at; in a larger walk, what is left of it takes every cell as read."""


def origins(now: Now, source: Source, tensor: str, index: Index) -> frozenset[Cell]:
    """The cells that the cell at a public index, sample first, comes from, and the cell itself.

    Parameters are among them; what made those in the steps before is not followed. Cells of other
    samples, on which statistics of the batch hang, are left out in the end.
    """
    tensors = now.trainer.program.tensors
    cells: set[Cell] = set()
    for name, found in _walk(now, source, tensor, index).items():
        if tensors[name].batched:
            cells |= {Cell(name, at[1:]) for at in found if at[0] == index[0]}
        else:
            cells |= {Cell(name, at) for at in found}
    return frozenset(cells)


def _walk(now: Now, source: Source, tensor: str, index: Index) -> Mapping[str, set[Index]]:
    """By tensor, the public indices of the cells that a cell comes from."""
    ops = now.trainer.program.ops
    found: dict[str, set[Index]] = {tensor: {index}}
    tensor, index = source(tensor, index)
    found.setdefault(tensor, set()).add(index)
    last = next((op.number for op in ops if op.output == tensor), 0)
    looked = 0
    for op in reversed(ops[:last]):
        wanted = found.get(op.output)
        if not wanted:
            continue
        if looked > MOST:
            _take_all(now, op, wanted, found)
            continue
        for at in tuple(wanted):
            terms = [term for term in now.terms(op, at).terms if not term.void]
            if op.inputs and terms and not any(term.operands for term in terms):
                wanted.discard(at)  # masked: a constant, whatever was there
            for term in terms:
                for operand in _cells(term.operands):
                    looked += 1
                    cell = operand.tensor, operand.index
                    for name, place in {cell, source(*cell)}:
                        found.setdefault(name, set()).add(place)
    return found


def _cells(operands: tuple[Operand, ...]) -> Iterator[Operand]:
    """The operands that are cells of tensors, also those inside derived numbers."""
    for operand in operands:
        if operand.origin is not None:
            yield from _cells(operand.origin.operands)
        if operand.tensor:
            yield operand


def _take_all(now: Now, op: Op, wanted: set[Index], found: dict[str, set[Index]]) -> None:
    """Take all that an op reads: of its batched inputs, of the samples that are wanted."""
    tensors = now.trainer.program.tensors
    samples = {at[0] for at in wanted} if tensors[op.output].batched else set()
    for name in op.inputs:
        shape = tensors[name].public_shape(now.memory.batch)
        cells = found.setdefault(name, set())
        if tensors[name].batched and samples:
            cells |= {(k, *inner) for k in samples for inner in np.ndindex(*shape[1:])}
        else:
            cells |= set(np.ndindex(*shape))
