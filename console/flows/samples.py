"""Steps to begin with, beside the editor: each as it is written, to be read or put in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Some steps, and what they are for in both languages of marketers."""

    name: str
    zh: str
    en: str
    text: str


# Together they are one flow's steps, in this order: what one of them goes to, a later one has.
SAMPLES = (
    Sample(
        "say",
        "說一句話",
        "Say something",
        """\
  - say:
      zh-Hant: "{{ contact.name }}您好！"
      en: "Hi {{ contact.name }}!"
""",
    ),
    Sample(
        "ask",
        "問一個選擇題",
        "Ask, with choices",
        """\
  - ask:
      text: {zh-Hant: 您喜歡哪一種？, en: "Which one do you like?"}
      choices:
        - {label: {zh-Hant: 巧克力, en: Chocolate}, value: chocolate}
        - {label: {zh-Hant: 問店員, en: Ask a person}, value: person, go: person}
      keep: cake
      otherwise: {zh-Hant: 請點選下面的選項。, en: Please tap one of these.}
""",
    ),
    Sample(
        "coupon",
        "送優惠券",
        "Send a coupon",
        """\
  - send_coupon:
      campaign: CAMPAIGN
      text: {zh-Hant: 這是您的優惠券。, en: Here is your coupon.}
      button: {zh-Hant: 打開, en: Open}
      refused: {limit_reached: had-it, otherwise: sorry}
""",
    ),
    Sample(
        "reminder",
        "兩天後提醒（在送券之後；Messenger 只能在 24 小時內）",
        "Remind after two days (behind a coupon; in Messenger within 24 hours)",
        """\
  - if: {channel: messenger}
    then: soon
  - wait: {until: [redeemed, verified], timeout: {after: 2 days, go: remind}}
  - end: true
  - id: soon
    wait: {until: [redeemed, verified], timeout: {after: 20 hours, go: remind}}
  - end: true
  - id: remind
    say:
      text: {zh-Hant: "您的{{ coupon.name }}還沒用喔！", en: "Your {{ coupon.name }} is still waiting."}
      buttons: [{label: {zh-Hant: 打開, en: Open}, url: "{{ coupon.url }}"}]
  - end: true
""",
    ),
    Sample(
        "refused",
        "送不出去時怎麼說",
        "When the coupon is refused",
        """\
  - id: had-it
    say: {zh-Hant: 您已經領過囉！, en: You have had it already.}
  - end: true
  - id: sorry
    say: {zh-Hant: 現在無法送出，請稍後再試。, en: "Not now, please try again later."}
  - end: true
""",
    ),
    Sample(
        "person",
        "轉給店員",
        "Hand over to a person",
        """\
  - id: person
    say: {zh-Hant: 請直接留言，店員會回覆您。, en: "Write to us, and a person will answer."}
  - hand_over: asks for a person
""",
    ),
)


def of_shop(campaigns: frozenset[str] | None) -> tuple[Sample, ...]:
    """The samples, with a campaign that this shop has."""
    campaign = min(campaigns or {"summer-tea"})
    return tuple(Sample(one.name, one.zh, one.en, one.text.replace("CAMPAIGN", campaign)) for one in SAMPLES)
