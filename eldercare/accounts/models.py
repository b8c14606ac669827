"""People who sign in and what they were granted. Rules: domain.md §2.5 (level 2 and 3 practice)."""

from datetime import date, datetime
from flask_babel import lazy_gettext as _l
from flask_login import UserMixin
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import Audited, Base
from eldercare.core.errors import catalogue


class User(UserMixin, Audited, Base):
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
    failures: Mapped[int] = mapped_column(default=0, info={"silent": True})
    locked_until: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(default="zh")
    is_enabled: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0, info={"silent": True})  # raised to end every open session
    last_sign_in_at: Mapped[datetime | None] = mapped_column(info={"silent": True})
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    grants: Mapped[list["Grant"]] = relationship(back_populates="user", lazy="selectin", order_by="Grant.id")

    @property
    def is_active(self) -> bool:
        """Whether the person may sign in at all (flask-login asks)."""
        return self.is_enabled

    def held(self) -> list["Grant"]:
        """The grants in force today."""
        day = calendar.today()
        return [grant for grant in self.grants if grant.starts_on <= day and (grant.ends_on is None or day <= grant.ends_on)]


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
            " WHEN role IN ('facility_manager', 'canteen_keeper') THEN place_facility_id IS NOT NULL"
            " ELSE place_township_id IS NULL AND place_facility_id IS NULL END",
            name="place_fits_role",
        ),
        Index(
            "grants_same_key", "user_id", "role", "place_township_id", "place_facility_id", "starts_on",
            unique=True, postgresql_nulls_not_distinct=True,
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    role: Mapped[str]
    place_township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"), index=True)
    place_facility_id: Mapped[int | None] = mapped_column(ForeignKey("facilities.id"), index=True)
    starts_on: Mapped[date] = mapped_column(default=calendar.today)
    ends_on: Mapped[date | None]
    user: Mapped[User] = relationship(back_populates="grants", lazy="raise_on_sql")


class PastPassword(Base):
    """A password someone had: the last five are barred."""

    __tablename__ = "past_passwords"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    password_hash: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(default=calendar.now)


class SignInFailure(Base):
    """A failed sign-in from an address: five in fifteen minutes close the door for that address."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index("sign_in_failures_address_at_idx", "address", "at"),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=calendar.now)


class ApiToken(Audited, Base):
    """A bearer token for the JSON API; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    AUDIT_NOUN = "api_token"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True, info={"mask": "hide"})
    made_at: Mapped[datetime] = mapped_column(default=calendar.now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="selectin")


catalogue(
    {
        "user.username_taken": (409, _l("This user name is taken. Choose another.")),
        "user.username_invalid": (422, _l("A user name is written in small letters.")),
        "grant.role_unknown": (422, _l("There is no such role.")),
        "grant.place_wrong": (422, _l("This role needs a place of its own kind: a township, a facility, or none.")),
        "grant.dates_reversed": (422, _l("A grant cannot end before it begins. Check the two dates.")),
        "grant.taken": (409, _l("This person holds this grant already.")),
        "token.taken": (409, _l("This token exists already. Make a new one.")),
    },
    {
        "users_username_key": "user.username_taken",
        "users_username_lower_check": "user.username_invalid",
        "grants_role_check": "grant.role_unknown",
        "grants_one_place_check": "grant.place_wrong",
        "grants_place_fits_role_check": "grant.place_wrong",
        "grants_dates_check": "grant.dates_reversed",
        "grants_same_key": "grant.taken",
        "api_tokens_token_hash_key": "token.taken",
    },
)
