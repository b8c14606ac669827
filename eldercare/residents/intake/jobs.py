"""The two Runs of an intake: looking a list through, and taking it in."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from eldercare.core import calendar, files, runs, sheets
from eldercare.core.errors import Refused
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.residents.intake import queries, services
from eldercare.residents.intake.models import COMMIT, FORGET, PREVIEW, words, words_of
from eldercare.residents.intake.services import Outcome, Rules

_WIDTHS = {"id_number": 22, "address": 32, "hukou_address": 32, "notes": 24, "birth_date": 13, "phone": 14}


def rules() -> Rules:
    """The settings in force."""
    config = current_app.config
    return Rules(config["IMPORT_MAX_ROWS"], config["ASSESSMENT_MONTHS"])


def write_refused(target: str | Path | BinaryIO, outcome: Outcome, person: str) -> int:
    """The refused rows under the headings of the list itself, each with its reasons; returns how many.

    Put right, the workbook can be sent as it is: the two columns added at the end are known to the intake.
    """
    columns = [sheets.Column(entry["heading"], _WIDTHS.get(entry["field"] or "", 14)) for entry in outcome.headings]
    columns += [sheets.Column(_("Row in the list"), 10, as_text=False), sheets.Column(_("Why it was refused"), 60)]
    dress = sheets.Dress(
        title=_("Rows that were refused"), person=person,
        lines=[_("Correct the rows and send this workbook again. The last two columns need not be removed.")],
    )
    places = [entry["index"] for entry in outcome.headings]
    return sheets.write_xlsx(target, columns, _refused_rows(outcome.refused, places), dress)


def _refused_rows(spooled: Iterable[Any], places: list[int]) -> Iterator[list[Any]]:
    for number, faults, raw in spooled:
        why = "; ".join(f"{cell} {words_of((code, details))}" for cell, code, details in faults)
        yield [*(raw[place] if place < len(raw) else "" for place in places), number, why]


def _watch(run: Run) -> services.Watch:
    return lambda done, total: runs.progress(run.id, done, total, runs.N_("Reading and checking rows"))


def _keep_refused(outcome: Outcome, person: str, language: str) -> dict[str, Any]:
    if not outcome.counts["rejected"]:
        return {}
    out = BytesIO()
    with force_locale(language):
        write_refused(out, outcome, person)
    return {"refused": files.put(out.getvalue(), secret=True)}


@runs.handler(PREVIEW)
def preview(scope: Scope, run: Run) -> dict[str, Any]:
    """Look a list through; a list that is refused as a whole is not kept."""
    data = _data(run)
    try:
        outcome = services.look(scope, data, rules(), run.params.get("name", ""), _watch(run))
    except Refused:
        if not queries.others_with(scope, run):  # files are named by their content: another list may be the same file
            files.drop(run.params["file"], secret=True)
        raise
    return outcome.summary() | _keep_refused(outcome, scope.person_name, run.params.get("language", "zh_Hans_CN"))


@runs.handler(COMMIT)
def commit(scope: Scope, run: Run) -> dict[str, Any]:
    """Take a list in, as it was previewed."""
    outcome = services.take(
        scope, _data(run), rules(), run, filename=run.params.get("name", ""), expected=run.params["digest"], watch=_watch(run)
    )
    return {**outcome.numbers(), "sha256": outcome.sha256}


KEPT = timedelta(days=30)  # a list that was sent is of no use after it was taken in or given up


@runs.handler(FORGET)
def forget(scope: Scope, _run: Run) -> dict[str, Any]:
    """Remove old workbooks: they hold personal data nobody needs twice (PIPL arts. 19, 47). Figures and log stay."""
    before = calendar.now() - KEPT
    gone = _kept(queries.sent(scope, before=before)) - _kept(queries.sent(scope, since=before))
    for digest in gone:
        files.drop(digest, secret=True)
    return {"files": len(gone)}


def _kept(sent: Iterable[Run]) -> set[str]:
    return {digest for run in sent for digest in (run.params.get("file"), run.result.get("refused")) if digest}


runs.schedule(runs.Schedule(FORGET, lambda _scope: [runs.Place()], hour=3))


def _data(run: Run) -> bytes:
    try:
        return files.get(run.params["file"], secret=True)
    except Refused:
        raise Refused("intake.file_gone") from None


# ---- the official form --------------------------------------------------------------------------


NOTES: dict[str, Any] = {
    "name": _l("As on the identity card; rare characters as they are."),
    "id_number": _l("18 characters. Keep the column text, or Excel loses the last digits."),
    "sex": _l("Follows from the ID number when left empty."),
    "birth_date": _l("1950-03-01 or 19500301. Follows from the ID number when left empty."),
    "ethnicity": _l("As on the identity card."),
    "phone": _l("Mobile number, or area code and number."),
    "township": _l("Where the person lives, not the household registration."),
    "village": _l("Village or community where the person lives."),
    "address": _l("Street or village and number."),
    "hukou_township": _l("Township of the household registration, if in the district."),
    "hukou_type": _l("Kind of household registration."),
    "household_type": _l("What aid the household receives; ordinary when none."),
    "living_arrangement": _l("With whom the person lives."),
    "left_behind": _l("Children away for long."),
    "ability_level": _l("Only the result of an assessment by GB/T 42195-2022."),
    "ability_score": _l("0 to 90, higher is abler."),
    "assessed_on": _l("Day of that assessment."),
    "chronic_diseases": _l("Several are parted by commas."),
    "dementia": _l("Diagnosed by a doctor."),
    "disability_cert": _l("Number of the disability certificate."),
    "contact_name": _l("Whom to call first."),
    "contact_relation": _l("What this person is to the older person."),
    "contact_phone": _l("Telephone of the emergency contact."),
    "guardian_name": _l("Guardian or agent, if there is one."),
    "guardian_phone": _l("Telephone of the guardian."),
    "social_card_no": _l("Number of the social security card."),
    "bank_name": _l("Bank and branch."),
    "bank_account": _l("Account that benefits are paid to."),
    "registered_on": _l("Day the person was first put on the list."),
    "notes": _l("Anything else; no health details that are not needed."),
}
_YES_NO = {"left_behind", "dementia"}


def _form_column(name: str, townships: list[str]) -> sheets.Column:
    values = words()["values"]
    choices = [spoken[0] for spoken in values["yes_no" if name in _YES_NO else name].values()] if (
        name in _YES_NO or name in {"sex", "hukou_type", "household_type", "living_arrangement", "ability_level"}
    ) else townships if name in {"township", "hukou_township"} else []
    return sheets.Column(
        words()["fields"][name]["title"], _WIDTHS.get(name, 14), str(NOTES[name]), choices,
        required=name in {"name", "id_number", "township"},
    )


def write_template(target: str | Path | BinaryIO) -> int:
    """The official form: every column with a note, a drop-down where values are closed; returns the columns."""
    townships = queries.township_names()
    columns = [_form_column(name, townships) for name in NOTES]
    hints = [
        _("One person a row, from the row under the headings on. Red headings must be filled in."),
        _("Type the ID number as text: 18 characters, the last may be X. Sex and date of birth follow from it."),
        _("A cell left empty changes nothing in a record that exists; nobody is taken off the register by a list."),
        _("Deaths and removals are entered on the person's own page, with their date."),
        _("Send the workbook under “Excel intake”. You see what it would change before anything is written."),
    ]
    dress = sheets.Dress(title=_("Register of older people: intake form"), sheet=_("Older people"), hints=hints)
    sheets.write_xlsx(target, columns, [], dress)
    return len(columns)
