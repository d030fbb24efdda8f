"""A flow as a graph: a node a step, an edge a way that a conversation can take. `bot/drawing/` draws it."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from bot.language import model, texts, walk, ways
from bot.language.model import Flow
from bot.language.source import Path

START, END = -1, -2  # what starts the flow, and the end of a flow whose last step just ends
LONGEST = 80  # characters of a step's text that a drawing needs


@dataclass(frozen=True)
class Node:
    """A step by its index (or START, END): its kind, its id where it has one, and the beginning of its text."""

    index: int
    kind: str
    id: str
    text: str


@dataclass(frozen=True)
class Edge:
    """A way from one step to another; the label says when it is taken, and is empty where nothing needs saying."""

    source: int
    target: int
    label: str


@dataclass(frozen=True)
class Graph:
    """All nodes and edges, in the order of the file."""

    name: str
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(flow: Flow) -> Graph:
    """The flow's graph. A way to a step that is not there is left out: `check` tells of it."""
    nodes = [Node(START, "starts", "", _starts(flow)), *(_node(flow, index) for index in range(len(flow.steps)))]
    edges = [edge for index in range(len(flow.steps)) for edge in _edges(flow, index)]
    if any(edge.target == END for edge in edges):
        nodes.append(Node(END, "end", "", ""))
    return Graph(flow.flow, flow.title, tuple(nodes), (Edge(START, 0, ""), *_joined(edges)))


def _node(flow: Flow, index: int) -> Node:
    step = flow.steps[index]
    return Node(index, model.kind_of(step) or "", step.id or "", _beginning(_words(flow, index)))


def _words(flow: Flow, index: int) -> str:
    """What the step says in the flow's first language; of a step that says nothing, its parts."""
    said = [text for text in walk.texts_of(flow) if text.step == index and text.use.endswith("text")]
    if said and not isinstance(flow.steps[index], model.SendCoupon):
        return _first(flow, said[0].words)
    step = flow.steps[index].model_dump(mode="json", by_alias=True, exclude_unset=True)
    value = step.get(model.kind_of(flow.steps[index]) or "")
    value = value.get("campaign", value) if isinstance(value, dict) else value
    return "" if value is True else _plain(value)


def _plain(value: object) -> str:
    """Plain data in one line, as a marketer would write it."""
    if isinstance(value, str):
        return value
    written = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10_000).strip()
    return written.removesuffix("...").strip().removeprefix("{").removesuffix("}")


def _beginning(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def _starts(flow: Flow) -> str:
    given = [start.model_dump(mode="json", by_alias=True, exclude_unset=True) for start in flow.starts]
    return _beginning(
        ", ".join(_start(name, value, start) for start in given for name, value in start.items() if name != "with")
    )


def _start(name: str, value: object, start: dict[str, object]) -> str:
    if value is True:
        return name
    if name == "at":
        parts = start["with"].items() if isinstance(start["with"], dict) else ()
        return f"{value} ({', '.join(_start(part, given, {}) for part, given in parts)})"
    listed = ", ".join(map(str, value)) if isinstance(value, list) else _plain(value)
    return listed if name == "words" else f"{name}: {listed}"


def _edges(flow: Flow, index: int) -> Iterator[Edge]:
    step, indices = flow.steps[index], flow.indices
    for path, target in ways.ways_of(step):
        if target in indices:
            yield Edge(index, indices[target], _label(flow, step, path))
    if ways.goes_on(step):
        yield Edge(index, index + 1 if index + 1 < len(flow.steps) else END, _on(flow, step))


def _label(flow: Flow, step: model.AnyStep, path: Path) -> str:
    """When the way that is written at `path` is taken: the choice, the refusal, the share, `then` or `else`."""
    number = next((part for part in path if isinstance(part, int)), 0)
    if isinstance(step, model.Go):
        return ""
    if isinstance(step, model.Ask) and "choices" in path:
        return _first(flow, step.ask.choices[number].label)
    if isinstance(step, model.Random):
        whole = sum(branch.weight for branch in step.random)
        return f"{100 * step.random[number].weight / whole:.3g} %"
    if "timeout" in path:
        return f"after {_timeout(step)}"
    if "tries" in path:
        return "no answer fits"
    return str(path[-1]).replace("_", " ")


def _on(flow: Flow, step: model.AnyStep) -> str:
    """When the next step of the file is the way."""
    if isinstance(step, model.If):
        return "else"
    if isinstance(step, model.SendCoupon):
        return "sent"
    if isinstance(step, model.Wait):
        return " / ".join(step.wait.happens)
    if isinstance(step, model.Ask) and any(choice.go for choice in step.ask.choices):
        return " / ".join(_first(flow, choice.label) for choice in step.ask.choices if not choice.go)
    return ""


def _timeout(step: model.AnyStep) -> str:
    part = step.ask if isinstance(step, model.Ask) else step.wait if isinstance(step, model.Wait) else None
    return part.timeout.after if part and part.timeout else ""


def _first(flow: Flow, words: model.Words) -> str:
    return texts.chosen(words, flow.languages[0], flow.languages)


def _joined(edges: list[Edge]) -> Iterator[Edge]:
    """Ways between the same two steps become one, with both labels."""
    labels: dict[tuple[int, int], list[str]] = {}
    for edge in edges:
        labels.setdefault((edge.source, edge.target), []).append(edge.label)
    for (source, target), said in labels.items():
        yield Edge(source, target, " / ".join(dict.fromkeys(filter(None, said))))
