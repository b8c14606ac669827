"""Free beds of the district put into words."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from eldercare.beds import queries
from eldercare.beds.places.models import SEX_POLICY_WORDS
from eldercare.core import jinja
from eldercare.core.listing import Choice, Column, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import BED_KIND_WORDS, Bed, Facility, Room, Township

# bounds of the price filter, in yuan a month; words and conditions follow from them
BANDS = (1000, 1500, 2000, 3000, 5000)


def _bands() -> list[tuple[str, Any]]:
    low = [("0-1000", _("up to %(most)s", most=jinja.yuan(100_000)))]
    pairs = pairwise(BANDS)
    between = [
        (f"{least}-{most}", _("%(least)s to %(most)s", least=jinja.yuan(least * 100), most=jinja.yuan(most * 100)))
        for least, most in pairs
    ]
    last = (f"{BANDS[-1]}-", _("above %(least)s", least=jinja.yuan(BANDS[-1] * 100)))
    return [*low, *between, last, ("none", _("without a price"))]


def _in_band(band: str) -> Any:
    if band == "none":
        return Bed.price_fen.is_(None)
    least, _dash, most = band.partition("-")
    above = Bed.price_fen > int(least) * 100 if int(least) else Bed.price_fen >= 0
    return above & (Bed.price_fen <= int(most) * 100) if most else above


def board_url(row: Any) -> str:
    """The beds of a row on their home's board."""
    price = "none" if row.price_fen is None else row.price_fen
    asked = {"state": "free", "kind": row.bed_kind, "for": row.sex_policy, "price": price}
    return f"/beds/{row.facility_id}/?{urlencode(asked)}"


VACANCY = Listing(
    name="vacancy",
    title=_l("Free beds"),
    ident=func.min(Bed.id),
    link=board_url,
    columns=(
        Column("home", _l("Care home"), sort=Facility.name, detail="township"),
        Column("bed_kind", _l("Kind"), lambda row: BED_KIND_WORDS[row.bed_kind], sort=Bed.bed_kind),
        Column("sex_policy", _l("Who may live there"), lambda row: SEX_POLICY_WORDS[row.sex_policy], sort=Room.sex_policy),
        Column("price_fen", _l("Price a month"), kind="yuan", sort=Bed.price_fen),
        Column("free", _l("Free beds"), kind="number", sort=queries.FREE),
        Column("usable", _l("of beds in use"), kind="number", sort=queries.USABLE),
    ),
    filters=(
        Search("q", _l("Name of the home"), where=lambda q: Facility.name.icontains(q, autoescape=True)),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Choice("kind", _l("Kind"), choices=tuple(BED_KIND_WORDS.items()), where=lambda kind: Bed.bed_kind == kind),
        Choice("sex", _l("Bed for"), choices=(("female", _l("a woman")), ("male", _l("a man"))),
               where=lambda sex: Room.sex_policy.in_(["any", sex])),
        Choice("price", _l("Price a month"), choices=_bands, where=_in_band),
    ),
    order=(Facility.name, Bed.price_fen.asc().nulls_last()),
    json=("id", "facility_id", "home", "township_code", "bed_kind", "sex_policy", "price_fen", "free", "usable"),
    empty_title=_l("No bed is free"),
    empty_why=_l("Every bed in use is taken or reserved, or no home has set its beds up yet."),
)  # fmt: skip


def choices(townships: Sequence[Township]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {"township": [(each.code, township_words(each)) for each in townships]}


def kind_figures(by_kind: Mapping[str, tuple[int, int]]) -> list[tuple[str, Any, int, int]]:
    """(kind, words, free, in use) for each kind of bed."""
    return [(kind, words, *by_kind.get(kind, (0, 0))) for kind, words in BED_KIND_WORDS.items()]


def home_line(homes: Sequence[queries.HomeBeds]) -> dict[str, int]:
    """The sums of the homes' lines; a home whose usable beds nobody entered counts with none."""
    return {
        "homes": len(homes), "usable": sum(each.usable or 0 for each in homes), "occupied": sum(each.occupied for each in homes),
        "reserved": sum(each.reserved for each in homes), "free": sum(each.free or 0 for each in homes),
        "set": sum(each.beds_set or 0 for each in homes),
    }  # fmt: skip
