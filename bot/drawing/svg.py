"""A flow's graph as an SVG picture, with a title and a text for who cannot see it.

Only attributes, no style sheet and no script: it can stand in a page whose policy allows neither.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from types import MappingProxyType

from bot.drawing.layout import layout
from bot.language.graph import END, START, Edge, Graph, Node

WIDTH, HEIGHT = 216, 68  # of a node
BESIDE, BELOW, MARGIN = 28, 64, 24  # between nodes, and around all
FONT = "system-ui, 'Noto Sans TC', 'Noto Sans CJK TC', sans-serif"
LINE = 28  # half-width characters in a line of a node; a Chinese one takes two
NEVER_FIRST = "，。、！？：；）」』…,.!?:;)"  # in a line
# kind -> the colour of its border and of its ground, dark enough on light for small text.
COLOURS = {
    "starts": ("#0f766e", "#f0fdfa"),
    "ask": ("#1d4ed8", "#eff6ff"),
    "if": ("#7c3aed", "#f5f3ff"),
    "send_coupon": ("#b45309", "#fffbeb"),
    "wait": ("#be185d", "#fdf2f8"),
    "hand_over": ("#b91c1c", "#fef2f2"),
    "end": ("#475569", "#f1f5f9"),
}
OTHERS = ("#475569", "#ffffff")

Point = tuple[float, float]


def svg(graph: Graph, notes: Mapping[int, str] = MappingProxyType({}), here: int | None = None) -> str:
    """The picture. `notes` are short words at a step's corner, such as how many customers stand there.

    The step `here` is marked.
    """
    found = layout([node.index for node in graph.nodes], [(edge.source, edge.target) for edge in graph.edges])
    width = 2 * MARGIN + WIDTH + found.columns * (WIDTH + BESIDE)
    height = 2 * MARGIN + HEIGHT + max(found.layers - 1, 0) * (HEIGHT + BELOW)
    name = f"flow-{graph.name}"
    ways = [(edge, [_middle(place) for place in found.ways[edge.source, edge.target]]) for edge in graph.edges]
    parts = [
        _opening(name, width, height),
        f'<title id="{name}-title">{escape(graph.title or graph.name)}</title>',
        f'<desc id="{name}-text">{escape(" ".join(sentences(graph)))}</desc>',
        f"<defs>{_arrow(f'{name}-arrow')}</defs>",
        *(_line(points, f"{name}-arrow") for _, points in ways),
        *(
            _box(node, _middle(found.places[node.index]), notes.get(node.index, ""), is_here=node.index == here)
            for node in graph.nodes
        ),
        *(_label(edge.label, points) for edge, points in ways if edge.label),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _opening(name: str, width: float, height: float) -> str:
    size = f'viewBox="0 0 {_number(width)} {_number(height)}" width="{_number(width)}" height="{_number(height)}"'
    spoken = f'role="img" aria-labelledby="{name}-title {name}-text"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {spoken} font-family="{FONT}" font-size="13">'


def _arrow(name: str) -> str:
    size = 'viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
    return f'<marker id="{name}" {size}><path d="M0 0 8 4 0 8z" fill="#64748b"/></marker>'


def sentences(graph: Graph) -> Iterator[str]:
    """The graph in words, a sentence a step: what it is and where it leads."""
    for node in graph.nodes:
        ways = [edge for edge in graph.edges if edge.source == node.index]
        leads = ", ".join(_way(edge) for edge in ways)
        text = f" “{node.text}”" if node.text else ""
        yield f"{_named(node)}{text}{f' leads to {leads}' if leads else ''}."


def _way(edge: Edge) -> str:
    target = {START: "the start", END: "the end"}.get(edge.target, f"step {edge.target + 1}")
    return f"{target} ({edge.label})" if edge.label else target


def _named(node: Node) -> str:
    if node.index == START:
        return "The start"
    if node.index == END:
        return "The end"
    return f"Step {node.index + 1}{f' {node.id}' if node.id else ''}, {node.kind.replace('_', ' ')}"


def _middle(place: tuple[float, int]) -> Point:
    column, layer = place
    return MARGIN + WIDTH / 2 + column * (WIDTH + BESIDE), MARGIN + HEIGHT / 2 + layer * (HEIGHT + BELOW)


def _box(node: Node, middle: Point, note: str, *, is_here: bool = False) -> str:
    border, ground = COLOURS.get(node.kind, OTHERS)
    x, y = middle[0] - WIDTH / 2, middle[1] - HEIGHT / 2
    radius = 24 if node.index < 0 or node.kind == "end" else 8
    head = node.kind.replace("_", " ") + (f" · {node.id}" if node.id else "")
    lines = _lines(node.text)
    top = middle[1] + 5 - 8.5 * len(lines)
    texts = [_text(head, (middle[0], top), f'font-weight="600" fill="{border}"')]
    texts += [_text(line, (middle[0], top + 17 * place), 'fill="#0f172a"') for place, line in enumerate(lines, 1)]
    if note:
        texts.append(_text(note, (x + WIDTH - 8, y - 4), 'fill="#0f172a" font-size="12"', "end"))
    mark, width = (' data-here="true"', "5") if is_here else ("", "1.5")
    return (
        f'<g data-step="{node.index}"{mark}><rect x="{_number(x)}" y="{_number(y)}" width="{WIDTH}" height="{HEIGHT}"'
        f' rx="{_number(radius)}" fill="{ground}" stroke="{border}" stroke-width="{width}"/>{"".join(texts)}</g>'
    )


def _text(words: str, at: Point, attributes: str, anchor: str = "middle") -> str:
    place = f'x="{_number(at[0])}" y="{_number(at[1])}" text-anchor="{anchor}"'
    return f"<text {place} {attributes}>{escape(words)}</text>"


def _line(points: Sequence[Point], marker: str) -> str:
    """A curve from the lower edge of the source to the upper edge of the target; a way up, from upper to lower."""
    if points[0] == points[-1]:
        return _loop(points[0], marker)
    half = HEIGHT / 2 if points[0][1] < points[-1][1] else -HEIGHT / 2
    ends = [(points[0][0], points[0][1] + half), *points[1:-1], (points[-1][0], points[-1][1] - half)]
    path = f"M{_pair(ends[0])}"
    for (x, y), (to_x, to_y) in pairwise(ends):
        bend = (to_y - y) / 2
        path += f"C{_pair((x, y + bend))} {_pair((to_x, to_y - bend))} {_pair((to_x, to_y))}"
    return _path(path, marker)


def _loop(middle: Point, marker: str) -> str:
    """A way from a step back to itself, at its right side."""
    x, y = middle[0] + WIDTH / 2, middle[1]
    return _path(
        f"M{_pair((x, y - 12))}C{_pair((x + 24, y - 20))} {_pair((x + 24, y + 20))} {_pair((x, y + 12))}", marker
    )


def _path(path: str, marker: str) -> str:
    return f'<path d="{path}" fill="none" stroke="#64748b" stroke-width="1.5" marker-end="url(#{marker})"/>'


def _label(words: str, points: Sequence[Point]) -> str:
    """The label where the ways out of one step have parted; a white rim keeps it readable over lines."""
    (x, y), (to_x, to_y) = points[0], points[min(1, len(points) - 1)]
    at = (x + (to_x - x) * 0.64, y + (to_y - y) * 0.56 + 4)
    rim = 'fill="#334155" font-size="12" stroke="#ffffff" stroke-width="4" paint-order="stroke"'
    return _text(_cut(words, LINE - 4), at, rim)


def _lines(words: str) -> list[str]:
    """The words in at most two lines, broken at a space where there is one near the line's end."""
    first = _fitting(words, LINE)
    if len(first) == len(words):
        return [words] if words else []
    at = first.rfind(" ") if first.rfind(" ") > len(first) * 0.6 else len(first)
    at -= words[at] in NEVER_FIRST
    return [words[:at], _cut(words[at:].strip(), LINE)]


def _cut(words: str, size: int) -> str:
    return words if _width(words) <= size else _fitting(words, size - 1).rstrip() + "…"


def _fitting(words: str, size: int) -> str:
    used = 0
    for place, character in enumerate(words):
        used += _width(character)
        if used > size:
            return words[:place]
    return words


def _width(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in words)


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
