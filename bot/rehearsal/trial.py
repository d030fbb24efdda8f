"""Running a conversation that is written in a flow's file, and comparing what is done with what is expected."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.language.model import Flow
from bot.language.model.conversation import Conversation, Turn
from bot.language.model.times import duration, moment
from bot.rehearsal import matching
from bot.rehearsal.acts import Act, Comes, GivesBack, Passes, Reaches, Taps, Uses, Writes
from bot.rehearsal.deeds import Deed, Failed, Kept, NotSent, Spoke
from bot.rehearsal.playing import play
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import TIMEZONE, World
from bot.rehearsal.writing import kind_of


@dataclass(frozen=True)
class Row:
    """A line of the comparison: `turn` is the place in the talk of what is done or expected, `deed` what was done.

    A turn alone is an act, or was expected and is missing (`is_missing`); a deed alone is not in the file.
    """

    turn: int | None = None
    deed: Deed | None = None
    is_missing: bool = False

    @property
    def is_good(self) -> bool:
        """Whether the file and what was done agree here."""
        return self.turn is not None and not self.is_missing


@dataclass(frozen=True)
class Trial:
    """A conversation that was run: `number` is its place in the file; each stretch is an act and what follows it."""

    number: int
    conversation: Conversation
    stretches: tuple[tuple[Row, ...], ...]

    @property
    def is_good(self) -> bool:
        """Whether all is as the file says."""
        return all(row.is_good for rows in self.stretches for row in rows)


def trials(flow: Flow, others: Sequence[Flow] = ()) -> list[Trial]:
    """Every conversation of the flow, run; `others` are the flows that it may call, or that a customer may start."""
    stage = Stage([flow, *others])
    return [_trial(stage, flow, number, conversation) for number, conversation in enumerate(flow.conversations)]


def beginning(conversation: Conversation, flow: Flow) -> World:
    """The world as the conversation finds it."""
    who, at = conversation.contact, moment(conversation.at)
    if at is None:
        raise ValueError(conversation.at)  # the file's reader has checked it
    return World(
        now=at.replace(tzinfo=ZoneInfo(TIMEZONE)),
        channel=conversation.channel,
        language=conversation.language or flow.languages[0],
        name=who.name,
        shop=conversation.shop,
        tags=frozenset(who.tags),
        attributes=who.attributes,
        is_member=who.member,
        coupons=who.coupons,
        refuse=dict(conversation.refuse),
        luck=conversation.luck,
    )


def act_of(turn: Turn) -> Act:
    """What the turn does."""
    makers: dict[str, Callable[[str], Act]] = {
        "customer": Writes,
        "taps": Taps,
        "follow": lambda given: Comes("again" if given == "again" else "first"),
        "ref": lambda given: Comes("ref", given),
        "postback": lambda given: Comes("postback", given),
        "at": Reaches,
        "after": lambda given: Passes(duration(given)),
        "opened": lambda given: Uses("opened", given),
        "redeemed": lambda given: Uses("redeemed", given),
        "verified": lambda given: Uses("verified", given),
        "given_back": lambda _: GivesBack(),
    }
    return makers[turn.kind](getattr(turn, turn.kind))


def _trial(stage: Stage, flow: Flow, number: int, conversation: Conversation) -> Trial:
    world = beginning(conversation, flow)
    stretches = []
    for act, expected in _stretches(conversation.talk):
        world, deeds = play(stage, world, act_of(conversation.talk[act]))
        stretches.append((Row(act), *_compared(conversation.talk, expected, deeds, world)))
    return Trial(number, conversation, tuple(stretches))


def _stretches(talk: Sequence[Turn]) -> Iterator[tuple[int, list[int]]]:
    """Each act's place, with the places of what must follow it."""
    acts = [place for place, turn in enumerate(talk) if turn.is_act]
    for act, following in zip(acts, [*acts[1:], len(talk)], strict=True):
        yield act, list(range(act + 1, following))


def _compared(talk: Sequence[Turn], expected: list[int], deeds: list[Deed], world: World) -> Iterator[Row]:
    """The expected turns in their order, and between them what was done beside.

    All that the bot says must be expected, in its order. What else was done must only be told where it is expected.
    """
    messages = [place for place in expected if talk[place].kind in {"bot", "held"}]
    said = [deed for deed in deeds if isinstance(deed, Spoke | Failed)]
    pairs = _aligned(messages, said, lambda place, deed: matching.spoken(talk[place], deed))
    beside = dict[int, list[Deed]]()
    found, last = dict[int, Deed](), -1
    for place, deed in pairs:
        if place is None and deed is not None:
            beside.setdefault(last, []).append(deed)
        elif place is not None:
            last = place
            if deed is not None:
                found[place] = deed
    if not expected and said:
        yield from (Row(deed=deed) for deed in deeds if kind_of(deed) or isinstance(deed, Failed))
        return
    yield from (Row(deed=deed) for deed in beside.get(-1, []))
    told = [deed for deed in deeds if any(_expects(talk[place], deed, world) for place in expected)]
    for place in expected:
        turn = talk[place]
        is_there = place in found or (place not in messages and matching.happened(turn, deeds, world))
        yield Row(place, found.get(place), is_missing=not is_there)
        yield from (Row(deed=deed) for deed in beside.get(place, []))
        if not is_there and place not in messages:
            instead = [deed for deed in _instead(turn, deeds, world) if deed not in told]
            told += instead
            yield from (Row(deed=deed) for deed in instead)


def _expects(turn: Turn, deed: Deed, world: World) -> bool:
    """Whether the turn expects this deed, which is no message."""
    return turn.kind == kind_of(deed) not in {"bot", "held", "answers"} and matching.happened(turn, [deed], world)


def _instead(turn: Turn, deeds: list[Deed], world: World) -> Iterator[Deed]:
    """What was done of the kind that was expected in vain."""
    if turn.kind == "answers":
        yield Kept({name: value for name, value in world.answers.items() if name in turn.answers})
        return
    yield from (deed for deed in deeds if kind_of(deed) == turn.kind)
    if turn.kind == "send_coupon":
        yield from (deed for deed in deeds if isinstance(deed, NotSent))


def _aligned(
    places: Sequence[int],
    said: Sequence[Deed],
    fits: Callable[[int, Deed], bool],
) -> list[tuple[int | None, Deed | None]]:
    """The longest common order: each place and deed once, together where they fit; before a gap's deeds its places."""
    lengths = [[0] * (len(said) + 1) for _ in range(len(places) + 1)]
    for row in reversed(range(len(places))):
        for column in reversed(range(len(said))):
            together = lengths[row + 1][column + 1] + 1 if fits(places[row], said[column]) else 0
            lengths[row][column] = max(together, lengths[row + 1][column], lengths[row][column + 1])
    pairs: list[tuple[int | None, Deed | None]] = []
    row = column = 0
    while row < len(places) or column < len(said):
        both = row < len(places) and column < len(said)
        if both and fits(places[row], said[column]) and lengths[row][column] == lengths[row + 1][column + 1] + 1:
            pairs.append((places[row], said[column]))
            row, column = row + 1, column + 1
        elif row < len(places) and (not both or lengths[row + 1][column] >= lengths[row][column + 1]):
            pairs.append((places[row], None))
            row += 1
        else:
            pairs.append((None, said[column]))
            column += 1
    return pairs
