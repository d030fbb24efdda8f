"""The picture of a flow: well-formed, told in words, and nothing in it that a page's policy forbids."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.drawing.mermaid import mermaid
from bot.drawing.svg import svg
from bot.language.check import check
from bot.language.graph import Graph, graph
from bot.language.known import Known

FLOWS = Path(__file__).parent.parent.parent.parent / "flows"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str) -> Graph:
    flow, _ = check((FLOWS / f"{name}.yaml").read_text(encoding="utf-8"), name, Known())
    assert flow is not None
    return graph(flow)


@pytest.mark.parametrize("name", ["summer-tea", "welcome-gift"])
def test_every_step_and_label_is_in_the_picture(name: str) -> None:
    shown = drawn(name)
    root = ET.fromstring(svg(shown))  # noqa: S314 (our own)
    steps = [int(group.attrib["data-step"]) for group in root.iter(f"{SVG}g")]
    assert steps == [node.index for node in shown.nodes]
    texts = {text.text for text in root.iter(f"{SVG}text")}
    assert {edge.label for edge in shown.edges if edge.label and len(edge.label) < 12} <= texts
    assert len([path for path in root.iter(f"{SVG}path") if "marker-end" in path.attrib]) == len(shown.edges)


def test_the_picture_is_told_in_words() -> None:
    root = ET.fromstring(svg(drawn("welcome-gift")))  # noqa: S314 (our own)
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.attrib["role"] == "img"
    assert title is not None and told is not None
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {told.attrib['id']}"
    assert title.text == "新朋友見面禮"
    assert "Step 2, send coupon “welcome-gift” leads to step 9 (limit reached)" in (told.text or "")


def test_all_of_it_lies_within_the_picture() -> None:
    root = ET.fromstring(svg(drawn("summer-tea")))  # noqa: S314 (our own)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for box in root.iter(f"{SVG}rect"):
        x, y = float(box.attrib["x"]), float(box.attrib["y"])
        assert 0 <= x <= width - float(box.attrib["width"])
        assert 0 <= y <= height - float(box.attrib["height"])


def test_nothing_in_it_runs_or_needs_a_style_sheet() -> None:
    hostile = graph_of_text('</text><script>alert("x")</script> & <b>')
    picture = svg(hostile, {0: "<i>12</i>"})
    ET.fromstring(picture)  # noqa: S314 (our own)
    assert "<script" not in picture
    assert "style=" not in picture and "<style" not in picture
    assert "&lt;i&gt;12&lt;/i&gt;" in picture


def graph_of_text(words: str) -> Graph:
    shown = drawn("welcome-gift")
    return replace(shown, nodes=tuple(replace(node, text=words) for node in shown.nodes))


def test_a_mermaid_chart_has_a_line_for_each_step_and_way() -> None:
    shown = drawn("welcome-gift")
    lines = mermaid(shown).splitlines()
    assert lines[:4] == ["---", 'title: "新朋友見面禮"', "---", "flowchart TD"]
    assert len(lines) == 4 + len(shown.nodes) + len(shown.edges)
    assert '  s1 --> |"我有問題"| s5' in lines
    assert '  s2[["send coupon<br/>welcome-gift"]]' in lines


def test_what_mermaid_would_take_for_its_own_is_escaped() -> None:
    line = next(line for line in mermaid(graph_of_text('a "b" <c> #d')).splitlines() if line.startswith("  s1("))
    assert line == '  s1("ask · greet<br/>a #quot;b#quot; #lt;c#gt; #35;d")'
