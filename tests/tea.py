"""The steps of the flow that tests of the console and of trials work at: a question, a coupon, a reminder."""

ASK = """\
  - ask:
      text: {zh-Hant: 想喝什麼？, en: "Which one?"}
      choices:
        - {label: {zh-Hant: 紅茶, en: Black}, value: black}
        - {label: {zh-Hant: 店員, en: Staff}, value: staff, go: staff}
      keep: drink
"""
REST = """\
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
