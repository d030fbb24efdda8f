"""A flow's graph as a Mermaid flowchart: text that GitHub and many editors show as a picture."""

from bot.language.graph import END, START, Edge, Graph, Node

# The shape says the kind: what is asked is rounded, what is decided a rhombus, where it starts and ends an oval.
_SHAPES = {
    "starts": ("([", "])"),
    "end": ("([", "])"),
    "ask": ("(", ")"),
    "if": ("{", "}"),
    "send_coupon": ("[[", "]]"),
}


def mermaid(graph: Graph) -> str:
    """The chart, with a title and one line a node and an edge; ends with a line break."""
    head = ["---", f"title: {_quoted(graph.title or graph.name)}", "---", "flowchart TD"]
    nodes = [f"  {_name(node.index)}{_shaped(node)}" for node in graph.nodes]
    return "\n".join([*head, *nodes, *(f"  {_arrow(edge)}" for edge in graph.edges)]) + "\n"


def _name(index: int) -> str:
    return {START: "start", END: "finish"}.get(index, f"s{index + 1}")


def _shaped(node: Node) -> str:
    opening, closing = _SHAPES.get(node.kind, ("[", "]"))
    kind = node.kind.replace("_", " ") + (f" · {node.id}" if node.id else "")
    return f"{opening}{_quoted('<br/>'.join(filter(None, (_escaped(kind), _escaped(node.text)))))}{closing}"


def _arrow(edge: Edge) -> str:
    label = f"|{_quoted(_escaped(edge.label))}| " if edge.label else ""
    return f"{_name(edge.source)} --> {label}{_name(edge.target)}"


def _escaped(words: str) -> str:
    """Nothing that Mermaid or HTML would take for its own: they know characters by name, #quot; for a quote."""
    return words.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def _quoted(words: str) -> str:
    return '"' + words.replace('"', "'").replace("\n", " ") + '"'
