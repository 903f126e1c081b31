"""Networks on sequences, on the screen of a real session."""

import pytest
from on_screen import app_of, text_of

from nntui.scenario import parse
from nntui.session.session import Session
from tests.scenario.sequences import dense, layer, scenario

HELLO = 'source = "text"\ntext = "hel"'
MASKED = "rows = [{ x = [[1], [2]], y = [-1, 1] }, { x = [[3], [4]], y = [0, 1] }]"
EMBEDDING = layer("embedding", units=2)
LSTM = layer("lstm", units=2, return_sequences="true")
NETWORKS = {
    "steps": (HELLO, dense(2, "tanh"), dense(3, "softmax")),
    "tokens": (HELLO, EMBEDDING, dense(3)),
    "masked": (MASKED, dense(2)),
    "memory": (HELLO, LSTM, dense(3)),
    "state": (HELLO + "\neach_step = false", EMBEDDING, layer("gru", units=2), dense(3)),
    "row": (HELLO + "\neach_step = false", EMBEDDING, layer("flatten"), dense(3)),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NETWORKS)
async def test_a_step_and_its_neurons_can_be_looked_at(name):
    data, *layers = NETWORKS[name]
    session = Session(parse(scenario(data, *layers, loss="cross_entropy"), origin="t.toml"))
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(*"nnnssnnrr", "down", "enter", "right", "right", "w", "escape", "escape")
        session.cursor.go(2)
        await pilot.press(*"Nn")

        assert "step 2" in " ".join(text_of(app).split())


def test_tokens_and_classes_are_called_by_name():
    data, *layers = NETWORKS["tokens"]
    session = Session(parse(scenario(data, *layers, loss="cross_entropy"), origin="t.toml"))
    numbers = {info.output: info.number for info in session.network.ops}
    session.cursor.go(1)

    assert session.reader.one_line(numbers["x"], 1, 0) == "x₂ = 1 (e)"
    assert session.reader.one_line(numbers["y"], 1, 0) == "y₂ = 2 (l)"
