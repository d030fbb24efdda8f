"""Messages that flows send, plain and extreme, and any message at all for the tests that try thousands."""

from typing import Any

from hypothesis import strategies as st

from bot.messages import Button, Card, Message

IMAGE = "https://shop.example/images/tea.jpg"
LINK = Button("領取優惠券", url="https://shop.example/c/abc")
AGREE = Button("Yes please", postback="join:yes")
FAMILY = "👨‍👩‍👧‍👦"  # one character to a reader, 11 UTF-16 units
THAI = "ก็ดีนะครับ"

VIDEO = "https://shop.example/videos/tea.mp4"
TEA = Card("Green tea", "Light and fresh", IMAGE, (LINK, AGREE))
COFFEE = Card("Coffee", "Dark", IMAGE, (LINK, AGREE))


def bubble(*parts: dict[str, Any]) -> dict[str, Any]:
    """A Flex bubble around the parts of its body."""
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": list(parts)}}


HELLO = bubble(
    {"type": "text", "text": "Free tea", "weight": "bold", "size": "xl", "wrap": True},
    {"type": "image", "url": "https://shop.example/茶.jpg", "size": "full", "aspectMode": "cover"},
    {
        "type": "button",
        "style": "primary",
        "action": {"type": "uri", "label": "Open", "uri": "https://shop.example/茶"},
    },
    {"type": "text", "contents": [{"type": "span", "text": "a"}, {"type": "span", "text": "b", "weight": "bold"}]},
    {"type": "separator", "margin": "md"},
)
HEAVY = bubble({"type": "text", "text": "x" * 12_000})

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
    "video": Message(video_url=VIDEO, preview_url=IMAGE),
    "video_and_text": Message("How we make it", video_url=VIDEO, preview_url=IMAGE, choices=("Again",)),
    "video_without_preview": Message("How we make it", video_url=VIDEO),
    "one_card": Message("Today:", cards=(TEA,)),
    "cards": Message("Today:", cards=(TEA, COFFEE), choices=("Both",)),
    "eleven_cards": Message(cards=tuple(Card(f"Tea {n}", "Fresh", IMAGE, (LINK,)) for n in range(11))),
    "uneven_cards": Message(
        cards=(
            TEA,
            Card("No picture", "Just words", buttons=(LINK, AGREE)),
            Card("No button", "Just words"),
            Card(image_url=IMAGE),
            Card("One button", "More", IMAGE, (LINK,)),
            Card(buttons=(LINK,)),
        ),
    ),
    "card_with_many_buttons": Message(
        cards=(TEA, Card("All", "Pick", IMAGE, tuple(Button(f"Number {n}", postback=f"n:{n}") for n in range(8))))
    ),
    "cards_that_overflow": Message(
        cards=(
            Card("T" * 90, "x" * 200, IMAGE, (LINK,)),
            Card("Tea", "y", IMAGE, (Button("Call", url="ftp://x.example"), LINK)),
        )
    ),
    "flex": Message(flex=HELLO, alt_text="Free tea: https://shop.example/"),
    "flex_and_text": Message("Look", flex=HELLO, alt_text="Free tea", choices=("Yes", "No")),
    "flex_carousel": Message(flex={"type": "carousel", "contents": [HELLO] * 13}, alt_text="Thirteen teas"),
    "flex_heavy": Message(flex={"type": "carousel", "contents": [HEAVY] * 5}, alt_text="Heavy"),
    "flex_refused": Message(flex={"type": "bubble", "body": {"type": "text"}}, alt_text="Free tea"),
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
CARDS = st.builds(
    Card,
    title=SHORT,
    text=SHORT | st.just("x" * 130),
    image_url=ADDRESSES,
    buttons=st.lists(BUTTONS, max_size=5).map(tuple),
)
PARTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda words: {"type": "text", "text": words, "wrap": True}, SHORT),
    st.builds(
        lambda url, size: {"type": "image", "url": url, "size": size}, ADDRESSES, st.sampled_from(["full", "md"])
    ),
    st.builds(
        lambda label, url: {"type": "button", "action": {"type": "uri", "label": label, "uri": url}}, SHORT, ADDRESSES
    ),
    st.builds(lambda data: {"type": "button", "action": {"type": "postback", "label": "x", "data": data}}, SHORT),
    st.sampled_from(
        [{"type": "separator"}, {"type": "filler"}, {"type": "txt"}, {"type": "text", "text": "a", "align": "left"}, {}]
    ),
)
BOXES = st.recursive(
    PARTS,
    lambda parts: st.builds(
        lambda layout, inside: {"type": "box", "layout": layout, "contents": inside},
        st.sampled_from(["vertical", "horizontal", "baseline"]),
        st.lists(parts, max_size=4),
    ),
    max_leaves=8,
)
BUBBLES = st.lists(BOXES, max_size=4).map(lambda parts: bubble(*parts)) | st.just(HELLO) | st.just(HEAVY)
CONTAINERS = st.one_of(
    st.none(),
    BUBBLES,
    st.lists(BUBBLES, max_size=14).map(lambda bubbles: {"type": "carousel", "contents": bubbles}),
    st.just({"type": "carousel"}),
)
ANY_MESSAGE = st.builds(
    Message,
    text=st.one_of(WORDS, st.integers(1, 900).map(lambda n: "茶 tea 🍵" * n)),
    title=SHORT,
    image_url=ADDRESSES,
    buttons=st.lists(BUTTONS, max_size=10).map(tuple),
    choices=st.lists(SHORT, max_size=16).map(tuple),
    video_url=ADDRESSES,
    preview_url=ADDRESSES,
    cards=st.lists(CARDS, max_size=13).map(tuple),
    flex=CONTAINERS,
    alt_text=SHORT,
)
