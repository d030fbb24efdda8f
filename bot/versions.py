"""Published versions, read as the flows that they are. An older Tessera may have stored what this one refuses."""

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from bot.language import source, structure
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from db.tables import FlowVersion


def read(version: FlowVersion) -> Flow | Mistake:
    """The version's flow; or, where it cannot be read, the first part of its text that this Tessera does not know.

    Nobody begins such a flow until it is published anew; whoever is in it stops there; all others go on.
    """
    try:
        return Flow.model_validate(version.document)
    except ValidationError as error:
        text = source.read(version.source, f"version {version.number}")
        return text if isinstance(text, Mistake) else next(structure.mistakes(text, error.errors()))


def readable(versions: Iterable[FlowVersion]) -> Iterator[Flow]:
    """The flows of those that can be read."""
    for version in versions:
        flow = read(version)
        if isinstance(flow, Flow):
            yield flow
