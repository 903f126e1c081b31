"""A network that continues prompts."""

import itertools

import numpy as np
import pytest

from nntui.errors import UsageError
from nntui.scenario import load, parse
from nntui.session.session import Session
from tests.ui.strips import hello, recall
from tests.ui.transformers import alone, reverse, trained


@pytest.fixture(scope="module")
def session():
    return trained(300)


@pytest.fixture
def speaker(session):
    return session.study.speaker()


def continued(speaker, text, count, temperature=0.0):
    said = list(speaker.read(text))
    for _ in range(count):
        said.append(speaker.go_on(said, temperature).token)
    return "".join(speaker.tokens[token] for token in said[-count:])


def test_a_network_that_has_learned_to_reverse_reverses(speaker):
    words = ["".join(letters) for letters in itertools.product("abcd", repeat=5)][::37]

    assert [continued(speaker, f"{word}|", 5) for word in words] == [word[::-1] for word in words]


def test_no_bit_of_the_run_changes(session):
    session = reverse(causal=True, length=5, samples=64, batch=32)
    session.cursor.go(3, 60)
    before = session.trainer.state.vector.tobytes()
    position, losses = session.cursor.position, [session.losses.at(k) for k in (1, 2)]
    arrays = {name: array.tobytes() for name, array in session.frame.arrays.items()}
    continued(session.study.speaker(), "ab|", 6, 1.0)

    assert session.trainer.state.vector.tobytes() == before
    assert session.cursor.position == position
    assert [session.losses.at(k) for k in (1, 2)] == losses
    assert {name: array.tobytes() for name, array in session.frame.arrays.items()} == arrays


def test_it_speaks_with_the_parameters_at_the_cursor():
    session = reverse(causal=True, length=5, samples=64, batch=32)
    prompt = session.study.speaker().read("abcda|")
    first = session.study.speaker().go_on(prompt).chances
    session.cursor.go(2)
    later = session.study.speaker().go_on(prompt).chances
    session.cursor.go(1, 0)

    assert later != first
    assert session.study.speaker().go_on(prompt).chances == first


def test_the_chances_are_those_that_training_sees():
    session = reverse(causal=True, length=3, samples=6, batch=6)
    session.cursor.go(1)
    session.cursor.go(2, next(o.number for o in session.network.ops if o.output == "loss.p"))
    tokens = [int(value) for value in session.frame.row("x")]
    expected = session.frame.arrays["loss.p"][session.frame.sample]
    speaker = session.study.speaker()

    for count in range(1, 7):
        choice = speaker.go_on(tokens[:count])
        np.testing.assert_allclose(choice.chances, expected[count - 1], rtol=1e-12)
        assert choice.token == expected[count - 1].argmax()


def test_of_a_long_context_the_last_tokens_are_seen(speaker):
    said = speaker.read("abcdabcdabcda|cb")
    choice = speaker.go_on(said)

    assert choice.seen == speaker.time == 10
    assert choice.chances == speaker.go_on(said[-10:]).chances
    assert speaker.go_on(said[:4]).seen == 4


def test_a_drawn_token_is_the_same_again_and_rarer_ones_come_with_boldness():
    session = reverse(causal=True, length=5, samples=64, batch=32)
    speaker = session.study.speaker()
    bold = continued(speaker, "abc", 40, 2.0)

    assert continued(session.study.speaker(), "abc", 40, 2.0) == bold
    assert len(set(bold)) > len(set(continued(speaker, "abc", 40, 0.0)))


def test_a_low_temperature_makes_it_surer(speaker):
    prompt = speaker.read("ab")
    chances = [max(speaker.go_on(prompt, temperature).chances) for temperature in (0.25, 1.0, 2.0)]

    assert chances == sorted(chances, reverse=True)
    assert speaker.go_on(prompt, 1.0).chances == pytest.approx(speaker.go_on(prompt).chances)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (alone, "its inputs are no tokens with names"),
        (recall, "its inputs are no tokens with names"),
        (lambda: Session(load("iris")), "its inputs are no tokens with names"),
        (lambda: Session(load("bars")), "its inputs are no tokens with names"),
        (lambda: reverse(causal=False), "set causal = true in its attention"),
    ],
)
def test_what_cannot_speak_says_why(make, message):
    with pytest.raises(UsageError, match=message):
        make().study.speaker()


def test_answers_that_are_no_tokens_cannot_follow():
    text = """\
title = "t"
[data]
inputs = ["a", "b"]
outputs = ["yes", "no"]
rows = [{ x = [[1, 0], [0, 1]], y = [0, 1] }, { x = [[0, 1], [0, 1]], y = [1, 1] }]
[[layers]]
name = "output"
type = "dense"
units = 2
[training]
loss = "cross_entropy"
optimizer = { type = "sgd", lr = 0.1 }
"""
    with pytest.raises(UsageError, match="its answers are not the tokens that it reads"):
        Session(parse(text, origin="t.toml")).study.speaker()


def test_a_recurrent_network_on_letters_speaks():
    speaker = hello().study.speaker()

    assert len(continued(speaker, "he", 6)) == 6
    assert speaker.time == 4


def test_an_answer_after_the_last_token_needs_a_whole_prompt():
    text = """\
title = "t"
[data]
source = "text"
text = "abcabcabcabc"
length = 4
each_step = false
[[layers]]
name = "memory"
type = "gru"
units = 3
[[layers]]
name = "output"
type = "dense"
units = 3
activation = "softmax"
[training]
loss = "cross_entropy"
optimizer = { type = "sgd", lr = 0.1 }
"""
    speaker = Session(parse(text, origin="t.toml")).study.speaker()
    choice = speaker.go_on(speaker.read("abcab"))

    assert sum(choice.chances) == pytest.approx(1)
    with pytest.raises(UsageError, match="write 4 tokens or more"):
        speaker.go_on(speaker.read("abc"))


def test_a_prompt_of_unknown_tokens_is_refused(speaker):
    assert speaker.read("a b |") == speaker.read("ab|")
    with pytest.raises(UsageError, match=r"there is no token 'x': the network knows a b c d \|"):
        speaker.read("abx")
    with pytest.raises(UsageError, match="write a token or more first"):
        speaker.go_on(())


def test_what_is_not_finite_is_not_chosen_from():
    session = reverse(causal=True)
    session.edit("output.bias", (0,), float("nan"))
    speaker = session.study.speaker()

    with pytest.raises(UsageError, match="not finite"):
        speaker.go_on(speaker.read("ab"))
