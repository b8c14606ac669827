"""The list of stays, a stay's record put into words, and which acts it permits next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from eldercare.beds.models import ASKED, ENDED, LIVING, OPEN, Stay
from eldercare.beds.stays import queries
from eldercare.beds.stays.models import CAUSES, DESTINATIONS, PAPERS
from eldercare.core import calendar, jinja, words
from eldercare.core.access import P
from eldercare.core.listing import Badge, Choice, Column, DateRange, Listing
from eldercare.core.scope import Person, Scope, scope_of
from eldercare.core.secrets import mask_name
from eldercare.residents.health.models import LEVELS as RISK_LEVELS
from eldercare.residents.health.models import RISKS
from eldercare.residents.listing import PersonSearch, say, sex_and_age
from eldercare.residents.models import WORDS

STATES: dict[str, Badge] = {
    "applied": Badge(_l("Applied"), "active"), "assessed": Badge(_l("Assessed"), "active"),
    "contracted": Badge(_l("Contract signed"), "active"), "rejected": Badge(_l("Not accepted"), "quiet"),
    "withdrawn": Badge(_l("Taken back"), "quiet"), "trial": Badge(_l("Trial stay"), "watch"),
    "in_residence": Badge(_l("Lives there"), "good"), "on_leave": Badge(_l("On leave"), "watch"),
    "hospitalised": Badge(_l("In hospital"), "watch"), "discharged": Badge(_l("Left"), "quiet"),
    "deceased": Badge(_l("Deceased"), "quiet"),
}  # fmt: skip
GROUPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "living": (_l("Lives in a home"), OPEN), "asking": (_l("Application under way"), ASKED), "ended": (_l("Ended"), ENDED),
    "came": (_l("Moved in, also where it has ended"), (*OPEN, *ENDED)),
    "closed": (_l("Application closed"), ("rejected", "withdrawn")),
}
DUE: dict[str, Any] = {
    "overdue": _l("Return overdue"), "contract": _l("Contract ends within 30 days"), "lapsed": _l("Contract lapsed"),
    "assessment": _l("Assessment due within 30 days"), "hospital": _l("To be assessed after hospital"),
    "trial": _l("Trial ends within 7 days"),
}


# ---- what can be done next ----------------------------------------------------------------------


@dataclass(frozen=True)
class NextAct:
    """An act the present state permits: the word in its address, the verb on its button."""

    act: str
    words: Any
    url: str
    is_primary: bool = False


# act → (verb, states it starts from); in the order a home's day needs them
ACTS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "assess": (_l("Assess"), ("applied",)), "sign": (_l("Sign the contract"), ("assessed", "trial")),
    "trial": (_l("Begin a trial stay"), ("assessed",)), "move-in": (_l("Move in"), ("contracted",)),
    "return": (_l("Back in the home"), ("on_leave", "hospitalised")), "leave": (_l("Go on leave"), ("in_residence",)),
    "hospital": (_l("Take to hospital"), ("in_residence",)),
    "transfer": (_l("Transfer to another bed"), ("in_residence", "trial")),
    "reassess": (_l("Assess again"), LIVING), "renew": (_l("Renew the contract"), LIVING),
    "reserve": (_l("Keep another bed"), ("contracted",)), "refuse": (_l("Do not accept"), ("assessed",)),
    "withdraw": (_l("Take the application back"), ASKED), "discharge": (_l("Discharge"), OPEN),
    "death": (_l("Record a death"), OPEN), "death-papers": (_l("Complete the papers"), ("deceased",)),
}  # fmt: skip


def acts(who: Scope | Person, stay: Any) -> list[NextAct]:
    """What `who` may do with a stay next (a row with id, state, township_id, facility_id), the first one the nearest.

    `who`: a scope of STAY_EDIT, or a person. Nothing for who may not act there.
    """
    scope = who if isinstance(who, Scope) else scope_of(who, P.STAY_EDIT)
    if scope is None or scope.permission != P.STAY_EDIT or not scope.covers(stay.township_id, stay.facility_id):
        return []
    here = [act for act, (_verb, states) in ACTS.items() if stay.state in states]
    if getattr(stay, "reassess_since", None) is not None and "reassess" in here:
        here = ["reassess", *(act for act in here if act != "reassess")]
    if stay.state == "deceased" and getattr(stay, "death_certificate_no", None) and getattr(stay, "family_told_at", None):
        return []
    return [
        NextAct(act, ACTS[act][0], url_for("stays.act", stay_id=stay.id, act=act), is_primary=at == 0)
        for at, act in enumerate(here)
    ]


# ---- the list -----------------------------------------------------------------------------------


def badge_of(row: Any) -> Badge:
    """A stay's state as people see it; a leave past its return is bad."""
    badge = STATES[row.state]
    expected = getattr(row, "expected_back_on", None)
    return Badge(badge.word, "bad") if row.state == "on_leave" and expected and expected < calendar.today() else badge


