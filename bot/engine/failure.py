"""A flow that cannot go on."""

from core.reasons import Reason


class FlowFailure(Exception):  # noqa: N818 (the flow failed, not the engine)
    """The flow cannot go on for this contact: a stable reason, the step (None: no certain one), and what was wrong."""

    def __init__(self, reason: Reason, flow: str, step: int | None, detail: str) -> None:
        super().__init__(f"flow {flow}{'' if step is None else f', step {step + 1}'}: {detail}")
        self.reason = reason
