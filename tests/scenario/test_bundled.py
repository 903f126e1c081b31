"""The bundled scenarios: each loads, teaches at ops that exist, and learns what it says."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from nntui.engine.gradcheck import check_gradients
from nntui.engine.machine import parameters_of
from nntui.engine.trainer import Score, Trainer, quiet
from nntui.scenario import Scenario, bundled, load
from nntui.session.position import Depth
from nntui.session.session import Session

NAMES = [
    "activations",
    "bars",
    "by_hand",
    "circles",
    "digits",
    "dying_relu",
    "exam",
    "exam4",
    "explode",
    "explode_cured",
    "flip_flop",
    "forget",
    "gan_bars",
    "gan_collapse",
    "gan_line",
    "gan_ring",
    "hello",
    "input_scale",
    "iris",
    "local_minimum",
    "remember",
    "remember_bias0",
    "reverse",
    "shakespeare",
    "sine",
    "sine_wave",
    "som_colors",
    "som_iris",
    "som_square",
    "som_useless",
    "sort",
    "spiral",
    "symmetry",
    "symmetry_half",
    "text",
    "vanishing",
    "vanishing_cured",
    "xor",
]
SIX_STEPS = ["Initialise", "Forward", "Loss", "Backward", "Update", "Repeat"]
EVERY_ACTIVATION = [
    "linear",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "softplus",
    "softmax",
]


def trained(name: str, steps: int | None = None) -> Trainer:
    """A run after its own epochs, or after `steps`."""
    scenario = load(name)
    trainer = Trainer(scenario.model, scenario.data)
    if steps is None:
        steps = scenario.model.training.epochs * trainer.steps_per_epoch
    run = trainer.runner()
    with quiet():
        for step in range(1, steps + 1):
            run(step)
    return trainer


def stepped(name: str) -> Trainer:
    """A run after one training step, op by op."""
    scenario = load(name)
    trainer = Trainer(scenario.model, scenario.data)
    for op in trainer.program.ops:
        trainer.execute(op, 1)
    return trainer


@cache
def finished(name: str) -> Trainer:
    return trained(name)


def scores(trainer: Trainer) -> tuple[Score, Score]:
    """On the rows trained with, and on those held back."""
    data = trainer.dataset
    assert data.test is not None
    return trainer.evaluate(data.train), trainer.evaluate(data.test)


def weights(trainer: Trainer, name: str) -> np.ndarray:
    return parameters_of(trainer.state)[name]


def gradient_sizes(name: str) -> list[float]:
    """The norm of each layer's weight gradient in the first training step, first layer first."""
    trainer = stepped(name)
    return [
        float(np.linalg.norm(p.view(trainer.gradients)))
        for p in trainer.program.parameters
        if p.name.endswith(".weight")
    ]


