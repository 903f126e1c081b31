"""Where the numbers of sequences and images live, and looking up and flattening them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.model import Dataset, Samples
from nntui.engine.tensor import BATCH, Tensor, batch_last, columns, feature_axis, sample_shape
from nntui.errors import ShapeError
from nntui.session.now import Now
from tests.engine.examples import EXAMPLES, Example, dense, example, images, sequences, tokens


@pytest.mark.parametrize(
    ("sample", "shape"),
    [((), ()), ((3,), (3,)), ((5, 3), (3, 5)), ((2, 4, 5), (2, 4, 5))],
    ids=["number", "row", "sequence", "image"],
)
def test_the_engine_keeps_features_first_and_the_batch_last(
    sample: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    engine, axes = batch_last(sample)
    tensor = Tensor("t", engine, "t", axes=axes)

    assert engine == (*shape, BATCH)
    assert tensor.public_shape(7) == (7, *sample)
    assert tensor.public(np.zeros(tensor.size(7))).shape == (7, *sample)


@pytest.mark.parametrize(("positions", "sample"), [((), (3,)), ((5,), (5, 3)), ((4, 5), (3, 4, 5))])
def test_features_at_positions(positions: tuple[int, ...], sample: tuple[int, ...]) -> None:
    assert sample_shape(positions, 3) == sample
    assert sample[feature_axis(sample)] == 3


def test_columns_are_the_same_memory() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)

    assert columns(array).shape == (2, 12)
    assert np.shares_memory(columns(array), array)
    with pytest.raises(AssertionError):
        columns(array[:, ::-1, ::2])


def run(network: Example) -> Now:
    """A step of a network, up to the update."""
    now = Now(network.trainer())
    now.advance(before_update(now))
    return now


def before_update(now: Now) -> int:
    """The number of the last op of the backward pass."""
    return max(op.number for op in now.trainer.program.ops if op.phase == "backward")


@pytest.mark.parametrize("x", [sequences(), images()], ids=["sequences", "images"])
def test_flatten_is_numpys_order(x: np.ndarray) -> None:
    now = run(example(Flatten(name="f"), dense("o", 2), x=x))

    np.testing.assert_array_equal(now.now("f.a"), x.reshape(len(x), -1))


def test_flatten_copies_no_images() -> None:
    memory = EXAMPLES["images flatten"].trainer().memory(1)

    assert np.shares_memory(memory["f.a"], memory["d.a"])
    assert np.shares_memory(memory["f.a.grad"], memory["d.a.grad"])


def lookup() -> Now:
    embedding = Embedding(name="e", units=2, vocabulary=4, weight=np.arange(8.0).reshape(4, 2))
    x = np.array([[0.0, 3.0, 3.0], [1.0, 0.0, 3.0]])
    return run(example(embedding, Flatten(name="f"), dense("o", 2), x=x, y=np.ones((2, 2))))


def test_a_token_reads_its_row() -> None:
    now = lookup()
    weight = np.arange(8.0).reshape(4, 2)

    np.testing.assert_array_equal(now.now("e.a"), weight[[[0, 3, 3], [1, 0, 3]]])


def test_a_rows_gradient_is_the_sum_over_its_tokens() -> None:
    now = lookup()
    upstream, gradient = now.now("e.a.grad"), now.now("e.weight.grad")

    np.testing.assert_allclose(gradient[0], upstream[0, 0] + upstream[1, 1], rtol=1e-14)
    np.testing.assert_allclose(gradient[1], upstream[1, 0], rtol=1e-14)
    np.testing.assert_array_equal(gradient[2], [0.0, 0.0])
    np.testing.assert_allclose(
        gradient[3], upstream[0, 1] + upstream[0, 2] + upstream[1, 2], rtol=1e-14
    )


def test_the_terms_of_a_row_name_the_positions_of_its_token() -> None:
    now = lookup()
    op = now.trainer.program.find("e.weight.grad", "backward")
    assert op is not None

    indices = [term.operands[0].index for term in now.terms(op, (3, 1)).terms]
    assert indices == [(0, 1, 1), (0, 2, 1), (1, 2, 1)]
    assert "no position" in now.terms(op, (2, 0)).note


@pytest.mark.parametrize(
    ("token", "row"),
    [(-3.0, 0), (2.7, 2), (99.0, 3), (math.nan, 0), (math.inf, 3), (-math.inf, 0)],
)
def test_an_edited_id_reads_the_nearest_row(token: float, row: int) -> None:
    """An edit may make any number of an id; what is computed and what is said are the same."""
    now = lookup()
    program = now.trainer.program
    now.begin(1)
    now.advance(2)
    now.memory.public("x")[0, 1] = token
    now.advance(before_update(now))
    forward, backward = program.find("e.a"), program.find("e.weight.grad", "backward")
    assert forward is not None
    assert backward is not None

    assert now.now("e.a")[0, 1].tolist() == [2.0 * row, 2.0 * row + 1.0]
    assert now.terms(forward, (0, 1, 0)).terms[0].operands[0].index == (row, 0)
    hits = {term.operands[0].index[:2] for term in now.terms(backward, (row, 0)).terms}
    assert (0, 1) in hits


def test_an_embedding_needs_a_vocabulary() -> None:
    with pytest.raises(ShapeError):
        example(Embedding(name="e", units=2), x=tokens(), y=sequences(features=2)).trainer()


def test_running_statistics_are_of_all_positions() -> None:
    """Unbiased over every pixel of the batch, as PyTorch's."""
    x = images()
    now = run(example(BatchNorm(name="n", momentum=1.0), x=x, y=x))
    by_channel = np.moveaxis(x, 1, 0).reshape(2, -1)

    np.testing.assert_allclose(now.now("n.running_mean"), by_channel.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(now.now("n.running_var"), by_channel.var(axis=1, ddof=1), rtol=1e-12)


def test_masked_targets_of_the_test_data_alone() -> None:
    """The training step counts targets as soon as any of the data leave some out."""
    network = EXAMPLES["steps cross_entropy"]
    whole = network.dataset.train
    assert isinstance(whole.y, np.ndarray)
    some = whole.y.copy()
    some[0, 0] = -1
    dataset = Dataset(train=whole, test=Samples(whole.x, some), outputs=("p", "q"))

    assert not network.dataset.is_masked
    assert dataset.is_masked
    trainer, plain = Example(network.model, dataset).trainer(), network.trainer()
    assert trainer.runner()(1) == pytest.approx(plain.runner()(1), rel=1e-14)
    assert dataset.test is not None
    assert trainer.evaluate(dataset.test).loss != trainer.evaluate(whole).loss