def state_note(row: Any) -> str | None:
    """The day the state is about."""
    if row.state == "on_leave" and row.expected_back_on:
        return _("expected %(day)s", day=jinja.day(row.expected_back_on))
    if row.state == "hospitalised" and row.left_on:
        return _("since %(day)s", day=jinja.day(row.left_on))
    if row.state == "trial":
        return _("until %(day)s", day=jinja.day(row.trial_ends_on))
    return _("assess again") if row.reassess_since else None


def bed_of(row: Any) -> str | None:
    """The bed now."""
    return queries.bed_words(row.building, row.room, row.bed) if row.bed else None


def _contract(row: Any) -> Badge | None:
    if row.contract_ends_on is None or row.state not in LIVING:
        return None
    left = (row.contract_ends_on - calendar.today()).days
    return Badge(jinja.day(row.contract_ends_on), "bad" if left < 0 else "watch" if left <= 30 else "quiet")


def _assessment(row: Any) -> Badge | None:
    if row.assessment_due_on is None or row.state not in LIVING:
        return None
    left = (row.assessment_due_on - calendar.today()).days
    return Badge(jinja.day(row.assessment_due_on), "bad" if left < 0 else "watch" if left <= 30 else "quiet")


def _person_note(row: Any) -> str:
    return " · ".join(filter(None, (sex_and_age(row), f"****{row.id_last4}" if row.id_last4 else None)))


def care_level_of(row: Any) -> str | None:
    """The home's tier in words."""
    return say("care_level", row.care_level)


def _since(row: Any) -> Any:
    return row.starts_on or row.applied_on


def _until(row: Any) -> str | None:
    end = row.ends_on or row.closed_on
    return _("until %(day)s", day=jinja.day(end)) if end else None if row.starts_on else _("applied")


def _states() -> list[tuple[str, Any]]:
    return [*((key, group[0]) for key, group in GROUPS.items()), *((state, badge.word) for state, badge in STATES.items())]


def _in_state(value: str) -> Any:
    return Stay.state.in_(GROUPS[value][1] if value in GROUPS else (value,))


def _between(ends: Any) -> Any:
    first, last = ends
    day = func.coalesce(Stay.starts_on, Stay.applied_on)
    return day.between(first or calendar.today() - timedelta(36500), last or calendar.today() + timedelta(3650))


