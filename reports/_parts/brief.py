"""基本情况: what the first report of an incident holds (Order 493 art. 12), people counted and never named.

`gather()` collects all that the parts of a brief show, sealed as data["incident"].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reports._paper import blocks as show
from reports._paper import tables
from reports._paper.words import Words

if TYPE_CHECKING:
    from datetime import datetime

    from eldercare.core.scope import Scope

Data = Mapping[str, Any]
Json = dict[str, Any]
KEY = "brief"
TIMES = ("occurred_at", "discovered_at", "known_at", "reported_at")
PEOPLE = ("dead", "injured", "serious", "ill")


def gather(scope: Scope, incident_id: int) -> Json:
    """{number, type, grade, why [], level, place, place_text, TIMES…, PEOPLE…, missing, residents, loss_fen, course, measures,
    cause, investigation, stable_at, contact {name, phone}, deadlines [{what, due_at, met_at, late_minutes, dropped}], told
    [{body, way, at}], sent [{kind, at}], changes [{kind, at, reason, pairs [[before, after]]}]}: a word is {zh, en}; texts have
    the names of persons masked and long numbers left out.
    """
    from eldercare.core import secrets  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.incidents import queries  # noqa: PLC0415
    from eldercare.incidents.grading import models as words  # noqa: PLC0415
    from eldercare.incidents.models import CAUSE_WORDS  # noqa: PLC0415

    one = queries.incident(scope, incident_id)
    names = _names(scope, one)
    people = queries.people(scope, incident_id)

    def plain(text: str | None) -> str:
        return secrets.without_persons(text, names) if text else ""

    return {
        "number": one.number, "type": _both(words.kind_words(one.family, one.type)), "grade": _both(words.GRADE_WORDS[one.grade]),
        "why": [_both(words.WHY_WORDS[each]) for each in one.grade_why], "graded": one.grade == one.grade_proposed,
        "level": _both(words.LEVEL_WORDS[one.accident_level]) if one.accident_level else None,
        "place": _both(words.PLACE_WORDS[one.place_kind]), "place_text": plain(one.place_text),
        **{name: _moment(getattr(one, name)) for name in TIMES}, **{name: getattr(one, name) for name in PEOPLE},
        "missing": _both(words.MISSING_WORDS[one.missing]) if one.missing != "no" else None,
        "residents": sum(row[0].role == "resident" for row in people), "loss_fen": one.loss_fen,
        "course": plain(one.summary), "measures": plain(one.response),
        "cause": _both(CAUSE_WORDS[one.cause_class]) if one.cause_class else None, "investigation": plain(one.investigation),
        "stable_at": _moment(one.stable_at), "contact": {"name": one.facility.head, "phone": one.facility.phone},
        **_told(scope, incident_id), "changes": _changes(scope, incident_id, plain),
    }  # fmt: skip


def _told(scope: Scope, incident_id: int) -> Json:
    from eldercare.incidents import queries  # noqa: PLC0415
    from eldercare.incidents.clocks import models as words  # noqa: PLC0415
    from eldercare.incidents.clocks import queries as clocks  # noqa: PLC0415
    from eldercare.incidents.models import REPORT_WORDS  # noqa: PLC0415

    return {
        "deadlines": [
            {"what": _both(words.CLOCK_WORDS[each.kind][0]), "due_at": _moment(each.due_at), "met_at": _moment(each.met_at),
             "late_minutes": each.late_minutes, "dropped": each.dropped_at is not None}
            for each in clocks.clocks_of(scope, incident_id) if not each.is_window
        ],
        "told": [
            {"body": _both(words.BODY_WORDS[each.body]), "way": _both(words.WAY_WORDS[each.way]), "at": _moment(each.received_at)}
            for each in clocks.receipts_of(scope, incident_id)
        ],
        "sent": [{"kind": _both(REPORT_WORDS[each.kind]), "at": _moment(each.sent_at)}
                 for each in queries.reports(scope, incident_id)],
    }  # fmt: skip


def _changes(scope: Scope, incident_id: int, plain: Any) -> list[Json]:
    """What was changed after the first report, oldest first: of grades and figures what they were and are."""
    from eldercare.incidents import queries  # noqa: PLC0415
    from eldercare.incidents.models import CHANGE_WORDS  # noqa: PLC0415

    shown = ("grade", *PEOPLE)
    return [
        {
            "kind": _both(CHANGE_WORDS[each.kind]), "at": _moment(each.at), "reason": plain(each.reason),
            "pairs": [[name, each.before[name], each.after[name]] for name in shown if name in each.after],
        }
        for each in reversed(queries.changes(scope, incident_id))
    ]  # fmt: skip


def _names(scope: Scope, one: Any) -> list[str]:
    """Everybody the texts may name: people involved, residents, staff, who answers for the home."""
    from eldercare.incidents import queries  # noqa: PLC0415
    from eldercare.inspections.queries import names_at  # noqa: PLC0415

    involved = (part for row in queries.people(scope, one.id) for part in (row[0].name, row.name))
    return [each for each in (*involved, *names_at(scope, [one.facility_id])[one.facility_id], one.reporter) if each]


def _both(words: Any) -> Json:
    """A word of the screen in both languages: sealed, it changes no more."""
    from flask_babel import force_locale  # noqa: PLC0415

    said = {}
    for short, locale in (("zh", "zh_Hans_CN"), ("en", "en")):
        with force_locale(locale):
            said[short] = str(words)
    return said


def _moment(at: datetime | None) -> str | None:
    from eldercare.core import calendar  # noqa: PLC0415

    return calendar.local(at).isoformat(timespec="minutes") if at else None


# ---- words ----
def blocks(data: Data, w: Words) -> list[show.Block]:
    """The facts, name by name."""
    one, home = data["incident"], data["facility"]
    why = w("join").join(w.place(each) for each in one["why"])
    grade = w("br_grade", grade=w.place(one["grade"]), why=why) if one["graded"] and why else w.place(one["grade"])
    where = w("br_where", place=w.place(one["place"]), text=one["place_text"]) if one["place_text"] else w.place(one["place"])
    people = [w("br_people", name=w("br_" + key), n=w.n(one[key])) for key in PEOPLE]
    people += [w.place(one["missing"])] if one["missing"] else []
    contact = w("br_contact", name=one["contact"]["name"] or w("none"), phone=one["contact"]["phone"] or w("none"))
    facts = [
        (w("br_unit"), home["name"]), (w("br_address"), home["address"] or w("none")), (w("c_township"), home["township"]),
        (w("br_type"), w.place(one["type"])), (w("br_c_grade"), grade),
        *([(w("br_level"), w.place(one["level"]))] if one["level"] else []),
        *((w("br_" + key), w.moment(one[key]) if one[key] else w("none")) for key in TIMES),
        (w("br_place"), where), (w("br_casualties"), w("join").join(people)),
        (w("br_residents"), w("br_count", n=w.n(one["residents"]))),
        (w("br_loss"), w("br_yuan", n=f"{one['loss_fen'] / 100:,.2f}") if one["loss_fen"] else w("br_no_loss")),
        (w("br_c_contact"), contact),
    ]  # fmt: skip
    return [show.table(_facts(facts, w))]


def _facts(rows: list[tuple[str, str]], w: Words) -> tables.Table:
    columns = [(w("br_item"), -22), (w("br_said"), -78)]
    return tables.table("", columns, [list(row) for row in rows], whole=True, keep=False)
