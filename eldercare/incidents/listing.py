"""The list of incidents, and an incident's facts, grade, times and history put into words."""

from datetime import datetime
from typing import Any

from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import calendar, jinja, words
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.incidents import queries
from eldercare.incidents.clocks import queries as clocks
from eldercare.incidents.clocks.models import BODY_WORDS, OUTSIDE, WAY_WORDS
from eldercare.incidents.grading.models import (
    CARE_WORDS,
    FAMILY_WORDS,
    GRADE_WORDS,
    LEVEL_WORDS,
    MISSING_WORDS,
    PLACE_WORDS,
    SIGNS,
    TYPE_WORDS,
    TYPES,
    WHY_WORDS,
    Rules,
    kind_words,
)
from eldercare.incidents.models import (
    CAUSE_WORDS,
    CHANGE_WORDS,
    OUTCOME_WORDS,
    REPORT_WORDS,
    ROLE_WORDS,
    STATE_WORDS,
    Incident,
    IncidentChange,
    IncidentReport,
)

LABELS: dict[str, Any] = {
    "number": _l("Number"), "family": _l("Family"), "type": _l("Type"), "state": _l("State"), "place_kind": _l("Where"),
    "place_text": _l("Place in words"), "bed_id": _l("Bed"), "summary": _l("What happened"), "dead": _l("Dead"),
    "injured": _l("Hurt"), "serious": _l("Seriously hurt"), "ill": _l("Ill"), "loss_fen": _l("Direct loss"),
    "care": _l("Treatment"), "missing": _l("Missing persons"), "signs": _l("Particulars"),
    "is_operational": _l("From operations"), "grade": _l("Grade"), "grade_proposed": _l("Grade by rule"),
    "grade_why": _l("Why"), "grade_reason": _l("Reason for another grade"), "accident_level": _l("Accident level"),
    "occurred_at": _l("Happened at"), "discovered_at": _l("Discovered at"), "known_at": _l("Head learnt of it at"),
    "reported_at": _l("Reported at"), "reporter": _l("Reported by"), "stay_id": _l("Stay"), "merged_into_id": _l("Merged into"),
    "response": _l("First response"), "responded_at": _l("Responded at"), "stable_at": _l("Stable since"),
    "cause_class": _l("Cause"), "investigation": _l("Investigation"), "investigated_by": _l("Investigated by"),
    "reviewed_by": _l("Reviewed by"), "review_note": _l("Note of the review"), "closed_by": _l("Closed by"),
    "facility_id": _l("Facility"), "reason": _l("Reason"), "report": _l("Report"), "kind": _l("Kind"), "body": _l("Told"),
    "received_at": _l("Receipt at"), "receipt_no": _l("Receipt number"), "late_minutes": _l("Minutes late"), "role": _l("Role"),
    "outcome": _l("Outcome"), "action": _l("Corrective action"), "due_on": _l("Due on"), "owner": _l("Responsible"),
    "hazard": _l("Hazard"), "fault": _l("Finding"), "before": _l("Before"), "after": _l("After"), "name": _l("Name"),
    "into": _l("Merged into"), "rows": _l("Rows"), "note": _l("Note"), "clocks": _l("Deadlines"),
}  # fmt: skip
words.name(
    "incident",
    _l("incident"),
    columns=LABELS,
    values={
        "family": FAMILY_WORDS,
        "type": TYPE_WORDS,
        "state": STATE_WORDS,
        "place_kind": PLACE_WORDS,
        "care": CARE_WORDS,
        "missing": MISSING_WORDS,
        "signs": {code: said for code, (said, _of) in SIGNS.items()},
        "grade": GRADE_WORDS,
        "grade_proposed": GRADE_WORDS,
        "accident_level": LEVEL_WORDS,
        "cause_class": CAUSE_WORDS,
        "report": REPORT_WORDS,
        "role": ROLE_WORDS,
        "outcome": OUTCOME_WORDS,
    },
    actions={
        "incident.drafted": _l("Draft opened by the platform"),
        "incident.reported": _l("Reported"),
        "incident.report_sent": _l("Report sent"),
        "incident.detailed": _l("Details completed"),
        "incident.person_added": _l("Person involved added"),
        "incident.times_changed": _l("Times moved"),
        "incident.grade_changed": _l("Grade changed"),
        "incident.figures_changed": _l("Figures changed"),
        "incident.kind_changed": _l("Type changed"),
        "incident.received": _l("Report acknowledged"),
        "incident.receipt_entered": _l("Notice entered"),
        "incident.responded": _l("First response recorded"),
        "incident.investigation_begun": _l("Investigation begun"),
        "incident.investigated": _l("Investigation finished"),
        "incident.submitted": _l("Submitted for review"),
        "incident.sent_back": _l("Sent back"),
        "incident.reviewed": _l("Reviewed"),
        "incident.closed": _l("Settled"),
        "incident.reopened": _l("Reopened"),
        "incident.merged": _l("Merged into another"),
        "incident.rejected": _l("Found to be no incident"),
        "incident.stable": _l("Declared stable"),
        "incident.action_added": _l("Corrective action set"),
        "incident.action_done": _l("Corrective action done"),
        "incident.fault_found": _l("Fault of reporting found"),
        "incident.fault_withdrawn": _l("Finding withdrawn"),
        "incident.exported": _l("List of incidents exported"),
    },
)

