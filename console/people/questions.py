"""What an owner reads before something is done to somebody: what comes of it, and whether it goes back."""

from console.question import Question
from core.user_changes import Person
from web.words import say


def of(deed: str, person: Person) -> Question:
    """The question before a deed."""
    name = person.username
    return {
        "disable": Question(
            say(f"停用 {name}？", f"Shut {name} out?"),
            say(
                "對方會馬上登出，也不能再登入；寄出的連結失效。做過的事都留著。之後隨時可以恢復。",
                "They are logged out at once and cannot log in; links that were sent end. What they did stays. You can "
                "let them in again at any time.",
            ),
            say("停用", "Shut out"),
            say("已停用。", "Shut out."),
            is_grave=True,
        ),
        "enable": Question(
            say(f"恢復 {name}？", f"Let {name} in again?"),
            say("對方可以用原來的密碼登入。", "They can log in with the password they had."),
            say("恢復", "Let in"),
            say("已恢復。", "Let in again."),
        ),
        "log-out": Question(
            say(f"讓 {name} 在所有裝置登出？", f"Log {name} out everywhere?"),
            say(
                "每一台裝置都要重新登入，例如手機遺失的時候。密碼不變。",
                "Every device must log in anew, as when a phone is lost. The password stays.",
            ),
            say("全部登出", "Log out everywhere"),
            say("已在所有裝置登出。", "Logged out everywhere."),
            is_grave=True,
        ),
        "codes-off": Question(
            say(f"關掉 {name} 的驗證碼？", f"Turn {name}'s one-time codes off?"),
            say(
                "只有密碼就能登入，直到對方自己再打開。請先確認是本人要求的。",
                "The password alone lets them in until they turn codes on again. Make sure that it is they who ask.",
            ),
            say("關掉", "Turn off"),
            say("驗證碼已關閉。", "One-time codes are off."),
            is_grave=True,
        ),
        "link": Question(
            say(f"為 {name} 做一個連結？", f"Make a link for {name}?"),
            say(
                "會顯示一個連結，一小時內有效，只能用一次。請只交給本人：打開它的人可以選新密碼。現在的密碼在那之前不變。",
                "A link is shown that works once, for an hour. Give it to nobody else: whoever opens it chooses the "
                "password. Until then the present one stays.",
            ),
            say("做連結", "Make a link"),
            "",
        ),
        "mail": Question(
            say(f"寄連結給 {name}？", f"Mail {name} a link?"),
            say(
                f"信會寄到 {person.email or '-'}，裡面的連結可以選新密碼，只能用一次。現在的密碼在那之前不變。",
                f"It goes to {person.email or '-'}; with the link in it they choose a password, once. Until then the "
                "present one stays.",
            ),
            say("寄出", "Send"),
            "",
        ),
    }[deed]
