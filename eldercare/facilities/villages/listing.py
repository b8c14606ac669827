"""The list of villages."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core.access import P
from eldercare.core.columns import Column
from eldercare.core.filters import Choice, Pairs, Search
from eldercare.core.jinja import lang
from eldercare.core.listing import Listing
from eldercare.core.web import can
from eldercare.core.words import name
from eldercare.facilities.villages.queries import T, V

name(
    "village", _l("village"), actions={"village.added": _l("Village added"), "village.changed": _l("Village changed")},
    columns={"name": _l("Name"), "code": _l("Division code"), "changed": _l("Changes")},
)


def township(row: Any) -> str:
    """Its township in the reader's language."""
    return str(row.township_en if lang() == "en" else row.township)


def ids(townships: list[Any]) -> list[tuple[int, str]]:
    """Townships to choose from in a form."""
    return [(each.id, each.name_en if lang() == "en" else each.name) for each in townships]


def choices(townships: list[Any]) -> dict[str, Pairs]:
    """What the township filter offers."""
    return {"township": [(each.code, each.name_en if lang() == "en" else each.name) for each in townships]}


VILLAGES = Listing(
    name="villages",
    title=_l("Villages"),
    ident=V.c.id,
    link=lambda row: f"/facilities/villages/{row.id}/edit" if can(P.FACILITY_EDIT, row) else None,
    columns=(
        Column("name", _l("Village or community"), sort=V.c.name),
        Column("township", _l("Township"), township, sort=T.c.code),
        Column("code", _l("Division code"), sort=V.c.code),
        Column("facilities", _l("Facilities"), kind="number"),
    ),
    filters=(
        Search("q", _l("Name of a village"), where=lambda text: V.c.name.icontains(text, autoescape=True)),
        Choice("township", _l("Township"), where=lambda code: T.c.code == code),
    ),
    order=(T.c.code, V.c.name),
    json=("id", "code", "name", "township_code", "facilities"),
    empty_title=_l("No village here yet"),
    empty_why=_l("Add the villages and communities of a township, so that people's records and care visits can name them."),
)
