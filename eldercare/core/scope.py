"""Scope: who, under which permission, where. Every read of a walled table starts here.

The first wall is the WHERE clause `select()` adds; the second is row-level security, which
`enter()` opens by taking the database role and the places of this very scope.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import NotFound

from eldercare.core.access import GRANTS, LOG_ONLY, NO_PERSONAL_DATA, P, Role
from eldercare.core.db import Scoped, db

M = TypeVar("M")


class Held(Protocol):
    """A grant as core sees it: a role at a place."""

    @property
    def role(self) -> str: ...
    @property
    def place_township_id(self) -> int | None: ...
    @property
    def place_facility_id(self) -> int | None: ...


class Person(Protocol):
    """A signed-in person as core sees one."""

    id: Any
    name: Any

    def held(self) -> Iterable[Held]:
        """The grants in force today."""
        ...


@dataclass(frozen=True)
class Scope:
    """A person's reach under one permission.

    `everywhere` or the ids in `townships` and `facilities`; `ip` is where they sit.
    """

    permission: str
    person_id: int | None = None
    person_name: str = ""
    everywhere: bool = False
    townships: frozenset[int] = field(default_factory=frozenset)
    facilities: frozenset[int] = field(default_factory=frozenset)
    ip: str | None = None

    # ---- who
    @classmethod
    def system(cls, permission: str, name: str = "system") -> "Scope":
        """The platform itself (clock, worker, command line): the whole district."""
        return cls(permission=permission, person_name=name, everywhere=True)

    @classmethod
    def nobody(cls, ip: str | None = None) -> "Scope":
        """A visitor who has not signed in: no place at all."""
        return cls(permission="public", ip=ip)

    # ---- the second wall
    @property
    def database_role(self) -> str:
        """The database role whose policies fit this reach."""
        if self.permission in LOG_ONLY:
            return "eldercare_auditor"
        if self.everywhere and (self.person_id is None or self.permission not in NO_PERSONAL_DATA):
            return "eldercare_district"  # an administrator sees no register; the platform itself writes its log
        return "eldercare_local"

    def enter(self) -> "Scope":
        """Tell PostgreSQL who asks, for the rest of the transaction (works in an open one)."""
        session = db.session()
        places = (",".join(map(str, sorted(ids))) for ids in (self.townships, self.facilities))
        session.connection().exec_driver_sql(
            f"SET LOCAL ROLE {self.database_role};"
            "SELECT set_config('app.townships', %s, true), set_config('app.facilities', %s, true),"
            " set_config('app.person', %s, true)",
            (*places, str(self.person_id or "")),
        )
        session.info["scope"] = self
        return self

    @contextmanager
    def widened(self) -> Iterator["Scope"]:
        """The same person with the whole district's reach, for one act that crosses places by its nature.

        Somebody moves from one home or township to another: the home that takes them in cannot reach their
        record before, nor the other one after. Every place in the code that does this is named in
        tests/house/test_doors.py; what is done inside goes to the log under the person's name as always.
        """
        wide = replace(self, everywhere=True)
        wide.enter()
        try:
            yield wide
            db.session.flush()
        except DBAPIError:
            db.session().info["scope"] = self  # the failed transaction takes its role back by itself
            raise
        except BaseException:
            self.enter()
            raise
        self.enter()

    @property
    def reach(self) -> "Scope":
        """The same without the person: what a statement built once may be kept by."""
        return replace(self, person_id=None, person_name="", ip=None)

    # ---- the first wall
    def where(self, model: Any) -> ColumnElement[bool]:
        """The clause that keeps a query inside this reach; true for models without a place."""
        if not issubclass(model, Scoped):
            return true()
        if self.database_role == "eldercare_district":
            return true()
        if self.database_role == "eldercare_auditor":
            return true() if getattr(model, "IS_LOG", False) else false()
        ways: list[ColumnElement[bool]] = []
        if self.townships:
            ways.append(model.township_id.in_(sorted(self.townships)))
        if self.facilities:
            ways.append(model.facility_id.in_(sorted(self.facilities)))
        owner = getattr(model, "OWNER", None)
        if owner and self.person_id:
            ways.append(getattr(model, owner) == self.person_id)
        return or_(*ways) if ways else false()

    def select(self, model: type[M]) -> Select[M]:
        """`select(model)` inside this reach."""
        return select(model).where(self.where(model))

    def columns(self, model: Any, *columns: Any, of: Any = None) -> Select[Any]:
        """`select(columns)` of one walled model inside this reach; join others by hand.

        `of`: the model's table with what is joined to it, where plain rows are wanted.
        """
        return select(*columns).select_from(model if of is None else of).where(self.where(model))

    def find(self, model: type[M], row_id: int) -> M | None:
        """One row by id inside this reach, or None."""
        return db.session.scalars(self.select(model).where(model.id == row_id)).one_or_none()  # type: ignore[attr-defined]

    def get(self, model: type[M], row_id: int) -> M:
        """One row by id; 404 when there is none inside this reach."""
        row = self.find(model, row_id)
        if row is None:
            raise NotFound
        return row

    def lock(self, model: type[M], row_id: int) -> M:
        """`get()`, holding the row against other writers until the transaction ends."""
        query = self.select(model).where(model.id == row_id)  # type: ignore[attr-defined]
        row = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
        if row is None:
            raise NotFound
        return row

    def covers(self, township_id: int | None, facility_id: int | None = None) -> bool:
        """Whether a row of these places lies inside this reach."""
        if self.everywhere:
            return True
        return township_id in self.townships or (facility_id is not None and facility_id in self.facilities)


def scope_of(person: Person, permission: P, ip: str | None = None) -> Scope | None:
    """The reach a person has under one permission today, or None when no grant holds it.

    Only grants whose role holds this very permission count: manager of A plus inspector of B
    never adds up to manager of B.
    """
    held = [grant for grant in person.held() if permission in GRANTS[Role(grant.role)]]
    if not held:
        return None
    return Scope(
        permission=permission,
        person_id=person.id,
        person_name=person.name,
        everywhere=any(g.place_township_id is None and g.place_facility_id is None for g in held),
        townships=frozenset(g.place_township_id for g in held if g.place_township_id is not None),
        facilities=frozenset(g.place_facility_id for g in held if g.place_facility_id is not None),
        ip=ip,
    )
