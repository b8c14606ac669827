"""One form for each act on an officer, an avoidance, a request."""

from typing import Any

from flask_babel import lazy_gettext as _l

from eldercare.accounts.officers.models import GROUND_WORDS, SPECIALITY_WORDS
from eldercare.core.forms import Day, Form, LongText, Pick, PickMany, PickOne, Text


class OfficerForm(Form):
    """A certificate and what its holder knows about."""

    user_id = Pick(
        _l("Person"), required=True, coerce=int, help=_l("People with the duty of an inspector who are not in the library yet."),
    )  # fmt: skip
    certificate_no = Text(_l("Enforcement certificate"), required=True, longest=40, width="medium")
    specialities = PickMany(_l("Specialities"), choices=tuple(SPECIALITY_WORDS.items()))
    valid_from = Day(_l("Valid from"), required=True)
    valid_to = Day(_l("Valid to"), required=True)

    def said(self) -> dict[str, Any]:
        """The columns of the certificate."""
        return {
            "certificate_no": self.certificate_no.data, "specialities": sorted(self.specialities.data or []),
            "valid_from": self.valid_from.data, "valid_to": self.valid_to.data,
        }  # fmt: skip


class CertificateForm(OfficerForm):
    """The same for somebody who is in the library."""

    user_id = None


class LeaveForm(Form):
    """From when on somebody is no longer in the library."""

    day = Day(_l("No longer in the library from"), required=True)


class RecusalForm(Form):
    """Who avoids which place, why and how long."""

    officer_id = Pick(_l("Officer"), required=True, coerce=int)
    facility_id = Pick(_l("Inspected place"), required=True, coerce=int)
    ground = PickOne(_l("Ground"), required=True, choices=tuple(GROUND_WORDS.items()))
    note = LongText(_l("Note"), rows=2, longest=500, help=_l("Seen by the district alone; never published."))
    starts_on = Day(_l("From"), required=True)
    ends_on = Day(_l("Until"))


class EndForm(Form):
    """The last day of an avoidance."""

    day = Day(_l("Last day"), required=True)
    reason = LongText(_l("Why it ends"), required=True, rows=2, longest=300)


class AskForm(Form):
    """A place asks that an officer not come."""

    facility_id = Pick(_l("Inspected place"), required=True, coerce=int)
    officer_id = Pick(_l("Officer who should not come"), required=True, coerce=int)
    reason = LongText(
        _l("Reason"), required=True, rows=3, longest=500,
        help=_l("Kinship, a conflict, a financial interest: what makes a fair inspection doubtful."),
    )  # fmt: skip


class DecideForm(Form):
    """The district's word on a request."""

    verdict = PickOne(
        _l("Decision"), required=True,
        choices=(("granted", _l("Granted: this officer does not inspect there")), ("refused", _l("Not granted"))),
    )  # fmt: skip
    until = Day(_l("Until"), help=_l("Empty: until further notice."))
    answer = LongText(_l("Reason, told to the place"), required=True, rows=3, longest=500)
