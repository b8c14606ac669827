"""Reads of the registry: people, what is known about one, and the counts reports stand on."""

from eldercare.residents.queries.counts import (
    assessment_due,
    assessments_due,
    at_least,
    band_of,
    in_band,
    on_register,
    profile,
    profile_by_township,
    trend,
    turnover,
)
from eldercare.residents.queries.people import (
    Number,
    Sought,
    by_number,
    choices,
    counted,
    listed,
    listed_one,
    matching,
    near,
    place_names,
    record,
    record_in_reach,
    record_statement,
    resident,
    residents,
    township_id,
    townships,
    villages,
)

__all__ = [
    "Number", "Sought", "assessment_due", "assessments_due", "at_least", "band_of", "by_number", "choices", "counted", "in_band",
    "listed", "listed_one", "matching", "near", "on_register", "place_names", "profile", "profile_by_township",
    "record", "record_in_reach", "record_statement", "resident", "residents", "township_id", "townships", "trend",
    "turnover", "villages",
]
