"""The worked example as text."""

from __future__ import annotations

import re

from nntui.interchange.script import Script
from nntui.interchange.text import lines
from nntui.scenario import Scenario, load, parse
from nntui.session.session import Session

ATTENTION = """\
title = "Two words"
[data]
outputs = ["left", "right"]
rows = [{ x = [[1, 0], [0, 2]], y = [[0.5, 0], [0, 1]] }]
[[layers]]
name = "look"
type = "attention"
causal = true
query = { weight = [[1, 0], [0, 1]] }
key   = { weight = [[1, 0], [0, 1]] }
value = { weight = [[1, 0], [0, 1]] }
out   = { weight = [[1, 0], [0, 1]] }
[training]
loss = "mse"
optimizer = { type = "sgd", lr = 0.5 }
"""


def text(name: str, steps: int = 1) -> list[str]:
    return text_of(load(name), steps)


def text_of(scenario: Scenario, steps: int = 1) -> list[str]:
    return [line.strip() for line in lines(Script(Session(scenario), steps))]


def test_the_worked_example() -> None:
    found = text("exam")

    for line in (
        "z₁ = 0.2 × 3 + 0.3 × 7 + 0.5 = 3.2",
        "z₂ = 0.1 × 3 + 0.4 × 7 + 0.1 = 3.2",
        "a₁ = σ(3.2) = 0.961",
        "z = 0.6 × 0.961 + 0.8 × 0.961 + 0.2 = 1.545",
        "a = σ(1.545) = 0.824 (82.4 %)",
        "L = −ln(0.824) = 0.193",
        "∂L/∂z = −1.213 × 0.824 × (1 − 0.824) = −1.213 × 0.145 = −0.176",
        "∂L/∂w₁ = −0.176 × 0.961 = −0.169",
        "∂L/∂b = −0.176",
        "w₁₁ = 0.2 − 0.5 × (−0.0119) = 0.206",
        "loss 0.1933241723985687",
    ):
        assert line in found


def test_phases_are_headings_in_order() -> None:
    found = text("exam", 2)

    headings = [line for line in found if line.isalpha() and line.isupper()]
    assert headings == ["DATA", "FORWARD", "LOSS", "BACKWARD", "UPDATE"] * 2
    assert [line for line in found if line.startswith("training step")] == [
        "training step 1 (epoch 1)",
        "training step 2 (epoch 2)",
    ]


def test_a_batch_is_shown_by_its_first_samples() -> None:
    found = text("iris")

    assert "sample 1  y = 0 (setosa)" in found
    assert "… and 6 more samples" in found
    assert not any(line.startswith("sample 5") for line in found)


def test_no_steps_show_the_title_only() -> None:
    assert text("exam", 0) == ["Will I pass the exam?"]


def test_notes_stand_at_their_ops_the_first_time() -> None:
    found = text("exam", 2)
    notes = [line for line in found if re.match(r"▎ note \d+ of", line)]

    count = len(load("exam").notes)
    assert [line.split(":")[0] for line in notes] == [
        f"▎ note {k} of {count}" for k in range(1, count + 1)
    ]
    assert found.index("z₂ = 0.1 × 3 + 0.4 × 7 + 0.1 = 3.2") + 1 == found.index(notes[1])
    assert max(map(len, found)) <= 100


def test_a_gans_headings_say_whose_turn_it_is() -> None:
    text = list(lines(Script(Session(load("gan_ring")), 1)))
    headings = [line for line in text if line.isupper() and " · " in line]
    phases = ["DATA", "FORWARD", "LOSS", "BACKWARD", "UPDATE"]

    assert headings == [
        *(f"DISCRIMINATOR · {phase}" for phase in phases),
        *(f"GENERATOR · {phase}" for phase in [*phases, "LOSS"]),
    ]


def test_attention_by_hand() -> None:
    """Queries, keys and values are the inputs: e^(4/√2) against e^0 for the second one."""
    found = text_of(parse(ATTENTION, origin="words.toml"))

    for line in (
        "3  look.query.z (1, 2, 2)   q = x Wᵀ + b",
        "q₂₂ = 0 × 0 + 1 × 2 + 0 = 2",
        "s₂₂ = 0 × 0 + 2 × 2 = 4",
        "s₂₂ = 4 / √2 = 2.828",
        "s₁₂ = −∞",
        "α₁₂ = e^(−∞) / (e^(0.707) + e^(−∞)) = 0",
        "α₂₁ = e^(0) / (e^(0) + e^(2.828)) = 0.0558",
        "c₂₂ = 0.0558 × 0 + 0.944 × 2 = 1.888",
        "L = (0.5² + 0² + 0.0558² + 0.888²) / 4 = 0.261",
        "∂L/∂α₂₂ = 0.0279 × 0 + 0.444 × 2 = 0.888",
        "∂L/∂s₂₂ = 0.0279 × (−0.0527) + 0.888 × 0.0527 = 0.0453",
        "∂L/∂s₂₂ = 0.0453 × (1 / √2) = 0.0453 × 0.707 = 0.0321",
        "∂L/∂q₂₂ = −0.0321 × 0 + 0.0321 × 2 = 0.0641",
        "∂L/∂k₁₂ = 0 × 0 + (−0.0321) × 2 = −0.0641",
        "∂L/∂w₂₂ = 0 × 0 + 0.0641 × 2 = 0.128",
        "w₂₂ = 1 − 0.5 × 0.128 = 0.936",
    ):
        assert line in found, line
