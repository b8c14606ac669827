"""The list of visits, and a visit and its record put into words."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import extract

from eldercare.accounts.officers.models import GROUND_WORDS
from eldercare.checklists.checks.listing import cap_words, grade_badge, score_words
from eldercare.checklists.checks.listing import result_badge as answer_badge
from eldercare.checklists.checks.models import RESULT_WORDS as ANSWER_WORDS
from eldercare.checklists.listing import said
from eldercare.checklists.models import ChecklistItem
from eldercare.core import calendar, jinja, words, workdays
from eldercare.core.audit import AuditEntry
from eldercare.core.errors import Refused
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.hazards.listing import SEVERITY_TONES
from eldercare.hazards.models import SEVERITY_WORDS
from eldercare.inspections import queries
from eldercare.inspections.models import (
    KIND_WORDS,
    MARK_WORDS,
    NOTICE_WORDS,
    RESULT_WORDS,
    STATE_WORDS,
    WAY_WORDS,
    PublishedResult,
    Visit,
    VisitRecord,
)

__all__ = [
    "ANSWER_WORDS", "KIND_WORDS", "MARK_WORDS", "NOTICE_WORDS", "RESULT_WORDS", "SEVERITY_TONES", "SEVERITY_WORDS", "WAY_WORDS",
    "answer_badge", "cap_words", "grade_badge", "said", "score_words",
]  # fmt: skip
STATE_TONES: dict[str, Any] = {"planned": "active", "sent": "good", "cancelled": "quiet"}
RESULT_TONES: dict[str, Any] = {
    "none": "good", "fixed": "good", "order": "watch", "transfer": "bad", "obstructed": "bad", "absent": "quiet",
}  # fmt: skip
ROLE_WORDS: dict[str, Any] = {"officer": _l("Officer"), "home": _l("For the home"), "witness": _l("Witness")}
SIGN_WORDS: dict[str, Any] = {"signed": _l("Signed"), "refused": _l("Refused to sign"), "absent": _l("Not there")}
AMENDED_WORDS: dict[str, Any] = {
    "arrival": _l("Arrival, before it was set right"), "certificate": _l("Certificate marked as shown, taken back"),
}  # fmt: skip
SHOWN_WORDS: dict[str, Any] = {
    "ahead": _l("Told beforehand"), "in_person": _l("Handed over"), "left": _l("Left at the place"),
}


def state_badge(visit: Visit) -> Badge:
    """Planned, overdue, recorded, cancelled."""
    if visit.state == "planned" and visit.planned_on < calendar.today():
        return Badge(_l("Not made in time"), "bad")
    return Badge(STATE_WORDS[visit.state], STATE_TONES[visit.state])


def result_badge(visit: Visit) -> Badge | None:
    """What came of it."""
    return Badge(RESULT_WORDS[visit.result], RESULT_TONES[visit.result]) if visit.result else None


def officers(visit: Visit) -> str:
    """Names, the lead first."""
    return str(_(", ")).join(each.officer.name for each in visit.officers)


def unfit(visit: Visit, avoids: Mapping[int, str]) -> list[str]:
    """Who of a team may not go on the planned day after all: what came after the plan, or a draw from its frozen library.

    avoids: {officer id: ground} of the place on that day (§5.3 (1), §5.6 (6)).
    """
    found = []
    for each in (row.officer for row in visit.officers):
        if each.id in avoids:
            found.append(Refused("visit.officer_avoids", name=each.name, ground=str(GROUND_WORDS[avoids[each.id]])))
        elif not each.is_certified(visit.planned_on):
            found.append(Refused("officer.not_certified", name=each.name))
        elif not each.user.is_enabled:
            found.append(Refused("officer.no_account", name=each.name))
    return [each.message for each in found]


def window(visit: Visit) -> str:
    """09:00–11:00, or nothing."""
    ends = [f"{each:%H:%M}" for each in (visit.window_from, visit.window_to) if each]
    return "\u2013".join(ends)


def _state(state: str) -> Any:
    return Visit.state == state


def _span(span: str) -> Any:
    return Visit.planned_on <= calendar.today() if span == "past" else Visit.planned_on > calendar.today()


SPANS: tuple[tuple[str, Any], ...] = (("past", _l("up to today")), ("ahead", _l("still to come")))
VISITS = Listing(
    name="visits",
    title=_l("Visits"),
    ident=Visit.id,
    columns=(
        Column("planned_on", _l("Day"), "planned_on", kind="day", sort=Visit.planned_on, detail=window),
        Column("facility", _l("Facility"), "facility.name", sort=Facility.name, width="medium",
               detail=lambda row: township_words(row.facility.township)),
        Column("kind", _l("Kind"), lambda row: KIND_WORDS[row.kind], sort=Visit.kind, width="whole"),
        Column("officers", _l("Officers"), officers, width="whole"),
        Column("state", _l("State"), state_badge, kind="badge", sort=Visit.state),
        Column("result", _l("Result"), result_badge, kind="badge", sort=Visit.result),
        Column("number", _l("Number"), lambda row: row.number or jinja.DASH, sort=Visit.number, width="narrow"),
    ),
    filters=(
        Search("q", _l("Number or facility"), where=queries.matching),
        Choice("span", _l("When"), choices=SPANS, default="past", any_words=_l("past and coming"), where=_span),
        Choice("state", _l("State"), choices=tuple(STATE_WORDS.items()), where=_state),
        Choice("kind", _l("Kind"), choices=tuple(KIND_WORDS.items()), where=lambda kind: Visit.kind == kind),
        Choice("result", _l("Result"), choices=tuple(RESULT_WORDS.items()), where=lambda result: Visit.result == result),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        DateRange("day", _l("Day"), where=queries.planned),
        Choice("officer", _l("Officer"), where=lambda each: queries.with_officer(int(each)), quiet=True),
        Choice("home", _l("Facility"), where=lambda home: Visit.facility_id == int(home), quiet=True),
        Flag("late", _l("Not made in time"), where=lambda _on: queries.is_late(calendar.today())),
    ),
    order=(Visit.planned_on.desc(), Visit.window_from),
    json=(
        "id", "uid", "number", "kind", "state", "planned_on", "facility_id", "notice", "noticed_at", "shown_at", "sent_at",
        "result", "answered_at", "published_at", "follows_id",
    ),
    empty_title=_l("No visit here"),
    empty_why=_l("Visits come from plans, draws and rechecks."),
)  # fmt: skip
SHOWN = Listing(
    name="visits", title=_l("Visits"), ident=Visit.id, columns=VISITS.columns,
    filters=tuple(each for each in VISITS.filters if each.name in ("q", "state", "kind", "result", "day")), order=VISITS.order,
    empty_title=_l("No visit here"),
    empty_why=_l("A visit stands here once the bureau has told you of it, or has recorded it."),
)  # fmt: skip
RESULTS = Listing(
    name="results", title=_l("Inspection results"), ident=PublishedResult.id, columns=(Column("place", _l("Place")),), link=None,
    filters=(
        Search("q", _l("Name of the place, or number"),
               where=lambda text: (PublishedResult.number + " " + PublishedResult.place).icontains(text, autoescape=True)),
        Choice("year", _l("Year of the inspection"), where=lambda year: extract("year", PublishedResult.checked_on) == int(year)),
    ),
    order=(PublishedResult.published_at.desc(),), page_size=20,
)  # fmt: skip


def choices(townships: list[Township], homes: list[Facility], people: list[tuple[int, str]]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
        "officer": [(str(number), name) for number, name in people],
    }


# ---- the record ------------------------------------------------------------------------------------


def title(visit: Visit) -> str:
    """The number, or the day while it has none."""
    if visit.number:
        return str(_("Inspection %(number)s", number=visit.number))
    return str(_("Visit on %(day)s", day=jinja.day(visit.planned_on)))


def key_facts(visit: Visit) -> list[tuple[Any, Any]]:
    """The line under the title."""
    facts: list[tuple[Any, Any]] = [
        (_("Facility"), visit.facility.name), (_("Kind"), KIND_WORDS[visit.kind]), (_("Officers"), officers(visit)),
    ]  # fmt: skip
    when = " ".join(filter(None, (jinja.day(visit.planned_on), window(visit))))
    facts.append((_("Planned for"), when))
    return facts + ([(_("Record received"), jinja.moment(visit.sent_at))] if visit.sent_at else [])


def notice_words(visit: Visit) -> str:
    """How and when the home was told, or that it is not."""
    if visit.noticed_at is None:
        return str(NOTICE_WORDS[visit.notice])
    way = WAY_WORDS[visit.notice_way] if visit.notice_way else NOTICE_WORDS[visit.notice]
    note = _("; ") + visit.notice_note.replace("\n", _("; ")) if visit.notice_note else ""
    return f"{jinja.moment(visit.noticed_at)} \u00b7 {way}{note}"


@dataclass(frozen=True)
class Body:
    """A record's own text, as its page shows it. `of_tablet`: what the tablet's clock says of the visit."""

    said: dict[str, Any]
    record: VisitRecord

    @classmethod
    def of(cls, record: VisitRecord) -> "Body":
        """Read a kept record."""
        said = json.loads(record.body)
        for name in ("lists", "findings", "rechecks", "residents", "signatures", "site_people"):
            said.setdefault(name, [])
        said["shown"] = {"certificates": [], "notice": None} | (said.get("shown") or {})
        return cls(said, record)

    @property
    def is_intact(self) -> bool:
        """Whether the text still gives its hash."""
        return hashlib.sha256(self.record.body.encode()).hexdigest() == self.record.sha256

    @property
    def answers(self) -> list[dict[str, Any]]:
        """Every answer."""
        return [each for one in self.said.get("lists", []) for each in one.get("answers", {}).values()]

    @property
    def photos(self) -> dict[str, dict[str, Any]]:
        """Hash → {"taken_at", "lat", "lon", "where"} of every photo the record names."""
        found: dict[str, dict[str, Any]] = {}
        places: list[tuple[str, Any]] = [
            *((code, each) for one in self.said.get("lists", []) for code, each in one.get("answers", {}).items()),
            *((str(_("Finding")), each) for each in self.said.get("findings", [])),
            *((str(_("Recheck")), each) for each in self.said.get("rechecks", [])),
        ]  # fmt: skip
        for where, entry in places:
            for photo in entry.get("photos") or []:
                taken = photo if isinstance(photo, dict) else {"sha256": photo}
                found.setdefault(taken["sha256"], {"where": where, "taken_at": taken.get("taken_at")})
        return found

    def lost(self, here: Iterable[str]) -> list[tuple[Any, Any]]:
        """Nothing lost, in numbers: what the record names, and what of it is here."""
        named = self.photos
        arrived = len(named.keys() & set(here))
        return [
            (_("Answers"), len(self.answers)), (_("Photos named / here"), f"{len(named)} / {arrived}"),
            (_("Problems found"), len(self.said.get("findings", []))), (_("Signatures"), len(self.said.get("signatures", []))),
        ]  # fmt: skip

    def times(self) -> list[tuple[Any, Any]]:
        """The tablet's times beside the server's."""
        row, ahead = self.record, self.record.clock_offset_s
        off = _("not known") if ahead is None else ngettext("%(num)d second", "%(num)d seconds", ahead)
        where = self.said.get("position")
        place = f"{where['lat']:.5f}, {where['lon']:.5f}" if where else None
        return [
            (_("Begun (tablet)"), jinja.moment(row.started_at)), (_("Ended (tablet)"), jinja.moment(row.ended_at)),
            (_("Received (server)"), jinja.moment(row.received_at)), (_("Tablet’s clock ahead by"), off),
            (_("Position"), place), (_("Tablet"), f"{row.device[:8]} \u00b7 {row.app or jinja.DASH}"),
            (_("Sent by"), row.person_name), *((AMENDED_WORDS.get(key, key), told) for key, told in self._amended()),
        ]  # fmt: skip

    def _amended(self) -> Iterator[tuple[str, str]]:
        """(what, the time that stood there and why it does not) of what was set right at the place."""
        for each in self.said.get("amended") or []:
            yield str(each.get("key")).partition(":")[0], " \u00b7 ".join((moment(each.get("at")), str(each.get("reason") or "")))


def marks(record: VisitRecord) -> list[str]:
    """What is out of the ordinary with a record."""
    return [str(MARK_WORDS[each]) for each in record.marks]


def moment(text: Any) -> str:
    """A moment as a record writes it."""
    try:
        return jinja.moment(datetime.fromisoformat(text))
    except (TypeError, ValueError):
        return jinja.DASH


def polylines(strokes: Mapping[str, Any]) -> list[str]:
    """The lines of a signature as points of an SVG."""
    return [" ".join(f"{point[0]:g},{point[1]:g}" for point in line) for line in strokes.get("lines", []) if line]


@dataclass(frozen=True)
class Difference:
    """What an edition says otherwise than the one before."""

    what: str
    before: str
    after: str


def differences(before: VisitRecord, after: VisitRecord, items: Sequence[ChecklistItem]) -> list[Difference]:
    """Between two editions: answers, the result, the notes."""
    old, new = json.loads(before.body), json.loads(after.body)
    named = {(each.version_id, each.code): f"{each.code} {said(each)}" for each in items}
    first, second = _answers_of(old), _answers_of(new)
    found = [
        Difference(named.get(key, key[1]), _answer_words(first.get(key, {})), _answer_words(each))
        for key, each in second.items() if _answer_words(first.get(key, {})) != _answer_words(each)
    ]  # fmt: skip
    for name, label, say in (("result", _("Result"), lambda word: str(RESULT_WORDS.get(word, word))), ("notes", _("Notes"), str)):
        if (old.get(name) or "") != (new.get(name) or ""):
            found.append(Difference(label, say(old.get(name) or jinja.DASH), say(new.get(name) or jinja.DASH)))
    return found


def _answers_of(body: dict[str, Any]) -> dict[tuple[int, str], dict[str, Any]]:
    return {
        (int(one["version_id"]), code): each for one in body.get("lists", []) for code, each in one.get("answers", {}).items()
    }


def _answer_words(each: Mapping[str, Any]) -> str:
    result = each.get("result") or "not_checked"
    return str(_(": ")).join(filter(None, (str(ANSWER_WORDS[result]), each.get("reason"))))


def public_words(visit: Visit, body: Body | None) -> str:
    """What the public may read of a visit, as a beginning: day, place, result, what was found."""
    day = jinja.day(body.record.started_at) if body else jinja.day(visit.planned_on)
    lines = [
        _("On %(day)s %(place)s was inspected (%(kind)s). Result: %(result)s.", day=day, place=visit.facility.name,
          kind=KIND_WORDS[visit.kind], result=RESULT_WORDS[visit.result or "none"]),
    ]  # fmt: skip
    found = body.said.get("findings", []) if body else []
    lines += [f"{n}. {each.get('description', '')}" for n, each in enumerate(found, 1)]
    return "\n".join(str(each) for each in lines)


def notice_day() -> date:
    """The first day a visit told today should be on."""
    return workdays.known().after(calendar.today(), current_app.config["VISIT_NOTICE_WORKING_DAYS"])


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    moments = ("sent_at", "answered_at", "published_at", "noticed_at", "shown_at")
    unsaid = {words.column("visit", name) for name in ("state", *moments)}
    told = words.told(entries)
    for each in told:
        each["changes"] = [change for change in each["changes"] if change[0] not in unsaid]
    return told
