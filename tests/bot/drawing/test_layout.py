"""Where nodes stand: apart from one another, each below what leads to it, and always the same."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.drawing.layout import layout

GRAPHS = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.just(list(range(size))),
        st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=25, unique=True),
    )
)


def test_a_row_of_steps_stands_in_one_column() -> None:
    found = layout([0, 1, 2], [(0, 1), (1, 2)])
    assert found.places == {0: (0, 0), 1: (0, 1), 2: (0, 2)}


def test_two_ways_stand_side_by_side_and_meet_again() -> None:
    found = layout([0, 1, 2, 3], [(0, 1), (0, 2), (1, 3), (2, 3)])
    assert found.places[1][0] != found.places[2][0]
    assert found.places[0][0] == found.places[3][0]
    assert (found.layers, found.columns) == (3, 1)


def test_a_long_way_passes_beside_the_steps_between() -> None:
    found = layout([0, 1, 2], [(0, 1), (1, 2), (0, 2)])
    (_, passage, _) = found.ways[0, 2]
    assert passage[1] == 1
    assert abs(passage[0] - found.places[1][0]) >= 1


@given(GRAPHS)
def test_nothing_stands_on_anything_else_and_ways_lead_from_layer_to_layer(
    drawn: tuple[list[int], list[tuple[int, int]]],
) -> None:
    nodes, edges = drawn
    found = layout(nodes, edges)
    assert found == layout(nodes, edges)
    spots = {*found.places.values(), *(place for way in found.ways.values() for place in way[1:-1])}
    for layer in range(found.layers):
        columns = sorted(column for column, its in spots if its == layer)
        assert all(right - left >= 0.99 for left, right in pairwise(columns))
    for (source, target), way in found.ways.items():
        assert (way[0], way[-1]) == (found.places[source], found.places[target])
        steps = {lower[1] - upper[1] for upper, lower in pairwise(way)}
        assert steps in ({1}, {-1}) or source == target
