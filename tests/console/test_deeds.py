"""Deeds of the audit log in words."""

from flask import Flask

from console.audit import wording

BEFORE = {"expires_after_seconds": 604_800, "has_verify_button": False}
AFTER = {"expires_after_seconds": 259_200, "has_verify_button": True}


def test_a_deed_says_which_serials_it_was_about(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert wording.about({"import": 3, "name": "good.csv", "rows": 1501}) == "good.csv"
        assert wording.about({"pack": 7, "name": "FNA@5841", "serials": 5000}) == "FNA@5841 · 5,000 serials"
        assert wording.about({"before": [], "now": [1000, 100]}) == "1,000, 100"
        assert wording.about({"revision": 2, "where": "console"}) == ""


def test_what_was_changed_is_told_as_people_call_it(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        of_campaign = wording.lines({"before": BEFORE, "after": AFTER, "revision": 2}, "campaign")
        of_user = wording.lines({"before": {"role": "staff"}, "after": {"role": "owner"}}, "user")
    assert of_campaign == ["使用期限: 7 天 → 3 天", "核銷按鈕: 否 → 是", "revision: 2"]
    assert of_user == ["role: staff → owner"]
