"""One unit of a recurrent layer at one time step: its cell as a circuit, with the unit's numbers.

A lane runs through from the state before to the state after; gates let through, add, or fade. On
the way back the same circuit is read from right to left, and the lane that the gradient takes
through time is drawn thick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nntui.session.column import Column
from nntui.session.frame import Frame, Network
from nntui.ui.format import STALE, percent, signed
from nntui.ui.renderables.bars import long_bar
from nntui.ui.renderables.neuron import MARKS
from nntui.ui.spans import BLANK, Line, Span, fit, pad, sign_style, width

LABEL: Final = 6
BESIDE: Final = 3
"""Cells between the circuit and what stands to its right."""

BAR: Final = 10

SPARE: Final = 5
"""Lines left below both ways through a circuit where both are drawn."""


@dataclass(frozen=True)
class Unit:
    """A unit at a time step."""

    network: Network
    column: Column
    frame: Frame
    unit: int

    @property
    def t(self) -> int:
        """The time step, from 1."""
        return self.column.when(self.unit)

    @property
    def number(self) -> int:
        """Which unit of its layer it is, from 0."""
        return self.column.feature(self.unit)

    @property
    def backward(self) -> bool:
        """Whether the step is on its way back."""
        return self.frame.op is not None and self.frame.op.phase in ("backward", "update")

    def at(self, name: str, before: int = 0) -> str:
        """A tensor of this time step, or of one before."""
        return f"{self.column.name}.{name}.t{self.t - before}"

    def back(self, *inputs: str) -> str:
        """The gradient that a backward op makes of these inputs; empty where none does."""
        ops = (op for op in self.network.ops if op.phase == "backward" and op.inputs == inputs)
        return next((op.output for op in ops), "")

    def value(self, tensor: str) -> float | None:
        """Its number in a tensor of one time step."""
        return self.frame.value(tensor, self.number)

    def reading(self, label: str, tensor: str) -> Line:
        """A label, a mark, and a number: 14 cells."""
        style = "backward" if label.startswith("∂") else "text"
        return ((fit(label, LABEL), style), *self.figure(tensor))

    def figure(self, tensor: str) -> Line:
        """A mark and a number: 8 cells."""
        value, mark, bold = self.value(tensor), " ", ""
        if self.frame.is_written(tensor, self.number):
            mark, bold = MARKS["written"], " bold"
        elif self.frame.is_read(tensor, self.number):
            mark, bold = MARKS["read"], " bold"
        if self.frame.is_stale(tensor, self.number):
            return ((STALE, "error"), (signed(value), sign_style(value) + " italic"))
        return ((mark, "accent bold"), (signed(value), sign_style(value) + bold))


def circuit_lines(
    network: Network, number: int, unit: int, frame: Frame, cells: int, rows: int
) -> list[Line]:
    """The circuit of a neuron in `cells` × `rows`; both ways where there is room for both."""
    it = Unit(network, network.columns[number], frame, unit)
    forward, backward, beside = _CIRCUITS[it.column.type]
    first, second = (backward(it), forward(it)) if it.backward else (forward(it), backward(it))
    extra = beside(it)
    lines = first
    wide = max(width(line) for line in first)
    if wide + BESIDE + max((width(line) for line in extra), default=0) <= cells:
        lines = _beside(first, extra[:rows], wide + BESIDE) if extra else first
    elif len(first) + 1 < rows:
        lines = [*first, BLANK, *extra[: rows - len(first) - 1]]
    if len(lines) + 1 + len(second) + SPARE <= rows:
        lines = [*lines, BLANK, *second]
    return lines[:rows]


def is_circuit(column: Column) -> bool:
    """Whether a layer has a circuit."""
    return column.type in _CIRCUITS and bool(column.steps)


def _beside(left: Sequence[Line], right: Sequence[Line], at: int) -> list[Line]:
    out = []
    for k in range(max(len(left), len(right))):
        line = left[k] if k < len(left) else BLANK
        out.append((*pad(line, at), *(right[k] if k < len(right) else BLANK)))
    return out


def _wire(text: str) -> Span:
    return (text, "dim")


def _lane(text: str) -> Span:
    return (text, "backward bold")


def _gauges(it: Unit, gauges: Sequence[tuple[str, str]]) -> list[Line]:
    """Gates in words: `keeps  ██████░░░░  64.7 %`."""
    lines: list[Line] = []
    for word, tensor in gauges:
        share = it.value(tensor)
        text = percent(share)
        lines.append(
            ((fit(word, LABEL + 1), "dim"), *pad(long_bar(share, BAR), BAR), (f"  {text}", "text"))
        )
    return lines


# -- lstm --------------------------------------------------------------------------------------


def _lstm(it: Unit) -> list[Line]:
    c, f, i, g, o = (it.at(name) for name in ("c", "f", "i", "g", "o"))
    t = it.t
    return [
        (*it.reading(f"c⟨{t - 1}⟩", it.at("c", 1)), _wire(" ─×──+─▶"), *it.figure(c), _wire("╮")),
        (*it.reading("f", f), _wire(" ─╯  │    "), (fit(f"c⟨{t}⟩", 6), "text"), _wire("│")),
        (*it.reading("i", i), _wire(" ─×──╯          │")),
        (*it.reading("g", g), _wire(" ─╯"), ("  i·g", "dim"), *it.figure(it.at("new")), _wire("│")),
        (*it.reading("o", o), _wire(" ─×◀─"), *it.figure(it.at("tanh_c")), _wire(" ◀─╯")),
        (*it.reading(f"h⟨{t}⟩", it.at("a")), _wire("◀─╯   "), ("tanh c", "dim")),
    ]


def _lstm_back(it: Unit) -> list[Line]:
    c, f, i, g, o = (it.at(name) for name in ("c", "f", "i", "g", "o"))
    t, kept, new = it.t, f"{it.at('kept')}.grad", f"{it.at('new')}.grad"
    before = it.back(kept, f)
    return [
        (*it.reading(f"∂c⟨{t - 1}⟩", before), _lane("◀━×━━┿━━"), *it.figure(f"{c}.grad"),
         _wire("◀╮")),
        (*it.reading("∂f", f"{f}.grad"), _wire("◀─╯  │    "), (fit(f"∂c⟨{t}⟩", 6), "backward"),
         _wire(" │")),
        (*it.reading("∂i", f"{i}.grad"), _wire("◀─×──╯           │")),
        (*it.reading("∂g", f"{g}.grad"), _wire("◀─╯ "), ("∂i·g", "backward"), *it.figure(new),
         _wire(" │")),
        (*it.reading("∂o", f"{o}.grad"), _wire("◀─×─▶"), *it.figure(f"{it.at('tanh_c')}.grad"),
         _wire(" ───╯")),
        (*it.reading(f"∂h⟨{t}⟩", f"{it.at('a')}.grad"), _wire("──╯    "), ("∂tanh c", "backward")),
    ]  # fmt: skip


def _lstm_beside(it: Unit) -> list[Line]:
    return _gauges(it, [("keeps", it.at("f")), ("writes", it.at("i")), ("shows", it.at("o"))])


# -- gru ---------------------------------------------------------------------------------------


def _gru(it: Unit) -> list[Line]:
    t = it.t
    z, n, r = (it.at(name) for name in ("update", "candidate", "reset"))
    return [
        (*it.reading(f"h⟨{t - 1}⟩", it.at("a", 1)), _wire(" ─×──+─▶"), *it.figure(it.at("a"))),
        (*it.reading("z", z), _wire(" ─╯  │    "), (f"h⟨{t}⟩", "text")),
        (("1 − z ", "dim"), _wire("         ─×──╯")),
        (*it.reading("n", n), _wire(" ─╯ = tanh(s + m)")),
        (*it.reading("r", r), _wire(" ─×─▶ m"), *it.figure(it.at("recalled"))),
        (*it.reading("u", f"{it.at('u')}.n"), _wire(" ─╯   s"), *it.figure(f"{it.at('z')}.n")),
    ]


def _gru_back(it: Unit) -> list[Line]:
    t = it.t
    z, n, r = (it.at(name) for name in ("update", "candidate", "reset"))
    above = f"{it.at('a')}.grad"
    before = it.back(above, z)
    return [
        (*it.reading(f"∂h⟨{t - 1}⟩", before), _lane("◀━×━━┿━━"), *it.figure(above)),
        (*it.reading("∂z", f"{z}.grad"), _wire("◀─╯  │    "), (f"∂h⟨{t}⟩", "backward")),
        (("1 − z ", "dim"), _wire("          ─×──╯")),
        (*it.reading("∂n", f"{n}.grad"), _wire("◀─╯")),
        (*it.reading("∂r", f"{r}.grad"), _wire("◀─×── "), ("∂m", "backward"),
         *it.figure(f"{it.at('recalled')}.grad")),
        (*it.reading("∂u", f"{it.at('u')}.n.grad"), _wire("◀─╯   "), ("∂s", "backward"),
         *it.figure(f"{it.at('z')}.n.grad")),
    ]  # fmt: skip


def _gru_beside(it: Unit) -> list[Line]:
    """From old to new: a bar for each unit, the one that is looked at first."""
    others = [k for k in range(len(it.column.names)) if k != it.number]
    lines: list[Line] = []
    for unit in (it.number, *others):
        share = it.frame.value(it.at("update"), unit)
        name = "strong bold" if unit == it.number else "dim"
        lines.append(
            (
                (fit(it.column.names[unit], 4), name),
                ("old ", "dim"),
                *pad(long_bar(share, BAR), BAR),
                (" new", "dim"),
            )
        )
    return lines


# -- rnn ---------------------------------------------------------------------------------------


def _rnn(it: Unit) -> list[Line]:
    t, function = it.t, it.column.activation
    return [
        (_wire(fit(f"x⟨{t}⟩", LABEL) + "─Wₓ─╮"),),
        (_wire(fit(f"h⟨{t - 1}⟩", LABEL) + "─Wₕ─+─▶ "), *it.reading(f"z⟨{t}⟩", it.at("z")),
         _wire("╮")),
        (_wire(function.rjust(12) + " ◀─────────────╯"),),
        ((" " * 8, "text"), *it.reading(f"h⟨{t}⟩", it.at("a"))),
    ]  # fmt: skip


def _rnn_back(it: Unit) -> list[Line]:
    t, function = it.t, f"{it.column.activation}′"
    return [
        (_wire(fit(f"∂x⟨{t}⟩", LABEL) + "◀─Wₓ─╮"),),
        ((fit(f"∂h⟨{t - 1}⟩", LABEL), "backward"), _lane("◀━Wₕ━┿━━"),
         *it.reading(f"∂z⟨{t}⟩", f"{it.at('z')}.grad"), _lane("━┓")),
        (_wire(function.rjust(12)), _lane(" ━━━━━━━━━━━━━━━┛"),),
        ((" " * 8, "text"), *it.reading(f"∂h⟨{t}⟩", f"{it.at('a')}.grad")),
    ]  # fmt: skip


def _nothing(_: Unit) -> list[Line]:
    return []


_Draw = Callable[[Unit], list[Line]]

_CIRCUITS: Final[Mapping[str, tuple[_Draw, _Draw, _Draw]]] = {
    "lstm": (_lstm, _lstm_back, _lstm_beside),
    "gru": (_gru, _gru_back, _gru_beside),
    "rnn": (_rnn, _rnn_back, _nothing),
}
"""By the type of the layer: the way there, the way back, and what stands beside them."""
