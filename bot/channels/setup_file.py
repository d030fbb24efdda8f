"""A YAML file of what is set up once with a platform: read against its model, with every mistake in a sentence."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

_Model = TypeVar("_Model", bound=BaseModel)


class Part(BaseModel):
    """Unchangeable, and without fields that nobody knows. In the file a name's words stand apart: `get started`."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, alias_generator=lambda name: name.replace("_", " ")
    )


class SetupError(ValueError):
    """A file that cannot be used. `mistakes` are sentences, each with its place."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def documents(file: Path, model: type[_Model]) -> list[_Model]:
    """The YAML documents of a file (`---` between them).

    Raises:
        SetupError: it is no YAML, empty, or a document is not as `model` wants it.
    """
    try:
        found = [each for each in yaml.safe_load_all(file.read_text(encoding="utf-8")) if each is not None]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SetupError([f"is not readable YAML: {error}"]) from error
    if not found:
        raise SetupError(["is empty"])
    read, mistakes = [], []
    for each in found:
        try:
            read.append(model.model_validate(each))
        except ValidationError as error:
            mistakes += [_sentence(one["loc"], one["msg"]) for one in error.errors()]
    if mistakes:
        raise SetupError(mistakes)
    return read


def _sentence(path: tuple[int | str, ...], message: str) -> str:
    place = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    words = message.removeprefix("Value error, ").replace("Extra inputs are not permitted", "is not known here")
    return f"{place or 'the file'}: {words}"
