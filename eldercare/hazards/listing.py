"""The list of hazards and a hazard's facts put into words."""

from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from eldercare.core import calendar, jinja, words
from eldercare.core.access import P
from eldercare.core.audit import AuditEntry
from eldercare.core.listing import Badge, Choice, Column, DateRange, Flag, Listing, Search
from eldercare.core.web import can
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import Facility, Township
from eldercare.hazards import queries
from eldercare.hazards.models import (
    FINDER_WORDS,
    OPEN,
    RIGHT,
    SEVERITY_WORDS,
    STATE_WORDS,
    TO_PUT_RIGHT,
    Deadlines,
    Hazard,
)

STATE_TONES: dict[str, Any] = {
    "reported": "watch",
    "dismissed": "quiet",
    "issued": "watch",
    "received": "active",
    "in_progress": "active",
    "replied": "watch",
    "recheck_passed": "good",
    "recheck_failed": "bad",
    "closed": "quiet",
}
SEVERITY_TONES: dict[str, Any] = {"general": "quiet", "serious": "watch", "major": "bad"}
# of the hazard: what officers found, what the place adds; of a reply: what it shows, what the recheck shows
FOUND_WORDS: dict[str, Any] = {"before": _l("As it was found")}
PHOTO_WORDS: dict[str, Any] = {"paper": _l("Paper of proof"), "after": _l("As it was put right")}
REPLY_WORDS: dict[str, Any] = {"after": _l("As it was put right"), "paper": _l("Paper of proof")}
ALL_WORDS: dict[str, Any] = FOUND_WORDS | PHOTO_WORDS | {"recheck": _l("At the recheck")}
FLAG_WORDS: dict[str, Any] = {
    "extended": _l("extended"), "asked": _l("more time asked for"), "escalated": _l("escalated"),
    "fixed": _l("put right on the spot"),
}  # fmt: skip
AGE_WORDS: dict[str, Any] = {
    "week": _l("up to 7 days"), "fortnight": _l("8 to 15 days"), "month": _l("16 to 30 days"), "two_months": _l("31 to 60 days"),
    "longer": _l("over 60 days"),
}  # fmt: skip


def deadlines() -> Deadlines:
    """The deadlines of this installation."""
    return Deadlines.of(current_app.config)


def state_badge(hazard: Hazard) -> Badge:
    """The state with its tone."""
    return Badge(STATE_WORDS[hazard.state], STATE_TONES[hazard.state])


def severity_badge(hazard: Hazard) -> Badge:
    """The severity with its tone."""
    return Badge(SEVERITY_WORDS[hazard.severity], SEVERITY_TONES[hazard.severity])


def due_badge(hazard: Hazard) -> Badge | None:
    """How the deadline stands: days left, days overdue, or put right in time; None without an order."""
    if hazard.due_on is None:
        return None
    if hazard.fixed_on_spot:
        return Badge(_l("put right on the spot"), "good")
    late = hazard.overdue_days
    if late and hazard.replied_in_time:  # counted as overdue all the same; see the model
        return Badge(_l("replied in time, waits for recheck"), "watch")
    if late:
        return Badge(ngettext("%(num)d day overdue", "%(num)d days overdue", late), "bad")
    if hazard.state in RIGHT:
        return Badge(_l("in time"), "good")
    left = (hazard.due_on - calendar.today()).days
    if left == 0:
        return Badge(_l("due today"), "watch")
    return Badge(ngettext("%(num)d day left", "%(num)d days left", left), "watch" if left <= 3 else "quiet")


def flags(hazard: Hazard) -> str | None:
    """Extended, escalated; overdue is said by the deadline itself."""
    return _(", ").join(str(FLAG_WORDS[each]) for each in hazard.flags if each in FLAG_WORDS) or None


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def _stage(stage: str) -> Any:
    groups = {"open": queries.waits, "ordered": lambda: queries.was_open(calendar.today()), "found": queries.is_found}
    return groups[stage]() if stage in groups else Hazard.state == stage


