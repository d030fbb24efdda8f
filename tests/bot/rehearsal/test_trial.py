"""Conversations written in a flow's file: those that go as written, and what is told of those that do not."""

from textwrap import dedent

import pytest

from bot.language import source
from bot.language.mistakes import Mistake
from bot.rehearsal import telling
from bot.rehearsal.trial import Trial, trials
from tests.bot.rehearsal.flows import TEA, read, with_talk


def tried(turns: str, head: str = "") -> Trial:
    """The conversation of these turns, one a line, run."""
    (trial,) = trials(read(with_talk(*turns.split("\n"), head=head)))
    return trial


def told(turns: str, head: str = "") -> list[str]:
    """The difference, line by line, without the numbers of the lines."""
    text = with_talk(*turns.split("\n"), head=head)
    return [line[7:] for line in telling.difference(text, trials(read(text))[0])]


def lines(text: str) -> str:
    return dedent(text).strip()


ALL_THAT_IS_DONE = """
    customer: 茶
    bot: {text: 想喝什麼？, choices: [紅茶, 店員]}
    taps: 紅茶
    answers: {drink: black}
    tag: tea-lover
    send_coupon: summer-tea
    bot: {text: 這是您的券。, buttons: [打開]}
    redeemed: summer-tea
    bot: 謝謝光臨！
    end
"""
IN_ENGLISH = """
    ref: poster
    bot: Which one?
    customer: ＢＬＡＣＫ
    bot: Here ...
"""
REFUSED = """
    follow
    bot: ...
    taps: 紅茶
    tag: tea-lover
    bot: 送完了。
    end
"""
TIME_PASSES = """
    customer: 茶
    bot: 想喝…
    taps: 紅茶
    bot: ...
    after: 1 day
    after: 1 day
    bot: 別忘了您的券喔。
"""
OPENED_BY_ITS_BUTTON = """
    customer: 茶
    bot: {choices: [紅茶, ...]}
    taps: 紅茶
    bot: ...
    taps: 打開
    redeemed: summer-tea
    bot: 謝謝光臨！
"""
A_PERSON = """
    customer: 茶
    bot: ...
    taps: 店員
    bot: 請留言。
    hand_over: wants ...
    customer: 你好
    customer: tea
    bot: 想喝什麼？
"""
GIVEN_BACK = """
    customer: 茶
    bot: ...
    taps: 店員
    bot: 請留言。
    hand_over: wants ...
    customer: 紅茶
    given_back
    customer: 紅茶
    customer: tea
    bot: 想喝什麼？
"""
A_TITLE = """
    customer: 茶
    bot: ...
    taps: 紅茶
    bot: {title: summer-tea, text: "summer-tea\\n這是您的券。"}
"""
STARTED_ANEW = """
    customer: 茶
    bot: 想喝什麼？
    customer: tea
    bot: 想喝什麼？
"""
GOOD = {
    "all that is done": (ALL_THAT_IS_DONE, ""),
    "in another language and app": (IN_ENGLISH, "language: en\nchannel: messenger\ncontact: Alex"),
    "a coupon that is refused": (REFUSED, "refuse: {summer-tea: sold_out}"),
    "time that passes": (TIME_PASSES, ""),
    "a button that opens the coupon's page": (OPENED_BY_ITS_BUTTON, ""),
    "a person who takes over, until a start calls the bot back": (A_PERSON, ""),
    "a person who gives the conversation back": (GIVEN_BACK, ""),
    "a title that stands above the text": (A_TITLE, ""),
    "a start in the middle of a question": (STARTED_ANEW, ""),
}


@pytest.mark.parametrize(("turns", "head"), GOOD.values(), ids=GOOD)
def test_a_conversation_goes_as_written(turns: str, head: str) -> None:
    assert told(lines(turns), head) == []
    assert tried(lines(turns), head).is_good


