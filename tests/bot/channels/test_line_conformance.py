"""Every request body we would send holds against LINE's own description, where that lies beside the project."""

import importlib.util
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from bot.channels.line import render
from bot.messages import Message
from tests.bot.channels.line_schema import SCHEMA
from tests.bot.channels.samples import ANY_MESSAGE, SAMPLES


def validator() -> jsonschema_rs.Validator:
    spec = importlib.util.spec_from_file_location("line_schema_tool", SCHEMA)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return jsonschema_rs.validator_for(tool.for_model("PushMessageRequest"))


VALIDATOR = validator()


def errors(objects: list[dict[str, Any]]) -> list[str]:
    bodies = [objects[at : at + 5] for at in range(0, len(objects), 5)]
    found = [VALIDATOR.iter_errors({"to": "U1", "messages": body}) for body in bodies]
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
