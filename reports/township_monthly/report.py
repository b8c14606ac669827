"""镇街养老服务月报: what the district's report says, for one township.

The figures have the shape of `reports.monthly_oversight.report`, with place.level "township",
capacity.rows the township's own institutions (perhaps none), capacity.townships [] and
residents.villages [{name, elders, advanced, living_alone, disabled, poor}] in place of townships.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eldercare.core.calendar import Month
from eldercare.core.scope import Scope
from reports._paper import area, tables
from reports._paper.words import Words

KIND = "township-monthly"
CADENCE = "monthly"
AUDIENCE = "township"
LIFE = "issued"
TEMPLATE_VERSION = "2"
LANGUAGES = ("zh",)  # drawn each month; the other on request, from the sealed figures
FOLDER = "township_monthly"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
TILES = ("elders", "in_residence", "occupancy", "family_beds")
TILES_WITHOUT_HOMES = ("elders", "family_beds", "licences_expired")


def collect(scope: Scope, period: Month) -> dict[str, Any]:
    """One township's figures at the end of a month; `scope` reaches that township alone."""
    from eldercare.homecare import queries as homecare  # noqa: PLC0415 — the drawing process needs none of this
    from reports._paper import figures  # noqa: PLC0415

    names = figures.township_names(scope)
    (township,) = names.values()
    series = figures.trend(scope, period)
    place = {"level": "township", **township}
    data = figures.frame(KIND, TEMPLATE_VERSION, period, place, figures.history_from(scope, period, series))
    people, advanced = figures.people(scope, period)
    _, people["left_behind"] = figures.elders_by_township(scope, period, data["rules"]["disabled_level"])
    data |= {
        "facilities": figures.facility_types(scope),
        "family_beds": {"in_service": homecare.family_bed_counts(scope, period.last)[1].beds},
        "capacity": {**figures.capacity(scope, period, names), "townships": []},
        "trend": series, "residents": people, "licences": figures.licences(scope, period.last, names),
        "incidents": figures.incidents(scope, period),
    }  # fmt: skip
    now = (advanced, people["turnover"]["closing"])
    data["indicators"] = figures.indicators(scope, period, data, figures.advanced_over_time(scope, period, now, series))
    return data


def context(data: Mapping[str, Any], w: Words, fingerprint: str) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    homes = bool(data["capacity"]["institutions"])
    shown = area.context(data, w, fingerprint, TILES if homes else TILES_WITHOUT_HOMES)
    shown["movements"] = area.movements(data, w)
    shown["tables"] |= {
        "homes": tables.homes(data, w),
        "moves": tables.moves(data, w) if homes else None,
        "elders": tables.elders(data, w) if data["residents"]["villages"] else None,
    }
    return shown
