"""One conversation's state carried from an older version of its flow into a newer one. Nothing is read or stored."""

from dataclasses import dataclass, replace

from bot.language import reach
from bot.language.known import Known
from bot.language.model import Flow
from bot.moving.fitting import misfit
from bot.moving.matching import Match
from bot.state import State
from core.reasons import Reason


@dataclass(frozen=True)
class Stays:
    """Why a conversation stays in its version: the step there, by its index, and the reason."""

    step: int
    reason: Reason
    detail: str = ""


class Carrier:
    """From one version to another. `known`: the flows that either may call."""

    def __init__(self, old: Flow, new: Flow, known: Known) -> None:
        self.old, self.new = old, new
        self._known, self._match = known, Match(old, new)
        self._judged: dict[tuple[int, reach.Values], int | Stays] = {}  # many people stand at few steps

    def carried(self, state: State) -> State | Stays:
        """The same conversation in the newer version, or why there is none.

        A conversation within a flow that was called stays within it, and comes back to the newer version. Where it is
        not to come back, there is nothing to be found in the newer version.
        """
        frames, answers = state.frames, state.answers
        said = self._said(state.said)
        if state.version_id:
            place = next((index for index, frame in enumerate(frames) if not frame.version_id), None)
            if place is None:
                return replace(state, said=said)
            called = self._place(frames[place].step - 1, {**frames[place].answers, **answers}, state)
            if isinstance(called, Stays):
                return called
            frame = replace(frames[place], step=called + 1)
            return replace(state, frames=(*frames[:place], frame, *frames[place + 1 :]), said=said)
        step = self._place(state.step, answers, state)
        return step if isinstance(step, Stays) else replace(state, step=step, said=said)

    def _place(self, step: int, answers: dict[str, str], state: State) -> int | Stays:
        values = frozenset(answers) | (frozenset({reach.COUPON}) if state.coupon else frozenset())
        if (step, values) not in self._judged:
            self._judged[step, values] = self._judge(step, values)
        return self._judged[step, values]

    def _judge(self, index: int, values: reach.Values) -> int | Stays:
        if not 0 <= index < len(self.old.steps):
            return Stays(index, Reason.MOVE_STEP_GONE)
        step, place = self.old.steps[index], self._match.place(index)
        if place is None:
            return Stays(index, Reason.MOVE_STEP_GONE if step.id else Reason.MOVE_STEP_UNNAMED)
        reason = misfit(self.old, step, self.new, self.new.steps[place])
        if reason:
            return Stays(index, reason)
        missing = reach.missing(self.new, place, values, self._known)
        return Stays(index, Reason.MOVE_VALUE_MISSING, ", ".join(sorted(missing))) if missing else place

    def _said(self, said: dict[str, int]) -> dict[str, int]:
        """How often steps with several texts have said one, by where they are now; of those that are gone, nothing."""
        found = {}
        for key, count in said.items():
            version_id, index = map(int, key.split("/"))
            place = self._match.place(index) if not version_id and index < len(self.old.steps) else None
            if version_id:
                found[key] = count
            elif place is not None:
                found[f"0/{place}"] = count
        return found
