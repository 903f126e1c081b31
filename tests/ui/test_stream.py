"""The strip of a transformer: its layers and their parts over time, beside the residual stream."""

import pytest
from on_screen import app_of, text_of
from strips import at, stack
from transformers import alone, reverse

from nntui.ui.renderables.film import film
from nntui.ui.renderables.filmstrip import film_lines
from nntui.ui.renderables.moment import Moment
from nntui.ui.scene import Neuron
from nntui.ui.spans import plain, width
from nntui.ui.widgets.strip import StripView


def moment(session, cells=68, rows=19, *, focus=6, chosen=None, bare=False, origins=()):
    network, op = session.network, session.frame.op
    backward = op is not None and op.phase in ("backward", "update")
    strip = film(network, cells, rows, gated=focus, backward=backward, now=0, bare=bare)
    column, unit = chosen or (focus, 0)
    number = network.column_of(op.output) if op else None
    return Moment(
        network, session.frame, strip, 0, column, unit, chosen is not None, bare=bare,
        origins=frozenset(origins), at=-1 if number is None else number,
    )  # fmt: skip


def drawn(session, **options):
    return [plain(line).rstrip() for line in film_lines(moment(session, **options))]


def names(lines):
    return [(line[1:10].split() or [""])[0] for line in lines]


def test_a_block_is_its_parts_from_the_top():
    found = [name for name in names(drawn(at(reverse(), "block.a"))) if name]
    parts = ["norm1", "query", "key", "value", "weights", "found", "out", "+"]

    assert found[:14] == ["embeddi…", "place", *parts, "norm2", "ff1", "ff2", "+"]


@pytest.mark.parametrize("bare", [False, True])
def test_what_is_not_in_a_field_is_blank_and_no_dot(bare):
    session = at(reverse(), "block.attention.key.heads")
    focus = next(k for k, c in enumerate(session.network.columns) if c.name == "block.norm1")
    column = session.network.columns[focus]
    unit = column.at(2, 1)
    origins = session.study.origins(focus, unit, 0)
    lines = drawn(session, focus=focus, chosen=(focus, unit), bare=bare, origins=origins)
    rail = dict(zip(names(lines), lines, strict=True))
    strip = moment(session, focus=focus, bare=bare).film

    for name in ("place", "norm1"):
        steps = rail[name][strip.gutter :]
        assert "·" not in steps
        assert [bool(steps[k * strip.wide :][: strip.wide].strip()) for k in range(7)] == [
            k == 2 for k in range(7)
        ]
    assert not rail["found"][strip.gutter :].strip()


@pytest.mark.parametrize("norm_first", [True, False])
def test_the_stream_is_tapped_and_joined(norm_first):
    lines = drawn(at(reverse(norm_first=norm_first), "block.attention.a"), rows=24)
    rail = dict(zip(names(lines), lines, strict=True))

    first = "norm1" if norm_first else "query"
    assert "┣━┓" in rail[first]
    assert "┃ ┃" in rail["value"]
    assert sum("⊕◀┛" in line for line in lines) == 2
    assert ("┣━┓" in rail["norm2"]) is norm_first
    assert "┃" in rail["place"]
    assert "┃" not in rail["output"]


def test_on_the_way_back_a_sum_is_a_fork_and_a_tap_is_a_sum():
    lines = drawn(at(reverse(), "block.half.grad.1"), rows=19)
    rail = dict(zip(names(lines), lines, strict=True))

    assert "⊕◀┓" in rail["norm1"]
    assert sum("┣━┛" in line for line in lines) == 2
    assert not any("⊕◀┛" in line for line in lines)


def test_the_stream_is_lit_as_far_as_it_is_computed():
    def lit(output, name):
        session = at(reverse(), output)
        lines = film_lines(moment(session))
        line = next(line for line in lines if name in plain(line)[:10])
        return [style for text, style in line if text.strip(" ") and set(text) <= set("┃┣━┓┛⊕◀ ")]

    assert lit("block.norm1.mean", "norm1") == ["accent", "faint"]
    assert lit("block.norm1.a", "norm1") == ["accent", "accent"]
    assert lit("output.a.grad", "norm2") == ["faint", "faint"]
    # The sum passes its gradient on past the half of the block before anything comes through it.
    assert lit("block.half.grad.1", "norm2") == ["backward bold", "faint"]
    assert lit("block.half.grad.2", "norm2")[0] == "backward bold"


def test_what_is_not_computed_yet_is_a_dot():
    lines = drawn(at(reverse(), "block.attention.query.z"))
    rows = dict(zip(names(lines), lines, strict=True))

    assert rows["key"].count("·") == 6
    assert rows["weights"].count("·") == 6
    assert "·" not in rows["query"]
    assert rows["query"].startswith("▸")


def test_gradients_fill_the_strip_from_below():
    lines = drawn(at(reverse(), "block.ff1.z.grad"))
    rows = dict(zip(names(lines), lines, strict=True))

    assert "∂z" in rows["ff1"]
    assert "·" not in rows["ff1"]
    assert rows["norm1"].count("·") == 6


def test_where_a_query_looks_most():
    session = at(reverse(), "block.attention.weights")
    lines = drawn(session)
    weights = next(line for line in lines if "weights" in line[:10])
    shares = session.frame.row("block.attention.weights")
    tokens = session.network.columns[0].tokens
    expected = []
    for query in range(6):
        row = shares[6 * query : 6 * query + 6]
        key = row.index(max(row))
        expected.append(f"{key + 1}{tokens[int(session.frame.value('x', key))]}")

    found = [each.rstrip("▁▂▃▄▅▆▇█") for each in weights.split("┃ ┃")[1].split()]
    assert found == expected


