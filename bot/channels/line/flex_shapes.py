"""The parts of a Flex container as tables: the properties of each, what they hold, and which must be there.

Source: https://developers.line.biz/en/reference/messaging-api/#flex-message and LINE's OpenAPI description
of 2026-07-01.
"""

from collections.abc import Mapping

# What a property holds: a type, one of some words, or the name of a rule of flex_rules.py.
Rule = type | tuple[str, ...] | str
Rules = Mapping[str, Rule]
Shape = tuple[Rules, tuple[str, ...]]  # the properties, and which of them must be there

_MARGIN: Rules = {"margin": str}
_PLACE: Rules = {
    **_MARGIN,
    "position": ("relative", "absolute"),
    "offsetTop": str,
    "offsetBottom": str,
    "offsetStart": str,
    "offsetEnd": str,
}
_PADDING: Rules = {f"padding{side}": str for side in ("All", "Top", "Bottom", "Start", "End")}
_ALIGN, _GRAVITY = ("start", "end", "center"), ("top", "bottom", "center")
_LETTERS: Rules = {
    "text": str,
    "size": str,
    "color": str,
    "weight": ("regular", "bold"),
    "style": ("normal", "italic"),
    "decoration": ("none", "underline", "line-through"),
}
_BOX: Rules = {
    **_PLACE,
    **_PADDING,
    "layout": ("horizontal", "vertical", "baseline"),
    "flex": int,
    "contents": "components",
    "spacing": str,
    "backgroundColor": str,
    "borderColor": str,
    "borderWidth": str,
    "cornerRadius": str,
    "width": str,
    "maxWidth": str,
    "height": str,
    "maxHeight": str,
    "action": "action",
    "justifyContent": ("center", "flex-start", "flex-end", "space-between", "space-around", "space-evenly"),
    "alignItems": ("center", "flex-start", "flex-end"),
    "background": "gradient",
}
_BUTTON: Rules = {
    **_PLACE,
    "flex": int,
    "color": str,
    "style": ("primary", "secondary", "link"),
    "action": "labelled action",
    "gravity": _GRAVITY,
    "height": ("md", "sm"),
    "adjustMode": ("shrink-to-fit",),
    "scaling": bool,
}
_IMAGE: Rules = {
    **_PLACE,
    "url": "media",
    "flex": int,
    "align": _ALIGN,
    "gravity": _GRAVITY,
    "size": str,
    "aspectRatio": str,
    "aspectMode": ("fit", "cover"),
    "backgroundColor": str,
    "action": "action",
    "animated": bool,
}
_TEXT: Rules = {
    **_PLACE,
    **_LETTERS,
    "flex": int,
    "align": _ALIGN,
    "gravity": _GRAVITY,
    "wrap": bool,
    "lineSpacing": str,
    "action": "action",
    "maxLines": int,
    "contents": "spans",
    "adjustMode": ("shrink-to-fit",),
    "scaling": bool,
}
_VIDEO: Rules = {
    "url": "media",
    "previewUrl": "media",
    "altContent": "component",
    "aspectRatio": str,
    "action": "action",
}
_ICON: Rules = {**_PLACE, "url": "media", "size": str, "aspectRatio": str, "scaling": bool}

COMPONENTS: Mapping[str, Shape] = {
    "box": (_BOX, ("layout", "contents")),
    "button": (_BUTTON, ("action",)),
    "image": (_IMAGE, ("url",)),
    "video": (_VIDEO, ("url", "previewUrl", "altContent")),
    "icon": (_ICON, ("url",)),
    "text": (_TEXT, ()),
    "separator": ({**_MARGIN, "color": str}, ()),
    "filler": ({"flex": int}, ()),
}
SPAN: Shape = (_LETTERS, ())
BLOCK: Shape = ({"backgroundColor": str, "separator": bool, "separatorColor": str}, ())
STYLES: Shape = (dict.fromkeys(("header", "hero", "body", "footer"), "block"), ())
BUBBLE: Shape = (
    {
        "direction": ("ltr", "rtl"),
        "size": ("nano", "micro", "deca", "hecto", "kilo", "mega", "giga"),
        "header": "box",
        "hero": "component",
        "body": "box",
        "footer": "box",
        "styles": "styles",
        "action": "action",
    },
    (),
)
GRADIENT: Shape = (
    dict.fromkeys(("angle", "startColor", "endColor", "centerColor", "centerPosition"), str),
    ("angle", "startColor", "endColor"),
)
OTHER_LINK: Shape = ({"desktop": "link"}, ("desktop",))
ACTIONS: Mapping[str, Shape] = {
    "uri": ({"label": str, "uri": "link", "altUri": "other link"}, ("uri",)),
    "postback": (
        {
            "label": str,
            "data": "data",
            "displayText": str,
            "text": str,
            "inputOption": ("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"),
            "fillInText": str,
        },
        ("data",),
    ),
    "message": ({"label": str, "text": "said"}, ("text",)),
    "datetimepicker": (
        {
            "label": str,
            "data": "data",
            "mode": ("date", "time", "datetime"),
            "initial": str,
            "max": str,
            "min": str,
        },
        ("data", "mode"),
    ),
    "clipboard": ({"label": str, "clipboardText": "clip"}, ("clipboardText",)),
}
