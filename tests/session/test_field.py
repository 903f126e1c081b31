"""Receptive fields: exact for strides, padding, pools and stacks, and traced for every network."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from networks import scenario
from stacked import stacked

from nntui.scenario import load
from nntui.session import field
from nntui.session.frame import Cell
from nntui.session.position import Depth
from nntui.session.session import Session


def places(cells: Iterable[Cell], tensor: str) -> set[tuple[int, ...]]:
    return {cell.index for cell in cells if cell.tensor == tensor}


def block(rows: Iterable[int], columns: Iterable[int], channels: int = 1) -> set[tuple[int, ...]]:
    columns = list(columns)
    return {(k, r, c) for k in range(channels) for r in rows for c in columns}


def origins(session: Session, column: str, *index: int) -> frozenset[Cell]:
    number, found = next((k, c) for k, c in enumerate(session.network.columns) if c.name == column)
    return session.study.origins(number, found.unit(index), session.reader.sample)


@pytest.fixture
def maps() -> Session:
    session = stacked()
    session.cursor.forward(Depth.STEP)
    return session


def test_a_convolution_reads_its_window(maps: Session) -> None:
    cells = origins(maps, "conv", 1, 2, 0)

    assert places(cells, "x") == block((2, 3), (0, 1))
    assert places(cells, "conv.z") == {(1, 2, 0)}
    assert places(cells, "conv.weight") == {(1, 0, r, c) for r in (0, 1) for c in (0, 1)}
    assert places(cells, "conv.bias") == {(1,)}


def test_a_pool_widens_it_and_stays_in_its_channel(maps: Session) -> None:
    cells = origins(maps, "pool", 1, 0, 1)

    assert places(cells, "conv.a") == {(1, r, c) for r in (0, 1) for c in (1, 2)}
    assert places(cells, "x") == block((0, 1, 2), (1, 2, 3))


def test_a_second_convolution_goes_through_padding_and_stride(maps: Session) -> None:
    corner, last = origins(maps, "fold", 0, 0, 0), origins(maps, "fold", 0, 1, 1)

    assert places(corner, "pool.a") == {(0, 0, 0), (1, 0, 0)}
    assert places(corner, "x") == block((0, 1, 2), (0, 1, 2))
    assert places(last, "pool.a") == {(0, 1, 1), (1, 1, 1)}
    assert places(last, "x") == block((1, 2, 3), (1, 2, 3))


def test_a_flattened_number_comes_from_one_and_an_output_from_all(maps: Session) -> None:
    assert places(origins(maps, "flat", 3), "fold.a") == {(0, 1, 1)}
    cells = origins(maps, "output", 0)
    assert places(cells, "flat.a") == {(0,), (1,), (2,), (3,)}
    assert places(cells, "x") == block(range(4), range(4))


def test_it_is_the_same_before_a_step_has_computed_anything() -> None:
    session = stacked()

    assert places(origins(session, "pool", 0, 0, 0), "x") == block((0, 1, 2), (0, 1, 2))


def test_of_neurons_it_is_every_neuron_of_the_layer_before() -> None:
    session = Session(scenario("exam"))
    session.cursor.forward(Depth.STEP)
    cells = origins(session, "output", 0)

    assert places(cells, "hidden.a") == {(0,), (1,)}
    assert places(cells, "x") == {(0,), (1,)}
    assert places(cells, "hidden.weight") == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert places(origins(session, "hidden", 1), "hidden.weight") == {(1, 0), (1, 1)}


def test_other_samples_of_the_batch_are_left_out() -> None:
    session = Session(scenario("classes"))
    session.cursor.forward(Depth.STEP)
    session.reader.sample = 2
    cells = origins(session, "norm", 1)

    # Statistics of the batch hang on all samples; of the shown one, on this feature alone.
    assert places(cells, "hidden.a") == {(1,)}


def test_a_walk_that_is_too_long_takes_all_there_is(
    maps: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field, "MOST", 0)
    cells = origins(maps, "fold", 0, 0, 0)

    assert places(cells, "x") == block(range(4), range(4))
    assert places(cells, "conv.weight") >= {(1, 0, 1, 1)}


def test_what_a_mask_leaves_out_is_not_in_the_field() -> None:
    """A causal query takes nothing of a later key, whatever that key's value is."""
    session = Session(load("reverse"))
    session.cursor.forward(Depth.STEP)
    cells = origins(session, "block.attention.found", 3, 0)

    at = "block.attention"
    assert {step for step, *_ in places(cells, "x") | places(cells, f"{at}.value.z")} == {*range(4)}
    assert places(cells, f"{at}.weights") == {(0, 3, key) for key in range(4)}
    for scores in ("scores", "scaled", "masked"):
        assert places(cells, f"{at}.{scores}") == {(0, 3, key) for key in range(4)}


def test_without_a_mask_every_key_is_in_it() -> None:
    session = Session(scenario("looks"))
    session.cursor.forward(Depth.STEP)
    column = next(c for c in session.network.columns if c.is_attention)
    cells = origins(session, f"{column.layer}.found", 0, 0)

    assert {key for _, _, key in places(cells, column.a)} == {*range(column.time)}
