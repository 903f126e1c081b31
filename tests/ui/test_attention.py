"""An attention up close, as text."""

import pytest
from on_screen import app_of, text_of
from strips import at
from transformers import reverse

from nntui.session.position import Depth
from nntui.ui.format import label
from nntui.ui.renderables.attention import Gaze, attention_lines, neighbour
from nntui.ui.scene import Neuron
from nntui.ui.spans import plain, width

WEIGHTS = "block.attention.weights"


def gaze(session, head=0, query=0, key=0):
    column = session.network.named(WEIGHTS)
    unit = column.unit((head, query, key))
    return Gaze(session.network, column, session.frame, unit)


def drawn(session, cells=70, rows=20, *, bare=False, **place):
    lines = attention_lines(gaze(session, **place), cells, rows, bare=bare)
    return [plain(line).rstrip() for line in lines]


def test_nothing_is_a_number_before_it_is_computed():
    text = "\n".join(drawn(at(reverse(), "block.attention.key.heads")))

    assert "q₁·k₁/√8 = ·" in text
    assert "α   ·" in text
    assert "0.0" not in text.split("q₁·k₁/√8")[1]


def test_the_cell_is_its_score_divided_and_its_share():
    session = at(reverse(), WEIGHTS)
    frame = session.frame
    score, scaled, share = (
        frame.value(f"block.attention.{name}", 0, 2, 1) for name in ("scores", "scaled", "weights")
    )
    lines = drawn(session, query=2, key=1)
    line = next(line for line in lines if "q₃·k₂/√8" in line)

    assert scaled == pytest.approx(score / 8**0.5)
    assert f"{abs(score):.3f}".rstrip("0") in line
    assert f"{abs(scaled):.3f}".rstrip("0") in line
    assert any(f"α  ▸{share:+.2f}" in each for each in lines)


def test_the_products_of_query_and_key_add_up_to_the_score():
    session = at(reverse(), "block.attention.scores")
    cell = gaze(session, query=1, key=4)
    total = sum(a * b for a, b in zip(cell.vector(0), cell.vector(1), strict=True))

    assert total == pytest.approx(session.frame.value("block.attention.scores", 0, 1, 4))


def test_a_head_has_its_own_part_of_query_and_key():
    session = at(reverse(heads=2), "block.attention.scores")
    for head in range(2):
        cell = gaze(session, head=head, query=3, key=2)
        total = sum(a * b for a, b in zip(cell.vector(0), cell.vector(1), strict=True))

        assert total == pytest.approx(session.frame.value("block.attention.scores", head, 3, 2))


def test_heads_are_tabs_where_there_are_several():
    one, two = (drawn(at(reverse(heads=heads), WEIGHTS)) for heads in (1, 2))

    assert not any(line.startswith("head") for line in one)
    assert two[0].split() == ["head", "1", "2"]


def test_tokens_stand_on_both_axes():
    session = at(reverse(), WEIGHTS)
    session.reader.sample = 1
    tokens = [session.network.columns[0].tokens[int(v)] for v in session.frame.row("x")]
    lines = drawn(session, cells=100, rows=20, query=1)

    assert lines[0].split()[1:7] == tokens
    assert [line[0] for line in lines[1:7]] == tokens
    assert [line[2] for line in lines[1:7]] == [" ", "▸", " ", " ", " ", " "]


def test_what_is_masked_is_marked():
    early = drawn(at(reverse(causal=True), "block.attention.scaled"), query=1, key=4)
    late = drawn(at(reverse(causal=True), WEIGHTS), query=1, key=4)

    assert not any("╱" in line for line in early)
    assert [line.count("╱╱") for line in late[1:7]] == [5, 4, 3, 2, 1, 0]
    assert any("→ −∞ masked" in line for line in late)


@pytest.mark.parametrize("name", ["masked", "weights", "found"])
def test_what_is_masked_is_not_painted_as_an_error(name):
    session = at(reverse(causal=True), f"block.attention.{name}")
    session.cursor.forward(Depth.OP)
    lines = attention_lines(gaze(session, query=1, key=4), 60, 20)

    assert "−∞" in "".join(plain(line) for line in lines)
    assert not any("error" in style for line in lines for _, style in line)


def test_the_grid_shows_what_has_been_computed_last():
    session, shown = reverse(causal=True), []
    names = ("scores", "scaled", "masked", "weights")
    for name in (*names, *(f"{name}.grad" for name in reversed(names))):
        at(session, f"block.attention.{name}")
        shown.append(gaze(session).shown.tensor == f"block.attention.{name}")

    assert all(shown)


def test_what_comes_back_to_a_score_is_that_before_the_mask_once_it_is_there():
    def reading(output):
        session = at(reverse(causal=True), output)
        text = next(line for line in drawn(session, query=5, key=2) if "∂s" in line)
        return text.split("∂s")[1].split("∂α")[0].strip(), session.frame

    assert reading("block.attention.weights.grad")[0] == "·"
    for name in ("masked.grad", "scaled.grad"):
        shown, frame = reading(f"block.attention.{name}")
        value = frame.value(f"block.attention.{name}", 0, 5, 2)
        assert shown == f"▸{label(value)}"


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 4])
@pytest.mark.parametrize(("cells", "rows"), [(20, 6), (34, 10), (76, 8), (116, 31)])
@pytest.mark.parametrize("bare", [False, True])
def test_it_stays_in_its_place(cells, rows, bare, heads, causal):
    session = at(reverse(heads=heads, causal=causal, length=8), "block.attention.scores.grad")
    for place in ({}, {"head": heads - 1, "query": 15, "key": 15}):
        lines = attention_lines(gaze(session, **place), cells, rows, bare=bare)

        assert len(lines) <= rows
        assert max(map(width, lines)) <= cells


