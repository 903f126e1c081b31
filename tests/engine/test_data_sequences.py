"""The sequence and token sources: each row is the task that its source says it is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nntui.engine.data import SOURCES
from nntui.engine.data.sequences import Adding, FlipFlop, Parity, Recall, SineWave
from nntui.engine.data.text import Text
from nntui.engine.data.tokens import Copy, Reverse, Sort
from nntui.engine.random import Keyed


def test_recall_asks_for_the_sign_of_the_first_number() -> None:
    made = Recall(samples=4000, length=10, noise=0.7).generate(Keyed(0))
    first = made.x[:, 0, 0]

    assert first.tolist() == [-1.0, 1.0] * 2000
    assert made.y[:, 0].tolist() == (first > 0).tolist()
    assert made.x[:, 1:].std() == pytest.approx(0.7, rel=0.02)
    # Nothing after the first number tells the answer.
    later = np.abs(np.corrcoef(made.x[:, 1:, 0].T, made.y[:, 0])[-1, :-1])
    assert later.max() < 0.06


def test_recall_has_noise_by_default() -> None:
    made = Recall(samples=1000).generate(Keyed(0))

    assert made.x.shape == (1000, 20, 1)
    assert made.x[:, 1:].std() == pytest.approx(0.5, rel=0.02)


def test_flip_flop_remembers_the_last_pulse() -> None:
    made = FlipFlop(samples=500, length=15, pulse=0.25).generate(Keyed(0))
    x, y = made.x[:, :, 0], made.y[:, :, 0]

    assert set(np.unique(x)) == {-1.0, 0.0, 1.0}
    assert (x[:, 0] != 0).all()
    assert (x[:, 1:] != 0).mean() == pytest.approx(0.25, abs=0.02)
    for row, wanted in zip(x, y, strict=True):
        pulses = [value for value in row if value]
        seen = np.cumsum(row != 0)
        assert wanted.tolist() == [float(pulses[k - 1] > 0) for k in seen]


def test_flip_flop_noise_leaves_the_answers() -> None:
    still = FlipFlop(samples=2000).generate(Keyed(0))
    moved = FlipFlop(samples=2000, noise=0.2).generate(Keyed(0))

    assert (moved.x - still.x).std() == pytest.approx(0.2, rel=0.03)
    assert moved.y.tolist() == still.y.tolist()


@pytest.mark.parametrize("each_step", [True, False])
def test_parity_counts_ones(each_step: bool) -> None:
    made = Parity(samples=300, length=9, each_step=each_step).generate(Keyed(0))
    odd = made.x[:, :, 0].cumsum(axis=1) % 2

    assert set(np.unique(made.x)) == {0.0, 1.0}
    assert made.y.tolist() == (odd[:, :, np.newaxis] if each_step else odd[:, -1:]).tolist()
    assert made.y[:, -1].mean() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("length", [2, 7, 20])
def test_adding_marks_one_number_in_each_half(length: int) -> None:
    made = Adding(samples=500, length=length).generate(Keyed(0))
    numbers, marks = made.x[:, :, 0], made.x[:, :, 1]
    half = length // 2

    assert marks[:, :half].sum(axis=1).tolist() == [1.0] * 500
    assert marks[:, half:].sum(axis=1).tolist() == [1.0] * 500
    assert (marks.sum(axis=0) > 0).all()
    assert numbers.min() >= 0
    assert numbers.max() < 1
    np.testing.assert_allclose(made.y[:, 0], (numbers * marks).sum(axis=1), rtol=1e-15)


def test_adding_noise_is_on_the_sum() -> None:
    still = Adding(samples=4000).generate(Keyed(0))
    moved = Adding(samples=4000, noise=0.3).generate(Keyed(0))

    assert moved.x.tolist() == still.x.tolist()
    assert (moved.y - still.y).std() == pytest.approx(0.3, rel=0.03)


@pytest.mark.parametrize("each_step", [True, False])
def test_a_sine_wave_goes_on(each_step: bool) -> None:
    made = SineWave(samples=50, length=12, period=10, each_step=each_step).generate(Keyed(0))
    x = made.x[:, :, 0]

    # sin(t + d) = 2 cos(d) sin(t) − sin(t − d).
    following = 2 * math.cos(2 * math.pi / 10) * x[:, 1:] - x[:, :-1]
    np.testing.assert_allclose(following[:, :-1], x[:, 2:], atol=1e-12)
    wanted = made.y[:, 1:, 0] if each_step else made.y
    np.testing.assert_allclose(
        following[:, :] if each_step else following[:, -1:], wanted, atol=1e-12
    )
    assert len(np.unique(x[:, 0])) == 50


def test_sine_wave_noise_is_on_every_number() -> None:
    still = SineWave(samples=2000, each_step=True).generate(Keyed(0))
    moved = SineWave(samples=2000, each_step=True, noise=0.2).generate(Keyed(0))

    assert (moved.x - still.x).std() == pytest.approx(0.2, rel=0.02)
    assert (moved.y[:, :-1] - moved.x[:, 1:]).tolist() == np.zeros((2000, 19, 1)).tolist()


def test_hello_is_four_letters() -> None:
    made = Text(text="hello").generate(Keyed(0))

    assert made.tokens == made.classes == ("h", "e", "l", "o")
    assert made.x.tolist() == [[0, 1, 2, 2]]
    assert made.y.tolist() == [[1, 2, 2, 3]]


def test_windows_of_a_text() -> None:
    made = Text(text="abcdefgh", length=3, stride=2).generate(Keyed(0))

    assert made.x.tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    assert made.y.tolist() == [[1, 2, 3], [3, 4, 5], [5, 6, 7]]


def test_the_last_character_alone() -> None:
    made = Text(text="abcabc", length=2, each_step=False).generate(Keyed(0))

    assert made.x.tolist() == [[0, 1], [1, 2], [2, 0], [0, 1]]
    assert made.y.tolist() == [2, 0, 1, 2]


def test_some_windows_keep_their_order() -> None:
    text = "".join(map(chr, range(65, 125)))
    made = Text(text=text, length=4, samples=10).generate(Keyed(0))
    starts = made.x[:, 0].tolist()

    assert len(starts) == 10
    assert starts == sorted(set(starts))
    assert starts != list(range(10))


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (Copy(length=6, symbols=5), lambda letters: letters),
        (Reverse(), lambda letters: letters[::-1]),
        (Sort(), sorted),
    ],
)
def test_letters_a_separator_and_the_answer(source, answer) -> None:
    made = source.generate(Keyed(0))
    n, separator = source.length, source.symbols

    assert made.tokens == (*"abcdefgh"[:separator], "|")
    assert set(np.unique(made.x[:, :n])) == set(range(separator))
    for x, y in zip(made.x.astype(int).tolist(), made.y.tolist(), strict=True):
        wanted = list(answer(x[:n]))
        assert x[n:] == [separator, *wanted[:-1]]
        assert y == [-1] * n + wanted


def test_reverse_is_ten_tokens_of_five() -> None:
    made = Reverse().generate(Keyed(0))

    assert (made.x.shape[1], len(made.tokens)) == (10, 5)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"text": "a"}, "text"),
        ({"text": ""}, "text"),
        ({"text": "abc", "length": 3}, "length"),
        ({"text": "abcdef", "length": 2, "samples": 5}, "samples"),
        ({"text": "ab" * 100_000}, "samples"),
        ({"text": "ab" * 5_000, "length": 5_000}, "samples"),
    ],
)
def test_texts_that_make_no_windows(options, key: str) -> None:
    found = Text(**options).problem()

    assert found is not None
    assert found[0] == key


@pytest.mark.parametrize("source", ["recall", "flip_flop", "parity", "adding", "sine_wave", "copy"])
def test_more_numbers_than_memory_holds(source: str) -> None:
    cls = SOURCES[source]

    assert cls().problem() is None
    found = cls(samples=100_000, length=5_000).problem()
    assert found is not None
    assert found[0] == "length"
