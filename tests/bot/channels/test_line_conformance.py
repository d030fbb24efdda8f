"""Every request body we would send holds against LINE's own description, where that lies beside the project."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from bot.channels.line import Line, menu_file, render
from bot.messages import Message
from tests.bot.channels.line_events import EVENTS, posted
from tests.bot.channels.line_schema import SCHEMA
from tests.bot.channels.platform import Platform
from tests.bot.channels.samples import ANY_MESSAGE, SAMPLES

MENUS = Path(__file__).parents[3] / "flows" / "menus"


def validator(model: str, *, closed: bool = True) -> jsonschema_rs.Validator:
    spec = importlib.util.spec_from_file_location("line_schema_tool", SCHEMA)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return jsonschema_rs.validator_for(tool.for_model(model, closed=closed))


PUSH = validator("PushMessageRequest")
MENU = validator("RichMenuRequest")
LOADING = validator("ShowLoadingAnimationRequest")
CALLBACK = validator("CallbackRequest", closed=False)
UNDOCUMENTED = (
    "to come",
    "of old",
    "no time",
    "a time that",
    "without",
    "bot suspended",
    "never on a phone",
    "too long to be one",
)


def errors(objects: list[dict[str, Any]]) -> list[str]:
    bodies = [objects[at : at + 5] for at in range(0, len(objects), 5)]
    found = [PUSH.iter_errors({"to": "U1", "messages": body}) for body in bodies]
    return [error.message for each in found for error in each]


@pytest.mark.parametrize("message", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_sample_holds_against_lines_description(message: Message) -> None:
    objects = render(message)
    assert objects
    assert errors(objects) == []


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(ANY_MESSAGE)
def test_any_message_holds_against_lines_description(message: Message) -> None:
    assert errors(render(message)) == []


def test_the_description_refuses_what_line_refuses() -> None:
    assert errors([{"type": "text", "txt": "misspelt"}])


def test_the_demos_menus_hold_against_lines_description() -> None:
    menus = menu_file.read(MENUS / "line.yaml")
    assert [error.message for menu in menus for error in MENU.iter_errors(menu.request)] == []


def test_the_loading_animation_holds_against_lines_description(platform: Platform) -> None:
    Line(platform.url, "token").show_typing("U1")
    assert [error.message for error in LOADING.iter_errors(platform.asked[0].body)] == []


def test_the_webhooks_that_are_tried_are_as_line_describes_them() -> None:
    documented = [raw for name, (raw, _) in EVENTS.items() if not any(words in name for words in UNDOCUMENTED)]
    assert len(documented) > 25
    body = json.loads(posted(*documented))
    assert [f"{list(error.instance_path)}: {error.message}" for error in CALLBACK.iter_errors(body)] == []