_STAGES = (
    ("open", _l("All that are open")), ("ordered", _l("Ordered and open")), ("found", _l("All but those dismissed")),
    *STATE_WORDS.items(),
)  # fmt: skip
HAZARDS = Listing(
    name="hazards",
    title=_l("Hazards"),
    ident=Hazard.id,
    columns=(
        Column("number", _l("Number"), "number", sort=Hazard.number, width="narrow", detail="source_label"),
        Column("facility", _l("Facility"), "facility.name", sort=Facility.name, width="medium",
               detail=lambda row: township_words(row.facility.township)),
        Column("description", _l("What is wrong"), lambda row: _short(row.description), width="wide"),
        Column("severity", _l("Severity"), severity_badge, kind="badge", sort=Hazard.severity),
        Column("state", _l("State"), state_badge, kind="badge", sort=Hazard.state,
               detail=flags),
        Column("due_on", _l("Deadline"), "due_on", kind="day", sort=Hazard.due_on, spare=True),
        Column("left", _l("Remaining"), due_badge, kind="badge"),
    ),
    filters=(
        Search("q", _l("Number, source, facility or item"), where=queries.matching),
        Choice("stage", _l("State"), choices=_STAGES, default="open", any_words=_l("open and closed"), where=_stage),
        Choice("severity", _l("Severity"), choices=tuple(SEVERITY_WORDS.items()), where=lambda each: Hazard.severity == each),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        Flag("overdue", _l("Overdue"), where=lambda _on: queries.overdue(calendar.today())),
        Flag("answered", _l("Replied in time, waits for recheck"), where=lambda _on: queries.replied_in_time(), quiet=True),
        DateRange("found", _l("Found"), where=queries.found, quiet=True),
        DateRange("issued", _l("Ordered"), where=queries.issued, quiet=True),
        Choice("age", _l("Open for"), choices=tuple(AGE_WORDS.items()), where=lambda code: queries.aged(code, calendar.today()),
               quiet=True),
        Choice("finder", _l("Found by"), choices=tuple(FINDER_WORDS.items()), where=lambda each: Hazard.finder == each,
               quiet=True),
        Flag("repeat", _l("Found again at the same place"), where=lambda _on: queries.is_repeat(), quiet=True),
        Choice("home", _l("Facility"), where=lambda home: Hazard.facility_id == int(home), quiet=True),
    ),
    order=(Hazard.due_on.nulls_first(), Hazard.number),
    json=(
        "id", "number", "facility_code", "severity", "state", "issued_on", "due_on", "first_due_on", "right_on", "overdue_days",
        "source_kind", "source_id", "source_label", "description", "found_on", "finder", "hazard_code", "item_code",
        "fixed_on_spot",
    ),
    empty_title=_l("No hazard here"),
    empty_why=_l("Hazards come from inspections, from supervisors and self-checks, and from incidents that are supervised."),
)  # fmt: skip


def choices(townships: list[Township], homes: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "home": [(str(each.id), each.name) for each in homes],
    }


def key_facts(hazard: Hazard) -> list[tuple[Any, Any]]:
    """The facts under the title."""
    said = [(_("Facility"), hazard.facility.name), (_("Found on"), jinja.day(hazard.found_on))]
    if hazard.due_on is None or hazard.issued_on is None:
        return [*said, (_("Found by"), finder(hazard))]
    return [*said, (_("Ordered"), jinja.day(hazard.issued_on)), (_("Deadline"), jinja.day(hazard.due_on)),
            (_("Ordered by"), hazard.issued_by)]  # fmt: skip


def finder(hazard: Hazard) -> str:
    """Who found it, in words."""
    return " \u00b7 ".join(part for part in (str(FINDER_WORDS[hazard.finder]), hazard.found_by) if part)


def said(row: Any) -> str:
    """The words of an item or of a row of the hazard table, in the reader's language."""
    return str(row.zh if jinja.lang() == "zh" else row.en)


def found_facts(hazard: Hazard, item: Any, row: Any) -> list[tuple[Any, Any]]:
    """Where it was found, by whom, what it breaks; what does not apply is left out."""
    facts = (
        (_("Where"), hazard.place_note), (_("Found by"), finder(hazard)),
        (_("Item of the checklist"), f"{hazard.item_code} {said(item)}" if item else hazard.item_code),
        (_("Row of the major hazards"), f"{row.clause} {said(row)}" if row else hazard.hazard_code),
        (_("What is demanded"), hazard.demand), (_("Ordered from"), hazard.source_label),
    )  # fmt: skip
    return [(label, value) for label, value in facts if value]