def test_these_are_bundled() -> None:
    assert sorted(b.name for b in bundled()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is(name: str) -> None:
    scenario = load(name)

    assert scenario.title
    assert scenario.about.count(". ") + scenario.about.count(": ") >= 1
    assert len(scenario.about) <= 400
    assert "\n" not in scenario.about


@pytest.mark.parametrize("name", NAMES)
def test_notes_are_short_and_at_ops_that_exist(name: str) -> None:
    scenario = load(name)
    program = Trainer(scenario.model, scenario.data).program
    ops = {f"{op.phase} {op.output}" for op in program.ops}

    assert len(scenario.notes) >= 4
    assert [note.at for note in scenario.notes if note.at not in ops] == []
    assert [note.at for note in scenario.notes if len(note.text) > 300] == []
    assert len({note.at for note in scenario.notes}) == len(scenario.notes)


@pytest.mark.parametrize("name", NAMES)
def test_watches_have_values_after_a_step(name: str) -> None:
    session = Session(load(name))
    session.cursor.forward(Depth.STEP)

    assert all(watch.value is not None for watch in session.frame.watches)


@pytest.mark.parametrize("name", NAMES)
def test_notes_stand_in_the_order_of_the_step(name: str) -> None:
    scenario = load(name)
    program = Trainer(scenario.model, scenario.data).program
    order = [f"{op.phase} {op.output}" for op in program.ops]
    places = [order.index(note.at) for note in scenario.notes]

    assert places == sorted(places)


def test_exam_is_the_worked_example() -> None:
    scenario = load("exam")
    trainer = stepped("exam")
    read = trainer.memory(1).public

    np.testing.assert_allclose(read("hidden.z"), [[3.2, 3.2]], rtol=1e-15)
    np.testing.assert_allclose(read("hidden.a"), [[0.961, 0.961]], atol=5e-4)
    assert float(read("output.z")[0, 0]) == pytest.approx(1.5451679880845297, rel=1e-14)
    assert float(read("output.a")[0, 0]) == pytest.approx(0.8242147431567693, rel=1e-14)
    assert scenario.data.inputs == ("hours studied", "previous knowledge")
    assert any("1.546" in n.text for n in scenario.notes if n.at == "forward output.z")


def test_exam_says_of_its_numbers_that_they_are_those_of_step_1() -> None:
    """A note comes back in every step, and must be true there too."""
    notes = {note.at: note.text for note in load("exam").notes}
    read = stepped("exam").memory(1).public

    for at, number in (
        ("forward output.z", read("output.z")[0, 0]),
        ("loss loss", read("loss")),
        ("backward hidden.a.grad", read("hidden.a.grad")[0, 0]),
        ("backward hidden.a.grad", read("hidden.a.grad")[0, 1]),
        ("backward hidden.z.grad", read("hidden.z.grad")[0, 0]),
        ("backward output.z.grad", read("output.z.grad")[0, 0]),
    ):
        said = f"{float(number):.3f}".replace("-", "−")
        assert said in notes[at]
        assert "in step 1" in notes[at].lower()
    slope = float(read("hidden.a")[0, 0] * (1 - read("hidden.a")[0, 0]))
    assert f"{slope:.4f}" in notes["backward hidden.z.grad"]
    assert "is done" not in notes["data x"]


def test_exam_gets_surer() -> None:
    run = finished("exam")

    assert run.evaluate(run.dataset.train).loss < 0.01


def test_exam_tells_the_six_steps_in_order() -> None:
    first = [note.text.split(",")[0] for note in load("exam").notes]

    assert [words for words in first if words in SIX_STEPS] == SIX_STEPS


def test_exam4_finds_out_that_the_name_says_nothing() -> None:
    run = finished("exam4")
    hours, smart, knowledge, name = weights(run, "hidden.weight")[0]
    train, test = scores(run)

    assert hours > smart > knowledge > 0.3
    assert abs(name) < 0.01
    assert load("exam4").watches == ("hidden.weight[0, 3]",)
    told = {note.at: note.text for note in load("exam4").notes}
    for weight in (hours, smart, knowledge, name):
        said = f"{weight:.3f}" if weight < 0.01 else f"{weight:.2f}"
        assert said in told["update output.bias"]
    assert train.accuracy is not None
    assert train.accuracy > 0.94
    assert test.accuracy is not None
    assert test.accuracy > 0.94


def test_exam4_finds_the_recipe_after_a_detour() -> None:
    session = Session(load("exam4"))
    course = []
    for step in range(1, 401):
        session.cursor.go(step)
        course.append(float(session.reader.look("hidden.weight")[0, 3]))
    hours, smart, knowledge, _ = weights(finished("exam4"), "hidden.weight")[0]

    assert min(course) == pytest.approx(-0.24, abs=0.01)
    assert hours / smart == pytest.approx(5 / 3, rel=0.02)
    assert smart / knowledge == pytest.approx(3 / 2, rel=0.02)


@pytest.mark.parametrize(
    ("steps", "loss", "tolerance"),
    [(0, 0.2983711087600027, 1e-15), (1, 0.29102777369359933, 1e-15), (10_000, 3.5102e-05, 1e-9)],
)
def test_by_hand_has_the_published_losses(steps: int, loss: float, tolerance: float) -> None:
    run = trained("by_hand", steps)

    assert run.evaluate(run.dataset.train).loss == pytest.approx(loss, abs=tolerance)


def test_by_hand_has_the_articles_numbers() -> None:
    run = stepped("by_hand")
    read = run.memory(1).public

    np.testing.assert_allclose(read("hidden.a"), [[0.593269992, 0.596884378]], atol=1e-9)
    np.testing.assert_allclose(read("output.a"), [[0.75136507, 0.772928465]], atol=1e-9)
    np.testing.assert_allclose(
        read("output.weight.grad"),
        [[0.082167041, 0.082667628], [-0.022602540, -0.022740242]],
        atol=1e-9,
    )
    np.testing.assert_allclose(
        read("hidden.weight.grad"),
        [[0.000438568, 0.000877135], [0.000497713, 0.000995425]],
        atol=1e-9,
    )
    np.testing.assert_allclose(
        weights(run, "output.weight"), [[0.35891648, 0.408666186], [0.51130127, 0.561370121]]
    )
    np.testing.assert_allclose(
        weights(run, "hidden.weight"), [[0.149780716, 0.19956143], [0.24975114, 0.29950229]]
    )
    assert weights(run, "hidden.bias").tolist() == [0.35, 0.35]
    assert weights(run, "output.bias").tolist() == [0.60, 0.60]


def test_xor_is_learned_in_a_hundred_steps() -> None:
    run = trained("xor", steps=100)

    assert run.evaluate(run.dataset.train).loss < 0.05
    assert run.evaluate(run.dataset.train).accuracy == 1


@pytest.mark.parametrize(
    ("name", "train", "test"),
    [("circles", 0.98, 0.96), ("iris", 0.96, 0.93), ("activations", 0.95, 0.93)],
)
def test_learns_and_holds_for_other_rows(name: str, train: float, test: float) -> None:
    trained_on, held_back = scores(finished(name))

    assert trained_on.accuracy is not None
    assert trained_on.accuracy >= train
    assert held_back.accuracy is not None
    assert held_back.accuracy >= test


def test_bars_become_lines_to_filters() -> None:
    run = finished("bars")
    train, test = scores(run)

    assert test.accuracy is not None
    assert test.accuracy >= 0.98
    assert train.accuracy == 1
    early = scores(trained("bars", steps=17 * run.steps_per_epoch))[1].accuracy
    assert early is not None
    assert early >= 0.95


def test_digits_are_read() -> None:
    accuracy = scores(finished("digits"))[1].accuracy

    assert accuracy is not None
    assert accuracy >= 0.95


@pytest.mark.parametrize("name", ["bars", "digits"])
def test_gradients_through_images_are_right(name: str) -> None:
    scenario = load(name)
    checks = check_gradients(scenario.model, scenario.data, limit=60)

    assert [c.parameter for c in checks if max(c.central, c.complex_step) > 1e-7] == []
    assert [c.parameter for c in checks if c.kinks] == []


def test_circles_needs_few_epochs() -> None:
    run = trained("circles", steps=20 * 15)
    accuracy = run.evaluate(run.dataset.train).accuracy

    assert accuracy is not None
    assert accuracy >= 0.98


def test_spiral_unwinds() -> None:
    run = finished("spiral")
    accuracy = run.evaluate(run.dataset.train).accuracy

    assert accuracy is not None
    assert accuracy >= 0.98


def test_sine_comes_down_to_the_noise() -> None:
    train, test = scores(finished("sine"))

    assert 0.001 < train.loss < 0.005
    assert test.loss < 0.006


def test_activations_has_one_layer_of_each() -> None:
    kinds = [layer.activation.type for layer in load("activations").model.layers]

    assert kinds == EVERY_ACTIVATION


def test_vanishing_and_its_cure_differ_in_one_word() -> None:
    sick, cured = load("vanishing"), load("vanishing_cured")

    assert _without_activations(sick) == _without_activations(cured)
    assert sick.data.train.x.tobytes() == cured.data.train.x.tobytes()
    for layer in ("hidden1", "hidden5", "output"):
        name = f"{layer}.weight"
        start = [weights(trained(s, steps=0), name) for s in ("vanishing", "vanishing_cured")]
        assert start[0].tobytes() == start[1].tobytes()


def _without_activations(scenario: Scenario) -> object:
    model = scenario.model
    layers = [(layer.name, layer.units, layer.init) for layer in model.layers]
    return model.seed, layers, model.training


def test_vanishing_leaves_the_first_layer_almost_no_gradient() -> None:
    sick, cured = gradient_sizes("vanishing"), gradient_sizes("vanishing_cured")

    assert sick[0] / sick[-1] < 1 / 300
    assert all(earlier < later for earlier, later in pairwise(sick))
    assert 0.1 < cured[0] / cured[-1] < 10


def test_vanishing_is_stuck_and_its_cure_is_not() -> None:
    sick, cured = finished("vanishing"), finished("vanishing_cured")
    early = trained("vanishing_cured", steps=30 * cured.steps_per_epoch)

    assert sick.evaluate(sick.dataset.train).loss == pytest.approx(np.log(2), abs=0.005)
    assert sick.evaluate(sick.dataset.train).accuracy == 0.5
    assert early.evaluate(early.dataset.train).accuracy == 1
    assert cured.evaluate(cured.dataset.train).loss < 0.005


def test_explode_stops_at_a_number_that_is_not_finite() -> None:
    session = Session(load("explode"))
    session.player.run(deadline=math.inf)

    assert session.frame.fault
    assert 3 <= session.cursor.position.step <= 12
    losses = [session.losses.at(k) or 0.0 for k in range(1, session.cursor.position.step)]
    assert all(later > earlier for earlier, later in pairwise(losses))