def test_numbers_of_heads_are_where_they_were_dealt_from():
    session = at(reverse(heads=2), "block.attention.value.heads.grad")
    lines = drawn(session)
    value = next(line for line in lines if "value" in line[:10])

    assert "∂v" in value
    assert "·" not in value


@pytest.mark.parametrize(("cells", "rows"), [(36, 9), (68, 19), (76, 9), (116, 33)])
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("output", ["block.attention.found", "block.attention.scores.grad"])
def test_it_stays_in_its_place(cells, rows, bare, output):
    for session in (reverse(heads=4, length=8), alone()):
        known = {info.output for info in session.network.ops}
        at(session, output if output in known else "look.weights")
        lines = film_lines(moment(session, cells=cells, rows=rows, bare=bare, focus=4))

        assert len(lines) <= rows
        assert max(map(width, lines)) <= cells


@pytest.mark.parametrize("focus", range(3, 11))
def test_a_half_of_a_block_is_in_view_whole_and_does_not_jump(focus):
    session = at(reverse(), "block.attention.weights")
    first = names(drawn(session, cells=76, rows=9, focus=3))

    assert names(drawn(session, cells=76, rows=9, focus=focus)) == first
    assert {"norm1", "query", "key", "value", "found", "out", "+"} <= set(first)


def test_without_colours_units_are_digits():
    lines = drawn(at(reverse(), "block.norm1.a"), cells=116, bare=True)

    assert not any("▀" in line for line in lines)
    assert any(character.isdigit() for character in lines[4][16:])
    narrow = drawn(at(reverse(length=5, samples=3), "block.norm1.a"), cells=76, bare=True)
    assert "norm1  1–2" in next(line for line in narrow if "norm1" in line)


def test_opened_in_a_large_window_a_part_has_a_line_for_each_unit():
    session = at(reverse(), "block.norm2.a")
    focus = session.network.columns.index(session.network.named("block.norm2"))
    lines = drawn(session, cells=116, rows=40, focus=focus)

    assert [f"n{k}" in " ".join(lines) for k in range(1, 9)] == [True] * 8


def test_networks_without_a_stream_are_as_they_were():
    network = stack().network

    assert not network.has_stream
    assert alone().network.has_stream is False


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_transformer_is_stepped_forward_and_back(size):
    app = app_of(at(reverse(), "block.attention.value.z"))
    async with app.run_test(size=size) as pilot:
        seen = []
        for _ in range(12):
            await pilot.press("n")
            seen.append(text_of(app))
        for before in reversed(seen[:-1]):
            await pilot.press("N")
            assert text_of(app) == before


@pytest.mark.asyncio
async def test_the_cursor_moves_from_part_to_part():
    session = at(reverse(), "block.norm1.a")
    network = session.network
    norm, query = (network.columns.index(network.named(f"block.{name}")) for name in
                   ("norm1", "attention.query"))  # fmt: skip
    app = app_of(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("l", "l")
        assert app.screen._chosen == Neuron(norm, network.columns[norm].unit((4, 0)))
        await pilot.press("pagedown")
        assert app.screen._chosen == Neuron(query, network.columns[query].unit((4, 0)))
        await pilot.press("j", "6")
        assert "block.attention.query q2 at time step 5" in text_of(app)
        assert "n1" in text_of(app)


@pytest.mark.asyncio
async def test_a_unit_is_chosen_with_the_mouse():
    session = at(reverse(), "block.norm1.a")
    app = app_of(session)
    async with app.run_test(size=(120, 36)) as pilot:
        view = app.screen.query_one(StripView)
        line = next(k for k, each in enumerate(view.lines) if "norm1" in plain(each))
        moments = view._moment(view.scene, *view._room)
        strip = moments.film
        await pilot.click(StripView, offset=(2 + strip.gutter + strip.wide + 1, line))

        column = session.network.columns.index(session.network.named("block.norm1"))
        assert app.screen._chosen == Neuron(column, session.network.columns[column].unit((1, 1)))


@pytest.mark.asyncio
async def test_an_op_repaints_little():
    app = app_of(at(reverse(), "block.norm2.a"))
    async with app.run_test(size=(120, 36)) as pilot:
        view = app.screen.query_one(StripView)
        before = list(view.lines)
        await pilot.press("n")
        changed = [k for k, line in enumerate(view.lines) if line != before[k]]

        assert 0 < len(changed) <= 4


@pytest.mark.asyncio
async def test_the_field_leaves_the_gradients_on_the_way_back():
    """A number comes from numbers, not from gradients: those are no answer, and stay."""
    app = app_of(at(reverse(), "block.attention.weights.grad"))

    def gradients():
        return [line[13:70] for line in text_of(app).splitlines() if " ∂" in line[8:13]]

    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("j", "j")
        before = gradients()
        assert any("█" in line or "▀" in line for line in before)
        await pilot.press("f")
        assert gradients() == before


def test_where_no_gradient_came_back_no_key_is_named():
    """Queries before the first that is asked have none."""
    lines = drawn(at(reverse(), "block.attention.scores.grad"))
    (line,) = [line for line in lines if " ∂qk " in line]
    _, _, gradients = line.partition("┃ ┃")

    assert gradients.split()[:3] == ["0", "0", "0"]
    assert gradients.split()[3].startswith("3b")
