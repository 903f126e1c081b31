"""A network on images on the screen: windows, maps that fill, fields, and the way through them."""

import pytest
from images import before, images
from on_screen import app_of, text_of

from nntui.session.curve import activation_curve
from nntui.session.position import Depth
from nntui.ui.renderables.closeup import closeup_lines
from nntui.ui.renderables.column import column_lines, shape_of
from nntui.ui.renderables.geometry import plan
from nntui.ui.scene import Neuron, compose_scene, in_view
from nntui.ui.spans import plain, width
from nntui.ui.widgets.network import NetworkView

WIDE, SMALL = (120, 36), (80, 24)


def columns(session, cells=116, rows=32, **options):
    """Each column of maps as lines of text, by name."""
    network = session.network
    shapes = [shape_of(network, k) for k in range(len(network.columns))]
    placed = plan(shapes, cells, rows, 0, **options)
    return {
        network.columns[p.column].name: [
            plain(line).rstrip() for line in column_lines(network, session.frame, p, None)
        ]
        for p in placed.columns
    }


def forward(session, elements, terms=0):
    for _ in range(elements):
        session.cursor.forward(Depth.ELEMENT)
    for _ in range(terms):
        session.cursor.forward(Depth.TERM)
    return session


def test_the_output_map_fills_cell_by_cell():
    session = before("conv.z")
    seen = []
    for _ in range(3):
        session.cursor.forward(Depth.ELEMENT)
        seen.append(columns(session, 90, 18)["conv"][1:5])

    assert [line[7:] for line in seen[0]] == ["▸ · · ·", "· · · ·", "· · · ·", "· · · ·"]
    assert [line[7:] for line in seen[2]] == ["    ▸ ·", "· · · ·", "· · · ·", "· · · ·"]
    session.cursor.back(Depth.ELEMENT)
    assert columns(session, 90, 18)["conv"][1:5] == seen[1]


def test_the_window_is_outlined_on_the_map_before():
    lines = columns(forward(before("conv.z"), 2), 68, 18)["input"]

    assert lines == ["  ┌────┐", "  │    │", "  └────┘", "", "", ""]


def test_the_pooled_maps_show_the_corners_of_the_winners():
    session = before("pool.winner")
    pool = columns(session, 68, 18)["pool"]
    session.cursor.forward(Depth.OP)

    assert "◥" not in "".join(pool)
    assert columns(session, 68, 18)["pool"][:3] == ["1", "◥+6.5◥+.50", "◥+6.5◥+.50"]
    assert columns(session, 58, 18)["pool"][:3] == ["1", "◥ ◥", "◥ ◥"]


def test_the_gradient_of_a_pool_goes_to_the_winner():
    session = before("conv.a.grad")
    session.cursor.forward(Depth.OP)
    number = session.network.columns[1]
    lines = closeup_lines(number, 0, session.frame, 116, 30)
    text = [plain(line).rstrip() for line in lines]

    a = session.reader.look("conv.a.grad")[0, 0]
    assert (a != 0).sum() == 4
    assert [[cell != 0 for cell in row] for row in a.tolist()] == [
        [False, True, False, True],
        [False, False, False, False],
        [False, True, False, True],
        [False, False, False, False],
    ]
    assert text[1].split()[:4] == ["a", "1", "∂a", "1"]


def test_a_map_up_close_is_four_maps_with_numbers():
    session = images()
    session.cursor.forward(Depth.STEP)
    conv = session.network.columns[1]
    text = [plain(line).rstrip() for line in closeup_lines(conv, 5, session.frame, 116, 30)]

    assert text[0].startswith("z  +6.5000  a  +6.5000  ∂a  0.0000")
    assert [word for word in text[1].split() if word[-1] in "aw"] == ["a", "∂a", "w", "∂w"]
    assert text[2].split()[:4] == ["0", "+6.5", "0", "+.50"]


@pytest.mark.parametrize("cells", [20, 32, 44, 76, 116])
@pytest.mark.parametrize("rows", [3, 7, 11, 30])
@pytest.mark.parametrize("bare", [False, True])
def test_a_map_up_close_fits(cells, rows, bare):
    session = images()
    session.cursor.forward(Depth.STEP)
    for column in session.network.columns[:3]:
        lines = closeup_lines(column, 1, session.frame, cells, rows, bare=bare)
        assert len(lines) <= rows
        assert all(width(line) <= max(cells, 30) for line in lines)


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_a_convolution_is_stepped_forward_and_back(size):
    app = app_of(before("conv.z"))
    async with app.run_test(size=size) as pilot:
        await pilot.press("plus", "n", "n")
        first = text_of(app)
        assert "conv.z[filter 1, row 1, column 2]" in first
        assert "⊙" in first
        assert "┌────┐" in first
        await pilot.press("n", "N")
        assert text_of(app) == first


