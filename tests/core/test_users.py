"""Users: what they may be, the links that set passwords, one-time codes, and the last owner."""

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import user_changes, user_codes, user_links, users
from core.audit import Doer
from core.reasons import Reason
from core.refusal import Refused
from core.user_changes import Wanted
from core.users import UserError
from db.database import Database
from db.tables import AuditEntry, LoginLink, RecoveryCode, User

PASSWORD, OTHER = "a long password", "another long password"
KEY = "the server's key"
MINUTE = timedelta(minutes=1)


def add(session: Session, name: str, role: users.Role, now: datetime) -> User:
    user = users.create(session, name, None, role, "Xinyi" if role == "staff" else None, now)
    user.password_hash = "unused"
    return user


def reasons(session: Session, now: datetime, *wanted: tuple[str, str | None, str | None, str | None]) -> list[Reason]:
    found = []
    for name, password, store, email in wanted:
        with pytest.raises(UserError) as refused:
            users.create(session, name, password, "staff", store, now, email)
        found.append(refused.value.reason)
    return found


def deeds(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_user_that_cannot_be_as_asked_is_refused_with_the_reason(database: Database, now: datetime) -> None:
    with database.write() as session:
        users.create(session, "ann", None, "staff", "Xinyi", now, "Ann@Example.com")
        assert reasons(
            session,
            now,
            ("  ", PASSWORD, "Xinyi", None),
            ("ann\u200b", PASSWORD, "Xinyi", None),
            ("ann ", PASSWORD, "Xinyi", None),
            ("bob", "short", "Xinyi", None),
            ("bob", "x" * 201, "Xinyi", None),
            ("bob", PASSWORD, " ", None),
            ("bob", PASSWORD, "Xinyi", "no address"),
            ("bob", PASSWORD, "Xinyi", "evil@example.com\nBcc: all@example.com"),
            ("bob", PASSWORD, "Xinyi", "b..ob@example.com"),
            ("bob", PASSWORD, "Xinyi", "böb@example.com"),
            ("bob", PASSWORD, "Xinyi", "ann@example.COM"),
        ) == [
            Reason.USER_NAME_MALFORMED,
            Reason.USER_NAME_MALFORMED,
            Reason.USER_NAME_TAKEN,
            Reason.PASSWORD_TOO_SHORT,
            Reason.PASSWORD_TOO_LONG,
            Reason.STORE_MISSING,
            Reason.EMAIL_MALFORMED,
            Reason.EMAIL_MALFORMED,
            Reason.EMAIL_MALFORMED,
            Reason.EMAIL_MALFORMED,
            Reason.EMAIL_TAKEN,
        ]
        assert session.scalars(select(User.username)).all() == ["ann"]


@pytest.mark.parametrize(
    ("rival", "reason"),
    [
        ({"username": "ann"}, Reason.USER_NAME_TAKEN),
        ({"username": "bob", "email": "ann@example.com"}, Reason.EMAIL_TAKEN),
    ],
)
def test_of_two_who_add_the_same_user_at_once_one_is_refused(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, rival: dict[str, str], reason: Reason
) -> None:
    def is_slow(session: Session, _role: users.Role, _store: str | None) -> None:
        """After it was looked whether there is such a user."""
        session.add(User(password_hash="", role="owner", created_at=now, **rival))
        session.flush()

    monkeypatch.setattr(users, "checked_store", is_slow)
    with database.write() as session:
        with pytest.raises(UserError) as refused:
            users.create(session, "ann", None, "owner", None, now, "ann@example.com")
        assert (refused.value.reason, len(session.scalars(select(User)).all())) == (reason, 1)


def test_the_database_knows_three_roles_and_one_owner_of_an_address(database: Database, now: datetime) -> None:
    with database.write() as session:
        users.create(session, "oda", None, "owner", None, now, "oda@example.com")
    for change in (update(User).values(role="admin"), update(User).values(codes_since=now)):
        with pytest.raises(IntegrityError), database.write() as session:
            session.execute(change)
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(User(username="eve", password_hash="", role="owner", created_at=now, email="oda@example.com"))


def test_a_guess_takes_as_long_for_whoever_it_is(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash of the same cost for each, which is what takes the time."""
    tried: list[str] = []

    def is_right(known: str, _password: str) -> bool:
        tried.append(known)
        return False

    monkeypatch.setattr(users, "is_right", is_right)
    with database.write() as session:
        users.create(session, "ann", PASSWORD, "staff", "Xinyi", now)
        users.create(session, "new", None, "staff", "Xinyi", now)
        users.create(session, "bob", PASSWORD, "staff", "Xinyi", now).disabled_at = now
    with database.read() as session:
        for name in ("ann", "new", "bob", "nobody", "", "an\0n"):
            users.authenticate(session, name, "a guess")
    assert len({known.rpartition("$")[0].rpartition("$")[0] for known in tried}) == 1 and len(tried) == 6


def test_a_link_sets_a_password_once_within_its_time_and_ends_all_sessions(database: Database, now: datetime) -> None:
    with database.write() as session:
        ann = add(session, "ann", "staff", now).id
        token, other = (user_links.make(session, ann, user_links.BY_MAIL, None, now) for _ in range(2))
        before = users.account(session, ann)
    with database.write() as session:
        assert user_links.whose(session, token, now + timedelta(hours=1)) is None
        assert user_links.use(session, token, "late", now + timedelta(hours=1)) is None
        assert user_links.use(session, "another token", "guessed", now) is None
        assert user_links.use(session, token, users.hashed(OTHER), now) is not None
    with database.write() as session:
        assert user_links.use(session, token, "again", now) is None
        assert user_links.use(session, other, "the older one", now) is None
        after = users.authenticate(session, "ann", OTHER)
        assert before and after and after.session_number == before.session_number + 1
        digests = session.scalars(select(LoginLink.digest)).all()
        assert token not in str(digests) and deeds(session) == ["user.password_chosen"]


def test_no_link_counts_of_whom_is_shut_out_or_has_another_address(database: Database, now: datetime) -> None:
    with database.write() as session:
        add(session, "oda", "owner", now)
        ann = add(session, "ann", "staff", now).id
        tokens = [user_links.make(session, ann, user_links.BY_MAIL, None, now)]
        user_changes.change(session, Doer(), ann, Wanted("ann", "staff", "Xinyi", "ann@example.com"), now + MINUTE)
        assert user_links.use(session, tokens[0], "stolen", now) is None  # before they are shut out, which ends it too
        tokens.append(user_links.make(session, ann, user_links.BY_MAIL, None, now))
        user_changes.disable(session, Doer(), ann, now + MINUTE)
        user_changes.enable(session, Doer(), ann, now + MINUTE)
    with database.write() as session:  # also for whoever looked at the clock before it was ended
        assert [user_links.use(session, token, "stolen", now) for token in tokens] == [None, None]
        assert session.get_one(User, ann).password_hash == "unused"


def test_one_time_codes_count_once_within_half_a_minute_of_the_clock(database: Database, now: datetime) -> None:
    with database.write() as session:
        ann = add(session, "ann", "staff", now).id
        before, salt = user_codes.begin(session, ann), user_codes.begin(session, ann)
        assert salt and user_codes.begun(session, ann) == salt != before  # who began before has seen another secret
        phone = pyotp.TOTP(user_codes.secret(KEY, salt))
        doer = Doer(ann, "ann")
        assert user_codes.turn_on(session, doer, KEY, "000000", now) is None
        made = user_codes.turn_on(session, doer, KEY, phone.at(now), now)
        assert made is not None and len(set(made)) == user_codes.RECOVERY_CODES
        assert user_codes.begin(session, ann) is user_codes.begun(session, ann) is None  # nobody is shown it again
        assert salt not in str([*session.scalars(select(RecoveryCode.digest)), *made])

    def takes(entered: str, at: datetime) -> bool:
        with database.write() as session:
            return user_codes.take(session, ann, KEY, entered, at)

    later = now + MINUTE
    assert not takes(phone.at(now), now)  # the one it was turned on with
    assert not takes(phone.at(later + MINUTE), later) and not takes(phone.at(later - MINUTE), later)
    assert takes(f" {phone.at(later)[:3]} {phone.at(later)[3:]} ", later)
    assert not takes(phone.at(later), later) and not takes(phone.at(later), later + timedelta(seconds=20))
    assert not takes(phone.at(later - timedelta(seconds=30)), later)  # an older one, looked at over a shoulder
    assert takes(made[3].upper(), later) and not takes(made[3], later)
    assert not takes("", later) and not takes("0" * 40, later)
    with database.read() as session:
        assert user_codes.recovery_codes_left(session, ann) == user_codes.RECOVERY_CODES - 1


def test_the_last_owner_stays_one_until_there_is_another(database: Database, now: datetime) -> None:
    with database.write() as session:
        oda, ann = add(session, "oda", "owner", now), add(session, "ann", "marketer", now)
        for refused in (
            user_changes.disable(session, Doer(), oda.id, now),
            user_changes.change(session, Doer(), oda.id, Wanted("oda", "marketer"), now),
        ):
            assert refused == Refused(Reason.LAST_OWNER, "oda")
        assert (oda.role, oda.disabled_at, deeds(session)) == ("owner", None, [])
        assert user_changes.change(session, Doer(), ann.id, Wanted("ann", "owner"), now) is None
        assert user_changes.disable(session, Doer(), ann.id, now) is None  # who is shut out is no owner to rely on
        assert user_changes.disable(session, Doer(), oda.id, now) == Refused(Reason.LAST_OWNER, "oda")
        user_changes.enable(session, Doer(), ann.id, now)
        assert user_changes.disable(session, Doer(), oda.id, now) is None
        assert deeds(session) == ["user.changed", "user.disabled", "user.enabled", "user.disabled"]
