"""Who fetches a coupon's page: a person, a link preview, or a browser that fetches ahead.

Sources: the platforms' published user agents and what servers have seen of them, collected 2026-11. The rule is here
alone, and what was seen is kept with each hit, so that history can be counted anew.
"""

import re
from typing import Literal

from werkzeug.datastructures import Headers

Visitor = Literal["person", "preview", "prefetch"]

# Asked first: LINE's preview calls itself "facebookexternalhit/1.1;line-poker/1.0", while "... Line/14.10.0" is a
# person in LINE's own browser. Apple's Messages sends a whole Safari string that ends in "Facebot Twitterbot/1.0".
PREVIEWS = re.compile(
    r"facebookexternalhit|facebot|line-poker|line-crawler|meta-external|twitterbot|slackbot|slack-imgproxy|discordbot"
    r"|telegrambot|whatsapp/|kakaotalk-scrap|linkedinbot|skypeuripreview|naver|yeti/|googlebot|bingbot|applebot"
    r"|pinterestbot|redditbot|embedly|iframely|bot\b|crawler|spider|preview",
    re.IGNORECASE,
)
# A request line without a browser: scanners of links in mails and companies' gateways.
PROGRAMS = re.compile(r"^(curl|wget|python-|go-http|java/|okhttp|axios|node|libwww|httpclient)", re.IGNORECASE)


def kind_of(headers: Headers) -> Visitor:
    """Who sent these headers."""
    agent = headers.get("User-Agent", "")
    if PREVIEWS.search(agent) or PROGRAMS.search(agent) or not agent:
        return "preview"
    purposes = [headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")]
    return "prefetch" if any("prefetch" in purpose or "prerender" in purpose for purpose in purposes) else "person"
