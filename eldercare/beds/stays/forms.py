"""Input of the acts on a stay: its shape alone. Money is typed in yuan; every form carries the stay's version."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from eldercare.beds.stays.models import CAUSES, DESTINATIONS, PAPERS
from eldercare.beds.stays.services.admissions import Terms
from eldercare.core import calendar
from eldercare.core.forms import Day, Form, IdNumber, LongText, Moment, Phone, Pick, PickMany, PickOne, Text, Tick, Whole, Yuan
from eldercare.residents.assessments.models import ADJUSTMENTS, MOST
from eldercare.residents.health.forms import care_levels
from eldercare.residents.health.models import LEVELS as RISK_LEVELS
from eldercare.residents.health.models import RISKS
from eldercare.residents.models import WORDS

RISK = "risk_"
OWN_TIER = _l("The home’s own tier of service, not the ability level.")
FEES = ("fee_bed", "fee_care", "fee_meals")


class ActForm(Form):
    """What every act carries."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        """The version the person at the screen had open; 0 when it was lost."""
        return int(self.version.data) if (self.version.data or "").isdecimal() else 0

    def values(self) -> dict[str, Any]:
        """By name, as the service takes them."""
        return {field.name: field.data for field in self if field.name not in {"csrf_token", "version"}}

    def offer_beds(self, beds: list[tuple[int, Any]]) -> None:
        """The free beds, where the form asks for one."""
        for name in ("bed_id", "reserved_bed_id"):
            if name in self:
                self[name].offer(beds)


class NewForm(Form):
    """Somebody asks a home."""

    id_number = IdNumber(_l("ID number"), required=True)
    name = Text(_l("Full name"), required=True, longest=50, help=_l("Number and name must both be as on the identity card."))
    contact_name = Text(_l("Name of the contact"), required=True, longest=50)
    contact_relation = Pick(_l("Relation"), choices=WORDS["relation"].items, required=True)
    contact_phone = Phone(_l("Telephone of the contact"), required=True)
    wanted_on = Day(_l("Wishes to move in on"))
    papers = PickMany(_l("Papers handed in"), choices=PAPERS.items)
    note = LongText(_l("Note"), longest=1000, rows=3)
    is_new = Tick(
        _l("Register this person"),
        help=_l("Only for somebody who is not on the register yet. Sex and birth follow from the number."),
    )
    township_id = Pick(_l("Township they live in"), coerce=int)
    phone = Phone(_l("Their own telephone"))
    living_arrangement = Pick(_l("Living arrangement"), choices=WORDS["living_arrangement"].items)

    def validate(self, extra_validators: Any = None) -> bool:
        """Somebody new lives somewhere."""
        sound = super().validate(extra_validators)
        if self.is_new.data and not self.township_id.data:
            self.township_id.errors = [*self.township_id.errors, _l("Fill this in.")]
            return False
        return sound

    def values(self) -> dict[str, Any]:
        """As the service takes them, but for the newcomer."""
        names = (
            "id_number", "name", "contact_name", "contact_relation", "contact_phone", "wanted_on", "papers", "note",
        )
        return {name: self[name].data for name in names}


class _Risks(ActForm):
    """Ability and the nine risks; the risks' fields are hung below."""

    on = Day(_l("Assessed on"), required=True, default=calendar.today)
    source = PickOne(_l("Ability result"), required=True)
    score = Whole(_l("Score"), most=MOST, help=_l("0 to 90; higher is abler. The level follows from it."))
    adjustments = PickMany(_l("What else counts"), choices=ADJUSTMENTS.items)
    assessor = Text(_l("Assessor"), longest=50)
    second_assessor = Text(_l("Second assessor"), longest=50, help=_l("Two assessors sign."))

    def offer_known(self, words: Any | None) -> None:
        """The register's own result, where there is a valid one, beside a new one."""
        known = [("known", words)] if words else []
        self.source.offer([*known, ("new", _l("Enter a new result"))])
        if self.source.data is None:
            self.source.data = "known" if known else "new"

    def validate(self, extra_validators: Any = None) -> bool:
        """A new result has a score and two assessors."""
        sound = super().validate(extra_validators)
        if self.source.data == "new":
            for field in (self.score, self.assessor, self.second_assessor):
                if field.data is None:
                    field.errors = [*field.errors, _l("Fill this in.")]
                    sound = False
        return sound

    @property
    def risk_fields(self) -> list[Any]:
        """The nine, in order."""
        return [self[RISK + code] for code in RISKS]

    def values(self) -> dict[str, Any]:
        """Day, risks and the result (None: the register's own)."""
        result = None
        if self.source.data == "new":
            names = ("score", "assessor", "second_assessor")
            fixed = {"assessed_on": self.on.data, "kind": None, "note": None, "items": None}
            result = fixed | {name: self[name].data for name in names} | {"adjustments": self.adjustments.data or []}
        return {"on": self.on.data, "risks": {code: self[RISK + code].data for code in RISKS}, "result": result}


def _risk(words: Any) -> PickOne:
    return PickOne(words, choices=RISK_LEVELS.items, required=True)


_NINE = {RISK + code: _risk(words) for code, words in RISKS.items()}


# fields stand on a page in the order they are made: these come before the fees
_CONTRACT = {
    "contract_no": Text(_l("Number of the contract"), required=True, longest=60),
    "signed_on": Day(_l("Signed on"), required=True, default=calendar.today),
    "ends_on": Day(_l("The contract ends on"), required=True),
    "care_level": Pick(_l("Care level"), choices=care_levels, required=True, help=OWN_TIER),
}


