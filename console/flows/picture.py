"""A flow's graph for a page: the picture with counts at its steps, and the same as rows of a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from bot.drawing.svg import svg
from bot.language.graph import Node, graph
from bot.language.model import Flow
from core.flow_figures import Figures
from web.words import say


@dataclass(frozen=True)
class Step:
    """A step of the graph with its figures."""

    node: Node
    figures: Figures


def drawn(flow: Flow, figures: Mapping[int, Figures] | None = None, here: int | None = None) -> Markup:
    """The picture. `here` is the step that a conversation stands at."""
    notes = {place: _note(found) for place, found in (figures or {}).items()}
    if here is not None:
        notes[here] = say("▼ 在這裡", "▼ here")
    return Markup(svg(graph(flow), notes, here))  # noqa: S704 (our own drawing, which escapes every text)


def steps(flow: Flow, figures: Mapping[int, Figures]) -> list[Step]:
    """The flow's steps in the order of its text."""
    return [Step(node, figures.get(node.index, Figures())) for node in graph(flow).nodes if node.index >= 0]


def _note(figures: Figures) -> str:
    parts = [f"{figures.ran:,}\N{MULTIPLICATION SIGN}"]
    if figures.standing:
        parts.append(say(f"{figures.standing:,} 人在此", f"{figures.standing:,} here"))
    if figures.silent:
        parts.append(say(f"{figures.silent:,} 人離開", f"{figures.silent:,} left"))
    if figures.stopped:
        parts.append(say(f"{figures.stopped:,} 人中斷", f"{figures.stopped:,} stopped"))
    return " · ".join(parts)
