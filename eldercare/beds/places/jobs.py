"""The list of beds as a workbook, on demand; the form for sending one."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any, BinaryIO

from flask_babel import gettext as _

from eldercare.beds.places import listing, queries
from eldercare.beds.places.models import known_words
from eldercare.core import calendar, files, runs, sheets
from eldercare.core.db import db
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.facilities import queries as facilities

EXPORT = "beds_export"


@runs.handler(EXPORT)
def export(scope: Scope, run: Run) -> dict[str, Any]:
    """The beds of a list as asked, in the reach of who asked."""
    facility = facilities.facility(scope, run.params["facility"])
    bound = listing.BEDS.bind(run.params["query"])
    rows = bound.xlsx_rows(db.session(), queries.listed(scope, facility.id))
    columns = [sheets.Column(title) for title in next(rows)]
    asked = ", ".join(f"{chip.label}: {chip.text}" if chip.label else chip.text for chip in bound.chips)
    lines = [line for line in (asked, _("As of %(day)s", day=calendar.today().isoformat())) if line]
    dress = sheets.Dress(title=_("Rooms and beds: %(name)s", name=facility.name), lines=lines, person=scope.person_name)
    out = BytesIO()
    count = sheets.write_xlsx(out, columns, rows, dress)
    return {"file": files.put(out.getvalue()), "name": f"beds-{facility.code}-{calendar.today().isoformat()}.xlsx", "rows": count}


def write_form(target: BinaryIO, beds: Iterable[Any]) -> None:
    """The form: a bed a row, what is on file filled in, so that prices can be set for all in one go."""
    known = known_words()
    said = {name: {value: spoken[0] for value, spoken in values.items()} for name, values in known["values"].items()}
    columns = [
        sheets.Column(
            entry["title"], 14, _notes().get(name, ""), list(said.get(name, {}).values()),
            required=name in {"floor", "room", "number"}, as_text=name != "price_fen",
        )
        for name, entry in known["fields"].items()
    ]  # fmt: skip
    rows = (
        [bed.building, str(bed.floor), bed.room, bed.number, said["bed_kind"][bed.bed_kind], said["sex_policy"][bed.sex_policy],
         None if bed.price_fen is None else bed.price_fen / 100, said["condition"][bed.condition]]
        for bed in beds
    )  # fmt: skip
    hints = [
        _("One bed a row. Building, floor and room may stand once over their beds."),
        _("A room that is not on file is made; beds are added to one that is. Kind and price of a bed on file are changed."),
        _("An empty cell changes nothing. No bed is retired by a list; that is done on the page of its room."),
    ]
    sheets.write_xlsx(target, columns, rows, sheets.Dress(sheet=_("Beds"), hints=hints))


def _notes() -> dict[str, str]:
    return {
        "building": _("Leave it empty where there is only one."), "floor": _("Below the ground: -1."),
        "price_fen": _("Yuan a month, without care and meals."),
    }  # fmt: skip