class _Fees(ActForm):
    """A month's fees."""

    fee_bed = Yuan(_l("Bed, a month"))
    fee_care = Yuan(_l("Care, a month"))
    fee_meals = Yuan(_l("Meals, a month"))

    @property
    def fees(self) -> dict[str, int | None]:
        """In fen, by column."""
        return {f"{name}_fen": self[name].fen for name in FEES}


class _Reassess(_Risks, _Fees):
    """Ability and risks anew, and what follows for the care."""

    care_level = Pick(_l("Care level"), choices=care_levels, required=True, help=OWN_TIER)
    supplement_no = Text(_l("Supplement to the contract, number"), longest=60, help=_l("Where the level or the fees change."))

    def values(self) -> dict[str, Any]:
        """With care and fees."""
        return _Risks.values(self) | {
            "care_level": self.care_level.data, "supplement_no": self.supplement_no.data, "fees": self.fees
        }


AssessForm = type("AssessForm", (_Risks,), dict(_NINE))
ReassessForm = type("ReassessForm", (_Reassess,), dict(_NINE))


class ReasonForm(ActForm):
    """Why."""

    reason = LongText(_l("Reason"), required=True, longest=500, rows=3)


class TrialForm(ActForm):
    """A trial stay."""

    bed_id = Pick(_l("Bed"), coerce=int, judged=True, required=True)
    on = Day(_l("First night"), required=True, default=calendar.today)
    ends_on = Day(_l("The trial ends on"), required=True)
    agreement_no = Text(_l("Number of the trial agreement"), required=True, longest=60)


class ContractForm(_Fees):
    """A contract."""

    contract_no, signed_on, ends_on, care_level = _CONTRACT.values()
    deposit = Yuan(_l("Deposit"))

    @property
    def terms(self) -> Terms:
        """What is agreed."""
        fields = (self.contract_no, self.signed_on, self.ends_on, self.care_level)
        return Terms(*(field.data for field in fields), **self.fees, deposit_fen=self.deposit.fen)

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        return {"terms": self.terms}


class SignForm(ContractForm):
    """The first contract; a bed may be kept."""

    reserved_bed_id = Pick(_l("Keep a bed"), coerce=int, judged=True, empty=_l("No bed yet"))

    def values(self) -> dict[str, Any]:
        """With the bed to keep."""
        return super().values() | {"reserved_bed_id": self.reserved_bed_id.data}


class MoveInForm(ActForm):
    """Moving in."""

    bed_id = Pick(_l("Bed"), coerce=int, judged=True, required=True)
    on = Day(_l("First night"), required=True, default=calendar.today)


class ReserveForm(ActForm):
    """Another bed to keep, or none."""

    bed_id = Pick(_l("Keep a bed"), coerce=int, judged=True, empty=_l("Keep none"))


class LeaveForm(ActForm):
    """On leave."""

    on = Day(_l("Leaves on"), required=True, default=calendar.today)
    expected_back_on = Day(_l("Expected back on"), required=True)
    companion = Text(_l("Who goes along"), required=True, longest=60, help=_l("Name and relation."))


class HospitalForm(ActForm):
    """To hospital."""

    on = Day(_l("Admitted on"), required=True, default=calendar.today)
    hospital = Text(_l("Hospital"), required=True, longest=80)
    accompanied_by = Text(_l("Who went along"), required=True, longest=60)


class BackForm(ActForm):
    """Back again."""

    on = Day(_l("Back on"), required=True, default=calendar.today)


class TransferForm(ActForm):
    """Another bed."""

    bed_id = Pick(_l("New bed"), coerce=int, judged=True, required=True)
    on = Day(_l("First night in it"), required=True, default=calendar.today)
    reason = Text(_l("Reason"), required=True, longest=200)


class DischargeForm(ActForm):
    """Leaving for good."""

    on = Day(_l("Leaves on"), required=True, default=calendar.today, help=_l("The last night was the one before."))
    reason = Text(_l("Reason"), required=True, longest=200)
    destination = PickOne(_l("Where to"), choices=DESTINATIONS.items, required=True)
    destination_facility_id = Pick(
        _l("Which home"), coerce=int,
        help=_l("Only for another home of the district; it is told, so that it can admit the person."),
    )
    settlement = Yuan(_l("Settlement"), least=-1e6, help=_l("What is paid back; with a minus sign what is still owed."))
    settled_on = Day(_l("Settled on"))

    def values(self) -> dict[str, Any]:
        """With the settlement in fen."""
        given = super().values()
        given["settlement_fen"] = self.settlement.fen
        given.pop("settlement")
        return given


_DIED_AT = Moment(_l("Died at"), required=True)
_DIED_WHERE = Text(_l("Place of death"), required=True, longest=80)


class _Told(ActForm):
    """Cause, certificate, and when the family was told."""

    cause = PickOne(_l("Cause"), choices=CAUSES.items, required=True)
    certificate_no = Text(_l("Number of the death certificate"), longest=60)
    told_at = Moment(_l("Family told at"))
    told_by = Text(_l("Told by"), longest=60)
    told_to = Text(_l("Told whom"), longest=60)


class DeathForm(_Told):
    """A death."""

    died_at, place = _DIED_AT, _DIED_WHERE



class DeathPapersForm(_Told):
    """What becomes known afterwards."""


class RevealForm(Form):
    """Why a masked value must be seen."""

    reason = Text(_l("Reason"), required=True, longest=200)
