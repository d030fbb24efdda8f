"""How long a text can become once it is filled in: the longest of its branches, with the longest of each value."""

from collections.abc import Mapping, Sequence

from jinja2 import nodes

from bot.language import model, texts
from bot.language.model import Flow

ANSWER = 500  # characters of a free answer that are kept, and of an attribute
# The longest that each value comes to in practice. LINE cuts names at 20; Messenger tells first and last name.
VALUES = {
    "contact.name": 50,
    "contact.language": 10,
    "contact.channel": 9,
    "contact.member": 3,
    "shop.name": 40,
    "coupon.name": 100,
    "coupon.expires": 16,
}
LENGTHS = {"number": 17, "date": 10, "phone": 16, "email": 254, "text": ANSWER}  # an answer's, by its kind
URL = "https://shop.example/c/" + "x" * 40
_FILLER = "字"
_LEEWAY = 5  # `truncate` leaves a text alone that is up to so much longer


def values_of(flow: Flow) -> dict[str, str]:
    """The longest of each value that the flow's texts may say."""
    longest = {name: _FILLER * length for name, length in VALUES.items()} | {"coupon.url": URL}
    for step in flow.steps:
        if isinstance(step, model.Ask):
            name = f"answers.{step.ask.keep}"
            longest[name] = max(longest.get(name, ""), _longest_answer(flow, step.ask), key=len)
        elif isinstance(step, model.Set):
            longest |= {f"attributes.{name}": _FILLER * ANSWER for name in step.set}
    return longest


def _longest_answer(flow: Flow, asked: model.Asking) -> str:
    if not asked.choices:
        return _FILLER * LENGTHS[asked.kind]
    kept = (one.value or texts.chosen(one.label, flow.languages[0], flow.languages) for one in asked.choices)
    return max(kept, key=len)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template at its longest; itself where it is none, which is told elsewhere."""
    try:
        return _body(texts.tree(template).body, values)
    except texts.TextError:
        return template


def _body(body: Sequence[nodes.Node], values: Mapping[str, str]) -> str:
    return "".join(_part(part, values) for part in body)


def _part(part: nodes.Node, values: Mapping[str, str]) -> str:
    if isinstance(part, nodes.Output):
        return "".join(_value(inner, values) for inner in part.nodes)
    if isinstance(part, nodes.If):
        branches = [part.body, part.else_, *(branch.body for branch in part.elif_)]
        return max((_body(branch, values) for branch in branches), key=len)
    return ""


def _value(part: nodes.Node | None, values: Mapping[str, str]) -> str:
    match part:
        case nodes.TemplateData():
            longest = part.data
        case nodes.Const():
            longest = str(part.value)
        case nodes.Getattr(node=nodes.Name(name=name)):
            longest = values.get(f"{name}.{part.attr}", "")
        case nodes.Filter():
            longest = _filtered(part, _value(part.node, values), values)
        case nodes.CondExpr():
            longest = max(_value(part.expr1, values), _value(part.expr2, values), key=len)
        case nodes.Or() | nodes.And():
            longest = max(_value(part.left, values), _value(part.right, values), key=len)
        case nodes.Concat():
            longest = "".join(_value(inner, values) for inner in part.nodes)
        case nodes.Add():
            longest = _value(part.left, values) + _value(part.right, values)
        case _:
            longest = ""
    return longest


def _filtered(part: nodes.Filter, given: str, values: Mapping[str, str]) -> str:
    if part.name == "truncate":
        first = part.args[0] if part.args else nodes.Const(255)
        size = first.value if isinstance(first, nodes.Const) and isinstance(first.value, int) else len(given)
        return given[: size + _LEEWAY]
    if part.name in {"default", "d"}:
        return max(given, *(_value(argument, values) for argument in part.args), key=len)
    return "9999" if part.name == "length" else given
