"""Talking to a flow by hand, line by line: what the customer types goes in, the lines to show come out."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

from bot.language.mistakes import did_you_mean
from bot.language.model import Flow
from bot.language.model.conversation import Refusal
from bot.language.model.times import checked_moment, duration
from bot.rehearsal.acts import Act, Comes, GivesBack, Passes, Reaches, Taps, Uses, Writes
from bot.rehearsal.deeds import Deed, Failed, Spoke
from bot.rehearsal.playing import ORDER, play
from bot.rehearsal.seen import Seen
from bot.rehearsal.stage import Stage
from bot.rehearsal.standing import aside, standing
from bot.rehearsal.world import World
from bot.rehearsal.writing import item, kind_of, told

ALONE = ("follow", "given_back")
REFUSALS: tuple[str, ...] = get_args(Refusal)
HELP = """\
Write what the customer writes. A number taps what has this number. Besides:
  /after 2 days      time passes; what comes due on the way happens
  /at 2026-12-24 10:00
                     time passes until then, by the shop's clock; a flow that begins at this time does so
  /follow, /again    the customer becomes a friend of the shop; comes back after a block
  /ref poster-01     the customer comes by a link with this ref
  /postback NAME     the customer taps something with this postback
  /opened, /redeemed, /verified [CAMPAIGN]
                     the customer opens or redeems the coupon; the staff verify it
  /given_back        the person who has taken over gives the conversation back to the bot
  /refuse CAMPAIGN REASON
                     from now on this campaign's coupon is refused, such as for sold_out; without a reason: sent again
  /state             where the conversation stands
  /turns             all of it so far, as turns for `conversations:` in the flow's file
  /restart           all from the beginning
  /quit              the end"""


class Chat:
    """A conversation by hand with the first of the flows. `is_over`: the customer has had enough."""

    def __init__(self, flows: Sequence[Flow], world: World) -> None:
        self._flow, self._stage = flows[0], Stage(flows)
        self._beginning = self.world = world
        self.is_over = False
        self._numbered: list[str] = []
        self._talk: list[str] = []

    def greeting(self) -> list[str]:
        """What to say first: with whom, and what starts the flow."""
        app = {"line": "LINE", "messenger": "Messenger"}[self.world.channel]
        title = self._flow.title or self._flow.flow
        return [
            f"{title}, in {app}, with {self.world.name}, who reads {self.world.language}.",
            f"It starts by: {', '.join(_starts(self._flow))}. /help lists what else can be done.",
        ]

    def reply(self, line: str) -> list[str]:
        """What the line of the customer leads to, as lines to show."""
        words = line.strip()
        if words.startswith("/"):
            name, _, rest = words[1:].partition(" ")
            return self._command(name.lower(), rest.strip())
        if words.isdecimal() and 0 < int(words) <= len(self._numbered):
            label = self._numbered[int(words) - 1]
            return self._play(Taps(label), {"taps": label})
        return self._play(Writes(words), {"customer": words}) if words else []

    def _command(self, name: str, rest: str) -> list[str]:
        acts: dict[str, Callable[[], Act]] = {
            "after": lambda: Passes(duration(rest)),
            "at": lambda: Reaches(checked_moment(rest)),
            "follow": lambda: Comes("first"),
            "again": lambda: Comes("again"),
            "ref": lambda: Comes("ref", rest),
            "postback": lambda: Comes("postback", rest),
            "opened": lambda: Uses("opened", rest),
            "redeemed": lambda: Uses("redeemed", rest),
            "verified": lambda: Uses("verified", rest),
            "given_back": GivesBack,
        }
        others: dict[str, Callable[[str], list[str]]] = {
            "refuse": self._refuse,
            "state": lambda _: standing(self.world, self._stage),
            "restart": self._restart,
            "turns": lambda _: self._talk,
            "help": lambda _: HELP.splitlines(),
            "quit": self._quit,
        }
        if name in acts:
            rest = rest or (next(reversed(self.world.coupons), "") if name in ORDER else "")
            turn = {"again": {"follow": "again"}}.get(name, {name: name in ALONE or rest})
            try:
                return self._play(acts[name](), turn)
            except ValueError as error:
                return [str(error)]
        if name in others:
            return others[name](rest)
        return [f"There is no /{name}; {did_you_mean(name, [*acts, *others])}"]

    def _refuse(self, rest: str) -> list[str]:
        campaign, _, reason = rest.partition(" ")
        others = {slug: why for slug, why in self.world.refuse.items() if slug != campaign}
        if reason and reason not in REFUSALS:
            return [f"found {reason!r}; {did_you_mean(reason, REFUSALS)}"]
        self.world = self.world.model_copy(update={"refuse": {**others, **({campaign: reason} if reason else {})}})
        return [f"(the coupon of {campaign} is {f'refused: {reason}' if reason else 'sent'} from now on)"]

    def _restart(self, _: str) -> list[str]:
        self.world, self._numbered, self._talk = self._beginning, [], []
        return self.greeting()

    def _quit(self, _: str) -> list[str]:
        self.is_over = True
        return []

    def _play(self, act: Act, turn: dict[str, Any]) -> list[str]:
        self.world, deeds = play(self._stage, self.world, act)
        if not any(isinstance(deed, Failed) for deed in deeds):
            self._numbered = []
            self._talk += item(turn)
            self._talk += [line for deed in deeds if kind_of(deed) for line in told(deed)]
        shown = [line for deed in deeds for line in self._told(deed)]
        return shown or ["  (nothing is said)"]

    def _told(self, deed: Deed) -> list[str]:
        if isinstance(deed, Spoke) and not deed.is_held:
            return self._said(deed.seen)
        return [f"  ({words})" for words in aside(deed)]

    def _said(self, seen: Seen) -> list[str]:
        """A message; what can be tapped has numbers, which go on through all messages of one act."""
        links = {button.label: button.url for button in seen.buttons if button.url}
        lines = [f"  [{image}]" for image in seen.images]
        lines += [f"  {line}" for line in f"{seen.title}\n{seen.text}".splitlines() if line.strip()]
        for label in (*(button.label for button in seen.buttons), *seen.choices):
            self._numbered.append(label)
            lines.append(f"    {len(self._numbered)}. {label}{f' -> {links[label]}' if label in links else ''}")
        return lines


def _starts(flow: Flow) -> list[str]:
    """What the customer writes, or the command, for each start."""
    found = []
    for start in flow.starts:
        found += [*start.words, *(f"...{word}..." for word in start.contains)]
        found += ["/again" if start.follow == "again" else "/follow"] if start.follow else []
        found += [f"/ref {start.ref}"] if start.ref else []
        found += [f"/postback {start.postback}"] if start.postback else []
        found += [f"/at {start.at}"] if start.at else []
        found += ["anything else"] if start.otherwise else []
    return found
