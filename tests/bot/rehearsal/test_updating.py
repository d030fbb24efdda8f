"""Writing what now happens into a file: the lines that change, and no other."""

import pytest

from bot.rehearsal.trial import trials
from bot.rehearsal.updating import NotWritable, updated
from tests.bot.rehearsal.flows import TEA, read, with_talk

BEFORE = (
    TEA
    + """\
# kept: above
conversations:   # kept: beside
  - name: first

    talk:
      - customer: 茶   # kept: act
      # kept: between
      - bot: 想喝哪種？
      # kept: after what changes
      - taps: 紅茶

  - name: second   # this one is good
    language: en
    talk:
    - customer: tea
    - bot: {text: "Which ...",
            choices: [Black, ...]}
    - taps: Staff
    - bot: >-
        Write
        to us.

# kept: below
"""
)
AFTER = BEFORE.replace(
    "      - bot: 想喝哪種？\n",
    "      - bot:\n          text: 想喝什麼？\n          choices: [紅茶, 店員]\n",
).replace(
    "      - taps: 紅茶\n",
    """\
      - taps: 紅茶
      - tag: tea-lover
      - send_coupon: summer-tea
      - bot:
          text: 這是您的券。
          buttons: [打開]
""",
)


def anew(text: str) -> str:
    return updated(text, trials(read(text)))


def test_what_now_happens_is_written_and_nothing_else_is_touched() -> None:
    assert anew(BEFORE) == AFTER
    assert all(trial.is_good for trial in trials(read(AFTER)))
    assert anew(AFTER) == AFTER


def test_a_file_without_a_last_line_break_is_continued_on_a_line_of_its_own() -> None:
    assert anew(with_talk("customer: 茶", "bot: ...", "taps: 店員").rstrip()).endswith(
        "      - taps: 店員\n      - bot: 請留言。\n      - hand_over: wants a person\n      - end\n"
    )


def test_windows_line_breaks_stay() -> None:
    text = with_talk("customer: 茶", "bot: x", "taps: 店員", "bot: 請留言。").replace("\n", "\r\n")
    new = anew(text)
    assert "\r\n          text: 想喝什麼？\r\n" in new
    assert new.count("\n") == new.count("\r\n")


@pytest.mark.parametrize(
    "words",
    [
        "Yes: no",
        "# 1",
        "- a",
        '"quoted"',
        "'single'",
        "true",
        "null",
        "{{ braces",
        "[a, b]",
        "first line\nsecond: line\n\n  third",
        " spaces around ",
        "a # b",
        "@shop",
        "100%",
        "back\\slash",
        "emoji 🧋",
        "? why",
    ],
)
def test_whatever_the_bot_says_is_written_so_that_it_reads_the_same(words: str) -> None:
    said = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("{{", "{{ '{{' }}")
    flow = f'flow: x\nstarts: [follow]\nsteps:\n  - say: "{said}"\n'
    text = anew(f"{flow}conversations:\n  - name: x\n    talk:\n      - follow\n")
    assert all(trial.is_good for trial in trials(read(text)))
    (turn,) = [turn.bot for turn in read(text).conversations[0].talk if turn.bot]
    assert turn.text.strip() == words.strip()


def test_turns_that_share_a_line_are_not_written_over() -> None:
    text = f"{TEA}conversations:\n  - name: x\n    talk: [{{customer: 茶}}]\n"
    with pytest.raises(NotWritable, match="share a line"):
        anew(text)


def test_an_act_that_is_not_possible_is_not_written_over() -> None:
    with pytest.raises(NotWritable, match="did you mean '店員'"):
        anew(with_talk("customer: 茶", "bot: ...", "taps: 店員們"))
