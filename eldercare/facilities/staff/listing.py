"""The lists of staff and trainings; how people, posts and certificates are put into words."""

from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import or_

from eldercare.core import calendar, words
from eldercare.core.audit import AuditEntry
from eldercare.core.columns import wire
from eldercare.core.identifiers import age_on
from eldercare.core.jinja import number
from eldercare.core.listing import Badge, Choice, Column, DateRange, Listing, Search
from eldercare.facilities import queries as places
from eldercare.facilities.forms import township_words
from eldercare.facilities.models import TYPE_WORDS, Facility, Township
from eldercare.facilities.staff import queries
from eldercare.facilities.staff.models import (
    CERTIFICATE_WORDS,
    EMPLOYMENT_WORDS,
    LABELS,
    POST_WORDS,
    SKILL_WORDS,
    STATE_WORDS,
    StaffCertificate,
    StaffMember,
    Training,
)

TONES = {"employed": "good", "on_leave": "watch", "left": "quiet"}
SEX_WORDS = {"male": _l("Male"), "female": _l("Female")}
STANDING_WORDS = {
    "expired": _l("Certificate expired"), "missing": _l("Required certificate missing"), "expiring": _l("Certificate expiring"),
}
__all__ = ["CERTIFICATE_WORDS", "EMPLOYMENT_WORDS", "LABELS", "POST_WORDS", "SKILL_WORDS"]


# ---- settings ---------------------------------------------------------------------------------------


def required() -> tuple[tuple[str, str], ...]:
    """Which post needs which certificate: pairs of the settings; a pair with a word nobody knows is left out."""
    pairs = (tuple(pair.split(":", 1)) for pair in current_app.config["POST_CERTIFICATES"] if ":" in pair)
    return tuple((post, kind) for post, kind in pairs if post in POST_WORDS and kind in CERTIFICATE_WORDS)


def thresholds() -> tuple[int, ...]:
    """The reminder days of this installation."""
    found: tuple[int, ...] = current_app.config["CERTIFICATE_REMINDER_DAYS"]
    return found


def within() -> int:
    """How many days ahead a certificate counts as expiring."""
    return max(thresholds())


def training_target() -> int:
    """Hours of training a year and person."""
    found: int = current_app.config["TRAINING_HOURS_TARGET"]
    return found


# ---- words ------------------------------------------------------------------------------------------


def state_badge(row: Any) -> Badge:
    """The state with its tone."""
    return Badge(STATE_WORDS[row.state], TONES[row.state])  # type: ignore[arg-type]


def posts_words(row: Any) -> str:
    """All posts, the main one first."""
    return _(", ").join(str(POST_WORDS[post]) for post in row.posts)


def by_post(summary: queries.Summary) -> list[tuple[Any, str]]:
    """A place's staff by main post, for `facts`."""
    return [(POST_WORDS[post], number(count)) for post, count in summary.by_post.items()]


def sex_and_age(row: Any) -> str:
    """“Female, 44”."""
    return _("%(sex)s, %(age)d", sex=SEX_WORDS[row.sex], age=age_on(row.birth_date, calendar.today()))


def standing_of(person: Any, papers: Any) -> queries.Standing:
    """How a person's certificates stand today, by the settings."""
    held = [(paper.kind, paper.valid_to) for paper in papers if paper.is_current]
    return queries.standing(person.posts, held, calendar.today(), required(), within())


def standing_badge(person: Any, papers: Any) -> Badge | None:
    """The worst of a row of the list; None for whoever has left."""
    if person.state == "left":
        return None
    found = queries.standing(person.posts, queries.Papers.read(papers).held, calendar.today(), required(), within())
    for kinds, said in ((found.expired, _l("expired")), (found.missing, _l("missing"))):
        if kinds:
            return Badge(_("%(kinds)s: %(what)s", kinds=kinds_words(kinds), what=said), "bad")
    if found.expiring:
        kind, left = min(found.expiring, key=lambda pair: pair[1])
        days = ngettext("%(num)d day left", "%(num)d days left", left)
        return Badge(_("%(kinds)s: %(what)s", kinds=CERTIFICATE_WORDS[kind], what=days), "watch")
    return Badge(_l("in order"), "good")


def kinds_words(kinds: Any) -> str:
    """Kinds of certificates in a row."""
    return _(", ").join(str(CERTIFICATE_WORDS[kind]) for kind in kinds)


