"""People who sign in and what they were granted. Rules: domain.md §2.5 (level 2 and 3 practice)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_login import UserMixin
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import literal_column

from eldercare.core import calendar
from eldercare.core.access import GRANTS, P, Role
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue
from eldercare.core.words import name

# a role as people say it
ROLE_WORDS: dict[Role, Any] = {
    Role.LEADER: _l("Leader"),
    Role.DISTRICT_OFFICER: _l("District officer"),
    Role.TOWNSHIP_OFFICER: _l("Township officer"),
    Role.INSPECTOR: _l("Inspector"),
    Role.STATIONED_SUPERVISOR: _l("Stationed supervisor"),
    Role.FACILITY_MANAGER: _l("Facility manager"),
    Role.CANTEEN_KEEPER: _l("Canteen keeper"),
    Role.ADMINISTRATOR: _l("System administrator"),
    Role.AUDITOR: _l("Auditor"),
}


class Known(UserMixin):
    """What is asked of a person who signs in, whether read as a row of a request or as the account itself."""

    id: Any
    session_epoch: Any
    is_enabled: Any
    place_title = ""  # the name of the place of the first grant, where the session knows it

    def held(self) -> Sequence[Any]:
        """The grants in force today."""
        raise NotImplementedError

    def get_id(self) -> str:
        """What the session keeps: the person and the epoch; a raised epoch ends every older session."""
        return f"{self.id}.{self.session_epoch}"

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in at all (flask-login asks)."""
        return bool(self.is_enabled)

    def may(self, permission: P) -> bool:
        """Whether any grant in force holds a permission, wherever it reaches."""
        return any(permission in GRANTS[Role(grant.role)] for grant in self.held())

    @property
    def is_administrator(self) -> bool:
        """Whether the person administers accounts: stricter passwords, a shorter idle time (domain.md §2.5)."""
        return self.may(P.USER_EDIT)

    @property
    def home_title(self) -> str:
        """What stands under the name in the page's head: the roles held, and where."""
        words = dict.fromkeys(str(ROLE_WORDS[Role(grant.role)]) for grant in self.held())
        return " · ".join(part for part in (", ".join(words), self.place_title) if part)


class User(Known, Audited, Base):
    """账号: one person who signs in."""

    __tablename__ = "users"
    AUDIT_NOUN = "user"
    __table_args__ = (CheckConstraint("username = lower(username)", name="username_lower"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str] = mapped_column(info={"mask": "hide"})
    password_changed_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    must_change_password: Mapped[bool] = mapped_column(default=True)
    locked_until: Mapped[datetime | None] = mapped_column(info={"silent": True})  # by the real clock, whatever day is pinned
    language: Mapped[str] = mapped_column(default="zh")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0, info={"silent": True})  # raised to end every open session
    last_sign_in_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    grants: Mapped[list["Grant"]] = relationship(back_populates="user", lazy="selectin", order_by="Grant.id")
    # not stored: what a page needs to know beside the row
    is_locked = False
    places: ClassVar[dict[tuple[str, int], str]] = {}

    def held(self) -> list["Grant"]:
        """The grants in force today."""
        day = calendar.today()
        return [grant for grant in self.grants if grant.is_in_force(day)]


