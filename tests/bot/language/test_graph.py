"""A flow as a graph: every step, and every way with its label."""

from pathlib import Path

import pytest

from bot.language import ways
from bot.language.check import check
from bot.language.graph import END, START, graph
from bot.language.known import Known
from bot.language.model import Flow

FLOWS = Path(__file__).parent.parent.parent.parent / "flows"
HEAD = "flow: tea\nlanguages: [zh-Hant, en]\nstarts: [follow, {words: [tea]}, {ref: poster}]\nsteps:\n"


def read(steps: str) -> Flow:
    flow, mistakes = check(HEAD + steps, "tea.yaml", Known())
    assert flow is not None, [str(mistake) for mistake in mistakes]
    return flow


def edges(steps: str) -> set[tuple[int, int, str]]:
    return {(edge.source, edge.target, edge.label) for edge in graph(read(steps)).edges}


def test_the_start_leads_to_the_first_step_and_the_last_to_the_end() -> None:
    drawn = graph(read("  - say: {zh-Hant: 您好, en: Hello}\n"))
    assert [(node.index, node.kind, node.text) for node in drawn.nodes] == [
        (START, "starts", "follow, tea, ref: poster"),
        (0, "say", "您好"),
        (END, "end", ""),
    ]
    assert [(edge.source, edge.target) for edge in drawn.edges] == [(START, 0), (0, END)]


def test_choices_lead_with_their_labels() -> None:
    steps = """\
  - ask: {text: a, choices: [{label: 紅, go: b}, 綠, 白], timeout: {after: 2 hours, go: b}}
  - end: true
  - {id: b, say: b}
"""
    assert edges(steps) == {(START, 0, ""), (0, 2, "紅 / after 2 hours"), (0, 1, "綠 / 白"), (2, END, "")}


def test_conditions_refusals_lots_and_waits_have_labels() -> None:
    steps = """\
  - if: {tag: vip}
    then: b
  - send_coupon: {campaign: tea, text: a, button: b, refused: {sold_out: b, otherwise: b}}
  - wait: {until: [opened, redeemed], timeout: {after: 1 day, go: b}}
  - random: [{weight: 3, go: b}, {go: c}]
  - {id: b, say: b}
  - {id: c, say: c}
"""
    assert edges(steps) - {(START, 0, "")} == {
        (0, 4, "then"),
        (0, 1, "else"),
        (1, 4, "sold out / otherwise"),
        (1, 2, "sent"),
        (2, 4, "after 1 day"),
        (2, 3, "opened / redeemed"),
        (3, 4, "75 %"),
        (3, 5, "25 %"),
        (4, 5, ""),
        (5, END, ""),
    }


def test_a_step_that_says_nothing_shows_its_parts() -> None:
    steps = """\
  - if: {all: [{tag: vip}, {channel: line}]}
    then: b
  - {id: b, set: {taste: sweet}}
  - tag: tea
"""
    texts = {node.kind: node.text for node in graph(read(steps)).nodes}
    assert texts["if"] == "all: [{tag: vip}, {channel: line}]"
    assert (texts["set"], texts["tag"]) == ("taste: sweet", "tea")


def test_a_long_text_is_cut() -> None:
    (_, node, _) = graph(read(f"  - say: {'很長的話 ' * 50}\n")).nodes
    assert len(node.text) <= 80
    assert node.text.endswith("…")


@pytest.mark.parametrize("name", ["summer-tea", "welcome-gift"])
def test_every_way_of_an_example_is_drawn(name: str) -> None:
    flow, _ = check((FLOWS / f"{name}.yaml").read_text(encoding="utf-8"), name, Known())
    assert flow is not None
    drawn = {(edge.source, edge.target) for edge in graph(flow).edges}
    expected = {(index, following) for index in range(len(flow.steps)) for following in ways.next_steps(flow, index)}
    assert {edge for edge in drawn if min(edge) >= 0} == expected


def test_a_moment_is_drawn_with_those_for_whom_it_comes() -> None:
    text = (
        "flow: xmas\nstarts:\n  - at: 2026-12-24 10:00\n    with: {tag: [vip, gold], channel: line}\n  - words: gift\n"
        "steps:\n  - say: hi\n"
    )
    flow, _ = check(text, "xmas.yaml", Known())
    assert flow is not None
    assert graph(flow).nodes[0].text == "2026-12-24 10:00 (tag: vip, gold, channel: line), gift"
