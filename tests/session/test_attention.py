"""Attention in a session: its weights in conditions and watches, of the sample that is shown."""

from __future__ import annotations

import math

import pytest
from networks import scenario

from nntui.scenario import load
from nntui.session.frame import Cell
from nntui.session.position import Depth
from nntui.session.session import Session

FOREVER = math.inf
WEIGHT = "attention[1, 2, 2]"


def session_of(name: str, sample: int = 0) -> Session:
    session = Session(scenario(name))
    session.reader.sample = sample
    return session


def made(session: Session, tensor: str) -> int:
    """The number of the op that makes a tensor."""
    return next(info.number for info in session.network.ops if info.output == tensor)


def seen(sample: int, steps: int) -> list[float]:
    """The weight after each training step, read from the whole tensor."""
    session = session_of("looks")
    values = []
    for _ in range(steps):
        session.cursor.forward(Depth.STEP)
        whole = session.reader.look("attention.weights")
        values.append(float(whole[min(sample, len(whole) - 1), 1, 2, 2]))
    return values


@pytest.mark.parametrize("sample", [0, 1])
def test_a_watch_is_of_the_shown_sample(sample: int) -> None:
    session = session_of("looks", sample)
    session.watches.add(WEIGHT)
    for _ in range(4):
        session.cursor.forward(Depth.STEP)
    (watch,) = session.frame.watches

    assert list(watch.history) == seen(sample, 4)
    assert watch.value == watch.history[-1]


def test_another_sample_has_another_past() -> None:
    session = session_of("looks")
    session.watches.add(WEIGHT)
    session.watches.add("loss")
    session.watches.add("attention.weights[0, 1, 2, 2]")
    for _ in range(3):
        session.cursor.forward(Depth.STEP)
    session.reader.sample = 1
    shown, loss, first = session.frame.watches

    assert shown.history == ()
    assert shown.value == seen(1, 3)[-1]
    assert len(loss.history) == 3
    assert list(first.history) == seen(0, 3)
    session.cursor.forward(Depth.STEP)
    assert list(session.frame.watches[0].history) == seen(1, 4)[3:]


@pytest.mark.parametrize("sample", [0, 1])
def test_a_run_stops_where_the_shown_sample_makes_it_true(sample: int) -> None:
    values = seen(sample, 10)
    limit = sorted(values)[-3]
    expected = next(k for k, value in enumerate(values, 1) if value >= limit)
    session = session_of("looks", sample)
    session.breakpoints.add(f"{WEIGHT} >= {limit!r}")
    session.player.run(FOREVER)

    here = session.cursor.position
    assert (here.step, here.op) == (expected, made(session, "attention.weights"))


def test_what_was_known_of_a_condition_is_of_the_sample_that_was_shown() -> None:
    """Where it is true already for the sample that is shown now, it has not just come true."""
    (zero, _), (one, next_one) = seen(0, 2), seen(1, 2)
    limit = min(one, next_one)
    assert zero < limit
    for sample, stops in ((0, True), (1, False)):
        session = session_of("looks")
        session.breakpoints.add(f"{WEIGHT} >= {limit!r}")
        assert session.player.run(0) == 1
        session.reader.sample = sample
        session.player.run(FOREVER)

        here = session.cursor.position
        assert ((here.step, here.op) == (2, made(session, "attention.weights"))) is stops


@pytest.mark.parametrize("sample", [0, 1])
def test_the_course_is_of_the_shown_sample(sample: int) -> None:
    session = session_of("looks", sample)
    session.cursor.go(5)
    course = session.study.course(WEIGHT)
    list(session.study.follow(course))

    assert [course.at(step) for step in range(1, 6)] == seen(sample, 5)
    assert course.sampled
    assert course.op == made(session, "attention.weights")


def test_full_speed_and_stepping_agree() -> None:
    stops = []
    for at_full_speed in (True, False):
        session = session_of("glances", 1)
        session.breakpoints.add("block.attention[1, 3, 0] > prev(block.attention[1, 3, 0])")
        found = []
        while not session.at_end:
            if at_full_speed:
                session.player.run(FOREVER)
            else:
                session.player.play(Depth.STEP)
            if session.player.stopped_by is not None:
                found.append(session.cursor.position)
        stops.append(found)

    assert stops[0] == stops[1]
    assert len(stops[0]) > 2


def test_a_mask_is_no_fault() -> None:
    session = session_of("glances")
    session.breakpoints.add("any_inf")
    session.player.run(FOREVER)

    masked = session.reader.look("block.attention.masked")
    assert session.at_end
    assert (masked == -math.inf).any()
    assert session.frame.fault == ""


def test_what_is_wrong_under_a_mask_is_a_fault() -> None:
    session = session_of("glances")
    op = made(session, "block.attention.masked")
    session.cursor.go(1, op - 1)
    session.edit("block.attention.scaled", (0, 0, 0), math.inf)
    session.player.run(FOREVER)

    assert session.cursor.position.op == op
    assert "block.attention.masked" in session.frame.fault


def test_why_a_query_moved_leads_through_the_softmax() -> None:
    session = session_of("glances")
    session.cursor.go(2)
    why = session.reader.why("block.attention.query.weight", (1, 2))
    kinds = [hop.kind for hop in why.chain]
    way = [
        "gradient, by head",
        "gradient of the attention weights",
        "gradient through the softmax",
        "gradient before the mask",
        "gradient of the scores",
        "gradient of the queries",
        "gradient, heads joined",
        "gradient of the weights",
    ]

    assert kinds[-len(way) :] == way
    (softmax,) = (hop for hop in why.chain if hop.kind == "gradient through the softmax")
    assert softmax.written.startswith("∂α")
    assert softmax.paths == 4
    assert [time.time for time in why.times] == [1, 2, 3, 4]
    assert math.isclose(sum(time.value for time in why.times), why.gradient or 0.0)


