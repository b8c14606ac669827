"""Refusals: one exception, one closed catalogue of codes, and the constraint each answers for.

A refusal says what happened, why, and what to do. Features raise `Refused("bed.taken", …)`;
the database's own refusals come back through `refusal_of()`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError, IntegrityError

# code → (HTTP status, message; %(name)s takes a detail)
CATALOGUE: dict[str, tuple[int, Any]] = {}

# constraint name → code
CONSTRAINTS: dict[str, str] = {}


def catalogue(entries: Mapping[str, tuple[int, Any]], constraints: Mapping[str, str] | None = None) -> None:
    """Add a feature's refusals (from its `models.py`); a code twice is a mistake."""
    for code, entry in entries.items():
        if code in CATALOGUE and CATALOGUE[code][1] != entry[1]:
            raise ValueError(f"refusal {code} is in the catalogue already")
        CATALOGUE[code] = entry
    CONSTRAINTS.update(constraints or {})


class Refused(Exception):
    """Something the platform will not do, with a code from the catalogue and its details.

    `field` names the form field it belongs to, where there is one.
    """

    def __init__(self, code: str, /, *, field: str | None = None, **details: Any) -> None:
        super().__init__(code)
        if code not in CATALOGUE:
            raise LookupError(f"{code} is not in the catalogue of refusals")
        self.code, self.field, self.details = code, field, details

    @property
    def status(self) -> int:
        """The HTTP status it answers with."""
        return CATALOGUE[self.code][0]

    @property
    def message(self) -> str:
        """The sentence a person reads, in the language of the request."""
        text = str(CATALOGUE[self.code][1])
        return text % {key: _said(value) for key, value in self.details.items()} if self.details else text


def _said(value: Any) -> Any:
    """A detail as the sentence shows it: days as people read them."""
    if not isinstance(value, date):
        return value
    from eldercare.core.jinja import day  # noqa: PLC0415 — jinja needs the doors, which need the refusals

    return day(value)


def refusal_of(error: DBAPIError) -> Refused | None:
    """The refusal a database error stands for, or None when it is a fault of ours."""
    diag = getattr(error.orig, "diag", None)
    name = getattr(diag, "constraint_name", None)
    if name in CONSTRAINTS:
        return Refused(CONSTRAINTS[name])
    if isinstance(error, IntegrityError) and getattr(error.orig, "pgcode", "") == "23503":
        return Refused("row.in_use")
    if getattr(error.orig, "pgcode", "") in {"55P03", "40P01", "40001"}:
        return Refused("row.busy")
    if getattr(error.orig, "pgcode", "") == "42501":
        return Refused("row.out_of_reach")
    return None


catalogue(
    {
        "row.in_use": (409, _l("Other records still refer to this one. Remove or change those first.")),
        "row.busy": (409, _l("Someone else is changing the same record. Wait a moment and try again.")),
        "row.out_of_reach": (403, _l("This record belongs to a place outside your duties.")),
        "row.changed": (409, _l("This record was changed after you opened it. Open it again and repeat your change.")),
        "move.not_allowed": (409, _l("This step is not possible from the present state. Open the record again to see what is.")),
        "file.missing": (404, _l("The file is no longer stored. Tell the administrator which record it belongs to.")),
        "file.damaged": (409, _l("The stored file does not match its checksum. Tell the administrator.")),
        "period.invalid": (422, _l("“%(period)s” is not a month. Write it as 2026-10.")),
        "place.unknown": (422, _l("There is no place with the code “%(code)s”.")),
    }
)

catalogue({"person.not_allowed": (403, _l("There is no person “%(name)s” who may do this."))})
