"""Files as they are while somebody types: whatever is missing or wrong, checking ends with mistakes, never breaks."""

from hypothesis import given, settings
from hypothesis import strategies as some

from bot.language.check import check
from tests.bot.language.test_broken_files import FILES, KNOWN
from tests.bot.language.test_docs import EXAMPLES, whole

TEXTS = [*map(whole, EXAMPLES), *(file.read_text(encoding="utf-8") for file in FILES)]
PIECES = some.sampled_from(
    ["", " ", "\n", "- ", ": ", "{", "}", "[", '"', "{{", "}}", "{%", "id: a\n", "茶", "\t", "true"]
)


@some.composite
def half_typed(draw: some.DrawFn) -> str:
    text: str = draw(some.sampled_from(TEXTS))
    for _ in range(draw(some.integers(1, 4))):
        at = draw(some.integers(0, len(text)))
        text = text[:at] + draw(PIECES) + text[at + draw(some.integers(0, 12)) :]
    return text


@settings(max_examples=500, deadline=None, database=None, derandomize=True)
@given(half_typed())
def test_checking_ends_with_a_flow_or_with_mistakes_that_have_a_place(text: str) -> None:
    flow, mistakes = check(text, "tea.yaml", KNOWN)
    assert flow or mistakes
    lines = text.count("\n") + 1
    assert all(1 <= mistake.line <= lines and mistake.column >= 1 for mistake in mistakes)
    assert flow or any(not mistake.is_warning for mistake in mistakes)
