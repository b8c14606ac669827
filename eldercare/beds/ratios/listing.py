"""The care ratio put into words."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.beds.ratios import queries
from eldercare.core import calendar
from eldercare.core.jinja import DASH, number
from eldercare.core.listing import Badge
from eldercare.core.scope import Scope

GROUP_WORDS = {"self_care": _l("Able to care for themselves"), "partly": _l("Partly disabled"), "fully": _l("Fully disabled")}
VERDICTS = {
    "short": Badge(_l("too few caregivers"), "bad"), "thin": Badge(_l("too few on the roster"), "watch"),
    "within": Badge(_l("within the standard"), "good"), "none": Badge(_l("nobody lives there"), "quiet"),
}


def bands() -> queries.Bands:
    """The district's numbers from the settings."""
    config = current_app.config
    pairs = tuple(
        (min(config[key]), max(config[key])) for key in ("RATIO_SELF_CARE", "RATIO_PARTLY", "RATIO_FULLY")
    )
    return queries.Bands(pairs, tuple(config["RATIO_GROUPS"]), config["RATIO_UNASSESSED"], config["RATIO_ROSTER_DAYS"])


def each_words(each: float | None) -> str:
    """“1 : 4.6”, a dash without a caregiver."""
    return DASH if each is None else f"1 : {each:.1f}"


def needed_words(row: queries.Ratio) -> str:
    """“28–41”: caregivers needed at the most and at the fewest residents each."""
    least, full = row.needed
    return number(least) if least == full else f"{number(least)}–{number(full)}"


def rule_words(found: queries.Bands) -> list[tuple[Any, str]]:
    """The bands as facts: group → residents for each caregiver."""
    return [
        (GROUP_WORDS[group], _("1 : %(fewest)d–%(most)d", fewest=pair[0], most=pair[1]))
        for group, pair in zip(queries.GROUPS, found.bands, strict=True)
    ]


def unassessed_words(found: queries.Bands) -> Any:
    """The group of residents nobody has assessed."""
    return GROUP_WORDS[queries.GROUPS[found.unassessed]]


def lines(scope: Scope, facility_id: int | None = None) -> list[queries.Ratio]:
    """Today's ratios."""
    return queries.ratios(scope, calendar.today(), bands(), facility_id)


def as_json(row: queries.Ratio) -> dict[str, Any]:
    """A line at the wire."""
    return {
        "facility_id": row.facility_id, "name": row.name, "residents": dict(zip(queries.GROUPS, row.residents, strict=True)),
        "unassessed": row.unassessed, "caregivers_employed": len(row.employed), "caregivers_on_roster": len(row.rostered),
        "residents_each": row.each, "residents_each_on_roster": row.each_rostered, "needed_least": row.needed[0],
        "needed_full": row.needed[1], "verdict": row.verdict,
    }
