"""Where a conversation stands in a flow, as it is stored between turns."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Waits = Literal["", "answer", "coupon", "wait"]


@dataclass(frozen=True)
class Frame:
    """A flow that called another one, to come back to. `version_id` 0: the flow that the conversation is in."""

    version_id: int
    step: int
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """The step that comes next (or is being waited at), the answers so far, and what is waited for.

    `version_id` is the called flow that `step` belongs to; 0: the flow that the conversation is in, which the caller
    keeps. `frames` are the callers, the nearest last. `luck` makes all chance repeatable, with `chances`, how often
    lots were drawn so far, and `said`, how often each step with several texts has said one. `tries` counts the
    answers that did not fit the open question. `coupon` is the last one that the conversation sent (campaign, name,
    url, expires). `due_at` is when the wait, or the time for an answer, is over.
    """

    step: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    waits_for: Waits = ""
    is_ended: bool = False
    luck: int = 0
    chances: int = 0
    said: dict[str, int] = field(default_factory=dict)
    tries: int = 0
    version_id: int = 0
    frames: tuple[Frame, ...] = ()
    coupon: dict[str, str] = field(default_factory=dict)
    due_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The state as JSON."""
        return {
            **vars(self),
            "frames": [vars(frame) for frame in self.frames],
            "due_at": self.due_at.isoformat() if self.due_at else None,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "State":
        """What `to_json` gave, now or in an earlier version, which knew fewer fields."""
        due_at = stored.get("due_at")
        more = {
            "answers": dict(stored["answers"]),
            "frames": tuple(Frame(**frame) for frame in stored.get("frames", ())),
            "due_at": datetime.fromisoformat(due_at) if due_at else None,
        }
        return cls(**{**stored, **more})
