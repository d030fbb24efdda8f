"""Which step of a newer version is the same as a step of an older one, where that is certain."""

from typing import Any

from bot.language.model import AnyStep, Flow


class Match:
    """Two versions of a flow, step by step.

    A step with an id is the one with the same id. One without is the one that says exactly the same, where either
    version has just one such: where two say the same, or a word is changed, nobody can tell.
    """

    def __init__(self, old: Flow, new: Flow) -> None:
        self.old, self.new = old, new
        self._contents = [_content(step) for step in old.steps], [_content(step) for step in new.steps]

    def place(self, index: int) -> int | None:
        """Where the old version's step at `index` is in the new one, or None."""
        step_id = self.old.steps[index].id
        if step_id:
            return self.new.indices.get(step_id)
        before, after = self._contents
        content = before[index]
        return after.index(content) if before.count(content) == after.count(content) == 1 else None


def _content(step: AnyStep) -> dict[str, Any]:
    return step.model_dump(mode="json", by_alias=True, exclude={"id"})
