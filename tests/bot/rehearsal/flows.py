"""Flows that the trials are tried with, and reading them."""

from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow

TEA = """\
flow: tea
languages: [zh-Hant, en]
starts:
  - words: [茶, tea]
  - follow
  - ref: poster
steps:
  - ask:
      text: {zh-Hant: 想喝什麼？, en: "Which one?"}
      choices:
        - {label: {zh-Hant: 紅茶, en: Black}, value: black}
        - {label: {zh-Hant: 店員, en: Staff}, value: staff, go: staff}
      keep: drink
  - tag: tea-lover
  - send_coupon:
      campaign: summer-tea
      text: {zh-Hant: 這是您的券。, en: Here it is.}
      button: {zh-Hant: 打開, en: Open}
      refused: {otherwise: gone}
  - wait: {until: redeemed, timeout: {after: 2 days, go: remind}}
  - say: {zh-Hant: 謝謝光臨！, en: Thank you!}
  - end: true
  - id: remind
    say: {zh-Hant: 別忘了您的券喔。, en: Your coupon is waiting.}
  - end: true
  - id: gone
    say: {zh-Hant: 送完了。, en: All gone.}
  - end: true
  - id: staff
    say: {zh-Hant: 請留言。, en: Write to us.}
  - hand_over: wants a person
"""


def read(text: str) -> Flow:
    """The flow of a file that has no error in it."""
    flow, mistakes = check(text, "tea.yaml", Known())
    assert flow is not None, [str(mistake) for mistake in mistakes]
    assert [str(mistake) for mistake in mistakes if not mistake.is_warning] == []
    return flow


def with_talk(*turns: str, head: str = "") -> str:
    """The tea flow with one conversation of these turns; `head` has more parts of it, such as `language: en`."""
    more = [f"    {line}" for line in head.splitlines()]
    talk = [f"      - {line}" for line in turns]
    return "\n".join([TEA + "conversations:", "  - name: a talk", *more, "    talk:", *talk]) + "\n"
