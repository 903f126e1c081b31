"""Sequences, tokens and texts that are refused: at which line, and with which cure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.scenario.conftest import Refusal
from tests.scenario.sequences import dense, layer, scenario

STEPS = "rows = [{ x = [[1, 2], [3, 4], [5, 6]], y = %s }]"
IDS = "rows = [{ x = [0, 2, %s], y = 1 }]"
HELLO = 'source = "text"\ntext = "hello"\n'
FLATTEN = layer("flatten")
EMBEDDING = layer("embedding", units=3)
CSV = 'source = "csv"\npath = "t.csv"\n'
NPZ = 'source = "npz"\npath = "a.npz"\n'

NETWORKS: dict[str, tuple[str, list[str], str, str, str]] = {
    "steps_asked_once": (
        STEPS % "[1]", [dense(1)], "mse", "layers[0].units",
        "answers at each of 3 time steps — give y a target for each",
    ),
    "steps_asked_for_one_class": (
        STEPS % "1", [dense(3)], "cross_entropy", "layers[0].units",
        "with a flatten layer or a recurrent layer before the output",
    ),
    "once_asked_at_each_step": (
        STEPS % "[1, 0, 1]", [FLATTEN, dense(1)], "mse", "layers[1].units",
        "a target for each of 3 time steps, but the network answers once — let it answer at each",
    ),
    "once_asked_for_rows_at_each_step": (
        STEPS % "[[1], [0], [1]]", [FLATTEN, dense(1)], "mse", "layers[1].units",
        "return_sequences = true",
    ),
    "classes_of_too_few_steps": (
        STEPS % "[1, 0]", [dense(3)], "cross_entropy", "layers[0].units",
        "gives 3×3 values, but y has 2: cross_entropy takes a class index for each position",
    ),
    "outputs_of_steps": (
        STEPS % "[[1], [0], [1]]", [dense(2)], "mse", "layers[0].units",
        "gives 3×2 values, but y has 3×1",
    ),
    "class_out_of_range": (
        STEPS % "[1, 3, 1]", [dense(3)], "cross_entropy", "data.rows[0].y",
        "the label 3 is no class: with 3 outputs classes are 0 to 2, or −1 for no target",
    ),
    "class_below_none": (
        STEPS % "[1, -2, 1]", [dense(3)], "cross_entropy", "data.rows[0].y", "-2 is no class",
    ),
    "no_target_at_all": (
        STEPS % "[-1, -1, -1]", [dense(3)], "cross_entropy", "data.rows[0].y",
        "no position of this row has a target",
    ),
    "no_target_of_a_whole_sequence": (
        STEPS % "-1", [FLATTEN, dense(3)], "cross_entropy", "data.rows[0].y", "-1 is no class",
    ),
    "probabilities_of_a_step": (
        STEPS % "[[0.5, 0.5], [0.5, 0.25], [1, 0]]", [dense(2)], "cross_entropy", "data.rows[0].y",
        "must sum to 1, not 0.75",
    ),
    "bce_of_a_step": (
        STEPS % "[0, 1, 2]", [dense(1, "sigmoid")], "bce", "data.rows[0].y",
        "takes targets from 0 to 1, not 2",
    ),
    "masked_and_no_classes": (
        'source = "copy"', [dense(5)], "mse", "data",
        'set loss = "cross_entropy" and units = 5',
    ),
    "too_deep": (
        "rows = [{ x = [[[[1]]]], y = 1 }]", [FLATTEN, dense(1)], "mse", "data",
        "a sample has the shape 1×1×1×1",
    ),
    "dense_of_an_image": (
        "rows = [{ x = [[[1, 2]]], y = 1 }]", [dense(1)], "mse", "layers[0]",
        "gets 1×1×2 — put a flatten layer before it",
    ),
    "layer_norm_of_an_image": (
        "rows = [{ x = [[[1, 2]]], y = 1 }]", [layer("layer_norm")], "mse", "layers[0]",
        "use batch_norm, or put a flatten layer before it",
    ),
    "names_of_features": (
        'inputs = ["a", "b", "c"]\n' + STEPS % "1", [FLATTEN, dense(1)], "mse", "data.inputs",
        "3 names for 2 inputs",
    ),
    "names_of_tokens": (
        'inputs = ["a"]\n' + HELLO, [EMBEDDING, dense(4)], "cross_entropy", "data.inputs",
        "1 names for 4 tokens",
    ),
    "rows_of_other_lengths": (
        "rows = [{ x = [[1], [2]], y = 1 }, { x = [[1]], y = 1 }]", [dense(1)], "mse",
        "data.rows[1].x", "has the shape 1×1, the rows before 2×1",
    ),
    "fractional_id": (
        IDS % "1.5", [EMBEDDING, FLATTEN, dense(1)], "mse", "data.rows[0].x[2]",
        "1.5 is no token id: ids are whole numbers from 0",
    ),
    "negative_id": (
        IDS % "-1", [EMBEDDING, FLATTEN, dense(1)], "mse", "data.rows[0].x[2]",
        "-1 is no token id",
    ),
    "id_out_of_range": (
        IDS % "5", [layer("embedding", units=3, vocabulary=5), FLATTEN, dense(1)], "mse",
        "data.rows[0].x[2]",
        "the token id 5 is out of range: with vocabulary = 5 ids are 0 to 4 — leave the vocabulary",
    ),
    "id_too_large": (
        IDS % "1e9", [EMBEDDING, FLATTEN, dense(1)], "mse", "data.rows[0].x[2]",
        "the token id 1000000000 is too large",
    ),
    "noisy_ids": (
        IDS % "1" + "\nnoise = 0.5",
        [EMBEDDING, FLATTEN, dense(1)], "mse", "data.rows[0].x[0]", "is no token id",
    ),
    "embedding_of_sequences": (
        STEPS % "1", [EMBEDDING, FLATTEN, dense(1)], "mse", "layers[0]",
        "takes token ids, one for each time step, but gets 3×2",
    ),
    "embedding_not_first": (
        IDS % "1", [dense(3), EMBEDDING, FLATTEN, dense(1)], "mse", "layers[1]",
        "must be the first layer; 'embedding1' is not",
    ),
    "embedding_values": (
        IDS % "1", [layer("embedding", units=2, weight="[[1, 2]]"), FLATTEN, dense(1)], "mse",
        "layers[0].weight", "has the shape 1×2, but this layer needs 3×2",
    ),
    "vocabulary_below_tokens": (
        HELLO, [layer("embedding", units=2, vocabulary=3), dense(4)], "cross_entropy",
        "layers[0].vocabulary",
        "the data has 4 tokens (h, e, l, o) — leave the vocabulary out, or set vocabulary = 4",
    ),
    "vocabulary_of_none": (
        HELLO, [layer("embedding", units=2, vocabulary=0), dense(4)], "cross_entropy",
        "layers[0].vocabulary", "must be at least 1",
    ),
    "units_below_characters": (
        HELLO, [EMBEDDING, dense(3)], "cross_entropy", "layers[1].units",
        "set units = 4",
    ),
    "no_text": (
        'source = "text"', [dense(1)], "mse", "data.text",
        'is missing: write text = "..." or path = "..."',
    ),
    "two_texts": (
        HELLO + 'path = "t.txt"', [dense(1)], "mse", "data.path", "there is a text already",
    ),
    "short_text": (
        'source = "text"\ntext = "h"', [dense(1)], "mse", "data.text", "two characters or more",
    ),
    "long_window": (
        HELLO + "length = 5", [dense(4)], "cross_entropy", "data.length",
        "the text has 5 characters, so a window has 4 at most",
    ),
    "many_windows": (
        HELLO + "length = 2\nsamples = 4", [dense(4)], "cross_entropy", "data.samples",
        "there are only 3 windows",
    ),
    "text_is_number": ('source = "text"\ntext = 5', [dense(1)], "mse", "data.text", "a string"),
    "unknown_option": (
        HELLO + "lenght = 2", [dense(4)], "cross_entropy", "data.lenght", "unknown key",
    ),
    "one_step": (
        'source = "recall"\nlength = 1', [FLATTEN, dense(1)], "mse", "data.length",
        "must be at least 2",
    ),
    "many_steps": (
        'source = "adding"\nlength = 10000\nsamples = 10000', [FLATTEN, dense(1)], "mse",
        "data.length", "10000 sequences of 10000 steps are too many",
    ),
    "many_letters": (
        'source = "sort"\nsymbols = 27', [EMBEDDING, dense(5)], "cross_entropy", "data.symbols",
        "at most 26",
    ),
    "wide_one_hot_rows": (
        'source = "copy"\nsymbols = 26\nlength = 100\nsamples = 20000', [dense(27)],
        "cross_entropy", "data.source", "put an embedding first, or set samples",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NETWORKS.values(), ids=NETWORKS.keys())
def test_is_refused_where_it_is_wrong(
    case: tuple[str, list[str], str, str, str], problems_of: Refusal
) -> None:
    data, layers, loss, key, message = case
    problems = problems_of(scenario(data, *layers, loss=loss))
    found = [problem for problem in problems if problem.key == key]

    assert found, problems
    assert message in found[0].message
    assert len(problems) == 1


TABLES: dict[str, tuple[str, str, list[str], str, str]] = {
    "shape_of_too_many": (
        "a,b,y\n1,2,3\n", CSV + "shape = [2, 2]", [FLATTEN, dense(1)], "data.shape",
        "2×2 makes 4 numbers, but there are 2 columns of inputs",
    ),
    "output_shape_of_too_many": (
        "a,b,y\n1,2,3\n", CSV + "shape = [2, 1]\noutput_shape = [2, 1]", [dense(1)],
        "data.output_shape", "2×1 makes 2 numbers, but there are 1 columns of outputs",
    ),
    "shape_of_classes": (
        "a,b,y\n1,2,red\n2,3,blue\n", CSV + "output_shape = [1]", [dense(2)], "data.output_shape",
        "no numbers to predict",
    ),
    "shape_of_four_axes": (
        "a,b,y\n1,2,3\n", CSV + "shape = [1, 1, 1, 2]", [FLATTEN, dense(1)], "data.shape",
        "at most 3 are read",
    ),
    "shape_of_nothing": (
        "a,b,y\n1,2,3\n", CSV + "shape = []", [FLATTEN, dense(1)], "data.shape", "makes 1 numbers",
    ),
    "shape_of_zero": (
        "a,b,y\n1,2,3\n", CSV + "shape = [0, 2]", [FLATTEN, dense(1)], "data.shape[0]",
        "must be at least 1",
    ),
    "fractional_id": (
        "a,b,y\n1,2,3\n1,2.5,3\n", CSV, [EMBEDDING, FLATTEN, dense(1)], "data.path",
        "t.csv line 3, column 'b': 2.5 is no token id",
    ),
    "id_out_of_range": (
        "a,b,y\n1,2,3\n", CSV + "shape = [2]",
        [layer("embedding", units=1, vocabulary=2), FLATTEN, dense(1)], "data.path",
        "t.csv line 2, column 'b': the token id 2 is out of range",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES.values(), ids=TABLES.keys())
def test_tables_that_do_not_fit(
    case: tuple[str, str, list[str], str, str], problems_of: Refusal, tmp_path: Path
) -> None:
    table, data, layers, key, message = case
    (tmp_path / "t.csv").write_text(table)
    (problem,) = problems_of(scenario(data, *layers), folder=tmp_path)

    assert problem.key == key
    assert message in problem.message


def test_ids_of_an_archive(problems_of: Refusal, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([[0, 1], [2, -3]]), y=np.array([0, 1]))
    text = scenario(NPZ, EMBEDDING, FLATTEN, dense(1))
    (problem,) = problems_of(text, folder=tmp_path)

    assert problem.message == "a.npz: x[1][1]: -3 is no token id: ids are whole numbers from 0"


def test_classes_of_an_archive(problems_of: Refusal, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones((2, 3, 1)), y=np.array([[0, 1, -1], [0, 2, 1]]))
    text = scenario(NPZ, dense(2), loss="cross_entropy")
    (problem,) = problems_of(text, folder=tmp_path)

    assert "a.npz row 1: the label 2 is no class" in problem.message


def test_an_archive_of_videos(problems_of: Refusal, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones((2, 3, 1, 2, 2)), y=np.array([0, 1]))
    (problem,) = problems_of(scenario(NPZ, FLATTEN, dense(1)), folder=tmp_path)

    assert "a sample has the shape 3×1×2×2" in problem.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"caf\xe9 creme", "t.txt is not UTF-8 (the byte 0xE9)"),
        (b"", "t.txt has 0 characters; a text needs two or more"),
        (b"a" * 1_000_001, "t.txt has 1000001 characters; at most 1000000 are read"),
    ],
)
def test_texts_in_files(content: bytes, message: str, problems_of: Refusal, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(content)
    text = scenario('source = "text"\npath = "t.txt"', dense(2), loss="cross_entropy")
    (problem,) = problems_of(text, folder=tmp_path)

    assert (problem.line, problem.key) == (4, "data.path")
    assert message in problem.message


def test_a_text_outside_the_folder(problems_of: Refusal, tmp_path: Path) -> None:
    text = scenario('source = "text"\npath = "../t.txt"', dense(2), loss="cross_entropy")
    (problem,) = problems_of(text, folder=tmp_path)

    assert "leaves the scenario's folder" in problem.message
