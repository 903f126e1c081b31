"""A session's picture as plain values that can be compared, and a session at any position."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from nntui.scenario import Scenario
from nntui.session.frame import Frame
from nntui.session.position import Depth, Position
from nntui.session.session import Session


def picture(session: Session) -> dict[str, Any]:
    """Everything the screen can learn of a session where it stands; NaN equals NaN."""
    frame = session.frame
    plain = {
        f.name: repr(getattr(frame, f.name))
        for f in fields(Frame)
        if f.name not in ("arrays", "known", "batched", "reads", "writes", "now", "depth")
    }
    plain |= {name: getattr(frame, name) for name in ("reads", "writes", "now")}
    for name in sorted(frame.arrays):
        plain[f"row {name}"] = repr(frame.row(name))
        plain[f"largest {name}"] = frame.largest(name)
    network = session.network
    for name in network.parameters:
        plain[f"table {name}"] = repr(session.reader.parameter_rows(name, 40))
    for k, column in enumerate(network.columns):
        plain[f"neuron {column.name}"] = repr(session.reader.column_rows(k, len(column.units) - 1))
    return plain


def state(session: Session) -> bytes:
    """The bits of all parameters, moments and statistics."""
    return session.trainer.state.vector.tobytes()


def stepped_to(scenario: Scenario, position: Position, seed: int | None = None) -> Session:
    """A fresh session stepped to a position op by op, and then by elements and terms."""
    session = Session(scenario)
    if seed is not None:
        session.restart(seed)
    last = len(session.network.ops)
    op = max(1, position.op)
    whole = position.element >= session.network.ops[op - 1].elements
    before = (position.step - 1, last) if op == 1 else (position.step, op - 1)
    goal = (position.step, op) if whole else before
    while (session.cursor.position.step, session.cursor.position.op) < goal:
        session.cursor.forward(Depth.OP)
    if not whole:
        for _ in range(position.element):
            session.cursor.forward(Depth.ELEMENT)
        for _ in range(position.term):
            session.cursor.forward(Depth.TERM)
    if position.op == 0:
        session.cursor.forward(Depth.OP)
        session.cursor.jump(0)
    return session
