"""Tokens on their way into the network: ids for an `embedding`, one-hot rows for anything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from nntui.engine.layers import Layer
from nntui.engine.layers.embedding import MOST_TOKENS, Embedding
from nntui.scenario.loaded import MAX_CELLS, Floats, Loaded
from nntui.scenario.report import Place
from nntui.scenario.text import enumerate_names, quote

_FIRST: Final = "an embedding takes token ids, so it must be the first layer"


def fit_tokens(
    loaded: Loaded, layers: Sequence[Layer | None], root: Place
) -> tuple[Loaded, list[Layer | None]] | None:
    """Data and layers that fit each other; None after a reported problem.

    Before an embedding, inputs must be token ids, and its vocabulary is what they take where the
    file does not say. Any other layer gets a source's tokens as one-hot rows.
    """
    before = root.report.count
    for i, layer in enumerate(layers[1:], 1):
        if isinstance(layer, Embedding):
            root.at("layers", i).refuse(f"{_FIRST}; {quote(layer.name)} is not")
    first = layers[0] if layers else None
    if isinstance(first, Embedding):
        fitted = _fit_embedding(loaded, first, root.at("layers", 0))
        return None if fitted is None else (loaded, [fitted, *layers[1:]])
    if loaded.tokens and first is not None:
        loaded = _one_hot(loaded, root.at("data")) or loaded
    return (loaded, list(layers)) if root.report.count == before else None


def _fit_embedding(loaded: Loaded, layer: Embedding, place: Place) -> Embedding | None:
    """The embedding with its vocabulary, once the data is known to hold ids of it."""
    before = place.report.count
    if loaded.x.ndim != 2:
        # Its place among the shapes says what is wrong.
        return replace(layer, vocabulary=layer.vocabulary or 1)
    count = len(loaded.tokens)
    if layer.vocabulary is not None and count > layer.vocabulary:
        place.at("vocabulary").refuse(
            f"the data has {count} tokens ({enumerate_names(loaded.tokens, 6)}) — leave the "
            f"vocabulary out, or set vocabulary = {count}"
        )
        return None
    _check_ids(loaded, loaded.x, layer.vocabulary)
    if place.report.count != before:
        return None
    return replace(layer, vocabulary=layer.vocabulary or count or int(loaded.x.max()) + 1)


def _check_ids(loaded: Loaded, x: Floats, vocabulary: int | None) -> None:
    """Report each row with an input that is no token id, at the first such input."""
    most = vocabulary or MOST_TOKENS
    wrong = (x != np.floor(x)) | (x < 0) | (x >= most)
    for i in np.flatnonzero(wrong.any(axis=1)):
        step = int(np.argmax(wrong[i]))
        cell = loaded.cell(int(i), (step,))
        if cell.place.report.full:
            return
        cell.refuse(_id_problem(float(x[i, step]), vocabulary))


def _id_problem(value: float, vocabulary: int | None) -> str:
    if value != np.floor(value) or value < 0:
        return f"{value:g} is no token id: ids are whole numbers from 0"
    if vocabulary is None:
        return f"the token id {value:.0f} is too large; at most {MOST_TOKENS} tokens fit"
    return (
        f"the token id {value:.0f} is out of range: with vocabulary = {vocabulary} ids are 0 to "
        f"{vocabulary - 1} — leave the vocabulary out, or make it larger"
    )


def _one_hot(loaded: Loaded, data: Place) -> Loaded | None:
    """Token ids (rows, time) as rows of zeros and a one: (rows, time, tokens)."""
    count = len(loaded.tokens)
    if loaded.x.size * count > MAX_CELLS:
        data.at("source").refuse(
            f"one-hot rows of {count} tokens take {loaded.x.size * count} numbers; at most "
            f"{MAX_CELLS} fit — put an embedding first, or set samples"
        )
        return None
    x = np.eye(count)[loaded.x.astype(np.int64)]
    return replace(loaded, x=x, inputs=loaded.tokens, tokens=())
