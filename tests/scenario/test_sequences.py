"""Sequences, images and token ids: from rows, tables, archives and sources to a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nntui.engine.gradcheck import check_gradients, tolerable
from nntui.engine.layers.embedding import Embedding
from nntui.scenario import Scenario, parse
from tests.scenario.sequences import dense, layer, scenario


def read(data: str, *layers: str, loss: str = "mse", folder: Path | None = None) -> Scenario:
    found = parse(scenario(data, *layers, loss=loss), origin="t.toml", folder=folder)
    assert tolerable(check_gradients(found.model, found.data))
    return found


SEQUENCES = (
    "rows = [{ x = [[1, 2], [3, 4], [5, 6]], y = %s }, { x = [[7, 8], [9, 1], [2, 3]], y = %s }]"
)
IDS = "rows = [{ x = [0, 2, 4], y = %s }, { x = [1, 1, 0], y = %s }]"
FLATTEN = layer("flatten")
EMBEDDING = layer("embedding", units=3)


def test_rows_of_sequences_with_one_target() -> None:
    data = read(SEQUENCES % ("[1]", "[0]"), dense(2, "tanh"), FLATTEN, dense(1)).data

    assert data.train.x.tolist() == [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 1], [2, 3]]]
    assert data.train.y.tolist() == [[1], [0]]
    assert data.inputs == ("x1", "x2")


def test_names_are_of_features() -> None:
    text = 'inputs = ["p", "q"]\n' + SEQUENCES % ("[1]", "[0]")

    assert read(text, FLATTEN, dense(1)).data.inputs == ("p", "q")


@pytest.mark.parametrize("y", ["[[1], [0], [1]]", "[1, 0, 1]"])
def test_numbers_for_each_time_step(y: str) -> None:
    data = read(SEQUENCES % (y, y), dense(1, "sigmoid"), loss="bce").data

    assert data.train.y.tolist() == [[[1], [0], [1]]] * 2
    assert data.outputs == ("y1",)


@pytest.mark.parametrize(
    ("first", "second"),
    [("[1, 2, 0]", "[-1, 2, -1]"), ("[[1], [2], [0]]", "[[-1], [2], [-1]]")],
)
def test_classes_for_each_time_step(first: str, second: str) -> None:
    data = read(SEQUENCES % (first, second), dense(3), loss="cross_entropy").data

    assert data.train.y.dtype == np.int64
    assert data.train.y.tolist() == [[1, 2, 0], [-1, 2, -1]]
    assert data.classes == ("0", "1", "2")
    assert data.is_masked


def test_probabilities_for_each_time_step() -> None:
    shares = "[[0.25, 0.75], [1, 0], [0.5, 0.5]]"
    data = read(SEQUENCES % (shares, shares), dense(2), loss="cross_entropy").data

    assert data.train.y.shape == (2, 3, 2)
    assert not data.is_masked


def test_rows_of_images() -> None:
    image = "[[[1, 2, 3], [4, 5, 6]], [[6, 5, 4], [3, 2, 1]]]"
    other = "[[[0, 2, 0], [4, 1, 6]], [[6, 1, 4], [3, 7, 1]]]"
    rows = f"rows = [{{ x = {image}, y = 1 }}, {{ x = {other}, y = 0 }}]"
    data = read(rows, layer("batch_norm"), FLATTEN, dense(1)).data

    assert data.train.x.shape == (2, 2, 2, 3)
    assert data.inputs == ()


def test_token_ids_before_an_embedding() -> None:
    found = read(IDS % ("[1]", "[0]"), EMBEDDING, FLATTEN, dense(1))
    embedding = found.model.layers[0]

    assert isinstance(embedding, Embedding)
    assert (embedding.units, embedding.vocabulary) == (3, 5)
    assert found.data.train.x.tolist() == [[0, 2, 4], [1, 1, 0]]


def test_an_embedding_with_a_vocabulary_and_values() -> None:
    values = [[k, -k] for k in range(7)]
    options = {"units": 2, "vocabulary": 7, "weight": values, "freeze": "true"}
    found = read(IDS % ("[1]", "[0]"), layer("embedding", **options), FLATTEN, dense(1))

    np.testing.assert_array_equal(found.model.layers[0].given()["weight"], values)


def test_an_id_a_row() -> None:
    found = read("rows = [{ x = 3, y = 1 }, { x = [0], y = 0 }]", EMBEDDING, FLATTEN, dense(1))

    assert found.data.train.x.tolist() == [[3], [0]]


CSV = "a1,a2,b1,b2,y1,y2\n1,2,3,4,0,1\n5,6,7,8,1,0\n"


def table(folder: Path, *options: str) -> str:
    (folder / "t.csv").write_text(CSV)
    names = 'inputs = ["a1", "a2", "b1", "b2"]\noutputs = ["y1", "y2"]'
    return "\n".join(['source = "csv"', 'path = "t.csv"', names, *options])


def test_columns_of_a_table_as_sequences(tmp_path: Path) -> None:
    text = table(tmp_path, "shape = [2, 2]", "output_shape = [2, 1]")
    data = read(text, dense(1), folder=tmp_path).data

    assert data.train.x.tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
    assert data.train.y.tolist() == [[[0], [1]], [[1], [0]]]
    assert (data.inputs, data.outputs) == (("x1", "x2"), ("y1",))


def test_columns_of_a_table_as_images(tmp_path: Path) -> None:
    text = table(tmp_path, "shape = [1, 2, 2]")
    data = read(text, FLATTEN, dense(2), folder=tmp_path).data

    assert data.train.x.tolist() == [[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]]
    assert data.outputs == ("y1", "y2")


def test_columns_of_a_table_as_classes_of_time_steps(tmp_path: Path) -> None:
    text = table(tmp_path, "shape = [2, 2]")
    data = read(text, dense(3), loss="cross_entropy", folder=tmp_path).data

    assert data.train.y.tolist() == [[0, 1], [1, 0]]
    assert data.classes == ("0", "1", "2")


def test_columns_of_a_table_as_token_ids(tmp_path: Path) -> None:
    found = read(table(tmp_path), EMBEDDING, FLATTEN, dense(2), folder=tmp_path)

    assert found.model.layers[0].vocabulary == 9


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 2)])
def test_arrays_of_any_rank(shape: tuple[int, ...], tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(5, *shape))
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(5) % 2)
    data = read('source = "npz"\npath = "a.npz"', FLATTEN, dense(1), folder=tmp_path).data

    assert data.train.x.tolist() == x.tolist()


def test_arrays_of_token_ids_and_masked_classes(tmp_path: Path) -> None:
    y = np.array([[0, -1, 1], [2, 2, -1]])
    np.savez(tmp_path / "a.npz", x=np.array([[1, 0, 3], [2, 2, 0]]), y=y)
    text = 'source = "npz"\npath = "a.npz"'
    found = read(text, EMBEDDING, dense(3), loss="cross_entropy", folder=tmp_path)

    assert found.data.train.y.tolist() == y.tolist()
    assert found.model.layers[0].vocabulary == 4


@pytest.mark.parametrize("source", ["recall", "parity", "adding", "sine_wave"])
def test_sources_with_one_target(source: str) -> None:
    data = read(f'source = "{source}"\nsamples = 6\nlength = 4', FLATTEN, dense(1)).data

    assert data.train.x.shape[:2] == (6, 4)
    assert data.train.y.shape == (6, 1)


@pytest.mark.parametrize("text", ['"flip_flop"', '"parity"\neach_step = true'])
def test_sources_with_a_target_for_each_time_step(text: str) -> None:
    data = read(f"source = {text}\nsamples = 6\nlength = 4", dense(1, "sigmoid"), loss="bce").data

    assert data.train.y.shape == (6, 4, 1)


@pytest.mark.parametrize("source", ["copy", "reverse", "sort"])
def test_letters_reach_an_embedding_as_ids(source: str) -> None:
    text = f'source = "{source}"\nsamples = 6\nlength = 3\nsymbols = 2'
    found = read(text, EMBEDDING, dense(3), loss="cross_entropy")

    assert found.data.train.x.shape == (6, 6)
    assert found.data.tokens == found.data.classes == ("a", "b", "|")
    assert found.model.layers[0].vocabulary == 3


def test_letters_reach_other_layers_as_one_hot_rows() -> None:
    text = 'source = "copy"\nsamples = 6\nlength = 3\nsymbols = 2'
    data = read(text, dense(3), loss="cross_entropy").data

    assert data.train.x.shape == (6, 6, 3)
    assert (data.train.x.sum(axis=2) == 1).all()
    assert data.train.x[:, 3].tolist() == [[0, 0, 1]] * 6
    assert (data.inputs, data.tokens) == (("a", "b", "|"), ())


def test_a_text_in_the_scenario() -> None:
    data = read('source = "text"\ntext = "hello"', dense(4), loss="cross_entropy").data

    assert data.train.x.tolist() == np.eye(4)[[[0, 1, 2, 2]]].tolist()
    assert data.train.y.tolist() == [[1, 2, 2, 3]]
    assert data.inputs == data.classes == ("h", "e", "l", "o")


def test_characters_are_shown_safely() -> None:
    text = 'source = "text"\ntext = """a b\nc\td\\u001be"""'
    data = read(text, EMBEDDING, dense(9), loss="cross_entropy").data

    assert data.tokens == ("a", "␣", "b", "⏎", "c", "⇥", "d", "<U+001B>", "e")


def test_a_text_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("äbcäbc\n", encoding="utf-8")
    text = 'source = "text"\npath = "t.txt"\nlength = 2\nstride = 3\neach_step = false'
    layers = EMBEDDING, FLATTEN, dense(4)
    data = read(text, *layers, loss="cross_entropy", folder=tmp_path).data

    assert data.tokens == ("ä", "b", "c", "⏎")
    assert data.train.x.tolist() == [[0, 1], [0, 1]]
    assert data.train.y.tolist() == [2, 2]


def test_names_for_tokens() -> None:
    text = 'source = "text"\ntext = "aba"\ninputs = ["first", "second"]'
    data = read(text, EMBEDDING, dense(2), loss="cross_entropy").data

    assert data.tokens == ("first", "second")
    assert data.classes == ("a", "b")


def test_samples_and_noise_of_sequences() -> None:
    text = SEQUENCES % ("[1]", "[0]") + "\nnoise = 0.5\nsamples = 1"
    data = read(text, FLATTEN, dense(1)).data

    assert data.train.x.shape == (1, 3, 2)
    assert not (data.train.x == np.rint(data.train.x)).any()


def test_batch_norm_of_one_sequence() -> None:
    """It has as many numbers to average as there are time steps."""
    rows = "rows = [{ x = [[1, 2], [3, 4]], y = 1 }]"

    assert read(rows, layer("batch_norm"), FLATTEN, dense(1)).data.train.x.shape == (1, 2, 2)
