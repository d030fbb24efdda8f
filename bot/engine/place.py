"""Where a conversation stands, and how it moves: from step to step, into a flow that is called, and back."""

from dataclasses import replace
from datetime import datetime

from bot.engine.failure import FlowFailure
from bot.engine.library import Library
from bot.language import model
from bot.language.model import Flow
from bot.state import Frame, State, Waits
from core.reasons import Reason

DEEPEST = 10  # flows within one another


class Place:
    """A state, with the flow that its step belongs to."""

    def __init__(self, first: Flow, state: State, library: Library) -> None:
        self.first, self.state, self.library = first, state, library
        self.flow = self._flow_of(state.version_id)

    @property
    def step(self) -> model.AnyStep | None:
        """The step that comes next, or is being waited at; None past the last one."""
        return self.flow.steps[self.state.step] if self.state.step < len(self.flow.steps) else None

    def change(self, **fields: object) -> None:
        """Change the state's fields."""
        self.state = replace(self.state, **fields)  # type: ignore[arg-type]  # the callers name State's own fields

    def wait(self, what: Waits, due_at: datetime | None = None) -> None:
        """Stay at this step until something comes."""
        self.change(waits_for=what, due_at=due_at)

    def go(self, step_id: str | None) -> None:
        """Go to a step by its id, or on to the next one."""
        try:
            step = self.flow.index(step_id) if step_id else self.state.step + 1
        except KeyError as error:
            raise self.failure(Reason.FLOW_UNKNOWN, f"there is no step {step_id!r}") from error
        self.change(step=step, waits_for="", due_at=None, tries=0)

    def call(self, name: str) -> None:
        """Go into another flow, to come back to the step after this one; where there is none, not to come back."""
        found = self.library.find(name)
        if found is None:
            raise self.failure(Reason.FLOW_UNKNOWN, f"it calls the flow {name!r}, which is not published")
        frames = self._frames_with_this()
        if len(frames) > DEEPEST:
            raise self.failure(Reason.FLOW_STEP_LIMIT, f"flows call one another more than {DEEPEST} deep")
        version_id, self.flow = found
        self.change(version_id=version_id, step=0, answers={}, frames=frames)

    def _frames_with_this(self) -> tuple[Frame, ...]:
        """The callers of the flow that is called here. A flow that is over anyway hands on its answers and is none."""
        state, after = self.state, self.state.step + 1
        if after < len(self.flow.steps) and not isinstance(self.flow.steps[after], model.End):
            return (*state.frames, Frame(state.version_id, after, state.answers))
        if not state.frames:
            return ()
        *frames, caller = state.frames
        return (*frames, replace(caller, answers={**caller.answers, **state.answers}))

    def finish(self) -> None:
        """The flow is over: back to its caller, which keeps the answers, or the end of the conversation."""
        if not self.state.frames:
            self.stop()
            return
        *frames, frame = self.state.frames
        answers = {**frame.answers, **self.state.answers}
        self.change(version_id=frame.version_id, step=frame.step, answers=answers, frames=tuple(frames))
        self.flow = self._flow_of(frame.version_id)

    def stop(self) -> None:
        """The conversation is over, whoever called."""
        self.change(waits_for="", due_at=None, is_ended=True, frames=())

    def failure(self, reason: Reason, detail: str) -> FlowFailure:
        """What is wrong at this step."""
        return FlowFailure(reason, self.flow.flow, self.state.step, detail)

    def _flow_of(self, version_id: int) -> Flow:
        if not version_id:
            return self.first
        try:
            return self.library.flow(version_id)
        except LookupError as error:
            detail = f"the flow that was called, version {version_id}, is not there"
            raise FlowFailure(Reason.FLOW_UNKNOWN, self.first.flow, self.state.step, detail) from error
