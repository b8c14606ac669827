"""The ranking, the proposals, the back-test: put into words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import charts, jinja
from eldercare.core import words as log_words
from eldercare.core.calendar import Month
from eldercare.core.listing import Badge, BoundListing, Choice, Column, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import TYPE_WORDS, Facility, Township
from eldercare.inspections.risks.models import CLASSES, FACTORS, STATE_WORDS, Point, RiskProposal
from eldercare.inspections.risks.queries.scoring import Score, Trace

__all__ = ["CLASSES", "FACTORS", "STATE_WORDS", "TYPE_WORDS", "log_words", "township_words"]

STATE_TONES: dict[str, Any] = {"proposed": "watch", "taken": "good", "set_aside": "quiet"}
_REASONS: dict[str, Callable[[int], str]] = {
    "major": lambda n: ngettext("%(num)d major hazard open", "%(num)d major hazards open", n),
    "overdue": lambda n: ngettext("%(num)d hazard overdue", "%(num)d hazards overdue", n),
    "repeat": lambda n: ngettext(
        "%(num)d finding made again", "%(num)d findings made again", n
    ),
    "incidents_e1": lambda n: ngettext("%(num)d incident E1 in 12 months", "%(num)d incidents E1 in 12 months", n),
    "incidents_e2": lambda n: ngettext("%(num)d incident E2 in 12 months", "%(num)d incidents E2 in 12 months", n),
    "incidents_e3": lambda n: ngettext("%(num)d incident E3 in 12 months", "%(num)d incidents E3 in 12 months", n),
    "incidents_e4": lambda n: ngettext("%(num)d incident E4 in 12 months", "%(num)d incidents E4 in 12 months", n),
    "complaints": lambda n: ngettext("%(num)d complaint upheld", "%(num)d complaints upheld", n),
    "selfchecks": lambda n: ngettext("%(num)d self-check missed in 30 days", "%(num)d self-checks missed in 30 days", n),
    "credit": lambda n: _("credit class %(letter)s", letter=CLASSES[n]),
    "unseen": lambda n: _("not visited for %(days)s days or more", days=30 * n),
}
_NOT_COUNTED: dict[str, Any] = {
    "credit": _l("No class has been given yet: nothing is counted."),
    "": _l("The platform keeps no records of this yet: nothing is counted."),
}


def reason(line: Point) -> str:
    """One line of a score as a reason."""
    return _REASONS[line.factor](line.number or 0)


def reasons(lines: Sequence[Point], most: int = 20) -> str:
    """The lines that brought points, the weightiest first, each with its points."""
    told = sorted((line for line in lines if line.points), key=lambda line: -line.points)
    said = [_("%(reason)s (%(points)s)", reason=reason(line), points=line.points) for line in told[:most]]
    if len(told) > most:
        said.append(_("%(num)d more", num=len(told) - most))
    return _(", ").join(said)


def not_counted(line: Point) -> str:
    """Why a line counts nothing although nobody says nothing was found."""
    return str(_NOT_COUNTED.get(line.factor, _NOT_COUNTED[""]))


@dataclass(frozen=True)
class Row:
    """A place in the ranking."""

    rank: int
    place: Facility
    score: Score

    @property
    def id(self) -> int:
        """The place's own."""
        return self.place.id


RANKING = Listing(
    name="risks",
    title=_l("Ranking by risk"),
    ident=Facility.id,
    columns=(
        Column("rank", _l("Rank"), kind="number", width="narrow"),
        Column("place", _l("Facility"), "place.name", detail=lambda row: township_words(row.place.township), width="medium"),
        Column("points", _l("Points"), "score.total", kind="number", width="narrow"),
        Column("why", _l("Why"), lambda row: reasons(row.score.lines, 3) or None, width="wide"),
        Column("last", _l("Last visit"), "score.last_visit", kind="day"),
    ),
    filters=(
        Choice("type", _l("Type"), choices=tuple(TYPE_WORDS.items()), default="institution", any_words=_l("all kinds of place")),
        Choice("township", _l("Township")),
        Search("q", _l("Facility")),
    ),
    empty_title=_l("No place to rank"),
    empty_why=_l("Only places that are operating are ranked."),
)  # fmt: skip


def asked(bound: BoundListing, name: str) -> Any:
    """What a filter asks for, or None."""
    return next(each.value for each in bound.filters if each.filter.name == name) or None


def ranking(bound: BoundListing, found: Sequence[tuple[int, Facility, Score]]) -> BoundListing:
    """The list, narrowed to what is asked; a rank stays what it is among all of the kind."""
    code, text = asked(bound, "township"), (asked(bound, "q") or "").casefold()
    rows = [Row(*each) for each in found if text in each[1].name.casefold() and code in (None, each[1].township.code)]
    return bound.hold(rows)


def state_badge(row: RiskProposal) -> Badge:
    """What became of a proposal."""
    return Badge(STATE_WORDS[row.state], STATE_TONES[row.state])


PROPOSALS = Listing(
    name="proposals",
    title=_l("Proposals"),
    ident=RiskProposal.id,
    link="{id}",
    columns=(
        Column("month", _l("Month"), lambda row: jinja.month(row.month), sort=RiskProposal.month),
        Column("place", _l("Facility"), "facility.name", sort=Facility.name,
               detail=lambda row: township_words(row.facility.township)),
        Column("score", _l("Points"), kind="number", sort=RiskProposal.score, width="narrow",
               detail=lambda row: _("rank %(n)s", n=row.rank)),
        Column("why", _l("Why"), lambda row: reasons(row.points, 3), width="wide"),
        Column("state", _l("State"), state_badge, kind="badge", sort=RiskProposal.state, detail="reason"),
    ),
    filters=(
        Choice("month", _l("Month"), where=lambda month: RiskProposal.month == month),
        Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()), where=lambda state: RiskProposal.state == state),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
    ),
    order=(RiskProposal.month.desc(), RiskProposal.rank),
    empty_title=_l("Nothing has been proposed yet"),
    empty_why=_l("Places are proposed for a month from the ranking by risk; each is then planned or set aside."),
)  # fmt: skip


