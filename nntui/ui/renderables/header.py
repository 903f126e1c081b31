"""The line on top: where the cursor stands, and how the training goes."""

from __future__ import annotations

from math import isfinite

from rich.cells import cell_len

from nntui.session.frame import Frame, Network
from nntui.session.turns import turn_at
from nntui.ui.format import STALE
from nntui.ui.format import loss as loss_text
from nntui.ui.past import Past
from nntui.ui.renderables.turns import turn_name
from nntui.ui.spans import Line, Span, crop, cut, fit, width

ARROWS = {"data": "▸", "forward": "▸", "loss": "▸", "backward": "◂", "update": "▴"}

ROOMY = 100
"""The width from which on there is room for the program's name and for the depth."""

TRUSTED = 120
"""The width from which on there is room for the check of the gradients."""

TRUST = 7
"""Cells kept free for the check at its shortest: `∇✓3e-10`."""

LEAST = 8
"""Cells of a title that has been cut."""

LONGEST = 18
"""Cells of a tensor's name."""


def header_line(network: Network, frame: Frame, cells: int, past: Past | None = None) -> Line:
    """Title, step, epoch, phase, tensor, op, depth and loss in `cells`; the title gives way first.

    Before it is cut, the epoch and the program's name go. Every part has a fixed width, so nothing
    moves from step to step. In the past it says how far the run has been; where there are branches
    or edits, so much of them. A narrow line has the title where the first op is going to be.
    """
    roomy = cells >= ROOMY
    past = past or Past()
    brand: Line = ((" nntui ", "accent bold"),) if roomy else ((" ", "text"),)
    parts = _parts(network, frame, LONGEST)
    hidden = {"epoch"} if network.steps_per_epoch == 1 else set()
    hidden |= set() if network.turns else {"turn"}
    shown = [name for name in parts if name not in hidden | (set() if roomy else {"depth"})]
    whole = cell_len(network.title) + 1 + (TRUST if cells >= TRUSTED else 0)

    def used(there: Line) -> int:
        return width(brand) + sum(width(parts[name]) + 2 for name in shown) + 1 + width(there)

    # What goes for the title's sake does not hang on where in time one stands.
    if used(()) + whole > cells and "epoch" in shown:
        shown.remove("epoch")
    if used(()) + whole > cells:
        brand = ((" ", "text"),)
    there = _there(past, short=not roomy)
    if used(there) > cells and "depth" in shown:
        shown.remove("depth")
    if used(there) > cells:
        there = _there(past, short=True)
    if used(there) > cells:
        shown.remove("op")
    if used(there) > cells:
        parts = _parts(network, frame, max(4, LONGEST - used(there) + cells))
    room = cells - used(there) + cell_len(network.title) - whole
    title = cut(network.title, room) if room >= min(LEAST, cell_len(network.title)) else ""
    if not title and frame.op is None:
        parts["phase"] = ((fit(network.title, width(parts["phase"])), "strong"),)
    gap = max(1, cells - used(there) - cell_len(title) + 1)
    line: list[tuple[str, str]] = [*brand, (title, "strong"), *_gap(frame.trust, gap, cells)]
    for k, name in enumerate(shown):
        line += [
            *parts[name],
            *(there if name == "step" else ()),
            ("  " if k < len(shown) - 1 else " ", "text"),
        ]
    return crop(tuple(line), cells)


def _there(past: Past, *, short: bool) -> Line:
    """Where in the past the cursor stands, on which branch: ` ◂ of 57 run  on main-2  1 edit`."""
    spans: list[Span] = []
    if past.ahead:
        spans.append((f" ◂{past.run}" if short else f" ◂ of {past.run} run", "backward bold"))
    if past.branch:
        spans.append((f" {past.branch}" if short else f"  on {past.branch}", "backward"))
    if past.edits:
        noun = "edit" if past.edits == 1 else "edits"
        spans.append((f" ✎{past.edits}" if short else f"  {past.edits} {noun}", "error"))
    return tuple(spans)


def _parts(network: Network, frame: Frame, longest: int) -> dict[str, Line]:
    total = network.steps_per_epoch * network.epochs
    digits = len(str(total))
    names = min(max((len(op.output) for op in network.ops), default=4), longest)
    phase = frame.op.phase if frame.op else ""
    arrow = ARROWS.get(phase, " ")
    style = "backward bold" if phase == "backward" else "accent bold"
    count = len(str(len(network.ops)))
    number = frame.op.number if frame.op else 0
    turn = turn_at(network.turns, frame.position.op)
    wide = max((cell_len(turn_name(each)) for each in network.turns), default=0)
    finite = frame.loss is None or isfinite(frame.loss)
    # What two players lose together no one wants to fall.
    better = None if network.rivalry else frame.improving
    trend = {True: ("↓", "accent"), False: ("↑", "error"), None: (" ", "text")}[better]
    return {
        "step": (
            ("step ", "dim"),
            (f"{frame.position.step:>{digits}}", "strong bold"),
            (f"/{total}", "dim"),
        ),
        "epoch": (("epoch ", "dim"), (f"{frame.epoch:>{len(str(network.epochs))}}", "text")),
        "turn": ((turn_name(turn).ljust(wide), "accent"),) if turn else (),
        "phase": (
            (f"{arrow} {phase.upper():<8} ", style),
            (fit(frame.op.output if frame.op else "", names), "strong"),
        ),
        "op": (("op ", "dim"), (f"{number:>{count}}", "text"), (f"/{len(network.ops)}", "dim")),
        "depth": (("by ", "dim"), (f"{frame.depth.label:<7}", "text")),
        "loss": (
            ("loss", "dim"),
            (STALE, "error bold") if frame.stale_loss else (" ", "text"),
            (loss_text(frame.loss).strip().rjust(7), "strong bold" if finite else "error bold"),
            (" ", "text"),
            trend,
        ),
    }


def _gap(trust: str, gap: int, cells: int) -> Line:
    """The space between the title and the rest; the check of the gradients stands at its end."""
    short = trust.partition(" (")[0]
    for text in (trust, short, short.replace(" ", "")):
        free = gap - cell_len(text)
        if text and cells >= TRUSTED and free >= 2:
            style = "accent" if "✓" in text else "error bold" if "✗" in text else "dim"
            after = 2 if free > 3 else 1
            return ((" " * (free - after), "text"), (text, style), (" " * after, "text"))
    return ((" " * gap, "text"),)
