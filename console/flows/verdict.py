"""What is said of a text: its mistakes, and how its own conversations go."""

from dataclasses import dataclass

from bot import drafting
from bot.drafting import Desk
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.rehearsal.telling import difference
from bot.rehearsal.trial import trials
from web.words import language


@dataclass(frozen=True)
class Run:
    """A conversation of the text that was run; `lines` tell the reader where it goes otherwise."""

    name: str
    is_good: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """Errors come before warnings; conversations are run only where there is no error."""

    flow: Flow | None
    errors: tuple[Mistake, ...]
    warnings: tuple[Mistake, ...]
    runs: tuple[Run, ...]

    @property
    def is_good(self) -> bool:
        """Whether the text can be published."""
        return not self.errors and all(run.is_good for run in self.runs)


def of_text(desk: Desk, text: str) -> Verdict:
    """The verdict, as publishing will judge."""
    found = drafting.checked(desk, text)
    errors = tuple(mistake for mistake in found.mistakes if not mistake.is_warning)
    warnings = tuple(mistake for mistake in found.mistakes if mistake.is_warning)
    runs: tuple[Run, ...] = ()
    if found.flow and not errors:
        runs = tuple(
            Run(trial.conversation.name, trial.is_good, tuple(difference(text, trial, language())))
            for trial in trials(found.flow, desk.others)
        )
    return Verdict(found.flow, errors, warnings, runs)