def choices(townships: Sequence[Township], month: Month | None = None) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach; the months from half a year back to two ahead."""
    offered = {"township": [(each.code, township_words(each)) for each in townships]}
    if month is not None:
        offered["month"] = [(str(month.plus(n)), jinja.month(month.plus(n))) for n in range(2, -13, -1)]
    return offered


def rows_behind(score: Score, line: Point) -> list[Trace]:
    """The rows behind a line, the latest first."""
    return sorted(score.rows[line.factor], key=lambda row: row.happened, reverse=True)


_VERDICTS: dict[str, tuple[str, Any]] = {
    "too_little": ("watch", _l(
        "Too little is on record to judge: %(months)s months, in which %(grave)s times a place had something grave.")),
    "within_chance": ("watch", _l(
        "No difference that chance could not make: by risk %(risk)s were met, by turn %(turn)s. The difference of %(difference)s"
        " lies in an interval (95 percent) from %(low)s to %(high)s.")),
    "better": ("good", _l(
        "By risk %(risk)s were met, by turn %(turn)s: a difference of %(difference)s, in an interval (95 percent) from %(low)s to"
        " %(high)s. That is more than chance explains.")),
    "worse": ("bad", _l(
        "By risk fewer were met than by turn: %(risk)s against %(turn)s, in an interval (95 percent) from %(low)s to %(high)s."
        " Read what the test cannot say before choosing by these weights.")),
}  # fmt: skip


# ---- the back-test -----------------------------------------------------------------------------------


MET_WORDS: dict[str, Any] = {
    "both": _l("Serious and major hazards found, incidents E1 and E2"), "incidents": _l("Incidents E1 and E2 alone"),
}  # fmt: skip


def run_words(run: Any) -> str:
    """What a back-test tries."""
    params = run.params
    kind = TYPE_WORDS[params["type"]] if params["type"] else _("all kinds of place")
    met = MET_WORDS[params.get("met", "both")]
    numbers = {name: params[name] for name in ("count", "months", "days")}
    return _("%(kind)s, %(count)s a month, %(months)s months, %(days)s days ahead; %(met)s", kind=kind, met=met, **numbers)


def verdict(result: dict[str, Any]) -> tuple[str, str]:
    """(tone, sentence): what the test says, and no more."""
    about = {
        "risk": result["by_risk"], "turn": result["by_turn"], "difference": f"{result['difference']:+d}",
        "low": f"{result['low']:+.0f}", "high": f"{result['high']:+.0f}", "grave": result["grave"],
        "months": len(result["months"]),
    }  # fmt: skip
    tone, words = _VERDICTS[result["verdict"]]
    return tone, str(words) % about


def ways(result: dict[str, Any]) -> list[tuple[str, Any, float | None, float | None, str]]:
    """The three ways to choose: (words, met, precision, recall, how likely blind picks do as well)."""
    picks, grave = result["picks"], result["grave"]

    def row(words: str, met: float, chance: str) -> tuple[str, Any, float | None, float | None, str]:
        return words, met, met / picks if picks else None, met / grave if grave else None, chance

    return [
        row(_("By risk"), result["by_risk"], _share(result["p_risk"])),
        row(_("By turn: longest unseen first"), result["by_turn"], _share(result["p_turn"])),
        row(_("Blind choice, on average"), result["by_chance"], jinja.DASH),
    ]


def _share(chance: float) -> str:
    return _("under %(least)s", least=jinja.ratio(0.001)) if chance < 0.001 else jinja.ratio(chance)


def chart(result: dict[str, Any]) -> dict[str, Any] | None:
    """How many were met, month upon month; None with fewer than two months."""
    months = result["months"]
    if len(months) < 2:
        return None
    sums: dict[str, list[float]] = {"by_risk": [], "by_turn": [], "by_chance": []}
    for name, run in sums.items():
        for each in months:
            run.append((run[-1] if run else 0) + each[name])
    names = {"by_risk": _("By risk"), "by_turn": _("By turn"), "by_chance": _("Blind")}
    when = [Month.parse(each["month"]) for each in months]
    spec = charts.trend(
        [jinja.month_label(each) for each in when], {names[name]: run for name, run in sums.items()},
        text=lambda value: jinja.number(value, 0 if float(value).is_integer() else 1), width="container", height=220, zero=True,
        year=jinja.january(when),
    )  # fmt: skip
    rows = [
        [jinja.month(each["month"]), str(each["places"]), str(each["grave"]), str(each["by_risk"]), str(each["by_turn"]),
         jinja.number(each["by_chance"], 1)] for each in months
    ]  # fmt: skip
    heads = [_("Month"), _("Places"), _("With something grave"), _("Met by risk"), _("Met by turn"), _("Met blindly")]
    title = _("Met so far: %(risk)s by risk, %(turn)s by turn", risk=result["by_risk"], turn=result["by_turn"])
    return {"spec": spec, "title": title, "table": {"columns": heads, "rows": rows}}


def day_before(text: str) -> str:
    """An ISO day of a result, as it is read."""
    return jinja.day(date.fromisoformat(text))
