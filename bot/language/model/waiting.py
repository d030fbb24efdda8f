"""What a step waits for: some time, a time, or what the customer does with a coupon."""

from typing import Annotated

from pydantic import Field, model_validator

from bot.language.model.asking import Timeout
from bot.language.model.parts import Name, Part, Several
from bot.language.model.times import Duration, moment, time_of_day

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
            raise ValueError("`wait` needs `for` (how long) or `until` (a time, or opened, redeemed, verified)")
        if self.happens:
            self._check_happening()
            return self
        if self.until and (len(self.until) > 1 or not (time_of_day(self.until[0]) or moment(self.until[0]))):
            found = ", ".join(self.until)
            raise ValueError(
                f"found {found!r}; `until` is a time such as 18:00 or 2026-12-24 18:00, or opened, redeemed, verified"
            )
        if self.for_ and self.until and moment(self.until[0]):
            raise ValueError("`for` goes with a time of day only, such as 18:00; a date says all by itself")
        if self.timeout or self.campaign:
            raise ValueError("`timeout` and `campaign` go with `until: opened`, `redeemed` or `verified`")
        return self

    def _check_happening(self) -> None:
        if len(self.happens) != len(self.until):
            raise ValueError("`until` is either a time, or one or several of opened, redeemed, verified")
        if self.for_:
            raise ValueError("`for` goes with a time; how long to wait for something to happen is `timeout`")
        if self.timeout is None:
            raise ValueError("what to do where it never happens? Add `timeout: {after: 2 days, go: ...}`")
