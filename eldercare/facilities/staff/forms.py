"""One form for each act on staff, certificates and training."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.core import calendar
from eldercare.core.forms import Day, Form, IdNumber, LongText, Measure, Phone, Pick, PickMany, PickOne, Scan, Text, Tick
from eldercare.core.scope import Scope
from eldercare.facilities.staff import queries
from eldercare.facilities.staff.models import CERTIFICATE_WORDS, EMPLOYMENT_WORDS, LABELS, POST_WORDS, SKILL_WORDS
from eldercare.facilities.staff.services import CERTIFICATE_FIELDS, FIELDS


class PlaceForm(Form):
    """Where somebody is taken on, for whoever has several places."""

    facility_id = Pick(_l("Facility"), coerce=int, required=True)


class MemberForm(Form):
    """Somebody is taken on. Sex and date of birth follow from the number."""

    name = Text(LABELS["name"], required=True, longest=50)
    id_number = IdNumber(LABELS["id_number"], required=True, help=_l("Sex and date of birth follow from it; kept encrypted."))
    phone = Phone(LABELS["phone"])
    post = Pick(_l("Main post"), choices=POST_WORDS.items(), required=True, help=_l("The roster counts this one unless told."))
    also = PickMany(_l("Also works as"), choices=POST_WORDS.items())
    skill_level = Pick(
        LABELS["skill_level"], choices=SKILL_WORDS.items(), coerce=int, empty=_l("None"), help=_l("Of caregivers only."),
    )
    employment = PickOne(LABELS["employment"], choices=EMPLOYMENT_WORDS.items(), required=True, default="full_time")
    insured_here = Tick(LABELS["insured_here"], help=_l("Social insurance is paid by this place."))
    started_on = Day(LABELS["started_on"], required=True, default=calendar.today)

    def values(self) -> dict[str, Any]:
        """The named values."""
        posts = list(dict.fromkeys([self.post.data, *(self.also.data or [])]))
        return {"id_number": self.id_number.data, "posts": posts} | {
            key: getattr(self, key).data for key in FIELDS if key != "posts"
        }


class CorrectForm(MemberForm):
    """A correction; what is masked stays unless something new is written."""

    id_number = IdNumber(LABELS["id_number"])


class LeaveOfAbsenceForm(Form):
    """Away for a while."""

    away_from = Day(LABELS["away_from"], required=True, default=calendar.today)
    back_on = Day(LABELS["back_on"], help=_l("Empty when nobody knows yet."))


class ConfirmForm(Form):
    """Nothing to fill in."""


class LeavingForm(Form):
    """Leaves the place."""

    ended_on = Day(LABELS["ended_on"], required=True, default=calendar.today)
    end_reason = Text(LABELS["end_reason"], longest=200)


class ReasonForm(Form):
    """Why."""

    reason = Text(_l("Reason"), required=True, longest=200)


class CertificateForm(Form):
    """One certificate with its scan."""

    kind = Pick(LABELS["kind"], choices=CERTIFICATE_WORDS.items(), required=True)
    number = Text(LABELS["number"], required=True, longest=100, width="medium")
    issuer = Text(LABELS["issuer"], longest=100)
    valid_from = Day(LABELS["valid_from"])
    valid_to = Day(LABELS["valid_to"])
    file = Scan(LABELS["file_name"])
    replaces = Pick(
        _l("Takes the place of"), coerce=int, empty=_l("None"),
        help=_l("The certificate it follows is retired and stays in the record."),
    )

    def values(self) -> dict[str, Any]:
        """The named values of the certificate."""
        return {key: getattr(self, key).data for key in CERTIFICATE_FIELDS}


def certificate_form(scope: Scope, member_id: int, replaces: int | None, kind: str | None = None) -> CertificateForm:
    """An empty form; when it follows one of the person's certificates, filled with what stays the same."""
    current = [each for each in queries.certificates_of(scope, member_id) if each.is_current]
    old = next((each for each in current if each.id == replaces), None)
    known: dict[str, Any] = {"kind": kind} if kind in CERTIFICATE_WORDS else {}
    if old:
        known = {"kind": old.kind, "number": old.number, "issuer": old.issuer, "replaces": old.id}
    form = CertificateForm(**known)
    form.replaces.offer([(each.id, f"{CERTIFICATE_WORDS[each.kind]} {each.number}") for each in current])
    return form


class RetireForm(Form):
    """A certificate counts no longer."""

    reason = LongText(_l("Reason"), required=True, longest=300, rows=2)


class TrainingForm(Form):
    """A training, and who was there."""

    topic = Text(LABELS["topic"], required=True, longest=200)
    held_on = Day(LABELS["held_on"], required=True, default=calendar.today)
    hours = Measure(LABELS["hours"], required=True, least=0.1, most=200, places=1)
    trainer = Text(LABELS["trainer"], longest=100, help=_l("Who taught, or which body."))
    groups = PickMany(_l("Whole groups"), help=_l("Everybody with that post; single people are ticked below."))
    members = PickMany(_l("Who was there"), coerce=int)

    def offer(self, people: Sequence[Any]) -> "TrainingForm":
        """The staff of the place."""
        self.people = people
        held = {post for each in people for post in each.posts}
        self.groups.offer([("all", _l("Everybody")), *((post, words) for post, words in POST_WORDS.items() if post in held)])
        self.members.offer([(each.id, f"{each.name} · {POST_WORDS[each.posts[0]]}") for each in people])
        return self

    def chosen(self) -> list[int]:
        """The ids of whoever is ticked, alone or as one of a group."""
        groups = set(self.groups.data or ())
        return [
            each.id for each in self.people
            if "all" in groups or groups & set(each.posts) or each.id in (self.members.data or ())
        ]  # fmt: skip


def correct_form(person: Any) -> CorrectForm:
    """The correction form with what is not masked filled in."""
    shown = {key: getattr(person, key) for key in FIELDS if key not in {"phone", "posts"}}
    form = CorrectForm(**shown, post=person.posts[0], also=person.posts[1:])
    for key in ("id_number", "phone"):
        if getattr(person, key):
            form[key].description = _l("Now: %(value)s. Leave empty to keep it.", value=getattr(person, key).masked())
    return form
