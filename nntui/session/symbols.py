"""How cells of tensors are called in formulas and in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType
from typing import Final, final

from nntui.engine.ops.kind import Index, Operand, Terms
from nntui.engine.program import Op, Program
from nntui.engine.tensor import Tensor
from nntui.session.blame import culprits
from nntui.session.chart import Chart
from nntui.session.column import Column
from nntui.session.frame import Cell
from nntui.session.numbers import number, of_place, of_sample, subscript

_IN_MAP: Final = ("plane", "row", "column")
_IN_KERNEL: Final = ("filter", "channel", "row", "column")
_IN_ATTENTION: Final = ("head", "query", "key")
_IN_HEAD: Final = ("head", "time step", "unit")

_DATA: Final = "x"
_UNTOLD: Final = re.compile(r"(\.frozen|\.grad(\.\d+)?)(?=\.|$)")
"""Parts of a tensor's name that do not tell which it is."""


@final
class Symbols:
    """The names of a program's cells.

    Args:
        units: names of the units of each layer, for naming an element.
        feeds: the names of the units that feed a layer's weights.
        planes: of layers of images, what one of their maps is: "filter" or "channel".
        over_time: by output of an op that goes through time, the column its elements are of.
        charts: of self-organizing maps, their grids.
    """

    def __init__(
        self,
        program: Program,
        units: Mapping[str, Sequence[str]],
        feeds: Mapping[str, Sequence[str]],
        planes: Mapping[str, str],
        over_time: Mapping[str, Column] = MappingProxyType({}),
        charts: Mapping[str, Chart] = MappingProxyType({}),
    ) -> None:
        self._charts = charts
        self._over_time = over_time
        self._program = program
        self._planes = planes
        self._units = units
        self._feeds = feeds
        self._layers = sorted({op.layer for op in program.ops if op.layer}, key=len)
        self._via = {
            op.output: str(op.attributes["of"])
            for op in program.ops
            if op.output.rpartition(".")[2].isdigit() and "of" in op.attributes
        }

    def symbol(self, tensor: str, index: Index, *, sample: bool = False, full: bool = False) -> str:
        """`z₁`: a cell of a tensor as formulas write it; sizes of 1 need no index.

        Of the units of a map, `d₍₃,₄₎₁`: by their place, as the map has it.

        Args:
            sample: whether to say which sample of the batch it is of: `z₁⁽²⁾`.
            full: whether to say which layer it is of, or which tensor of it: `hidden.z₁`,
                `scaled.s₁₁`.
        """
        spec = self._program.tensors[tensor]
        shape = spec.public_shape(0)
        pairs = list(zip(index, shape, strict=True))
        if spec.batched:
            pairs = pairs[1:]
        symbol = spec.symbol
        if chart := self._charts.get(self.layer(tensor)):
            place, rest = _placed(chart, tensor, tuple(i for i, _ in pairs))
            symbol += of_place(*place) if place else ""
            pairs = pairs[len(pairs) - len(rest) :]
        text = subscript(symbol, [i for i, size in pairs if size != 1])
        if full and tensor not in self._via:
            before, slash, symbol = text.rpartition("/∂")
            text = f"{before}{slash}{self._whose(tensor)}.{symbol}"
        text += of_sample(index[0]) if sample and spec.batched else ""
        via = self._via.get(tensor)
        return f"{text} via {self._program.tensors[via].symbol}" if via and full else text

    def layer(self, tensor: str) -> str:
        """The layer that a tensor's name begins with; the first part of the name if it is none."""
        found = [layer for layer in self._layers if tensor.startswith(f"{layer}.")]
        return found[-1] if found else tensor.split(".")[0]

    def _whose(self, tensor: str) -> str:
        """What tells a tensor from others of its symbol: its layer, or else its own name.

        Of the data it is whether they are real, where there are fakes beside them.
        """
        if tensor == _DATA:
            return "real" if any(op.player for op in self._program.ops) else "data"
        layer, known = self.layer(tensor), self._program.tensors
        kept = _UNTOLD.sub("", tensor)
        alike = {
            other
            for other, spec in known.items()
            if spec.symbol == known[tensor].symbol and self.layer(other) == layer
        }
        if layer in self._layers and len({_UNTOLD.sub("", other) for other in alike}) < 2:
            return layer
        *rest, last = kept.split(".")
        return rest[-1] if rest and len(last) == 1 else last

    def name(self, op: Op, index: Index) -> str:
        """`hidden.z[h1]`, `conv.z[filter 2, row 1, column 3]`: the element in words.

        At a time step: `memory.f.t3[unit 2 at time step 3]`.
        """
        spec = self._program.tensors[op.output]
        inner = index[1:] if spec.batched else index
        if not inner:
            return op.output
        layer = self.layer(op.output)
        column = self._over_time.get(op.output)
        if layer in self._planes and len(inner) in (1, len(_IN_MAP), len(_IN_KERNEL)):
            return f"{op.output}[{self._place(layer, inner, spec)}]"
        if layer in self._charts:
            return f"{op.output}[{_on_chart(self._charts[layer], op.output, inner)}]"
        if column is not None and spec.batched:
            return f"{op.output}[{_when(column, op.output, inner, spec.public_shape(0)[1:])}]"
        layer = column.name if column else layer
        named = (self._units.get(layer, ()), self._feeds.get(layer, ()))
        words = [
            units[k] if k < len(units) else str(k + 1)
            for k, units in zip_longest(inner, named[: len(inner)], fillvalue=())
            if isinstance(k, int)
        ]
        return f"{op.output}[{', '.join(words)}]"

    def _place(self, layer: str, inner: Index, spec: Tensor) -> str:
        """`filter 2, row 1, column 3`; sizes of 1 are not said."""
        words: tuple[str, ...] = _IN_KERNEL
        if len(inner) < len(_IN_KERNEL):
            words = (self._planes[layer], *_IN_MAP[1:])[: len(inner)]
        sizes = spec.public_shape(0)[-len(inner) :]
        said = [
            f"{word} {k + 1}"
            for word, k, size in zip(words, inner, sizes, strict=True)
            if size != 1 or word in _IN_MAP or len(inner) == 1
        ]
        return ", ".join(said)

    def fault(self, op: Op, index: Index, terms: Terms) -> str:
        """`hidden.z[h1] of sample 2 became inf (op 3, affine) from x[0] = ∞`."""
        value = terms.result
        sample = f" of sample {index[0] + 1}" if self._program.tensors[op.output].batched else ""
        word = "nan" if value != value else "inf" if value > 0 else "-inf"
        what = f"{self.name(op, index)}{sample} became {word} (op {op.number}, {op.kind.name})"
        made_by = [c for c in culprits(terms) if (c.tensor, c.index) != (op.output, index)]
        inputs = [f"{_address(self.cell(c))} = {number(c.value)}" for c in made_by]
        return f"{what} from {', '.join(inputs)}" if inputs else what

    def alike(self, op: Op, terms: Terms) -> frozenset[str]:
        """The tensors that share their symbol with another in the formula, or with the output."""
        tensors = {op.output} | {
            operand.tensor for term in terms.terms for operand in term.operands if operand.tensor
        }
        known = self._program.tensors
        symbols = Counter(known[tensor].symbol for tensor in tensors)
        return frozenset(t for t in tensors if symbols[known[t].symbol] > 1) - {op.output}

    def over_samples(self, terms: Terms) -> bool:
        """Whether the terms are of several samples of the batch."""
        samples = {
            o.index[0]
            for term in terms.terms
            for o in term.operands
            if o.tensor and self._program.tensors[o.tensor].batched
        }
        return len(samples) > 1

    def cells(self, operands: Iterable[Operand]) -> frozenset[Cell]:
        """Where numbers live, the sample left out."""
        found: set[Cell] = set()
        for operand in operands:
            if operand.origin is not None:
                found |= self.cells(operand.origin.operands)
            if operand.tensor:
                found.add(self.cell(operand))
        return frozenset(found)

    def cell(self, operand: Operand) -> Cell:
        batched = self._program.tensors[operand.tensor].batched
        return Cell(operand.tensor, operand.index[1:] if batched else operand.index)


