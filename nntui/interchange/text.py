"""A trace as text: the worked example, with the numbers put into the formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nntui.session.session import Session

_ELEMENTS: Final = 16
_SAMPLES: Final = 4


def lines(session: Session, steps: int) -> Iterator[str]:
    """The text of the next `steps` training steps, line by line."""
    network = session.network
    yield network.title
    for _ in range(steps):
        phase = ""
        for info in network.ops:
            session.forward_op()
            if info.number == 1:
                frame = session.position
                epoch = (frame.step - 1) // network.steps_per_epoch + 1
                yield ""
                yield f"training step {frame.step} (epoch {epoch})"
            if info.phase != phase:
                phase = info.phase
                yield ""
                yield phase.upper()
            shape = f"({', '.join(map(str, session.look(info.output).shape))})"
            yield f"{info.number:>4}  {info.output} {shape}   {info.formula}"
            yield from _elements(session, info.number)
        loss = session.losses.at(session.position.step)
        yield ""
        yield f"loss {loss!r}"


def _elements(session: Session, number: int) -> Iterator[str]:
    """A line for each element, of the first few samples."""
    info = session.network.ops[number - 1]
    samples = session.samples(number)
    for sample in range(min(samples, _SAMPLES)):
        head = f"        sample {sample + 1}  " if samples > 1 else "        "
        for element in range(min(info.elements, _ELEMENTS)):
            yield head + session.one_line(number, element, sample)
        if info.elements > _ELEMENTS:
            yield f"{head}… {info.elements - _ELEMENTS} more"
    if samples > _SAMPLES:
        yield f"        … and {samples - _SAMPLES} more samples"
