"""The steps to begin with, beside the editor: each can be put in as it stands."""

import pytest

from bot.language.check import check
from bot.language.known import Known
from console.flows import samples
from tests.web.doors import Browser

HEAD = "flow: cake\nlanguages: [zh-Hant, en]\nstarts: [follow]\nsteps:\n"


def test_together_they_are_a_good_flow_without_a_warning() -> None:
    known = Known(campaigns=frozenset({"spring-tea", "summer-tea"}))
    flow, mistakes = check(HEAD + "".join(one.text for one in samples.of_shop(known.campaigns)), "cake.yaml", known)
    assert mistakes == []
    assert flow is not None
    assert "spring-tea" in flow.model_dump_json()


@pytest.mark.parametrize("campaigns", [None, frozenset()])
def test_a_shop_without_campaigns_is_shown_the_shape_all_the_same(campaigns: frozenset[str] | None) -> None:
    assert any("campaign: summer-tea" in one.text for one in samples.of_shop(campaigns))


@pytest.mark.usefixtures("tea")
def test_the_editor_shows_them_with_the_shops_campaign_and_the_languages_of_its_reader(mia: Browser) -> None:
    page = mia.get("/console/flows/tea/edit").text
    assert "Remind after two days" in page
    assert "campaign: summer-tea" in page.split('id="sample-coupon"')[1]