STAYS = Listing(
    name="stays",
    title=_l("Stays in homes"),
    ident=Stay.id.desc(),
    columns=(
        Column("name", _l("Full name"), value=lambda row: mask_name(row.name), detail=_person_note, masked=True),
        Column("home", _l("Home"), detail=bed_of, sort=queries.Facility.name, width="wide"),
        Column("state", _l("State"), kind="badge", value=badge_of, detail=state_note, sort=Stay.state),
        Column("starts_on", _l("Moved in or applied"), kind="day", value=_since, detail=_until, sort=Stay.starts_on, spare=True),
        Column("contract_ends_on", _l("Contract until"), kind="badge", value=_contract, sort=Stay.contract_ends_on),
        Column("assessment_due_on", _l("Assess by"), kind="badge", value=_assessment, sort=queries.ASSESSMENT_DUE),
        Column("care_level", _l("Care level"), value=care_level_of, spare=True, sort=Stay.care_level),
    ),
    filters=(
        PersonSearch(
            "q", _l("Search"), where=queries.matching, private_url="/beds/stays/find",
            hint=_l("Name, pinyin, ID number, last four"),
        ),
        Choice("township", _l("Township"), where=lambda code: queries.Township.code == code),
        Choice("home", _l("Home"), where=lambda value: Stay.facility_id == int(value)),
        Choice("state", _l("State"), choices=_states, where=_in_state, default="living", any_words=_l("State: all")),
        Choice("due", _l("Due"), choices=DUE.items, where=lambda what: queries.due(what, calendar.today())),
        DateRange("admitted", _l("Moved in or applied"), where=_between, quiet=True),
    ),
    order=(Stay.starts_on.desc().nulls_first(),),
    json=(
        "id", "resident_id", "facility_id", "township_code", "home", "name", "sex", "state", "applied_on", "starts_on", "ends_on",
        "building", "room", "bed", "care_level", "contract_no", "contract_ends_on", "trial_ends_on", "assessment_due_on",
        "expected_back_on", "reassess_since",
    ),
    empty_title=_l("Nobody lives here yet, and nobody has asked"),
    empty_why=_l("Take an application when somebody wishes to move in."),
)  # fmt: skip


# ---- the record ---------------------------------------------------------------------------------


def risks_of(stay: Stay) -> list[tuple[Any, Badge]]:
    """The nine risks with what was found, the highest first; nothing where nothing is recorded."""
    tones = {"high": "bad", "some": "watch", "none": "quiet"}
    found = stay.risks or {}
    rows = [(RISKS[code], found[code]) for code in RISKS if code in found]
    rows.sort(key=lambda row: ("high", "some", "none").index(row[1]))
    return [(title, Badge(RISK_LEVELS[level], tones[level])) for title, level in rows]  # type: ignore[arg-type]


def papers_of(stay: Stay) -> str | None:
    """The papers handed in with the application."""
    return ", ".join(str(PAPERS.get(code, code)) for code in stay.papers) or None


def masked(stay: Stay, field: str) -> str:
    """A value of the stay as everybody sees it."""
    if field == "contact_phone":
        return str(stay.contact_phone) if stay.contact_phone else "—"
    value = getattr(stay, field)
    return mask_name(value) if field in {"name", "contact_name", "family_told_to"} else _("recorded, hidden")


