"""What a part is given to collect with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eldercare.core.calendar import Month, Period
    from eldercare.core.scope import Scope

Json = dict[str, Any]


@dataclass(frozen=True)
class Gather:
    """Whose figures, of which time. `data` holds the frame and the parts collected before; `facility` is a row or None."""

    scope: Scope
    period: Period
    level: str  # district, township, facility
    names: Mapping[int, Json]  # townships in reach by id: {code, zh, en}
    data: Json
    facility: Any = None
    asked: dict[Any, Any] = field(default_factory=dict, compare=False)

    def once(self, query: Callable[..., Any], *args: Any) -> Any:
        """What a query answers in this reach, asked once a report however many parts want it."""
        key = (query, self.scope, *args)
        if key not in self.asked:
            self.asked[key] = query(self.scope, *args)
        return self.asked[key]

    @property
    def month(self) -> Month:
        """The last month of the period: where standings are taken."""
        return self.period.months[-1]

    @property
    def previous(self) -> Gather:
        """The same, one period earlier."""
        return replace(self, period=self.period.plus(-1))

    @property
    def year_ago(self) -> Gather:
        """The same, of the period a year ago."""
        return replace(self, period=self.period.year_ago)

    @property
    def issue_before(self) -> Any:
        """The newest published edition of the same report of the period before; None where there is none."""
        from eldercare.reporting.differences import queries as editions  # noqa: PLC0415 — the drawing process needs none of this

        place = self.data["place"]["code"] if self.level != "district" else ""
        return self.once(editions.last_published, self.data["kind"], str(self.previous.period), place)

    def times(self) -> dict[str, Gather]:
        """The three times an indicator compares, those left out of which there are no data."""
        every = {"value": self, "previous": self.previous, "year_ago": self.year_ago}
        if every["year_ago"].period == every["previous"].period:  # of a year there is one comparison
            del every["year_ago"]
        begun = self.data["history_from"]
        return {name: each for name, each in every.items() if name == "value" or str(each.period.months[0]) >= begun}

    @property
    def is_home(self) -> bool:
        """An institution alone."""
        return self.facility is not None and self.facility.facility_type == "institution"


def indicator(key: str, at: Mapping[str, Json | None], better: str | None = None, target: Json | None = None) -> Json:
    """One key indicator. `at`: {"value", "previous", "year_ago"}, each {n}, {n, of} or missing; `target` {at_least | at_most}."""
    times = ("value", "previous", "year_ago")
    return {"key": key, **{name: at.get(name) for name in times}, "better": better, "target": target}
