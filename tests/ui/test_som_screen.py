"""A self-organizing map on the screen: stepped, looked at, changed, and without a gradient."""

import pytest
from on_screen import SMALL, WIDE, app_of, text_of, write
from soms import at, som

from nntui.ui.scene import Neuron
from nntui.ui.widgets.map import MapView


def chosen(app):
    return app.screen._chosen


def title(app):
    """The first line inside the map's pane."""
    return text_of(app).splitlines()[2]


@pytest.mark.asyncio
@pytest.mark.parametrize("data", ["colors", "square", "iris"])
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_a_map_is_stepped_forward_and_back(size, data):
    app = app_of(som(data, 3, 3, "hexagonal"))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        seen = [text_of(app)]
        for _ in range(13):
            await pilot.press("n")
            seen.append(text_of(app))
        assert "som.difference" in seen[-1]
        for before in reversed(seen[:-1]):
            await pilot.press("N")
            assert text_of(app) == before


@pytest.mark.asyncio
async def test_a_map_is_stepped_unit_by_unit_and_feature_by_feature():
    app = app_of(at(som(), "som.difference"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("s", "n", "n")
        assert "som.distance[(0, 2)]" in text_of(app)
        assert "6 Unit  (0, 2)" in text_of(app)
        await pilot.press("s")
        assert "so far" in text_of(app)


@pytest.mark.asyncio
async def test_the_cursor_moves_from_unit_to_unit():
    app = app_of(at(som(), "som.bmu"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("l", "g")
        assert chosen(app) == Neuron(1, chosen(app).unit % 5)
        await pilot.press("h", "h", "h", "h", "h", "l", "j")
        assert chosen(app) == Neuron(1, 6)
        assert "6 Unit  (1, 1)" in text_of(app)
        await pilot.press("k", "k", "right", "enter")
        assert chosen(app) == Neuron(1, 2)
        await pilot.press("escape")
        assert chosen(app) is None


@pytest.mark.asyncio
async def test_the_operation_shows_the_chosen_unit_or_else_the_best():
    app = app_of(at(som(), "som.neighbourhood"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        row, column = (int(k) for k in app.screen._session.reader.look("som.bmu"))
        assert f"som.neighbourhood[({row}, {column})]" in text_of(app)
        app.screen.query_one(MapView).post_message(MapView.Chosen(Neuron(1, 13)))
        await pilot.pause()
        assert "som.neighbourhood[(2, 3)]" in text_of(app)


@pytest.mark.asyncio
async def test_a_key_goes_through_the_pictures():
    app = app_of(at(som(), "som.bmu"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(6):
            seen.append(title(app).split()[1])
            await pilot.press("u")
        assert seen == ["colours", "U-matrix", "hits", "w", "w", "w"]
        assert "colours" in title(app)
        await pilot.press("U")
        assert "w of blue" in title(app)


@pytest.mark.asyncio
async def test_a_click_chooses_a_unit():
    app = app_of(som())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.click(MapView, offset=(2 + 5, 1 + 3))
        assert chosen(app) == Neuron(1, 6)


@pytest.mark.asyncio
async def test_a_weight_is_changed_and_what_hangs_on_it_is_stale():
    app = app_of(at(som(), "som.distance"))
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "set som.weight[7, 1] = 0.25")
        app.screen.query_one(MapView).post_message(MapView.Chosen(Neuron(1, 7)))
        await pilot.pause()
        text = text_of(app)

        assert "✎+0.250~" in text
        assert "~ computed before som.weight[7, 1] was" in text
        await pilot.press("ctrl+z")
        assert "✎" not in text_of(app)


@pytest.mark.asyncio
async def test_the_two_errors_of_the_map_stand_below_the_loss():
    app = app_of(som())
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "goto end")
        await pilot.pause()
        atlas = app.screen._scene.atlas
        assert f"QE {atlas.quantisation:.3g}  TE {atlas.topographic:.1%}" in text_of(app)


@pytest.mark.asyncio
async def test_where_a_gradient_would_be_it_says_that_there_is_none():
    app = app_of(at(som(), "som.weight"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "no ∇" in text_of(app)
        assert "no gradient" in text_of(app)
        await pilot.press("x")
        await pilot.pause()
        await pilot.pause()
        assert "there is no gradient here" in text_of(app)
        await pilot.press("escape", "w")
        await pilot.pause()
        await pilot.pause()
        page = text_of(app)
        assert "The rule  w ← w + η · h · d" in page
        assert "There is no gradient here" in page


@pytest.mark.asyncio
@pytest.mark.parametrize("variable", ["NO_COLOR", "NNTUI_ASCII"])
async def test_where_colours_do_not_come_through_units_have_names(monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    app = app_of(at(som(rows=3), "som.second"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        text = text_of(app)

    assert "▀" not in text
    assert "┌fo┐┌ma┐ ge  ge  sk" in text or "+fo++ma+ ge  ge  sk" in text


@pytest.mark.asyncio
async def test_a_condition_on_the_best_unit_is_written_without_its_map():
    app = app_of(som())
    async with app.run_test(size=WIDE) as pilot:
        await write(pilot, "break bmu == (1, 1)")
        await write(pilot, "watch som.distance.min()")
        await pilot.pause()
        assert "1 som.distance." in text_of(app)
        assert [stop.text for stop in app.screen._session.breakpoints] == ["bmu == (1, 1)"]


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
@pytest.mark.parametrize("data", ["colors", "square", "iris"])
async def test_the_map_names_the_sample_and_the_places_of_the_units_it_marks(data, size):
    session = at(som(data, 3, 3), "som.second")
    best, second = (
        tuple(int(k) for k in session.reader.look(name)) for name in ("som.bmu", "som.second")
    )
    row = session.frame.sample_row
    chart = session.network.chart
    name = chart.labels[chart.of_class[row]] if chart.of_class else f"row {row + 1}"
    app = app_of(session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = text_of(app)
        assert f"x = {name}" in text
        assert f"best {best}" in text
        assert f"second {second}" in text


@pytest.mark.asyncio
async def test_the_table_of_weights_says_that_there_is_no_gradient_and_how_many_there_are():
    app = app_of(at(som(rows=7, cols=7), "som.weight"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        text = text_of(app)
        assert "4 Parameters  som  no gradient" in text
        assert " grad " not in text
        assert "of 128, of 147 in all" in text
        await pilot.press("l")
        assert "in all" not in text_of(app)


@pytest.mark.asyncio
async def test_a_unit_up_close_is_named_best_or_second():
    session = at(som(), "som.second")
    best, second = (
        tuple(int(k) for k in session.reader.look(name)) for name in ("som.bmu", "som.second")
    )
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert f"6 Unit  {best}  best" in text_of(app)
        app.screen.query_one(MapView).post_message(
            MapView.Chosen(Neuron(1, 5 * second[0] + second[1]))
        )
        await pilot.pause()
        assert f"6 Unit  {second}  second" in text_of(app)
        app.screen.query_one(MapView).post_message(MapView.Chosen(Neuron(1, 13)))
        await pilot.pause()
        assert "6 Unit  (2, 3) ──" in text_of(app)