ACTIONS: dict[str, Any] = {
    "stay.applied": _l("Applied"), "stay.assessed": _l("Ability and risks assessed before admission"),
    "stay.withdrawn": _l("Application taken back"), "stay.rejected": _l("Not accepted"),
    "stay.trial_begun": _l("Trial stay begun"), "stay.contract_signed": _l("Contract signed"), "stay.moved_in": _l("Moved in"),
    "stay.left": _l("Went on leave"), "stay.hospitalised": _l("Taken to hospital"), "stay.came_back": _l("Came back"),
    "stay.discharged": _l("Discharged"), "stay.deceased": _l("Died"), "stay.bed_reserved": _l("Another bed kept"),
    "stay.transferred": _l("Transferred to another bed"), "stay.reassessed": _l("Assessed again"),
    "stay.contract_renewed": _l("Contract renewed"), "stay.death_completed": _l("Papers of the death completed"),
    "stay.bed_given": _l("Bed given"), "stay.bed_left": _l("Bed left"), "stay.unmasked": _l("Looked at in full: %(field)s"),
    "stay_absence.begun": _l("Time away begun"), "stay_absence.ended": _l("Time away ended"),
    "stay.exported": _l("Stays exported"),
    "facility.applicant_sought": _l("Looked for an applicant on the register"), "stay.begun": _l("Stay recorded"),
}  # fmt: skip
LABELS: dict[str, Any] = {
    "name": _l("Full name"), "sex": _l("Sex"), "birth_date": _l("Date of birth"), "state": _l("State"),
    "starts_on": _l("First night"),
    "ends_on": _l("Left on"), "applied_on": _l("Applied on"), "wanted_on": _l("Wishes to move in on"),
    "contact_name": _l("Name of the contact"), "contact_relation": _l("Relation"),
    "contact_phone": _l("Telephone of the contact"),
    "papers": _l("Papers handed in"), "note": _l("Note"), "assessed_on": _l("Assessed on"), "ability_level": _l("Ability level"),
    "risks": _l("Risks"), "next_assessment_on": _l("Next assessment due"), "reassess_since": _l("To be assessed since"),
    "trial_no": _l("Number of the trial agreement"), "trial_ends_on": _l("The trial ends on"),
    "contract_no": _l("Number of the contract"), "contract_signed_on": _l("Signed on"),
    "contract_ends_on": _l("The contract ends on"), "supplement_no": _l("Supplement to the contract, number"),
    "care_level": _l("Care level"), "fee_bed_fen": _l("Bed, a month"), "fee_care_fen": _l("Care, a month"),
    "fee_meals_fen": _l("Meals, a month"), "deposit_fen": _l("Deposit"), "closed_on": _l("Closed on"), "end_reason": _l("Reason"),
    "destination": _l("Where to"), "settlement_fen": _l("Settlement"), "settled_on": _l("Settled on"), "died_at": _l("Died at"),
    "death_place": _l("Place of death"), "death_cause": _l("Cause"),
    "death_certificate_no": _l("Number of the death certificate"),
    "family_told_at": _l("Family told at"), "family_told_by": _l("Told by"), "family_told_to": _l("Told whom"),
    "bed_id": _l("Bed"), "reserved_bed_id": _l("Bed kept"), "left_on": _l("Left on"),
    "expected_back_on": _l("Expected back on"),
    "back_on": _l("Back on"), "companion": _l("Who goes along"), "hospital": _l("Hospital"),
    "accompanied_by": _l("Who went along"),
    "reason": _l("Reason"), "kind": _l("Kind"), "found": _l("found"),
}  # fmt: skip
LABELS |= RISKS
# told by the action itself, or kept for the platform alone
_UNSAID = (
    "state", "resident_id", "facility_id", "assessment_id", "destination_facility_id", "from_township_id", "from_village_id",
    "from_arrangement", "stay_id", "version", "reserved_bed_id", "bed_id",
)
words.name(
    "stay", _l("stay in a home"), actions=ACTIONS, columns=LABELS,
    values={
        "state": {state: badge.word for state, badge in STATES.items()}, "sex": WORDS["sex"], "papers": PAPERS,
        "ability_level": WORDS["ability_level"], "death_cause": CAUSES, "destination": DESTINATIONS,
        "contact_relation": WORDS["relation"], "care_level": WORDS["care_level"], **dict.fromkeys(RISKS, RISK_LEVELS),
    },
)
words.name("stay_bed", _l("bed of a stay"), columns=LABELS)
words.name(
    "stay_absence", _l("time away"), columns=LABELS, values={"kind": {"leave": _l("Leave"), "hospital": _l("In hospital")}},
)


def in_words(entries: Iterable[Any]) -> list[dict[str, Any]]:
    """The history of a stay, newest first: what was made is said in one line, what changed before and after."""
    out = []
    for entry, told in zip(entries, words.told(entries), strict=True):
        said = {key: pair for key, pair in entry.changes.items() if key not in _UNSAID and any(each is not None for each in pair)}
        told["changes"] = [_change(key, pair) for key, pair in said.items()] if entry.action != "stay.applied" else []
        out.append(told)
    return out


def _change(key: str, pair: list[Any]) -> tuple[str, Any, Any]:
    if key.endswith("_fen"):
        before, after = (None if fen is None else jinja.yuan(fen) for fen in pair)
    else:
        before, after = (words.value("stay", key, each) for each in pair)
    return words.column("stay", key), before, after


def relation_of(stay: Stay) -> str | None:
    """Who the contact is to the person."""
    return say("relation", stay.contact_relation)