BAD = {
    "another text": (
        "customer: 茶\nbot: 想喝哪種？",
        """
          - customer: 茶
        - - bot: 想喝哪種？
        + - bot:
        +     text: 想喝什麼？
        +     choices: [紅茶, 店員]
        """,
    ),
    "a message too many": (
        "customer: 茶\nbot: 想喝什麼？\nbot: 請選。",
        """
          - customer: 茶
          - bot: 想喝什麼？
        - - bot: 請選。
        """,
    ),
    "a message too few, and the next act is right again": (
        "customer: 茶\ntaps: 店員\nbot: 請留言。",
        """
          - customer: 茶
        + - bot:
        +     text: 想喝什麼？
        +     choices: [紅茶, 店員]
        """,
    ),
    "other choices": (
        "customer: 茶\nbot: {text: 想喝什麼？, choices: [紅茶]}",
        """
          - customer: 茶
        - - bot: {text: 想喝什麼？, choices: [紅茶]}
        + - bot:
        +     text: 想喝什麼？
        +     choices: [紅茶, 店員]
        """,
    ),
    "another tag": (
        "customer: 茶\nbot: ...\ntaps: 紅茶\ntag: vip\nbot: ...",
        """
          - taps: 紅茶
        - - tag: vip
        + - tag: tea-lover
          - bot: ...
        """,
    ),
    "another answer": (
        "customer: 茶\nbot: ...\ntaps: 紅茶\nbot: ...\nanswers: {drink: green}",
        """
          - taps: 紅茶
          - bot: ...
        - - answers: {drink: green}
        + - answers: {drink: black}
        """,
    ),
    "an end that is none": (
        "customer: 茶\nbot: ...\nend",
        """
          - customer: 茶
          - bot: ...
        - - end
        """,
    ),
    "nothing to tap": (
        "customer: 茶\nbot: ...\ntaps: 店員們",
        """
          - taps: 店員們
        + (nothing says '店員們' to tap; did you mean '店員'?)
        """,
    ),
    "a coupon that nobody was sent": (
        "customer: 茶\nbot: ...\nredeemed: summer-tea",
        """
          - redeemed: summer-tea
        + (no coupon of 'summer-tea' was sent before; there are none)
        """,
    ),
    "a coupon redeemed twice": (
        "customer: 茶\nbot: ...\ntaps: 紅茶\nbot: ...\nverified: summer-tea\nbot: ...\nredeemed: summer-tea",
        """
          - redeemed: summer-tea
        + (the coupon of 'summer-tea' is verified already)
        """,
    ),
}


@pytest.mark.parametrize(("turns", "difference"), BAD.values(), ids=BAD)
def test_what_goes_otherwise_is_told_line_by_line(turns: str, difference: str) -> None:
    assert "\n".join(told(turns)) == dedent(difference).strip("\n").rstrip()
    assert not tried(turns).is_good


def test_a_coupon_that_is_refused_instead_is_told_with_its_reason() -> None:
    turns = "customer: 茶\nbot: ...\ntaps: 紅茶\nsend_coupon: summer-tea\nbot: 送完了。"
    assert "+ (the coupon of summer-tea was refused: ended)" in told(turns, "refuse: {summer-tea: ended}")


def test_a_reminder_after_messengers_24_hours_is_held_until_the_customer_acts() -> None:
    turns = "customer: tea\nbot: ...\ntaps: Black\nbot: ...\nafter: 2 days"
    head = "channel: messenger\nlanguage: en"
    assert told(f"{turns}\nbot: Your coupon is waiting.", head)[-1] == "+ - held: Your coupon is waiting."
    released = "held: Your coupon ...\ncustomer: hello\nbot: Your coupon is waiting."
    assert tried(f"{turns}\n{released}", head).is_good


@pytest.mark.parametrize(("quiet", "told_as"), [("1439 minutes", "bot"), ("24 hours", "held")])
def test_messengers_window_closes_at_24_hours_as_it_does_in_a_shop(quiet: str, told_as: str) -> None:
    text = (
        "flow: late\ntitle: Late\nlanguages: [en]\nstarts:\n  - words: [tea]\nsteps:\n"
        f"  - wait: {{for: {quiet}}}\n  - say: Still there\n"
        "conversations:\n  - name: a talk\n    channel: messenger\n    language: en\n"
        f"    talk: [{{customer: tea}}, {{after: {quiet}}}, {{{told_as}: Still there}}, end]\n"
    )
    (done,) = trials(read(text))
    assert done.is_good


def test_a_conversation_that_goes_otherwise_is_a_mistake_at_its_line() -> None:
    text = with_talk("customer: 茶", "bot: ...", "taps: 店員", "bot: 請寫信。")
    read_source = source.read(text, "tea.yaml")
    assert not isinstance(read_source, Mistake)
    (mistake,) = telling.mistakes(read_source, trials(read(text)))
    line = text.splitlines().index("      - bot: 請寫信。") + 1
    assert str(mistake) == f"tea.yaml:{line}:9: error: the conversation 'a talk' goes otherwise: bot: 請留言。"


def test_the_numbers_are_those_of_the_files_lines() -> None:
    text = with_talk("customer: 茶", "bot: 想喝哪種？")
    numbered = [line for line in telling.difference(text, trials(read(text))[0]) if line[:6].strip()]
    lines = text.splitlines()
    assert [lines[int(line[:6]) - 1].strip() for line in numbered] == [line[9:] for line in numbered]
    assert len(numbered) == 2


