"""Notes: where they stand, and what is said of those that stand nowhere."""

from __future__ import annotations

import pytest

from nntui.scenario import Note, Scenario, load, parse

PLACES = {
    "no_phase": ("hidden.z", "expected a phase and a tensor", ""),
    "phase": ("foreward hidden.z", "unknown phase 'foreward'", "forward"),
    "layer": ("forward hiden.z", "unknown layer 'hiden'", "hidden"),
    "tensor": ("forward hidden.zz", "unknown op 'forward hidden.zz'", "forward hidden.z"),
    "parameter": (
        "backward hidden.weight",
        "unknown op 'backward hidden.weight'",
        "backward hidden.weight.grad",
    ),
    "other_phase": ("forward y", "unknown op 'forward y'", "data y"),
    "layer_only": ("loss hidden", "unknown op 'loss hidden'", ""),
    "moment": ("update hidden.weight.m", "unknown op", "update hidden.weight"),
}


def places(scenario: Scenario, at: str) -> list[str]:
    """The ops that a note is shown at."""
    program = scenario.model.training_program(scenario.data)
    numbers = Note(at, "").ops(program)
    return [f"{op.phase} {op.output}" for op in program.ops if op.number in numbers]


@pytest.mark.parametrize(("at", "message", "nearest"), PLACES.values(), ids=PLACES.keys())
def test_a_note_that_would_never_be_shown_is_refused(assert_refused, at, message, nearest) -> None:
    assert_refused('at = "forward hidden.z"', f'at = "{at}"', 30, "notes[0].at", message, nearest)


def test_all_of_them_are_told_at_once(exam: str, problems_of) -> None:
    text = exam + '[[notes]]\nat = "forward x"\ntext = "?"\n'
    found = problems_of(text.replace('"forward hidden.z"', '"backward hidden.z"'))

    assert [(p.line, p.key, p.nearest) for p in found] == [
        (30, "notes[0].at", "backward hidden.z.grad"),
        (33, "notes[1].at", "data x"),
    ]


def test_blanks_around_the_names_are_of_no_account(exam: str) -> None:
    scenario = parse(exam.replace('"forward hidden.z"', '" forward   hidden.z "'), origin="x")

    assert scenario.notes[0].at == "forward hidden.z"


def test_a_note_without_a_time_step_stands_at_all_of_them() -> None:
    scenario = load("hello")

    assert places(scenario, "forward rnn.z") == [f"forward rnn.z.t{t}" for t in (1, 2, 3, 4)]
    assert places(scenario, "forward rnn.z.t2") == ["forward rnn.z.t2"]
    assert sorted(places(scenario, "backward rnn.z.grad")) == [
        f"backward rnn.z.t{t}.grad" for t in (1, 2, 3, 4)
    ]
    assert places(scenario, "forward rnn.z.t5") == []


def test_a_layer_may_be_called_like_a_time_step(exam: str) -> None:
    scenario = parse(exam.replace("hidden", "t1"), origin="x")

    assert places(scenario, "forward t1.z") == ["forward t1.z"]
    assert places(scenario, "forward z") == []
