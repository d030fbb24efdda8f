"""Messages that flows send, plain and extreme, and any message at all for the tests that try thousands."""

from hypothesis import strategies as st

from bot.messages import Button, Message

IMAGE = "https://shop.example/images/tea.jpg"
LINK = Button("領取優惠券", url="https://shop.example/c/abc")
AGREE = Button("Yes please", postback="join:yes")
FAMILY = "👨‍👩‍👧‍👦"  # one character to a reader, 11 UTF-16 units
THAI = "ก็ดีนะครับ"

SAMPLES = {
    "text": Message("你好!歡迎來到茶鋪。"),
    "text_with_title": Message("Buy one, get one.", title="This week"),
    "image": Message(image_url=IMAGE),
    "image_and_text": Message("Fresh today", image_url=IMAGE),
    "choices": Message("Hot or cold?", choices=("Hot", "Cold")),
    "image_and_choices": Message(image_url=IMAGE, choices=("Hot", "Cold")),
    "choices_alone": Message(choices=("Hot", "Cold")),
    "buttons": Message("Here is your coupon.", buttons=(LINK, AGREE)),
    "buttons_alone": Message(buttons=(LINK, AGREE)),
    "card": Message("Here is your coupon.", title="Free tea", image_url=IMAGE, buttons=(LINK,)),
    "card_without_text": Message(image_url=IMAGE, buttons=(LINK,)),
    "title_and_buttons": Message(title="Free tea", buttons=(LINK,)),
    "buttons_and_choices": Message("Tea?", buttons=(LINK,), choices=("Yes", "No")),
    "long_text": Message("茶 " * 4000),
    "long_text_and_buttons": Message("a cup of tea " * 100, title="T" * 90, image_url=IMAGE, buttons=(LINK,)),
    "emoji_text": Message("🍵" * 3000),
    "families": Message(FAMILY * 200, buttons=(Button(FAMILY * 21, postback="x"),), choices=(FAMILY * 21,)),
    "thai": Message(THAI * 40, title=THAI * 10, buttons=(Button(THAI * 5, postback="x"),), choices=(THAI * 5,)),
    "many_buttons": Message("Pick", buttons=tuple(Button(f"Number {n}", postback=f"n:{n}") for n in range(9))),
    "many_choices": Message("Pick", choices=tuple(f"Number {n}" for n in range(20))),
    "long_postback": Message("Pick", buttons=(Button("One", postback="p" * 2000),)),
    "long_address": Message("Open", buttons=(Button("Map", url="https://maps.example/?q=" + "x" * 1500),)),
    "odd_address": Message(
        "Call", buttons=(Button("Odd", url="javascript:alert(1)"), Button("Call", url="tel:+88622"))
    ),
    "address_in_chinese": Message("Open", buttons=(Button("Shop", url="https://商店.example/優惠 券?q=茶&p=100%"),)),
    "empty_labels": Message("Pick", buttons=(Button("", postback="x"),), choices=("", " ", "Tea")),
    "plain_http_image": Message("Look", image_url="http://shop.example/tea.jpg"),
}

CHARACTERS = st.one_of(st.characters(codec="utf-8"), st.sampled_from(["🍵", FAMILY, "ก็", "\n", " ", "…", "茶"]))
WORDS = st.lists(CHARACTERS, max_size=300).map("".join)
SHORT = st.one_of(
    st.just(""), st.lists(CHARACTERS, max_size=60).map("".join), st.sampled_from([FAMILY * 30, THAI * 8, "x" * 400])
)
ADDRESSES = st.one_of(
    st.just(""),
    st.sampled_from([IMAGE, "http://localhost:8000/i/1", "https://shop.example/" + "茶" * 400, "ftp://x.example/y"]),
    st.text(max_size=20),
)
BUTTONS = st.one_of(
    st.builds(Button, SHORT, url=ADDRESSES.filter(bool)),
    st.builds(Button, SHORT, postback=st.text(max_size=40) | st.just("p" * 1200)),
)
ANY_MESSAGE = st.builds(
    Message,
    text=st.one_of(WORDS, st.integers(1, 900).map(lambda n: "茶 tea 🍵" * n)),
    title=SHORT,
    image_url=ADDRESSES,
    buttons=st.lists(BUTTONS, max_size=10).map(tuple),
    choices=st.lists(SHORT, max_size=16).map(tuple),
)