LOTS = """\
flow: lots
starts: [follow]
steps:
  - random: [{go: a}, {go: b}]
  - {id: a, say: A}
  - end: true
  - {id: b, say: B}
conversations:
"""


def test_chance_depends_on_the_luck_that_the_conversation_says() -> None:
    talks = "".join(f"  - {{name: {luck}, luck: {luck}, talk: [follow, {{bot: A}}]}}\n" for luck in range(20))
    results = [trial.is_good for trial in trials(read(LOTS + talks))]
    assert results == [trial.is_good for trial in trials(read(LOTS + talks))]
    assert set(results) == {True, False}


def test_a_flow_beside_it_can_be_called_and_started() -> None:
    caller = "flow: hello\nstarts: [follow]\nsteps:\n  - call: tea\n  - say: back\n"
    talk = "conversations:\n  - name: x\n    talk: [follow, {bot: 想喝什麼？}, {taps: 店員}, {bot: 請留言。}]\n"
    (trial,) = trials(read(caller + talk), [read(TEA)])
    assert trial.is_good


NOWHERE = """\
flow: nowhere
starts: [follow]
steps:
  - say: hi
  - wait: 1 minute
  - call: none
conversations:
  - name: x
    talk: [follow, {bot: hi}, {after: 1 hour}]
"""


def test_a_flow_that_fails_is_told() -> None:
    (trial,) = trials(read(NOWHERE))
    assert "+ (flow nowhere, step 3: " in telling.difference(NOWHERE, trial)[-1]


SEEN = """\
flow: seen
starts: [follow]
steps:
  - if: {member: true}
    then: member
  - end: true
  - id: member
    send_coupon:
      campaign: summer-tea
      text: here
      image: https://shop.example/tea.jpg
      button: open
      refused: {otherwise: bye}
  - end: true
  - {id: bye, say: bye}
conversations:
  - name: of a member
    channel: CHANNEL
    contact: {member: true}
    talk: [follow, {bot: {title: summer-tea, image: https://shop.example/tea.jpg, buttons: [open]}}]
  - name: of somebody else
    channel: CHANNEL
    talk: [follow, end]
"""


@pytest.mark.parametrize("channel", ["line", "messenger"])
def test_a_member_is_one_where_the_conversation_says_so_and_sees_the_coupons_picture(channel: str) -> None:
    text = SEEN.replace("CHANNEL", channel)
    assert [telling.difference(text, trial) for trial in trials(read(text))] == [[], []]


EXPIRING = """\
flow: expiring
starts: [follow]
steps:
  - send_coupon: {campaign: summer-tea, text: here, button: open, refused: {otherwise: late}}
  - wait: 10 days
  - if: {coupon: summer-tea, is: [sent, opened, redeemed]}
    then: early
  - end: true
  - {id: early, say: early}
  - wait: 4 days
  - if: {coupon: summer-tea, is: expired}
    then: late
  - end: true
  - {id: late, say: late}
conversations:
  - name: nobody comes
    talk: [follow, {bot: here}, {after: 10 days}, {bot: early}, {after: 4 days}, {bot: late}, end]
  - name: redeemed, and not verified in time
    talk: [follow, {bot: here}, {redeemed: summer-tea}, {after: 14 days}, {bot: early}, {bot: late}, end]
  - name: verified in time
    talk: [follow, {bot: here}, {verified: summer-tea}, {after: 10 days}, end]
  - name: too late to open
    talk: [follow, {bot: here}, {after: 20 days}, {bot: early}, {bot: late}, {redeemed: summer-tea}]
"""


def test_a_coupon_of_a_trial_expires_as_one_of_a_shop_does() -> None:
    *fine, last = [telling.difference(EXPIRING, trial) for trial in trials(read(EXPIRING))]
    assert fine == [[], [], []]
    assert "is expired by now" in last[-1]


OTHERWISE = """\
flow: otherwise
starts: [otherwise]
steps:
  - say: A person will answer.
  - hand_over: said something
conversations:
  - name: the bot answers again once it is given back
    talk:
      - customer: hi
      - bot: A person will answer.
      - customer: hello?
      - given_back
      - customer: hello again
      - bot: A person will answer.
  - name: nobody has taken over
    talk: [given_back]
"""


def test_what_nothing_else_answers_is_answered_again_only_once_the_person_has_given_back() -> None:
    given_back, not_taken = [telling.difference(OTHERWISE, trial) for trial in trials(read(OTHERWISE))]
    assert given_back == []
    assert "nobody has taken over" in not_taken[-1]
