"""The whole screen as text, in a few files: look before accepting a change.

`NNTUI_UPDATE_GRIDS=1 pytest tests/ui/test_grids.py` writes them anew.
"""

import os
from pathlib import Path

import pytest
from fake_session import any_size, exam
from images import before
from on_screen import app_of, text_of
from rivals import after, points, strokes
from soms import at as map_at
from soms import som
from strips import at, hello, recall
from transformers import reverse

SCALED, ALPHA, HALF = (
    "block.attention.scaled",
    "block.attention.weights.grad",
    "block.half.grad.2",
)
GRIDS = Path(__file__).parent / "grids"
DRIFT, PULL = "discriminator.fake", "generator.out.a.grad"
FROZEN, LOSS = "generator.hidden.frozen.a", "generator.loss"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "session", "size", "keys"),
    [
        ("exam-forward-120x36", exam, (120, 36), ["n"] * 4),
        ("exam-forward-80x24", exam, (80, 24), ["n"] * 4),
        ("exam-backward-120x36", exam, (120, 36), ["n"] * 13),
        ("maps-forward-120x36", lambda: before("conv.z"), (120, 36), ["plus", *["n"] * 6, "s"]),
        ("maps-backward-80x24", lambda: before("conv.weight.grad"), (80, 24), ["plus", *"nn"]),
        ("maps-zoomed-120x36", lambda: before("pool.winner"), (120, 36), ["n", "f", "z"]),
        ("strip-forward-120x36", lambda: at(hello(), "memory.z.t2"), (120, 36), ["n", "n", "n"]),
        ("strip-backward-120x36", lambda: at(recall(), "memory.a.t12.grad"), (120, 36), ["n"]),
        ("strip-backward-80x24", lambda: at(recall("rnn"), "memory.a.t9.grad"), (80, 24), ["n"]),
        ("strip-field-80x24", lambda: at(hello("gru"), "memory.a.t3"), (80, 24), [*"ljf6"]),
        (
            "attention-forward-120x36",
            lambda: at(reverse(2), SCALED),
            (120, 36),
            ["n", "6", "l", "j"],
        ),
        (
            "attention-forward-80x24",
            lambda: at(reverse(causal=True), SCALED),
            (80, 24),
            [*"nn6ljl"],
        ),
        ("attention-backward-120x36", lambda: at(reverse(), HALF), (120, 36), ["n"]),
        ("attention-backward-80x24", lambda: at(reverse(2), ALPHA), (80, 24), ["n"]),
        (
            "som-forward-120x36",
            lambda: map_at(som(rows=6, cols=8), "som.neighbourhood", 9),
            (120, 36),
            ["n", "l"],
        ),
        (
            "som-net-80x24",
            lambda: map_at(som("square", 3, 4), "som.weight", 40),
            (80, 24),
            ["6"],
        ),
        ("rivals-d-step-120x36", lambda: after(points(), DRIFT, 9), (120, 36), ["n"]),
        ("rivals-g-step-120x36", lambda: after(points(), PULL, 9), (120, 36), ["full_stop"]),
        ("rivals-g-step-80x24", lambda: after(points(), PULL, 9), (80, 24), ["full_stop", "5"]),
        ("rivals-frozen-120x36", lambda: after(points(), FROZEN, 9), (120, 36), ["u", "n"]),
        (
            "rivals-images-80x24",
            lambda: after(strokes(), LOSS, 3),
            (80, 24),
            ["full_stop"],
        ),
        ("folded-80x24", lambda: any_size(30, 6, 2), (80, 24), ["n", "minus", "n", "n"]),
    ],
)
async def test_the_screen(name, session, size, keys):
    app = app_of(session())
    async with app.run_test(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        shown = text_of(app) + "\n"
    path = GRIDS / f"{name}.txt"
    if "NNTUI_UPDATE_GRIDS" in os.environ:
        path.write_text(shown, encoding="utf-8")

    assert shown == path.read_text(encoding="utf-8")