STATE_TONES: dict[str, Any] = {
    "draft": "bad",
    "reported": "watch",
    "responding": "active",
    "investigating": "active",
    "rectifying": "active",
    "review": "watch",
    "closed": "quiet",
    "reopened": "watch",
    "merged": "quiet",
    "rejected": "quiet",
}
GRADE_TONES: dict[str, Any] = {"E1": "bad", "E2": "bad", "E3": "watch", "E4": "quiet"}
PHOTO_WORDS: dict[str, Any] = {
    "scene": _l("Photo of the place"),
    "evidence": _l("Evidence of a corrective action"),
    "paper": _l("Paper (hospital, police, fire)"),
    "other": _l("Other photo or paper"),
}


def rules() -> Rules:
    """The settings of this installation."""
    kept: Rules = g.get("incident_rules") or Rules.of(current_app.config)
    g.incident_rules = kept
    return kept


def state_badge(incident: Incident) -> Badge:
    """The state with its tone."""
    return Badge(STATE_WORDS[incident.state], STATE_TONES[incident.state])


def grade_badge(incident: Any) -> Badge:
    """The grade with its tone."""
    return Badge(GRADE_WORDS[incident.grade], GRADE_TONES[incident.grade])


def due_badge(due: datetime | None) -> Badge | None:
    """How long until the next deadline, or how long past it."""
    if due is None:
        return None
    left = (due - calendar.now()).total_seconds()
    return Badge(jinja.until(due), "bad" if left < 0 else "watch" if left < 3600 else "active")


def title(incident: Any) -> str:
    """What it is called: its type."""
    return str(kind_words(incident.family, incident.type))


def explained(grade: str, why: list[str]) -> str:
    """The sentence that says why a grade is proposed."""
    return _(
        "By rule %(grade)s, because of: %(why)s.",
        grade=GRADE_WORDS[grade],
        why=_(", ").join(str(WHY_WORDS[code]) for code in why),
    )


def _late(asked: bool) -> Any:  # noqa: FBT001
    return clocks.ever_late(calendar.now()) if asked else None


def _stage(stage: str) -> Any:
    return queries.is_open() if stage == "open" else Incident.state == stage