# -- which element is shown --------------------------------------------------------------------


def shown(session: Session, tensor: str, step: int = 1) -> tuple[int, ...]:
    """The cell that is explained where an op has been stepped over whole."""
    session.cursor.go(step, made(session, tensor))
    cell = session.frame.shown
    assert cell is not None
    assert cell.tensor == tensor
    return cell.index


@pytest.mark.parametrize("name", ["reverse", "sort"])
def test_attention_opens_at_the_first_answer_that_is_asked(name: str) -> None:
    session = Session(load(name))
    session.cursor.jump(2)
    y = session.frame.row("y")
    asked = next(t for t, target in enumerate(y) if target is not None and target >= 0)
    at = "block.attention"
    weights = shown(session, f"{at}.weights")
    row = session.frame.arrays[f"{at}.weights"][0, 0, asked]

    assert asked > 1
    assert weights == (0, asked, row.argmax())
    for tensor in ("scores", "scaled", "weights.grad"):
        assert shown(session, f"{at}.{tensor}") == weights
    assert shown(session, f"{at}.found") == (0, asked, 0)
    assert shown(session, "output.z") == (asked, 0)
    assert shown(session, "y") == (asked,)


def test_where_all_answers_are_asked_a_causal_attention_opens_at_the_last() -> None:
    """The first query can look at nothing but itself."""
    session = Session(load("shakespeare"))
    head, query, key = shown(session, "block.attention.weights")
    row = session.frame.arrays["block.attention.weights"][0, head, query]

    assert (head, query, key) == (0, 23, row.argmax())


def test_a_neuron_that_is_looked_at_comes_first() -> None:
    session = Session(load("reverse"))
    weights = session.network.named("block.attention.weights")
    session.reader.focus = (weights.name, weights.unit((0, 7, 2)))

    assert shown(session, "block.attention.scores") == (0, 7, 2)
    assert shown(session, "block.attention.found") == (0, 7, 0)
    assert shown(session, "output.z") == (5, 0)


def test_the_cell_that_a_breakpoint_names_is_shown_where_it_stops() -> None:
    session = Session(load("reverse"))
    session.breakpoints.add("block.attention[0, 9, 1] > 2")
    session.breakpoints.add("block.attention.weights[3, 0, 8, 3] > 0")
    session.player.play(Depth.STEP)

    assert session.player.stopped_by is not None
    assert session.frame.op is not None
    assert session.frame.op.output == "block.attention.weights"
    assert session.frame.shown == Cell("block.attention.weights", (0, 8, 3))
    session.breakpoints.toggle(2)
    assert session.frame.shown == Cell("block.attention.weights", (0, 9, 1))


def test_a_breakpoint_names_a_neuron_of_any_layer() -> None:
    session = Session(load("exam"))
    session.breakpoints.add("hidden.a[0, -1] > 0.5")
    session.breakpoints.add("hidden.a.max() > 2")
    session.player.play(Depth.EPOCH)

    assert session.frame.shown == Cell("hidden.a", (1,))


def test_where_no_answer_is_asked_the_target_says_so() -> None:
    session = Session(load("reverse"))
    session.cursor.jump(2)

    assert session.reader.one_line(2, 0, 0) == "y₁ = −1 (no answer asked here)"
    assert session.reader.one_line(2, 5, 0).endswith((" (a)", " (b)", " (c)", " (d)"))


# -- what things are called -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "op", "line"),
    [
        ("reverse", "block.attention.scaled", "s₆₆ = scores.s₆₆ / √d"),
        ("reverse", "block.attention.masked", "s₆₆ = scaled.s₆₆"),
        ("reverse", "block.attention.joined", "c₆₁ = found.c₆₁"),
        ("reverse", "block.half", "r₆₁ = position.a₆₁ + attention.a₆₁"),
        ("gan_line", "discriminator.x", "x₁ = real.x₁"),
        ("gan_line", "generator.h1.frozen.z", "z₁ = w₁₁·latent.z₁ + w₁₂·latent.z₂ + b₁"),
        ("hello", "rnn.x", "x₁₁ = data.x₁₁"),
        ("bars", "flat.a", "a₁ = pool.a₁₁₁"),
    ],
)
def test_of_two_numbers_of_one_symbol_one_is_called_by_what_tells_it(
    name: str, op: str, line: str
) -> None:
    session = Session(load(name))
    session.cursor.jump(made(session, op))
    explanation = session.frame.explanation
    assert explanation is not None
    left, *right = (token.text for token in explanation.lines[0])

    assert f"{left} = {''.join(right)}" == line


def test_an_embedding_says_which_token_it_looks_up() -> None:
    session = Session(load("reverse"))
    session.cursor.jump(made(session, "embedding.a"))
    explanation = session.frame.explanation

    assert explanation is not None
    assert explanation.note == "token 4 (|): row 5 of the table"


def test_the_first_number_of_a_sum_has_no_brackets_though_a_mask_has_left_out_others() -> None:
    session = Session(load("sort"))
    session.cursor.go(1, len(session.network.ops))
    now, view = session.timeline.now, session._view
    op = next(op for op in session.trainer.program.ops if op.kind.name == "key_grad")
    *_, keys, features = now.now(op.output).shape
    lines = [
        view.writer.one_line(op, (0, 0, key, feature), now.terms(op, (0, 0, key, feature)))
        for key in range(keys)
        for feature in range(features)
    ]

    assert any("masked" in line and " = −" in line for line in lines)
    assert not any(" = (" in line for line in lines)
