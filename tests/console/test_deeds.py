"""Deeds of the audit log in words."""

from flask import Flask

from console import deeds
from core.audit import ACTIONS

UPLOADED = {"import": 3, "name": "good.csv", "rows": 1501}


def test_every_deed_has_its_words() -> None:
    assert set(deeds.WORDS) == set(ACTIONS)


def test_a_deed_says_which_serials_it_was_about(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert deeds.about(UPLOADED) == "good.csv · 1,501 rows"
        assert deeds.about({"pack": 7, "name": "FNA@5841", "code": "FNA@5841", "serials": 5}) == "FNA@5841 · 5 serials"
        assert deeds.about({"before": [], "now": [1000, 100]}) == "1,000, 100"
        assert deeds.about(UPLOADED | {"rows": "good"}) == "good.csv · the good ones are added"
        assert deeds.about({"revision": 2, "where": "console"}) == ""


def test_what_a_campaign_was_changed_to_is_told_as_people_call_it(app: Flask) -> None:
    before = {"expires_after_seconds": 604_800, "has_verify_button": False}
    detail = {"before": before, "after": {"expires_after_seconds": 259_200, "has_verify_button": True}, "revision": 2}
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        told = deeds.lines("campaign", detail)
    assert told == ["使用期限: 7 天 → 3 天", "核銷按鈕: 否 → 是", "版本: 2"]


def test_what_a_person_was_changed_to_is_told(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        told = deeds.lines(
            "user", {"before": {"role": "staff", "store": "Xinyi"}, "after": {"role": "owner", "store": None}}
        )
    assert told == ["role: staff → owner", "store: Xinyi → -"]