def day_facts(hazard: Hazard) -> list[tuple[Any, Any]]:
    """The days that matter, and who rechecks."""
    waiting = next((each for each in hazard.replies if each.result is None), None)
    facts: tuple[tuple[Any, Any], ...] = (
        (_("Ordered"), hazard.issued_on), (_("Deadline at first"), hazard.first_due_on), (_("Deadline"), hazard.due_on),
        (_("Recheck until"), waiting.recheck_by if waiting else None), (_("Put right on"), hazard.right_on),
        (_("The place may state its view until"), hazard.answer_by),
    )  # fmt: skip
    days = [(label, jinja.day(day)) for label, day in facts if day]
    return [*days, (_("To be rechecked by"), hazard.rechecker)] if hazard.rechecker else days


_HOME, _OFFICER = P.HAZARD_REPLY, P.HAZARD_ORDER


def next_acts(hazard: Hazard, *, is_officer: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(buttons, behind "more"): what the signed-in person can do next; `is_officer`: with a certificate that counts today."""

    def act(endpoint: str, label: Any, *, post: bool = False, primary: bool = False, **more: Any) -> dict[str, Any]:
        url = url_for(f"hazards.{endpoint}", hazard_id=hazard.id, **more)
        return {"label": label, "url": url, "primary": primary} | ({"post": True} if post else {})

    state, ours = hazard.state, can(_OFFICER, hazard)
    to_right = state in TO_PUT_RIGHT
    late = calendar.today() > hazard.due_on if hazard.due_on else False
    first: list[tuple[bool, dict[str, Any]]] = [
        (state == "reported" and ours and is_officer, act("decide", _("Confirm and order"), act="confirm", primary=True)),
        (state == "reported" and ours and is_officer, act("decide", _("Dismiss the report"), act="dismiss")),
        (state == "issued" and can(_HOME, hazard), act("receive", _("Receive the order"), post=True, primary=True)),
        (state == "received" and can(_HOME, hazard), act("begin", _("Begin putting it right"), post=True)),
        (to_right and can(_HOME, hazard), act("answer", _("Reply"), act="reply", primary=state != "issued")),
        (state == "replied" and can(P.HAZARD_RECHECK, hazard), act("look", _("Recheck"), act="recheck", primary=True)),
        (state == "recheck_passed" and can(P.HAZARD_CLOSE, hazard), act("close", _("Close the hazard"), post=True, primary=True)),
        (to_right and ours and is_officer and hazard.is_asked,
         act("decide", _("Grant more time"), act="extend", primary=True)),
        (to_right and ours and is_officer and hazard.is_asked, act("decide", _("Refuse more time"), act="refuse")),
    ]
    moved = hazard.extended_at is not None or hazard.refused_reason is not None or hazard.asked_at is not None
    heard = hazard.statement is not None or hazard.answer_by is None or hazard.published_at is not None
    more: list[tuple[bool, dict[str, Any]]] = [
        (to_right and can(_HOME, hazard) and not moved and not late, act("answer", _("Ask for more time"), act="ask")),
        (can(_HOME, hazard) and not heard and calendar.today() <= (hazard.answer_by or date.min),
         act("answer", _("State the place\u2019s view"), act="state")),
        (to_right and ours and is_officer and not moved and not late, act("decide", _("Extend the deadline"), act="extend")),
        (state in OPEN and state != "recheck_passed" and can(P.HAZARD_RECHECK, hazard),
         act("look", _("Assign the recheck"), act="assign")),
        (hazard.answer_by is not None and hazard.published_at is None and can(P.HAZARD_SUPERVISE, hazard),
         act("publish", _("Publish"), post=True)),
        (hazard.published_at is not None and can(P.HAZARD_SUPERVISE, hazard), act("unpublish", _("Take the publication back"))),
    ]  # fmt: skip
    return [each for holds, each in first if holds], [each for holds, each in more if holds]


def code_choices(rows: list[Any]) -> list[tuple[str, str]]:
    """The rows of the hazard table to choose from."""
    return [(each.code, f"{each.code} {each.clause} {said(each)}") for each in rows]


def item_choices(items: list[Any]) -> list[tuple[str, str]]:
    """Items to choose from: version and code as one value."""
    return [(f"{each.version_id}:{each.code}", f"{each.code} {_short(said(each), 70)}") for each in items]


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """History entries as `_parts/record.html` draws them."""
    names = ("state", "right_on", "escalated_at", "stated_at", "asked_at", "answer_by")
    unsaid = {words.column("hazard", name) for name in names}
    told = words.told(entries)
    for each in told:
        each["changes"] = [change for change in each["changes"] if change[0] not in unsaid]
    return told
