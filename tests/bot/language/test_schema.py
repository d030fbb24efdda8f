"""The JSON Schema that editors check by."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from bot.language import schema
from bot.language.check import check
from bot.language.known import Known
from tests.bot.language.test_check import BROKEN
from tests.bot.language.test_docs import EXAMPLES, whole

FLOWS = Path(__file__).parent.parent.parent.parent / "flows"
VALIDATOR = jsonschema_rs.validator_for(schema.schema())
# What pydantic's model finds and the shape of the file does not show.
WRONG_SHAPES = (
    "an unknown field",
    "an unknown field of the flow",
    "an unknown kind of step",
    "a list for a say",
    "a text for a list",
    "a language that is none",
    "a name in capitals",
    "no steps",
    "end that is not true",
    "a word for a start",
)


def problems(text: str) -> list[str]:
    data: Any = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 (BaseLoader makes texts only)
    return [error.message for error in VALIDATOR.iter_errors(_numbers(data))]


def _numbers(part: object) -> object:
    """BaseLoader's texts as an editor sees them: numbers and true are no texts."""
    if isinstance(part, dict):
        return {name: _numbers(inner) for name, inner in part.items()}
    if isinstance(part, list):
        return [_numbers(inner) for inner in part]
    if part in ("true", "false"):
        return part == "true"
    return int(part) if isinstance(part, str) and part.isdecimal() else part


def test_the_file_beside_the_flows_is_current() -> None:
    assert (FLOWS / "flow.schema.json").read_text(encoding="utf-8") == schema.text(), "run: flask flows schema"


@pytest.mark.parametrize("file", sorted(FLOWS.glob("*.yaml")), ids=lambda file: file.name)
def test_the_example_flows_name_it_and_fit_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=flow.schema.json\n")
    assert problems(text) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split("\n")[0].strip() for example in EXAMPLES])
def test_every_example_of_the_page_fits_it(example: str) -> None:
    assert problems(whole(example)) == []


@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_it_finds_what_the_shape_of_a_file_shows(name: str) -> None:
    text = BROKEN[name][0]
    assert problems(text)
    assert check(text, "tea.yaml", Known())[0] is None
