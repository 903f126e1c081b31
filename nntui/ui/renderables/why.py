"""Why a weight moved, as lines: the optimizer, the samples, and the chain from the loss."""

from __future__ import annotations

from rich.cells import cell_len

from nntui.session.backward import Hop, Share
from nntui.session.numbers import number
from nntui.session.why import Update, Why
from nntui.ui.spans import BLANK, Line, Span, crop, cut, fit, sign_style, wrap_words

MOST_SHARES = 40
"""Samples that are listed; of more, those that count the most."""

BAR = 8
"""Cells of the longest bar."""

_EXACT = 1e-5
"""A sum that is off by less than this much of it is right but for rounding."""


_NO_GRADIENT = (
    "There is no gradient here: the rule moves the weight by itself, whatever that does to the "
    "loss. So there is no chain from the loss to it; these are the numbers the rule was given."
)


def why_lines(why: Why, cells: int) -> list[Line]:
    """Everything there is to say, in `cells`; as many lines as it takes."""
    lines = [*_change(why, cells), BLANK]
    if not why.has_gradient:
        return lines
    if why.gradient is None:
        word = "The backward pass has not reached it yet in this step: step on with n."
        return [*lines, *wrap_words(word, cells, "dim")]
    times = [*_times(why, cells), BLANK] if why.times else []
    return [*lines, *_samples(why, cells), BLANK, *times, *_chain(why, cells)]


def _change(why: Why, cells: int) -> list[Line]:
    if why.frozen:
        return [(("It is frozen: the optimizer leaves it alone.", "text"),)]
    if not why.moved:
        word = f"{why.symbol} has not moved yet in step {why.step}: its update is still to come."
        return wrap_words(word, cells)
    lines: list[Line] = [
        _line(
            (f"{why.symbol}  ", "strong bold"),
            (f"{number(why.before)} → {number(why.after)}", "text"),
            ("   change ", "dim"),
            _value(why.change, "bold"),
            (f"   in step {why.step}", "dim"),
        ),
        BLANK,
        *([] if why.has_gradient else [*wrap_words(_NO_GRADIENT, cells, "dim"), BLANK]),
        _heading("The optimizer" if why.has_gradient else "The rule", f"  {why.formula}"),
    ]
    for update in why.updates:
        lines += _update(update, cells)
    room = max((cell_len(part.title) for part in why.parts), default=0)
    for part in why.parts:
        lines.append(_line(("  ", "text"), (fit(part.title, room), "text"), _equal(part.value)))
    lines.append(_check("its parts", "the change", why.change_off, why.change))
    return [crop(line, cells) for line in lines]


def _update(update: Update, cells: int) -> list[Line]:
    title: Line = (("  ", "text"), (update.title, "text"), ("   ", "text"), (update.formula, "dim"))
    numbers = [line for text in update.numbers for line in wrap_words(text, max(cells - 6, 10))]
    return [title, *_indented(numbers, 6)]


def _samples(why: Why, cells: int) -> list[Line]:
    gradient = why.gradient if why.gradient is not None else 0.0
    count = sum(share.sample is not None for share in why.shares)
    noun = "sample" if count == 1 else "samples"
    lines = [
        _heading(f"The gradient ∂L/∂{why.symbol} = {number(gradient)}", f"  from {count} {noun}"),
    ]
    shown, rest = _most(why.shares)
    longest = max((abs(share.value) for share in shown), default=0.0)
    lines += [_share(share, share.sample == why.sample, longest) for share in shown]
    if rest:
        value = sum(share.value for share in rest)
        lines.append(_line((f"    {len(rest)} more samples", "dim"), _equal(value)))
    lines.append(_check("the shares", "the gradient", why.gradient_off, gradient))
    return [crop(line, cells) for line in lines]


def _most(shares: tuple[Share, ...]) -> tuple[list[Share], list[Share]]:
    """Those to list, in their order, and the others."""
    order = sorted(shares, key=lambda share: -abs(share.value))
    listed = {id(share) for share in order[:MOST_SHARES]}
    shown = [share for share in shares if id(share) in listed]
    return shown, [share for share in shares if id(share) not in listed]