def warnings(person: Any, papers: Any) -> list[tuple[str, str]]:
    """What is wrong with a person's certificates: [(tone, sentence)]."""
    if person.state == "left":
        return []
    found = standing_of(person, papers)
    out = []
    if found.missing:
        out.append(("bad", _("Missing: %(kinds)s. The post needs it; add the paper below.", kinds=kinds_words(found.missing))))
    if found.expired:
        out.append(("bad", _("Expired: %(kinds)s. Renew it and add the new paper below.", kinds=kinds_words(found.expired))))
    return out


def days_badge(paper: StaffCertificate) -> Badge:
    """How long a certificate still runs."""
    if not paper.is_current:
        return Badge(_l("Retired"), "quiet")
    if paper.valid_to is None:
        return Badge(_l("No end"), "quiet")
    left, steps = (paper.valid_to - calendar.today()).days, sorted(thresholds())
    if left < 0:
        return Badge(ngettext("expired %(num)d day ago", "expired %(num)d days ago", -left), "bad")
    said = _("ends today") if left == 0 else ngettext("%(num)d day left", "%(num)d days left", left)
    return Badge(said, "bad" if left <= steps[0] else "watch" if left <= steps[-1] else "quiet")


def hours_badge(hours: Any) -> Badge:
    """The hours of training this year against the target."""
    done = number(hours, 0 if hours == int(hours) else 1)
    said = _("%(hours)s of %(target)s hours this year", hours=done, target=training_target())
    return Badge(said, "good" if hours >= training_target() else "watch")


def in_words(entries: list[AuditEntry]) -> list[dict[str, Any]]:
    """A person's history for the history macro."""
    return words.told(entries, first=True)


# ---- lists ------------------------------------------------------------------------------------------


def _standing(word: str) -> Any:
    today = calendar.today()
    asked = ("expired", "missing") if word == "trouble" else (word,)
    return or_(*(queries.in_standing(each, today, required(), within()) for each in asked))


STAFF = Listing(
    name="staff",
    title=_l("Staff"),
    ident=StaffMember.id,
    link=lambda row: url_for("staff.show", member_id=row.StaffMember.id),
    columns=(
        Column("name", _l("Full name"), "StaffMember.name", detail=lambda row: sex_and_age(row.StaffMember)),
        Column("facility", _l("Facility"), "Facility.name", sort=Facility.name, detail=lambda row: township_words(row.Township)),
        Column("posts", _l("Posts"), lambda row: posts_words(row.StaffMember), sort=StaffMember.posts,
               detail=lambda row: SKILL_WORDS.get(row.StaffMember.skill_level)),
        Column("employment", _l("Employment"), lambda row: EMPLOYMENT_WORDS[row.StaffMember.employment], spare=True),
        Column("started_on", _l("Works here since"), "StaffMember.started_on", kind="day", sort=StaffMember.started_on,
               spare=True),
        Column("certificates", _l("Certificates"), lambda row: standing_badge(row.StaffMember, row.papers), kind="badge"),
        Column("state", _l("State"), lambda row: state_badge(row.StaffMember), kind="badge", sort=StaffMember.state),
    ),
    filters=(
        Search("q", _l("Name"), where=lambda text: StaffMember.name.icontains(text, autoescape=True)),
        Choice("facility", _l("Facility"), where=lambda value: StaffMember.facility_id == int(value)),
        Choice("post", _l("Post"), choices=tuple(POST_WORDS.items()), where=lambda post: StaffMember.posts.contains([post])),
        Choice("certificate", _l("Certificates"), choices=(*STANDING_WORDS.items(), ("trouble", _l("Expired or missing"))),
               where=_standing),
        Choice("township", _l("Township"), where=lambda code: Township.code == code, quiet=True),
        Choice("type", _l("Type"), choices=tuple(TYPE_WORDS.items()),
               where=lambda kind: Facility.facility_type == kind, quiet=True),
        Choice("employment", _l("Employment"), choices=tuple(EMPLOYMENT_WORDS.items()),
               where=lambda kind: StaffMember.employment == kind, quiet=True),
        Choice("state", _l("State"), choices=(("here", _l("At work or on leave")), *STATE_WORDS.items()), default="here",
               any_words=_l("State: all"), quiet=True,
               where=lambda state: StaffMember.state != "left" if state == "here" else StaffMember.state == state),
        Choice("places", _l("Places"), choices=(("open", _l("not closed")),), default="open", any_words=_l("closed ones too"),
               where=lambda _open: Facility.state.not_in(places.GONE), quiet=True),
    ),
    order=(Facility.code, StaffMember.posts, StaffMember.name),
    empty_title=_l("No staff is on record here"),
    empty_why=_l("Take people on one by one; then add their certificates and put them on the roster."),
)  # fmt: skip

