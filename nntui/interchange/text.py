"""A trace as text: the worked example, with the numbers put into the formulas."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from nntui.interchange.script import Script
from nntui.session.lesson import Lesson, lessons_at
from nntui.session.session import Session

_ELEMENTS: Final = 16
_SAMPLES: Final = 4
_WIDTH: Final = 100
_BAR: Final = "        ▎ "


def lines(script: Script) -> Iterator[str]:
    """The text of a run, line by line; each note stands where its op is printed first."""
    session = script.session
    network = session.network
    yield network.title
    step, heading = 0, ""
    told: set[int] = set()
    for info in script:
        if session.cursor.position.step != step:
            step, heading = session.cursor.position.step, ""
            epoch = (step - 1) // network.steps_per_epoch + 1
            yield ""
            yield f"training step {step} (epoch {epoch})"
        if info.heading != heading:
            heading = info.heading
            yield ""
            yield heading.upper()
        shape = f"({', '.join(map(str, session.reader.look(info.output).shape))})"
        yield f"{info.number:>4}  {info.output} {shape}   {info.formula}"
        yield from _elements(session, info.number)
        for lesson in lessons_at(network.lessons, info.number):
            if lesson.number not in told:
                told.add(lesson.number)
                yield from _lesson(lesson)
        fault = session.timeline.now.fault
        if fault is not None and fault.op.number == info.number:
            yield f"        ! {session.frame.fault}"
        for text, value in script.watched().items():
            yield f"        watch {text} = {'·' if value is None else repr(value)}"
        if info.number == len(network.ops):
            yield ""
            yield f"loss {session.losses.at(step)!r}"


def _lesson(lesson: Lesson) -> list[str]:
    """A note, with a bar beside it."""
    text = f"note {lesson.number} of {lesson.of}: {lesson.text}"
    return textwrap.wrap(text, _WIDTH, initial_indent=_BAR, subsequent_indent=_BAR)


def _elements(session: Session, number: int) -> Iterator[str]:
    """A line for each element, of the first few samples."""
    info = session.network.ops[number - 1]
    samples = session.reader.samples(number)
    for sample in range(min(samples, _SAMPLES)):
        head = f"        sample {sample + 1}  " if samples > 1 else "        "
        for element in range(min(info.elements, _ELEMENTS)):
            yield head + session.reader.one_line(number, element, sample)
        if info.elements > _ELEMENTS:
            yield f"{head}… {info.elements - _ELEMENTS} more"
    if samples > _SAMPLES:
        yield f"        … and {samples - _SAMPLES} more samples"