def _share(share: Share, chosen: bool, longest: float) -> Line:
    spans: list[Span] = [("  ▸ " if chosen else "    ", "accent bold")]
    if share.sample is None:
        spans.append((fit(share.title, 39), "text"))
    else:
        row = "" if share.row is None else f"row {share.row + 1}"
        spans += [(f"sample {share.sample + 1:<3} ", "strong" if chosen else "text")]
        spans.append((fit(row, 9), "dim"))
        made = ""
        if share.upstream is not None and share.local is not None:
            made = f"{number(share.upstream)} × {_bracketed(share.local)}"
        spans.append((fit(made, 19), "dim"))
    return (*spans, *_amount(share.value, share.part, longest))


def _amount(value: float, part: float | None, longest: float) -> Line:
    """A share as a number, in percent, and as a bar."""
    text = "" if part is None else _percent(part)
    length = round(BAR * abs(value) / longest) if 0 < longest < float("inf") else 0
    return (
        (f"{number(value):>10}", sign_style(value)),
        (f"{text:>10}  ", "dim"),
        ("█" * length, sign_style(value)),
    )


def _times(why: Why, cells: int) -> list[Line]:
    """What each time step adds: a weight is the same at all of them."""
    count = len(why.times)
    lines = [_heading("Over time", f"  the same weight at {count} time steps: their shares")]
    largest = sorted(why.times, key=lambda share: -abs(share.value))[:MOST_SHARES]
    longest = max((abs(share.value) for share in largest), default=0.0)
    for share in why.times:
        if share in largest:
            spans = [("    ", "text"), (fit(f"time step {share.time}", 39), "text")]
            lines.append((*spans, *_amount(share.value, share.part, longest)))
    if rest := [share.value for share in why.times if share not in largest]:
        lines.append(_line((f"    {len(rest)} more time steps", "dim"), _equal(sum(rest))))
    return [crop(line, cells) for line in lines]


def _chain(why: Why, cells: int) -> list[Line]:
    title = f"From the loss to {why.symbol}"
    lines = [_heading(title, f"  along sample {why.sample + 1}, where paths meet the largest")]
    if not why.chain:
        return [*lines, (("  no path: this sample has no part in it", "dim"),)]
    room = min(max(cell_len(hop.symbol) for hop in why.chain), max(cells // 3, 8))
    for hop in why.chain:
        lines += _hop(hop, room, cells)
    return [crop(line, cells) for line in lines]


def _hop(hop: Hop, room: int, cells: int) -> list[Line]:
    lines: list[Line] = []
    if hop.written or hop.local not in (None, 1.0):
        written = hop.written or f"{hop.kind} = {'·' if hop.local is None else number(hop.local)}"
        inner = wrap_words(written, max(cells - 8, 10), "dim")
        lines += [
            (("    × " if k == 0 else "      ", "dim"), *line) for k, line in enumerate(inner)
        ]
    spans: list[Span] = [
        ("  ", "text"),
        (fit(cut(hop.symbol, room), room), "backward"),
        _equal(hop.product),
    ]
    if hop.paths > 1:
        part = "part" if hop.part is None else _percent(hop.part)
        spans.append((f"   {part} of {number(hop.total)}, the sum of {hop.paths}", "dim"))
    return [*lines, tuple(spans)]


def _check(parts: str, whole: str, off: float, of: float) -> Line:
    """`= the change, to 3e-17`: that a sum is what it should be, or by how much it is not."""
    good = off <= _EXACT * abs(of) or off < 1e-12
    text = f"exactly {whole}" if off == 0 else f"{whole}, to {off:.0e}"
    mark = ("✓", "accent bold") if good else ("✗", "error bold")
    return _line(("  ", "text"), mark, (f" {parts} add up to {text}", "dim" if good else "error"))


def _heading(title: str, more: str) -> Line:
    return ((title, "accent bold"), (more, "dim"))


def _indented(lines: list[Line], by: int) -> list[Line]:
    return [((" " * by, "text"), *line) for line in lines]


def _value(value: float, style: str = "") -> Span:
    return number(value), f"{sign_style(value)} {style}".strip()


def _equal(value: float) -> Span:
    return f" = {number(value)}", sign_style(value)


def _bracketed(value: float) -> str:
    text = number(value)
    return f"({text})" if text.startswith("−") else text


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %".replace("-", "−") if abs(part) < 100 else "—"


def _line(*spans: Span) -> Line:
    return spans