_FAMILIES = tuple(FAMILY_WORDS.items())
_KINDS = tuple((f"{family}.{kind}", said) for family, kinds in TYPES.items() for kind, said in kinds.items())
INCIDENTS = Listing(
    name="incidents",
    title=_l("Incidents"),
    ident=Incident.id,
    columns=(
        Column("number", _l("Number"), sort=Incident.number),
        Column("facility", _l("Facility"), "facility.name", sort=Facility.name,
               detail=lambda row: township_words(row.facility.township)),
        Column("type", _l("What happened"), title, sort=(Incident.family, Incident.type),
               detail=lambda row: FAMILY_WORDS[row.family]),
        Column("grade", _l("Grade"), grade_badge, kind="badge", sort=Incident.grade,
               detail=lambda row: LEVEL_WORDS.get(row.accident_level)),
        Column("state", _l("State"), state_badge, kind="badge", sort=Incident.state),
        Column("next_due", _l("Next deadline"), lambda row: due_badge(row.next_due), kind="badge"),
        Column("occurred_at", _l("Happened at"), kind="moment", sort=Incident.occurred_at, spare=True),
    ),
    filters=(
        Search("q", _l("Number or facility"), where=queries.matching),
        Choice("stage", _l("State"), choices=(("open", _l("All that are open")), *STATE_WORDS.items()), where=_stage),
        Choice("grade", _l("Grade"), choices=tuple(GRADE_WORDS.items()), where=lambda grade: Incident.grade == grade),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Flag("running", _l("Deadline runs"), where=lambda _on: clocks.with_running()),
        Choice("family", _l("Family"), choices=_FAMILIES, where=lambda family: Incident.family == family, quiet=True),
        Choice("kind", _l("Type"), choices=_KINDS, where=lambda pair: Incident.family + "." + Incident.type == pair, quiet=True),
        Choice("home", _l("Facility"), where=lambda home: Incident.facility_id == int(home), quiet=True),
        Flag("late", _l("A deadline was missed"), where=_late, quiet=True),
        DateRange("day", _l("Happened"), where=queries.between, quiet=True),
    ),
    order=(Incident.occurred_at.desc(),),
    json=(
        "id", "number", "facility_code", "family", "type", "grade", "grade_proposed", "accident_level", "state", "dead",
        "injured", "serious", "ill", "missing", "occurred_at", "discovered_at", "known_at", "reported_at", "next_due",
    ),
    empty_title=_l("No incident here"),
    empty_why=_l("What happens in a home is reported in under a minute, from a phone too."),
)  # fmt: skip


def choices(townships: list[Township], homes: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
    }


# ---- the record -----------------------------------------------------------------------------------


def key_facts(incident: Incident) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    return [
        (_("Facility"), incident.facility.name),
        (_("Happened at"), jinja.moment(incident.occurred_at)),
        (_("Where"), PLACE_WORDS[incident.place_kind]),
        (_("Casualties"), casualties(incident)),
        (_("Reported by"), incident.reporter or None),
    ]


def casualties(incident: Any) -> str:
    """Dead, hurt, ill, missing in a line."""
    said = [
        _("%(n)s dead", n=incident.dead) if incident.dead else "",
        _("%(n)s hurt", n=incident.injured) if incident.injured else "",
        _("of them %(n)s seriously", n=incident.serious) if incident.serious else "",
        _("%(n)s ill", n=incident.ill) if incident.ill else "",
        str(MISSING_WORDS[incident.missing]) if incident.missing != "no" else "",
    ]
    return _(", ").join(each for each in said if each) or _("nobody hurt")


def gravity(incident: Incident) -> list[tuple[Any, Any]]:
    """The answers the grade rests on."""
    signs = _(", ").join(str(SIGNS[sign][0]) for sign in incident.signs) or None
    level = LEVEL_WORDS.get(incident.accident_level)
    return [
        (_("Casualties"), casualties(incident)),
        (_("Treatment"), CARE_WORDS[incident.care]),
        (_("Particulars"), signs),
        (_("Direct loss"), jinja.yuan(incident.loss_fen) if incident.loss_fen else None),
        (
            _("Accident level (Order 493)"),
            level or (_("none: no casualty, no loss") if incident.is_operational else _("none: not from operations")),
        ),
    ]


def times(incident: Incident) -> list[tuple[Any, Any]]:
    """The four times."""
    return [
        (LABELS[name], jinja.moment(getattr(incident, name)))
        for name in ("occurred_at", "discovered_at", "known_at", "reported_at")
    ]


def place(incident: Incident, bed: tuple[str, str] | None) -> str:
    """Where it happened, with room and bed."""
    said = [str(PLACE_WORDS[incident.place_kind]), _("room %(room)s, bed %(bed)s", room=bed[0], bed=bed[1]) if bed else "",
            incident.place_text or ""]  # fmt: skip
    return _(", ").join(each for each in said if each)


def change(row: IncidentChange) -> list[tuple[Any, Any, Any]]:
    """[(what, before, after)] of a change."""
    return [
        (words.column("incident", key), _changed(key, row.before[key]), _changed(key, row.after.get(key))) for key in row.before
    ]


