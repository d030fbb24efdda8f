"""Where a conversation stands in a flow, as it is stored between turns."""

from dataclasses import dataclass, field
from typing import Any, Literal

Waits = Literal["", "answer", "coupon"]


@dataclass(frozen=True)
class State:
    """The step that comes next (or is being waited at), the answers so far, and what is waited for."""

    step: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    waits_for: Waits = ""
    is_ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """The state as JSON."""
        return {"step": self.step, "answers": self.answers, "waits_for": self.waits_for, "is_ended": self.is_ended}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "State":
        """What `to_json` gave."""
        return cls(stored["step"], dict(stored["answers"]), stored["waits_for"], stored["is_ended"])
