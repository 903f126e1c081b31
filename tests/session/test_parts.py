"""The parts of a transformer as columns: what they are, and whose a number is."""

import pytest

from tests.ui.transformers import alone, reverse

BRANCH = [
    ("block.norm1", "tap"),
    ("block.attention.query", "branch"),
    ("block.attention.key", "branch"),
    ("block.attention.value", "branch"),
    ("block.attention.weights", "branch"),
    ("block.attention.found", "branch"),
    ("block.attention.out", "branch"),
    ("block.half", "join"),
    ("block.norm2", "tap"),
    ("block.ff1", "branch"),
    ("block.ff2", "branch"),
    ("block", "join"),
]
AFTER = [
    ("block.attention.query", "tap"),
    ("block.attention.key", "branch"),
    ("block.attention.value", "branch"),
    ("block.attention.weights", "branch"),
    ("block.attention.found", "branch"),
    ("block.attention.out", "branch"),
    ("block.norm1.x", "join"),
    ("block.norm1", "stream"),
    ("block.ff1", "tap"),
    ("block.ff2", "branch"),
    ("block.norm2.x", "join"),
    ("block.norm2", "stream"),
]


@pytest.mark.parametrize(("norm_first", "expected"), [(True, BRANCH), (False, AFTER)])
def test_a_block_is_a_column_for_each_part(norm_first, expected):
    network = reverse(norm_first=norm_first).network

    assert [(c.name, c.rail) for c in network.columns[3:-1]] == expected
    assert [c.rail for c in network.columns[:3]] == ["", "", "stream"]
    assert network.layers == ("embedding", "place", "block", "output")


def test_every_op_belongs_to_a_column_of_its_layer():
    for session in (reverse(heads=2, causal=True), reverse(norm_first=False), alone()):
        network = session.network
        for op in network.ops:
            if op.phase == "forward":
                assert network.columns[network.column_of(op.output)].layer == op.layer, op.output


def test_parameters_are_those_of_one_part_each():
    network = reverse().network
    owned = [name for column in network.columns for name in column.parameters]

    assert sorted(owned) == sorted(network.parameters)
    assert network.named("block.ff1").parameters == ("block.ff1.weight", "block.ff1.bias")
    assert network.named("block.ff1").activation == "relu"
    assert network.named("block.ff2").activation == "linear"


def test_an_attention_alone_is_made_of_parts_without_a_stream():
    columns = alone().network.columns[1:-1]

    assert [c.short for c in columns] == ["query", "key", "value", "weights", "found", "out"]
    assert {c.rail for c in columns} == {""}


def test_weights_of_an_attention_are_by_head_query_and_key():
    column = reverse(heads=2).network.named("block.attention.weights")

    assert column.shape == (2, 6, 6)
    assert column.is_attention
    assert not column.is_map
    assert column.masked == ""
    assert reverse(causal=True).network.named(column.name).masked == "block.attention.masked"
    for index in ((0, 0, 0), (1, 3, 5)):
        unit = column.unit(index)
        assert column.index(unit) == index
        assert column.when(unit) == index[1] + 1
        assert column.at(index[1], column.feature(unit)) == unit
        assert column.own("block.attention.scores.grad", index) == unit
    assert column.called(column.unit((1, 3, 5))) == "block head 2, query 4, key 6"


def test_numbers_dealt_out_among_heads_are_of_the_feature_they_come_from():
    column = reverse(heads=2).network.named("block.attention.value")
    unit = column.unit((3, 5))

    assert column.own("block.attention.value.heads", (1, 3, 1)) == unit
    assert column.place("block.attention.value.heads.grad", unit)[1] == (1, 3, 1)
    assert column.place("block.attention.value.z", unit)[1] == (3, 5)


def test_all_ways_by_which_a_gradient_comes_back_are_rows():
    network = reverse().network
    labels = {c.name: [row.label for row in c.rows if row.gradient] for c in network.columns}

    assert labels["block.norm1"] == ["∂₁", "∂₂", "∂₃", "∂a", "∂x̂"]
    assert labels["block.half"] == ["∂₁", "∂₂", "∂r"]
    assert labels["place"] == ["∂₁", "∂₂", "∂a"]
    assert labels["block.ff1"] == ["∂a", "∂z"]


def test_the_weights_of_a_neuron_are_those_it_is_made_with():
    session = reverse()
    network = session.network
    numbers = {column.name: k for k, column in enumerate(network.columns)}

    def cells(name, index):
        unit = network.named(name).unit(index)
        return [row.cell.index for row in session.reader.column_rows(numbers[name], unit)]

    assert cells("place", (2, 5)) == [(2, 5)]
    assert cells("embedding", (2, 5)) == [(token, 5) for token in range(5)]
    assert cells("block.attention.key", (1, 2)) == [*((2, k) for k in range(8)), (2,)]
    assert network.before(numbers["block.attention.key"]).name == "block.norm1"
    assert network.before(numbers["block.ff1"]).name == "block.norm2"


@pytest.mark.parametrize(
    ("output", "name"),
    [
        ("block.attention.query.z", "q3 at time step 2"),
        ("block.attention.query.heads", "head 2, time step 1, unit 3"),
        ("block.attention.scores", "head 1, query 2, key 5"),
        ("block.attention.masked.grad", "head 1, query 2, key 5"),
        ("block.attention.joined", "f3 at time step 2"),
        ("block.norm2.mean", "time step 6"),
    ],
)
def test_elements_are_called_by_what_they_are(output, name):
    session = reverse(heads=2, causal=True)
    info = next(info for info in session.network.ops if info.output == output)
    session.cursor.jump(info.number)
    element = {"q3": 10, "f3": 10, "head 2,": 26, "head 1,": 10, "time st": 5}
    number = next(k for start, k in element.items() if name.startswith(start))
    session.cursor.depth = session.cursor.depth.ELEMENT
    session.cursor.jump(info.number - 1)
    for _ in range(number + 1):
        session.cursor.forward()

    assert session.frame.explanation.name == f"{output}[{name}]"


def test_with_a_position_chosen_every_op_of_the_block_is_shown_there():
    session = reverse(heads=2)
    column = session.network.named("block.attention.weights")
    session.reader.focus = (column.name, column.unit((1, 4, 2)))
    shown = {}
    for info in session.network.ops:
        if info.phase == "forward" and info.layer == "block":
            session.cursor.jump(info.number)
            shown[info.output.removeprefix("block.")] = session.frame.explanation.name

    assert shown["norm1.mean"] == "block.norm1.mean[time step 5]"
    assert shown["attention.query.z"] == "block.attention.query.z[q5 at time step 5]"
    assert shown["attention.scores"] == "block.attention.scores[head 2, query 5, key 3]"
    assert shown["attention.found"] == "block.attention.found[head 2, time step 5, unit 1]"
    assert shown["a"] == "block.a[b1 at time step 5]"
