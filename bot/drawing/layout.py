"""Where the nodes and edges of a graph stand: layers from top to bottom, as few crossings as a few sweeps find.

A pure function, always the same for the same graph. The steps are Sugiyama's: turn round what runs in circles, give
layers, let long edges pass through every layer between, order each layer by its neighbours' middle, and then place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12

Pair = tuple[int, int]
Chains = dict[Pair, list[int]]


@dataclass(frozen=True)
class Layout:
    """The place of each node as (column, layer), and for each edge all the places it runs through, ends included."""

    places: dict[int, tuple[float, int]]
    ways: dict[Pair, tuple[tuple[float, int], ...]]

    @property
    def columns(self) -> float:
        """The column furthest to the right."""
        return max((x for way in (self.places.values(), *self.ways.values()) for x, _ in way), default=0.0)

    @property
    def layers(self) -> int:
        """How many layers there are."""
        return max((layer for _, layer in self.places.values()), default=-1) + 1


def layout(nodes: Sequence[int], edges: Sequence[Pair]) -> Layout:
    """Place `nodes`, the first at the top. An edge that runs upwards has its way from below to above."""
    upward = _upward(nodes, edges)
    down = list(
        dict.fromkeys(
            (target, source) if (source, target) in upward else (source, target)
            for source, target in edges
            if source != target
        )
    )
    layers = _layers(nodes, down)
    rows, chains = _rows(nodes, down, layers)
    neighbours = _neighbours(chains)
    _order(rows, neighbours)
    columns = _columns(rows, neighbours)
    level = {node: number for number, row in enumerate(rows) for node in row}
    ways = {}
    for source, target in edges:
        chain = (
            chains[target, source][::-1]
            if (source, target) in upward
            else chains.get((source, target), [source, target])
        )
        ways[source, target] = tuple((columns[node], level[node]) for node in chain)
    return Layout({node: (columns[node], level[node]) for node in nodes}, ways)


def _upward(nodes: Sequence[int], edges: Sequence[Pair]) -> set[Pair]:
    """The edges that close a circle, as a walk from the first node (then from any that is left) meets them."""
    after: dict[int, list[int]] = {node: [target for source, target in edges if source == node] for node in nodes}
    found, done = set[Pair](), set[int]()
    for root in nodes:
        path: list[tuple[int, list[int]]] = [] if root in done else [(root, list(after[root]))]
        on_path = {root} if path else set[int]()
        while path:
            node, ahead = path[-1]
            if not ahead:
                path.pop()
                on_path.discard(node)
                done.add(node)
                continue
            target = ahead.pop(0)
            if target in on_path:
                found.add((node, target))
            elif target not in done:
                path.append((target, list(after[target])))
                on_path.add(target)
    return {edge for edge in found if edge[0] != edge[1]}


def _layers(nodes: Sequence[int], down: Iterable[Pair]) -> dict[int, int]:
    """Each node one below the lowest that leads to it."""
    edges, layers = list(down), dict.fromkeys(nodes, 0)
    for _ in nodes:
        lower = {target: layers[source] + 1 for source, target in edges if layers[source] + 1 > layers[target]}
        if not lower:
            break
        for source, target in edges:
            layers[target] = max(layers[target], layers[source] + 1)
    return layers


def _rows(nodes: Sequence[int], down: Sequence[Pair], layers: dict[int, int]) -> tuple[list[list[int]], Chains]:
    """The layers with their nodes, and each edge as the chain of nodes and passages that it runs through."""
    rows: list[list[int]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for node in nodes:
        rows[layers[node]].append(node)
    chains: Chains = {}
    passage = max(nodes, default=0)
    for source, target in down:
        chain = [source]
        for layer in range(layers[source] + 1, layers[target]):
            passage += 1
            rows[layer].append(passage)
            chain.append(passage)
        chains[source, target] = [*chain, target]
    return rows, chains


def _neighbours(chains: Chains) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """What stands right above and right below each node and passage."""
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    return above, below


def _order(rows: list[list[int]], neighbours: tuple[dict[int, list[int]], dict[int, list[int]]]) -> None:
    """Sort each row by the middle of its neighbours, downwards and upwards in turn."""
    for sweep in range(SWEEPS):
        near = neighbours[sweep % 2]
        for row in rows if sweep % 2 == 0 else reversed(rows):
            at = {node: number for other in rows for number, node in enumerate(other)}
            middle = {node: _mean([at[other] for other in near.get(node, [])], at[node]) for node in row}
            row.sort(key=lambda node: (middle[node], at[node]))


def _columns(rows: list[list[int]], neighbours: tuple[dict[int, list[int]], dict[int, list[int]]]) -> dict[int, float]:
    """A column for each, near the middle of what it is joined to, at least one apart in each row."""
    columns = {node: float(number) for row in rows for number, node in enumerate(row)}
    for sweep in range(SWEEPS):
        near = neighbours[sweep % 2]
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [_mean([columns[other] for other in near.get(node, [])], columns[node]) for node in row]
            columns.update(zip(row, _apart(wanted), strict=True))
    least = min(columns.values(), default=0.0)
    return {node: round(column - least, 3) for node, column in columns.items()}


def _apart(wanted: Sequence[float]) -> list[float]:
    """Columns near those wanted, in order and one apart: the middle between pushing right and pushing left."""
    right: list[float] = []
    for column in wanted:
        right.append(max(column, right[-1] + 1) if right else column)
    left: list[float] = []
    for column in reversed(wanted):
        left.append(min(column, left[-1] - 1) if left else column)
    return [(one + other) / 2 for one, other in zip(right, reversed(left), strict=True)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