def _on_chart(chart: Chart, tensor: str, inner: Index) -> str:
    """`(3, 4)`, `(3, 4), red`, `row`: a unit by its place, from 0, as a map's tensors tell it."""
    place, rest = _placed(chart, tensor, inner)
    if not place:
        return ("row", "column")[inner[0]]
    return ", ".join([str(place), *(chart.features[k] for k in rest)])


def _placed(chart: Chart, tensor: str, inner: Index) -> tuple[Index, Index]:
    """The (row, column) of the unit that a cell is of, () where it is of none; and the rest."""
    if tensor in chart.on_grid.values():
        return inner, ()
    if tensor in (chart.weight, chart.difference):
        return chart.place(inner[0]), inner[1:]
    return (), inner


def _when(column: Column, tensor: str, inner: Index, shape: Index) -> str:
    """`unit 2 at time step 3`, `gate f, unit 2 at time step 3`, `signal at time step 3`.

    Of weights of an attention, `head 2, query 3, key 1`; sizes of 1 are not said.
    """
    if len(inner) == len(shape) == len(_IN_ATTENTION):
        dealt = column.is_attention and column.own(tensor, inner) is not None
        words = _IN_ATTENTION if dealt else _IN_HEAD
        return ", ".join(
            f"{word} {k + 1}"
            for word, k, size in zip(words, inner, shape, strict=True)
            if size != 1 or word != words[0]
        )
    step, count = column.step(tensor), len(column.names)
    if not step and len(inner) == len(shape) == 1 and shape == (column.time,):
        return f"time step {inner[0] + 1}"
    time, unit = (step, inner[-1]) if step else (inner[0] + 1, inner[-1])
    if not step and len(inner) == 1:
        return f"{_which(column, unit)} at time step {column.time}"
    gate = ""
    if count and shape[-1] == count * column.blocks and column.blocks > 1:
        gate, unit = f"gate {column.lanes[unit // count].label}, ", unit % count
    return f"{gate}{_which(column, unit)} at time step {time}"


def _which(column: Column, unit: int) -> str:
    """What one of a time step's numbers is called."""
    if column.steps or unit >= len(column.names):
        return f"unit {unit + 1}"
    return column.names[unit]


def _address(cell: Cell) -> str:
    """`hidden.weight[0, 1]`: a cell as expressions and commands write it."""
    return cell.tensor + (f"[{', '.join(map(str, cell.index))}]" if cell.index else "")