def _changed(key: str, value: Any) -> Any:
    if key.endswith("_at"):
        return jinja.moment(datetime.fromisoformat(value)) if value else None
    if key == "loss_fen":
        return jinja.yuan(value)
    if key == "grade_why":
        return _(", ").join(str(WHY_WORDS[code]) for code in value)
    if key == "type":
        return next((said for kinds in TYPES.values() for kind, said in kinds.items() if kind == value), value)
    return words.value("incident", key, value)


def report_title(report: IncidentReport) -> str:
    """First report; follow-up report no. 2 of the chain."""
    return str(REPORT_WORDS[report.kind]) if report.kind == "first" else f"{REPORT_WORDS[report.kind]} ({report.seq})"


def report_lines(report: IncidentReport) -> list[tuple[Any, Any]]:
    """The content of a report by the headings of Order 493 art. 12."""
    said = report.content
    family, kind = said["family"], said["type"]
    hurt = type("Hurt", (), {name: said[name] for name in ("dead", "injured", "serious", "ill", "missing")})
    return [
        (_("Unit"), _(", ").join(each for each in (said["unit"], said["address"], said["phone"]) if each)),
        (_("Time of the event"), jinja.moment(datetime.fromisoformat(said["occurred_at"]))),
        (_("Head learnt of it at"), jinja.moment(datetime.fromisoformat(said["known_at"]))),
        (_("Place and scene"), _(", ").join(each for each in (str(PLACE_WORDS[said["place"]]), said["place_text"]) if each)),
        (_("What happened"), f"{FAMILY_WORDS[family]} · {kind_words(family, kind)}"),
        (_("Course in short"), said["course"] or _("to follow")),
        (_("Dead, hurt and missing"), casualties(hurt)),
        (_("Direct loss, first estimate"), jinja.yuan(said["loss_fen"]) if said["loss_fen"] else None),
        (_("Measures taken"), said["measures"] or _("to follow")),
        (_("Grade"), GRADE_WORDS[said["grade"]]), (_("Accident level (Order 493)"), LEVEL_WORDS.get(said["accident_level"])),
        (_("Other"), said["other"] or None),
    ]  # fmt: skip


# said by the step itself, or shown with reasons among the changes
_UNSAID = {
    "state",
    "township_id",
    "facility_id",
    "stay_id",
    "grade_why",
    "grade_proposed",
    "reporter",
    "reported_at",
    "responded_at",
    "stable_at",
    "investigated_by",
    "reviewed_by",
    "closed_by",
    "merged_into_id",
    "response",
    "investigation",
    "client_key",
}


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    out = []
    for entry in entries:
        first = entry.action in {"incident.reported", "incident.drafted"}
        changes = [] if first else [
            (words.column("incident", key), _logged(key, before), _logged(key, after))
            for key, (before, after) in entry.changes.items() if key not in _UNSAID and before != after
        ]  # fmt: skip
        out.append({"at": entry.at, "who": words.who(entry), "words": _entry_words(entry), "changes": changes})
    return out


def _logged(key: str, value: Any) -> Any:
    return jinja.yuan(value) if key == "loss_fen" else words.value("incident", key, value)


def _entry_words(entry: AuditEntry) -> str:
    said, details = [], entry.details
    if "report" in details:
        said.append(str(REPORT_WORDS[details["report"]]))
    if "body" in details:
        said.append(str(BODY_WORDS[details["body"]]))
    if "late_minutes" in details:
        said.append(ngettext("%(num)d minute late", "%(num)d minutes late", details["late_minutes"]))
    said += [str(details[key]) for key in ("into", "hazard", "reason") if details.get(key)]
    if details.get("due_on"):
        said.append(_("by %(day)s", day=words.value("incident", "due_on", details["due_on"])))
    head = words.action(entry.action)
    return f"{head}: {_(', ').join(said)}" if said else head


__all__ = ["BODY_WORDS", "CAUSE_WORDS", "CHANGE_WORDS", "OUTCOME_WORDS", "OUTSIDE", "ROLE_WORDS", "WAY_WORDS"]