@pytest.mark.asyncio
async def test_a_weight_gradient_is_stepped_term_by_term():
    app = app_of(before("conv.weight.grad"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("plus", "plus", "n", "n", "n")
        text = text_of(app)
        assert "conv.weight.grad[filter 1, row 1, column 1]" in text
        assert "∂L/∂z₁⁽¹⁾" in text
        assert "∂w₁" in text
        assert "so far" in text


@pytest.mark.asyncio
async def test_f_shows_where_a_number_comes_from_and_goes_again():
    session = before("pool.winner")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        view = app.screen.query_one(NetworkView)
        view.post_message(NetworkView.Chosen(Neuron(2, 3)))
        await pilot.pause()
        before_f = text_of(app)
        await pilot.press("f")
        text = text_of(app)
        assert "field of pool 1, row 2, column 2" in text
        # A pool of 2 × 2 over a convolution of 3 × 3: a field of 4 × 4.
        assert "┌──────┐" in text
        assert "└──────┘" in text
        await pilot.press("f")
        assert text_of(app) == before_f


@pytest.mark.asyncio
async def test_arrows_move_in_a_map_and_on_to_the_next_column():
    app = app_of(before("pool.a"))
    async with app.run_test(size=WIDE) as pilot:
        view = app.screen.query_one(NetworkView)
        view.post_message(NetworkView.Chosen(Neuron(1, 0)))
        await pilot.pause()
        await pilot.press("l", "j", "right")
        assert app.screen._scene.neuron == Neuron(1, 6)
        assert "conv 1, row 2, column 3" in text_of(app)
        await pilot.press("l", "l")
        assert app.screen._scene.neuron.column == 2
        await pilot.press("l", "l")
        # The flattened numbers have no room of their own.
        assert app.screen._scene.neuron.column == 4
        await pilot.press("h")
        assert app.screen._scene.neuron.column == 2


@pytest.mark.asyncio
async def test_a_cell_is_changed_by_hand_and_marked():
    app = app_of(before("pool.a"))
    async with app.run_test(size=WIDE) as pilot:
        view = app.screen.query_one(NetworkView)
        view.post_message(NetworkView.Chosen(Neuron(1, 6)))
        await pilot.pause()
        await pilot.press("e")
        assert "set conv.a[0, 1, 2] =" in text_of(app)
        await pilot.press("9", "enter", "escape")
        await pilot.pause()
        assert app.screen._session.reader.look("conv.a")[0, 0, 1, 2] == 9
        await pilot.press("6", "z")
        assert "✎" in text_of(app)


@pytest.mark.asyncio
async def test_another_sample_shows_its_own_maps():
    app = app_of(before("pool.a"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("n")
        first = text_of(app)
        await pilot.press("full_stop")
        assert "sample 2/2" in text_of(app)
        assert text_of(app) != first
        await pilot.press("comma")
        assert text_of(app) == first


@pytest.mark.asyncio
async def test_w_takes_the_change_of_a_kernel_apart():
    session = before("conv.weight")
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("n", "w")
        await pilot.pause()
        text = text_of(app)
        assert "Why did conv.weight w" in text
        assert "from 2 samples" in text


@pytest.mark.asyncio
async def test_a_click_chooses_the_cell_under_the_mouse():
    app = app_of(before("pool.a"))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        view = app.screen.query_one(NetworkView)
        placement = view._plan.of(0)
        await pilot.click(NetworkView, offset=(placement.x + 2 + 4, placement.y + 2 + 3))
        assert app.screen._scene.neuron == Neuron(0, 3 * 6 + 2)


@pytest.mark.asyncio
@pytest.mark.parametrize("variable", ["NO_COLOR", "NNTUI_ASCII"])
async def test_where_colours_do_not_come_through_maps_are_signs_and_digits(monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    app = app_of(before("pool.a"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        text = text_of(app)

    assert " 0 0+9 0 0 0" in text
    assert "▀" not in text


def test_what_is_worked_on_is_in_view():
    session = forward(before("conv.z"), 20)
    scene = compose_scene(session, activation_curve, before=None, chosen=None, log=False)
    # The fourth cell of the second map reads the window that begins at row 1, column 4.
    assert in_view(scene) == {0: 3, 1: 19}

    chosen = Neuron(1, 2)
    scene = compose_scene(session, activation_curve, before=None, chosen=chosen, log=False)
    assert in_view(scene) == {0: 3, 1: 2}


@pytest.mark.asyncio
async def test_what_a_change_has_left_behind_is_marked_on_the_maps():
    session = before("pool.winner")
    session.edit("conv.a", (0, 0, 0), 50.0)
    app = app_of(session)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("z")
        text = text_of(app)
        # Of the pooled maps one number hangs on the one that was changed.
        assert "~+6.5 +.50" in text
        assert "✎ +50" in text