# what a workbook holds: nothing that is masked
EXPORT = Listing(
    name="staff_export",
    title=_l("Staff"),
    ident=StaffMember.id,
    columns=(
        Column("id", _l("Record"), "StaffMember.id"),
        Column("name", _l("Full name"), "StaffMember.name"),
        Column("sex", _l("Sex"), lambda row: SEX_WORDS[row.StaffMember.sex]),
        Column("facility", _l("Facility"), "Facility.name"),
        Column("township", _l("Township"), lambda row: township_words(row.Township)),
        Column("posts", _l("Posts"), lambda row: posts_words(row.StaffMember)),
        Column("skill_level", _l("Skill level"), "StaffMember.skill_level", kind="number"),
        Column("employment", _l("Employment"), lambda row: EMPLOYMENT_WORDS[row.StaffMember.employment]),
        Column("insured_here", _l("Insured here"), "StaffMember.insured_here", kind="flag"),
        Column("started_on", _l("Works here since"), "StaffMember.started_on", kind="day"),
        Column("ended_on", _l("Last day"), "StaffMember.ended_on", kind="day"),
        Column("certificates", _l("Certificates"), lambda row: standing_badge(row.StaffMember, row.papers)),
        Column("state", _l("State"), lambda row: STATE_WORDS[row.StaffMember.state]),
    ),
    filters=STAFF.filters,
    order=STAFF.order,
)

API = Listing(
    name="staff_members",
    title=_l("Staff"),
    ident=StaffMember.id,
    columns=(Column("started_on", _l("Works here since"), kind="day", sort=StaffMember.started_on),),
    filters=STAFF.filters,
    order=STAFF.order,
    json=queries.AT_WIRE,
)

TRAININGS = Listing(
    name="trainings",
    title=_l("Training"),
    ident=Training.id.desc(),
    link=lambda row: url_for("staff.training", training_id=row.Training.id),
    columns=(
        Column("topic", _l("Topic"), "Training.topic", width="wide"),
        Column("facility", _l("Facility"), "Facility.name", sort=Facility.name, detail=lambda row: township_words(row.Township)),
        Column("held_on", _l("Held on"), "Training.held_on", kind="day", sort=Training.held_on),
        Column("hours", _l("Hours"), lambda row: float(row.Training.hours), kind="number", sort=Training.hours),
        Column("people", _l("People"), "people", kind="number"),
        Column("trainer", _l("Trainer"), "Training.trainer", spare=True),
    ),
    filters=(
        Search("q", _l("Topic"), where=lambda text: Training.topic.icontains(text, autoescape=True)),
        Choice("facility", _l("Facility"), where=lambda value: Training.facility_id == int(value)),
        Choice("township", _l("Township"), where=lambda code: Township.code == code),
        DateRange("held", _l("Held"), where=lambda ends: _between(Training.held_on, *ends), quiet=True),
    ),
    order=(Training.held_on.desc(),),
    empty_title=_l("No training is recorded here"),
    empty_why=_l("Record what was taught, for how long and who was there; a whole group in one act."),
)


def _between(column: Any, first: Any, last: Any) -> Any:
    return column.between(first or date.min, last or date.max)


def choices(townships: list[Township], facilities: list[Facility]) -> dict[str, list[tuple[str, Any]]]:
    """What the filters offer that depends on the reach."""
    return {
        "township": [(each.code, township_words(each)) for each in townships],
        "facility": [(str(each.id), each.name) for each in facilities],
    }


def as_json(row: Any, papers: list[StaffCertificate]) -> dict[str, Any]:
    """A member of staff at the wire: numbers and telephones never leave; the scan of a certificate neither."""
    return {
        "id": row.id, "facility_id": row.facility_id, "name": row.name, "sex": row.sex, "posts": row.posts, "state": row.state,
        "employment": row.employment, "skill_level": row.skill_level, "insured_here": row.insured_here,
        "started_on": wire(row.started_on), "ended_on": wire(row.ended_on),
        "certificates": [
            {
                "id": each.id, "kind": each.kind, "number": each.number, "issuer": each.issuer, "is_current": each.is_current,
                "valid_from": wire(each.valid_from), "valid_to": wire(each.valid_to),
            }
            for each in papers
        ],
    }
