"""The flows that a flow may call."""

from typing import Protocol

from bot.language.model import Flow


class Library(Protocol):
    """The published flows. A conversation that called one goes through the version that was found at the call."""

    def find(self, name: str) -> tuple[int, Flow] | None:
        """The published version of a flow: its id, which is never 0, and the flow; None where there is none."""
        ...

    def flow(self, version_id: int) -> Flow:
        """The flow of a version that `find` gave once."""
        ...


class NoLibrary:
    """For a flow that calls none."""

    def find(self, name: str) -> tuple[int, Flow] | None:  # noqa: ARG002 (there is none, whatever the name)
        """None."""
        return None

    def flow(self, version_id: int) -> Flow:
        """Never asked, since `find` gave nothing."""
        raise KeyError(version_id)
