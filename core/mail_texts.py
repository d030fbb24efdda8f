"""What mails say, in the reader's language."""

from core.shop import Shop


def words(kind: str, language: str, shop: Shop, username: str, link: str) -> tuple[str, str]:
    """(subject, text) of a mail of this kind to a user, with the link that is in it."""
    subject, *parts = _TEXTS[kind, "en" if language == "en" else "zh"]
    known = {"shop": shop.name, "username": username, "link": link}
    return " ".join(subject.format(**known).split()), "\n\n".join(parts).format(**known) + "\n"


# The subject, and the text's paragraphs.
_TEXTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("forgotten", "zh"): (
        "重設 {shop} 的密碼",
        "您好，{username}：",
        "有人（應該是您）要重設 {shop} 後台的密碼。請在一小時內打開下面的連結，選一個新密碼；連結只能用一次：",
        "{link}",
        "如果不是您，請不用理會這封信：沒有任何改變。",
    ),
    ("forgotten", "en"): (
        "Your password for {shop}",
        "Hello {username},",
        "somebody, probably you, asks for a new password for {shop}. Open this link within an hour and choose one:",
        "{link}",
        "It works once. If it was not you, leave this mail alone: nothing has changed.",
    ),
    ("invitation", "zh"): (
        "{shop} 邀請您",
        "您好：",
        "您在 {shop} 有了一個帳號，名稱是 {username}。請在三天內打開下面的連結，選一個密碼；連結只能用一次：",
        "{link}",
    ),
    ("invitation", "en"): (
        "Welcome to {shop}",
        "Hello,",
        "you have an account at {shop}; your user name is {username}. Choose a password within three days:",
        "{link}",
        "It works once.",
    ),
    ("changed", "zh"): (
        "{shop} 的密碼已更改",
        "您好，{username}：",
        "您在 {shop} 的密碼剛才更改了，其他裝置都已登出。如果不是您改的，請馬上重設，並告訴店裡的負責人：",
        "{link}",
    ),
    ("changed", "en"): (
        "Your password for {shop} was changed",
        "Hello {username},",
        "your password for {shop} was changed just now, and every other device is logged out.",
        "If it was not you, choose another one at once, and tell an owner of the shop:",
        "{link}",
    ),
}
