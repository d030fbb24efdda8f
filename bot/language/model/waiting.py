"""What a step waits for: some time, a time, or what the customer does with a coupon."""

from typing import Annotated

from pydantic import Field, model_validator

from bot.language.model.asking import Timeout
from bot.language.model.parts import Name, Part, Several
from bot.language.model.times import Duration, moment, time_of_day
from bot.sentences import Sentence

HAPPENINGS = ("opened", "redeemed", "verified")


class Waiting(Part):
    """Either `for` and `until` a time, or `until` something happens, with a `timeout`."""

    for_: Annotated[Duration | None, Field(alias="for")] = None
    until: Several = ()
    campaign: Name | None = None
    timeout: Timeout | None = None

    @property
    def happens(self) -> tuple[str, ...]:
        """What ends the wait, where it is something that happens."""
        return tuple(one for one in self.until if one in HAPPENINGS)

    @model_validator(mode="after")
    def _fits_together(self) -> "Waiting":
        if not (self.for_ or self.until):
            message = Sentence(
                "wait_for_nothing",
                "`wait` 要有 `for`（多久）或 `until`（一個時間，或 opened、redeemed、verified）",
                "`wait` needs `for` (how long) or `until` (a time, or opened, redeemed, verified)",
            )
            raise ValueError(message)
        if self.happens:
            self._check_happening()
            return self
        if self.until and (len(self.until) > 1 or not (time_of_day(self.until[0]) or moment(self.until[0]))):
            found = ", ".join(self.until)
            message = Sentence(
                "wrong_until",
                f"這裡寫的是「{found}」；`until` 是時間，例如 18:00 或 2026-12-24 18:00，或 opened、redeemed、verified",
                f"found {found!r}; `until` is a time such as 18:00 or 2026-12-24 18:00, or opened, redeemed, verified",
            )
            raise ValueError(message, "until")
        if self.for_ and self.until and moment(self.until[0]):
            message = Sentence(
                "for_with_date",
                "`for` 只能和 18:00 這樣的時間一起用；有日期時不必再寫 `for`",
                "`for` goes with a time of day only, such as 18:00; a date says all by itself",
            )
            raise ValueError(message, "for")
        if self.timeout or self.campaign:
            message = Sentence(
                "wait_parts_without_happening",
                "`timeout` 和 `campaign` 要和 `until: opened`、`redeemed` 或 `verified` 一起用",
                "`timeout` and `campaign` go with `until: opened`, `redeemed` or `verified`",
            )
            raise ValueError(message, "timeout" if self.timeout else "campaign")
        return self

    def _check_happening(self) -> None:
        if len(self.happens) != len(self.until):
            message = Sentence(
                "wrong_until",
                "`until` 要寫一個時間，或 opened、redeemed、verified 其中一個或幾個，不能混用",
                "`until` is either a time, or one or several of opened, redeemed, verified",
            )
            raise ValueError(message, "until")
        if self.for_:
            message = Sentence(
                "for_with_happening",
                "`for` 要和時間一起用；等一件事最多等多久請寫 `timeout`",
                "`for` goes with a time; how long to wait for something to happen is `timeout`",
            )
            raise ValueError(message, "for")
        if self.timeout is None:
            message = Sentence(
                "wait_without_timeout",
                "如果一直沒有發生，要怎麼辦？請加上 `timeout: {after: 2 days, go: ...}`",
                "what to do where it never happens? Add `timeout: {after: 2 days, go: ...}`",
            )
            raise ValueError(message)