def test_the_cell_of_a_long_sequence_is_in_view():
    session = at(reverse(length=20, samples=3), WEIGHTS)
    column = session.network.named(WEIGHTS)
    for query in (0, 13, 39):
        lines = attention_lines(gaze(session, query=query, key=query), 34, 10)

        assert sum("▸" in plain(line)[:4] for line in lines) == 1
        assert tuple({style for _, style in lines[0]} - {"dim"}) == ("accent bold",)
    assert column.time == 40


def test_without_colours_cells_are_digits():
    session = at(reverse(), WEIGHTS)
    lines = drawn(session, cells=24, rows=12, bare=True)
    shares = session.frame.row(WEIGHTS)[:6]
    largest = session.frame.scale(WEIGHTS)
    tenths = [str(min(int(10 * share / largest), 9)) for share in shares]

    assert [lines[1][4 + 2 * k] for k in range(6)] == tenths
    assert "▀" not in "".join(lines)


def test_the_cursor_stays_on_the_grid():
    column = reverse(heads=2).network.named(WEIGHTS)
    corner = column.unit((1, 5, 5))

    assert neighbour(column, corner, 1, 1) == corner
    assert column.index(neighbour(column, corner, -2, -1)) == (1, 4, 3)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_grid_is_walked_with_the_keys(size):
    session = at(reverse(heads=2), WEIGHTS)
    column = session.network.columns.index(session.network.named(WEIGHTS))
    app = app_of(session)
    async with app.run_test(size=size) as pilot:
        await pilot.press("6", "l", "l", "j")
        weights = session.network.columns[column]
        assert app.screen._chosen == Neuron(column, weights.unit((0, 4, 4)))
        assert "6 Attention  query 5 → key 5" in text_of(app)
        await pilot.press("m", "right", "up")
        assert app.screen._chosen == Neuron(column, weights.unit((1, 3, 5)))
        await pilot.press("M")
        assert "query 4 → key 6" in text_of(app)
        await pilot.press("escape")
        assert app.screen._chosen is None


@pytest.mark.asyncio
async def test_keys_that_come_at_once_all_count():
    session = at(reverse(), WEIGHTS)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        pane = app.screen.focused
        for across, down in ((1, 0), (1, 0), (0, 1), (1, 0)):
            pane.action_move(across, down)
        await pilot.pause()

        assert session.network.columns[app.screen._chosen.column].name == WEIGHTS
        assert "query 5 → key 6" in text_of(app)


@pytest.mark.asyncio
async def test_a_weight_of_attention_is_edited_and_what_follows_uses_it():
    session = at(reverse(heads=2), WEIGHTS)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6", "l", "l", "j", "m", "e")
        assert "set block.attention.weights[1, 4, 4] =" in text_of(app)
        await pilot.press(*"0.9", "enter")
        await pilot.pause()
        assert session.reader.look(WEIGHTS)[0, 1, 4, 4] == 0.9
        assert "✎+0.90" in text_of(app)
        await pilot.press("n")
        assert (
            "block.attention.found[head 2, time step 5, unit 1]" in session.frame.explanation.name
        )
        await pilot.press("ctrl+z")
        assert "✎" not in text_of(app)


@pytest.mark.asyncio
async def test_scores_left_behind_by_a_change_are_marked():
    session = at(reverse(), WEIGHTS)
    session.edit("block.norm1.a", (0, 0), 2.0)
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        grid = [line[37:72] for line in text_of(app).splitlines()[21:30]]

        # The row that the softmax reads is outlined instead, and the cursor stands in it.
        assert sum(line.count("~") for line in grid) == 6 * 5


def test_by_element_the_grid_follows_the_cursor():
    session = at(reverse(), "block.attention.scaled")
    session.cursor.depth = Depth.ELEMENT
    for _ in range(8):
        session.cursor.forward()

    assert session.frame.explanation.name == "block.attention.weights[query 2, key 2]"
    assert session.frame.value(WEIGHTS, 0, 1, 1) is not None
    assert session.frame.value(WEIGHTS, 0, 1, 2) is None


@pytest.mark.asyncio
async def test_what_a_head_has_found_is_seen_as_where_it_looks():
    """Before the heads are joined there is no number of the neuron to show."""
    app = app_of(at(reverse(), "block.attention.found"))
    async with app.run_test(size=(120, 36)) as pilot:
        assert "6 Attention  query 4 → key 4" in text_of(app)
        assert "▸found" in text_of(app)
        await pilot.press("n")
        assert "6 Neuron" in text_of(app)


@pytest.mark.asyncio
async def test_an_answer_is_of_one_time_step():
    session = at(reverse(), "output.a")
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        for step in (4, 6):
            assert f"6 Answer  at time step {step}" in text_of(app)
            assert f"time step {step} after" in text_of(app)
            session.cursor.forward(Depth.STEP)
            await pilot.press("n", "N")
