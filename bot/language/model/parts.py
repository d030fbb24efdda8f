"""What all parts of a flow file are made of: names, texts, and their short forms."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=64)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]  # of an answer or an attribute
LANGUAGE = r"[a-z]{2}(?:-[A-Za-z0-9]{2,8})*"  # a BCP 47 tag, as far as texts need it
Language = Annotated[str, Field(pattern=f"^{LANGUAGE}$")]
_SCHEMA_OF_LANGUAGES = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": f"^(?:{LANGUAGE}|use)$"},
    "additionalProperties": {"type": "string"},
}
# One text for all languages, or a text a language. `{use: name}` is filled in before.
Words = str | Annotated[dict[str, str], WithJsonSchema(_SCHEMA_OF_LANGUAGES)]


class Part(BaseModel):
    """Unchangeable, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def short_for(key: str) -> Callable[[Any], Any]:
    """`say: Hello` is short for `say: {text: Hello}`; a mapping of languages is a text too."""

    def long(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
        is_words = isinstance(given, str) or (isinstance(given, dict) and given and all(map(_is_language, given)))
        return {key: given} if is_words else given

    return long


def _is_language(name: object) -> bool:
    """Two letters, and perhaps a script or a region: en, zh-Hant. None of a part's own fields looks so but `go`."""
    return isinstance(name, str) and bool(re.fullmatch(LANGUAGE, name)) and name != "go"


def _listed(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
    return [given] if isinstance(given, str) else given


# `words: coupon` is short for `words: [coupon]`.
Several = Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])]
SeveralNames = Annotated[tuple[Name, ...], BeforeValidator(_listed, json_schema_input_type=Name | list[Name])]