class Grant(Audited, Base):
    """授权: a role at a place between two dates; no place means the whole district."""

    __tablename__ = "grants"
    AUDIT_NOUN = "grant"
    __table_args__ = (
        CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in Role) + ")", name="role"),
        CheckConstraint("place_township_id IS NULL OR place_facility_id IS NULL", name="one_place"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        CheckConstraint(
            "CASE WHEN role = 'township_officer' THEN place_township_id IS NOT NULL"
            " WHEN role IN ('facility_manager', 'canteen_keeper', 'stationed_supervisor') THEN place_facility_id IS NOT NULL"
            " ELSE place_township_id IS NULL AND place_facility_id IS NULL END",
            name="place_fits_role",
        ),
        Index(
            "grants_same_key", "user_id", "role", "place_township_id", "place_facility_id", "starts_on",
            unique=True, postgresql_nulls_not_distinct=True, postgresql_where=text("ended_at IS NULL"),
        ),
        # separation of duties: nobody both administers accounts and reads the log. Two roles side by
        # side on the number line are adjacent (-|-), which is the one thing barred here.
        ExcludeConstraint(
            (literal_column("int8range(user_id, user_id, '[]')"), "&&"),
            (literal_column("daterange(starts_on, ends_on, '[]')"), "&&"),
            (literal_column("CASE role WHEN 'administrator' THEN int4range(1, 2) ELSE int4range(2, 3) END"), "-|-"),
            using="gist", name="grants_separation_excl",
            where=text("role IN ('administrator', 'auditor') AND ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[str]
    place_township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"), index=True)
    place_facility_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"), index=True)
    starts_on: Mapped[date] = mapped_column(default=calendar.today)
    ends_on: Mapped[date | None]  # the last day planned
    ended_at: Mapped[datetime | None]  # ended before that, at once
    user: Mapped[User] = relationship(back_populates="grants", lazy="raise_on_sql")

    def is_in_force(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.starts_on <= day and not self.has_ended(day)

    def has_ended(self, day: date) -> bool:
        """Whether it is over, by its last day or at once."""
        return self.ended_at is not None or (self.ends_on is not None and self.ends_on < day)


class PastPassword(Base):
    """A password someone had: the last five are barred."""

    __tablename__ = "past_passwords"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    password_hash: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(default=calendar.now)


class SignInFailure(Base):
    """A failed sign-in: five in fifteen minutes close the door for that address, and for that name.

    The name is kept as its blind index only: people type passwords into the wrong field.
    """

    __tablename__ = "sign_in_failures"
    __table_args__ = (
        Index("sign_in_failures_address_at_idx", "address", "at"),
        Index("sign_in_failures_name_index_at_idx", "name_index", "at"),
        Index("sign_in_failures_at_idx", "at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    address: Mapped[str]
    name_index: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))


class ApiToken(Audited, Base):
    """A bearer token for the JSON API; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    AUDIT_NOUN = "api_token"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    label: Mapped[str] = mapped_column(default="")
    token_hash: Mapped[str] = mapped_column(unique=True, info={"mask": "hide"})
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    user: Mapped[User] = relationship(lazy="selectin")

    def is_valid(self, moment: datetime) -> bool:
        """Whether it opens a door at a moment."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


catalogue(
    {
        "sign_in.wrong": (422, _l("The user name or the password is wrong.")),
        "sign_in.disabled": (422, _l("This account is disabled. Ask the administrator if that is a mistake.")),
        "sign_in.closed": (
            422,
            _l(
                "Too many failed attempts. Sign-in is closed for %(minutes)d minutes; after that try again,"
                " or ask the administrator to unlock the account."
            ),
        ),
        "password.wrong": (422, _l("This is not your present password.")),
        "password.not_repeated": (422, _l("The two new passwords differ. Type the new one twice.")),
        "password.too_short": (422, _l("Use at least %(least)d characters.")),
        "password.too_simple": (
            422, _l("Use at least %(classes)d of these kinds: capital letters, small letters, digits, other signs."),
        ),
        "password.has_name": (422, _l("The password must not contain the user name.")),
        "password.common": (422, _l("This is among the first passwords anyone would try. Choose another.")),
        "password.used_before": (422, _l("This is one of your last %(count)d passwords. Choose another.")),
        "user.username_taken": (409, _l("This user name is taken. Choose another.")),
        "user.username_invalid": (
            422, _l("A user name has 2 to 40 small letters, digits, dots or hyphens, and begins with a letter."),
        ),
        "user.unknown": (404, _l("There is no person “%(name)s”.")),
        "user.is_you": (409, _l("This is your own account. Another administrator must do that.")),
        "user.last_administrator": (
            409, _l("This is the last administrator. Make another one first, or nobody could let people in."),
        ),
        "grant.own": (409, _l("Nobody grants themself anything. Another administrator must do that.")),
        "grant.role_unknown": (422, _l("There is no such role.")),
        "grant.place_wrong": (422, _l("This role needs a place of its own kind: a township, a facility, or none.")),
        "grant.dates_reversed": (422, _l("A grant cannot end before it begins. Check the two dates.")),
        "grant.taken": (409, _l("This person holds this grant already.")),
        "grant.separation": (
            409,
            _l(
                "One person cannot both administer accounts and read the log (separation of duties)."
                " Use two accounts held by two people."
            ),
        ),
        "grant.unknown": (404, _l("This person has no such grant. Open the record again.")),
        "token.unknown": (404, _l("This person has no such token. Open the page again.")),
        "grant.ended": (409, _l("This grant has ended already.")),
        "token.taken": (409, _l("This token exists already. Make a new one.")),
        "token.revoked": (409, _l("This token has been revoked already.")),
    },
    {
        "users_username_key": "user.username_taken",
        "users_username_lower_check": "user.username_invalid",
        "grants_role_check": "grant.role_unknown",
        "grants_one_place_check": "grant.place_wrong",
        "grants_place_fits_role_check": "grant.place_wrong",
        "grants_dates_check": "grant.dates_reversed",
        "grants_same_key": "grant.taken",
        "grants_separation_excl": "grant.separation",
        "api_tokens_token_hash_key": "token.taken",
    },
)

name(
    "user", _l("account"),
    actions={
        "user.added": _l("Account made"),
        "user.changed": _l("Account changed"),
        "user.disabled": _l("Account disabled"),
        "user.enabled": _l("Account opened again"),
        "user.loaded": _l("Demo accounts loaded"),
        "user.locked": _l("Account locked after failed attempts"),
        "user.unlocked": _l("Account unlocked"),
        "user.password_changed": _l("Password changed by the person"),
        "user.password_reset": _l("Password reset by an administrator"),
        "user.sessions_ended": _l("Open sessions ended"),
        "user.sign_in_refused": _l("Sign-in refused: wrong password"),
        "user.signed_in": _l("Signed in"),
        "user.signed_out": _l("Signed out"),
    },
    columns={
        "username": _l("User name"), "name": _l("Name"), "language": _l("Language"), "password_hash": _l("Password"),
        "must_change_password": _l("Must change the password"), "is_enabled": _l("May sign in"),
        "minutes": _l("Minutes"), "users": _l("Accounts"),
    },
    values={"language": {"zh": "\u4e2d\u6587", "en": "English"}},
)
name(
    "grant", _l("grant"),
    actions={"grant.made": _l("Grant made"), "grant.ended": _l("Grant ended")},
    columns={
        "user": _l("User name"), "user_id": _l("Account"), "role": _l("Role"), "place_township_id": _l("Township"),
        "place_facility_id": _l("Facility"), "starts_on": _l("From"), "ends_on": _l("Until"), "ended_at": _l("Ended at once"),
    },
    values={"role": {str(role): words for role, words in ROLE_WORDS.items()}},
)
name(
    "api_token", _l("API token"),
    actions={"api_token.made": _l("API token made"), "api_token.revoked": _l("API token revoked")},
    columns={
        "user_id": _l("Account"), "label": _l("What it is for"), "token_hash": _l("Token"), "made_at": _l("Made"),
        "expires_at": _l("Valid until"), "revoked_at": _l("Revoked"),
    },
)
