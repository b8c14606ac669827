"""The log of what the demo district did in its eighteen months: whatever a page shows a history of has one.

The entries are put in by their moments, behind one another, as the log itself does it: the database numbers and chains them.
"""

from sqlalchemy import text

from eldercare.core import calendar
from eldercare.core.db import db

DISTRICT, LEADER, CLOCK = "示例区级专管员", "示例领导", "clock"
OFFICER = "(SELECT u.name FROM visit_officers s JOIN officers o ON o.id = s.officer_id JOIN users u ON u.id = o.user_id"
OFFICER += " WHERE s.visit_id = t.id AND s.seat = 0)"
# entity, table with its join, action, moment, who (an expression), under which permission, which rows
EVENTS: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    ("draw", "draws t", "draw.planned", "t.created_at", "t.author_name", "inspection:plan", "true"),
    ("draw", "draws t", "draw.approved", "t.approved_at", "t.approver_name", "inspection:approve", "true"),
    ("draw", "draws t", "draw.frozen", "t.frozen_at", "t.author_name", "inspection:draw", "true"),
    ("draw", "draws t", "draw.witnessed", "t.witnessed_at", "t.author_name", "inspection:draw", "true"),
    ("draw", "draws t", "draw.drawn", "t.drawn_at", "t.author_name", "inspection:draw", "true"),
    ("draw", "draws t", "draw.published", "t.published_at", f"'{CLOCK}'", "draws_announce", "true"),
    ("visit", "visits t", "visit.planned", "t.created_at", "t.created_by", "inspection:plan", "true"),
    ("visit", "visits t", "visit.noticed", "t.noticed_at", "t.created_by", "inspection:plan", "true"),
    ("visit", "visits t", "visit.sent", "t.sent_at", OFFICER, "inspection:do", "true"),
    ("visit", "visits t", "visit.answered", "t.answered_at", "t.answered_by", "inspection:answer", "true"),
    ("visit", "visits t", "visit.published", "t.published_at", f"'{DISTRICT}'", "inspection:plan", "true"),
    ("hazard", "hazards t", "hazard.reported", "t.created_at", "t.found_by", "hazard:report", "t.finder <> 'officer'"),
    ("hazard", "hazards t", "hazard.fixed", "t.created_at", "t.issued_by", "inspection:do", "t.fixed_on_spot"),
    ("hazard", "hazards t", "hazard.issued", "greatest(t.created_at, t.issued_on + time '07:30')", "t.issued_by", "hazard:order",
     "NOT t.fixed_on_spot"),
    ("hazard", "hazards t", "hazard.dismissed", "t.created_at + interval '26 hours'", f"'{DISTRICT}'", "hazard:order",
     "t.state = 'dismissed'"),
    ("hazard", "hazards t", "hazard.asked", "t.asked_at", "t.asked_by", "hazard:reply", "true"),
    ("hazard", "hazards t", "hazard.extended", "t.extended_at", "t.issued_by", "hazard:order", "true"),
    ("hazard", "hazards t", "hazard.refused", "t.asked_at + interval '20 hours'", "t.issued_by", "hazard:order",
     "t.refused_reason IS NOT NULL"),
    ("hazard", "hazards t", "hazard.stated", "t.stated_at", "t.stated_by", "hazard:reply", "true"),
    ("hazard", "hazards t", "hazard.escalated", "t.escalated_at", f"'{CLOCK}'", "hazards_watch", "true"),
    ("hazard", "hazards t JOIN hazard_replies r ON r.hazard_id = t.id", "hazard.replied", "r.replied_at", "r.replied_by",
     "hazard:reply", "true"),
    ("hazard", "hazards t JOIN hazard_replies r ON r.hazard_id = t.id AND r.result = 'passed'", "hazard.recheck_passed",
     "r.rechecked_at", "r.rechecked_by", "hazard:recheck", "true"),
    ("hazard", "hazards t JOIN hazard_replies r ON r.hazard_id = t.id AND r.result = 'failed'", "hazard.recheck_failed",
     "r.rechecked_at", "r.rechecked_by", "hazard:recheck", "true"),
    ("hazard", "hazards t", "hazard.closed", "t.closed_at", f"'{DISTRICT}'", "hazard:close", "NOT t.fixed_on_spot"),
    ("rectification_order", "rectification_orders t", "rectification_order.issued", "t.issued_at", "t.issued_by", "hazard:order",
     "true"),
    ("major_case", "major_cases t", "major_case.judged", "t.judged_at", "t.judged_by", "hazard:order", "true"),
    ("major_case", "major_cases t", "major_case.listed", "t.listed_on + time '02:00'", "t.listed_by", "hazard:supervise", "true"),
    ("major_case", "major_cases t", "major_case.delisted", "t.delisted_on + time '02:30'", "t.delisted_by", "hazard:supervise",
     "true"),
    ("incident", "incidents t", "incident.reported", "t.reported_at", "t.reporter", "incident:report", "true"),
    ("incident", "incidents t", "incident.responded", "t.responded_at", "t.reporter", "incident:handle", "true"),
    ("incident", "incidents t", "incident.submitted", "t.submitted_at", "t.reporter", "incident:handle", "true"),
    ("incident", "incidents t", "incident.closed", "t.closed_at", "t.closed_by", "incident:review", "true"),
    ("plan", "plans t", "plan.drafted", "t.created_at", "t.author", "inspection:plan", "t.approved_at IS NOT NULL"),
    ("plan", "plans t", "plan.approved", "t.approved_at", "t.approved_by", "inspection:approve", "true"),
    ("plan_item", "plan_items t JOIN visits v ON v.id = t.visit_id", "plan_item.made", "v.created_at", f"'{CLOCK}'",
     "plans_watch", "true"),
)  # fmt: skip
PLACELESS = {"draw", "plan"}


def write() -> int:
    """Write it; how many entries there are."""
    done = db.session.execute(text(  # our own names alone
        "INSERT INTO audit_entries (at, person_id, person_name, permission, action, entity, entity_id, township_id, facility_id,"  # noqa: S608
        " changes, details) SELECT at, (SELECT u.id FROM users u WHERE u.name = who ORDER BY u.id LIMIT 1), who, permission,"
        " action, entity, id, township_id, facility_id, '{}', '{}' FROM ("
        + " UNION ALL ".join(_select(*each) for each in EVENTS)
        + ") AS happened WHERE at <= :now AND who IS NOT NULL ORDER BY at, entity, happened.id, action"
    ), {"now": calendar.now()})  # fmt: skip
    return int(getattr(done, "rowcount", 0))


def _select(entity: str, rows: str, action: str, at: str, who: str, permission: str, which: str) -> str:
    place = "NULL::bigint AS township_id, NULL::bigint AS facility_id" if entity in PLACELESS else "t.township_id, t.facility_id"
    said = f"'{entity}' AS entity, '{action}' AS action, '{permission}' AS permission"
    return f"SELECT ({at})::timestamptz AS at, ({who})::text AS who, {said}, t.id, {place} FROM {rows} WHERE ({at}) IS NOT NULL AND ({which})"  # noqa: S608,E501 — our own names
