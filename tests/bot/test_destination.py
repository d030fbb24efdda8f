from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from bot import destination, engine
from bot.destination import Standpoint
from bot.engine import Event, Said, Started
from bot.events import Inbound, Kind
from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow
from tests.bot.talk import NOW, Library

LUCK = 7
FLOWS = {
    "tea": "starts: [{words: [tea]}, {contains: [cup]}, {follow: true}]\nsteps: [{ask: {keep: which, text: 'Which?'}}]",
    "size": "starts: [{words: [size]}]\nsteps: [{ask: {keep: size, text: 'How big?', choices: [big, tea]}}]",
    "other": "starts: [{otherwise: true}]\nsteps: [say: 'Pardon?']",
}
TEA, SIZE, OTHER = 1, 2, 3


@dataclass(frozen=True)
class Version:
    version_id: int
    flow: Flow


def read(name: str) -> Flow:
    flow, mistakes = check(f"flow: {name}\nlanguages: [en]\n{FLOWS[name]}\n", f"{name}.yaml", Known())
    assert flow is not None, [str(mistake) for mistake in mistakes]
    return flow


LIBRARY = Library({name: read(name) for name in FLOWS})
PUBLISHED: Sequence[Version] = [Version(number, flow) for number, flow in enumerate(LIBRARY.flows, 1)]
ASKED = replace(engine.begin(), waits_for="answer")
ENDED = replace(engine.begin(), is_ended=True)
WAITING = replace(engine.begin(), waits_for="wait")

NOWHERE = Standpoint(0, engine.begin(), is_let_go=False)
ANSWERED_BY_A_PERSON = Standpoint(0, engine.begin(), is_let_go=True)


def leads(at: Standpoint, text: str = "", kind: Kind = "text") -> tuple[int, Event] | None:
    event = Inbound("e1", "U1", kind, NOW, text=text, opens_window=True)
    found = destination.find(event, at, PUBLISHED, LIBRARY, NOW, LUCK)
    if found is None:
        return None
    begins = isinstance(found.event, Started)
    assert found.state == (engine.begin(LUCK) if begins else at.state)
    return found.version_id, found.event


@pytest.mark.parametrize(
    ("at", "text", "expected"),
    [
        (NOWHERE, "tea", (TEA, Started())),
        (NOWHERE, "a cup", (TEA, Started())),
        (NOWHERE, "what?", (OTHER, Started())),
        (Standpoint(TEA, ASKED, is_let_go=False), "green", (TEA, Said("green"))),
        (Standpoint(TEA, ASKED, is_let_go=False), "a cup", (TEA, Said("a cup"))),  # words within an answer
        (Standpoint(TEA, ASKED, is_let_go=False), "size", (SIZE, Started())),
        (Standpoint(SIZE, ASKED, is_let_go=False), "tea", (SIZE, Said("tea"))),  # a certain answer
        (Standpoint(SIZE, ASKED, is_let_go=False), "what?", (SIZE, Said("what?"))),
        (Standpoint(TEA, ENDED, is_let_go=False), "what?", (OTHER, Started())),
        (Standpoint(TEA, WAITING, is_let_go=False), "what?", None),
        (Standpoint(TEA, WAITING, is_let_go=False), "tea", (TEA, Started())),
        (Standpoint(SIZE, ASKED, is_let_go=True), "big", None),
        (Standpoint(SIZE, ASKED, is_let_go=True), "tea", (TEA, Started())),
        (Standpoint(TEA, ENDED, is_let_go=True), "what?", None),
        (ANSWERED_BY_A_PERSON, "what?", None),
        (ANSWERED_BY_A_PERSON, "tea", (TEA, Started())),
    ],
)
def test_words_lead_on_or_to_a_start_or_nowhere(at: Standpoint, text: str, expected: tuple[int, Event] | None) -> None:
    assert leads(at, text) == expected


def test_what_is_no_text_answers_no_question() -> None:
    asked = Standpoint(TEA, ASKED, is_let_go=False)
    assert leads(asked, kind="follow") == (TEA, Started())
    assert leads(asked, kind="postback") is None
