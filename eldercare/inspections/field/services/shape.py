"""The shape of a record, judged against its visit: what is missing or does not fit is named by its key, all at once.

Keys: format, times, result, shown, signatures, signature:<role>, list:<version>, answer:<version>:<code>, finding:<key>,
recheck:<hazard>, resident:<id>. Names the platform does not know are left in the text as they came.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from eldercare.checklists.checks.models import RESULTS
from eldercare.checklists.checks.services import Answer
from eldercare.checklists.models import ChecklistItem
from eldercare.checklists.queries import conditions
from eldercare.core import calendar
from eldercare.core.errors import Refused
from eldercare.hazards.models import SEVERITY_WORDS
from eldercare.inspections.field.queries import ListToFill
from eldercare.inspections.models import RESULT_WORDS, Visit

FORMAT = 1
UNMET = ("obstructed", "absent")  # nobody let the officers look, or nobody was there
HASH = re.compile("[0-9a-f]{64}")
LONGEST = 4000
MOST_ID = 2**63 - 1
_UNFIT = re.compile("[\0\ud800-\udfff]")  # what no text of the database may hold: NUL, half a character cut off by a keyboard


@dataclass(frozen=True)
class Finding:
    """What a record found wrong."""

    key: str
    item: tuple[int, str] | None
    severity: str
    description: str
    demand: str
    due_on: date | None
    fixed_on_spot: bool
    hazard_code: str | None
    place: str
    photos: list[str]


@dataclass(frozen=True)
class Recheck:
    """What was seen of a hazard that was answered before."""

    hazard_id: int
    passed: bool
    findings: str
    photos: list[str]


@dataclass
class Record:
    """A record as read. `answers`: by version and code; photos: every hash it names."""

    device: str
    app: str
    started_at: datetime
    ended_at: datetime
    ahead_s: int  # the clock of these times less the server's
    clock_offset_s: int | None  # the tablet's own clock less the server's
    result: str
    answers: dict[int, dict[str, Answer]]
    findings: list[Finding]
    rechecks: list[Recheck]
    signed: list[int]  # officers who signed
    notice: dict[str, Any] | None
    photos: list[str] = field(default_factory=list)


class Faults(dict[str, str]):
    """What is wrong, by key; the first word on a key stays."""

    def note(self, key: str, words: str) -> None:
        """Name a fault."""
        self.setdefault(key, words)


def read(
    visit: Visit, raw: bytes, lists: Sequence[ListToFill], facts: dict[str, Any], *, photos_due: bool = True
) -> Record:
    """The record in a body; `facts` of the place say which items apply. photos_due: not of a correction, made at a desk.

    Refused: visit.record_unread (no record at all), visit.record_wrong (with the faults by key).
    """
    try:
        return _read(visit, raw, lists, facts, photos_due=photos_due)
    except (TypeError, ValueError, KeyError, AttributeError) as error:  # a number where a list should be, and the like
        raise Refused("visit.record_unread", why=_("its parts are not of the kind they should be")) from error


def _read(visit: Visit, raw: bytes, lists: Sequence[ListToFill], facts: dict[str, Any], *, photos_due: bool) -> Record:
    said = _parsed(raw)
    faults = Faults()
    _head(visit, said, faults)
    started, ended = _moment(said.get("started_at")), _moment(said.get("ended_at"))
    if started is None or ended is None or ended < started:
        faults.note("times", _("Begin and end of the visit are missing, or the end lies before the beginning."))
    result = said.get("result")
    if not isinstance(result, str) or result not in RESULT_WORDS:
        faults.note("result", _("Choose the result of the visit."))
    answers = _answers(said, lists, facts, faults)
    if photos_due and result not in UNMET:
        _photos_taken(answers, lists, faults)
    findings = [each for entry in _rows(said, "findings") if (each := _finding(entry, lists, str(result), faults))]
    rechecks = [seen for entry in _rows(said, "rechecks") if (seen := _recheck(entry, faults))]
    _result_fits(str(result), answers, findings, faults)
    _amended(said, faults)
    signed = _signatures(visit, said, str(result), faults)
    if len({each.key for each in findings}) < len(findings):
        faults.note("findings", _("A finding is named twice."))
    if faults or started is None or ended is None:
        raise Refused("visit.record_wrong", **faults)
    photos = {sha for version in answers.values() for each in version.values() for sha in each.photos}
    photos |= {sha for each in findings for sha in each.photos} | {sha for each in rechecks for sha in each.photos}
    shown = said.get("shown")
    return Record(
        device=said["device"], app=str(said.get("app") or "")[:100], started_at=started, ended_at=ended,
        ahead_s=_offset(said, "offset_ms") or 0, clock_offset_s=_offset(said, "device_ms"), result=str(result), answers=answers,
        findings=findings, rechecks=rechecks, signed=signed,
        notice=shown.get("notice") if isinstance(shown, dict) else None, photos=sorted(photos),
    )  # fmt: skip


def _parsed(raw: bytes) -> dict[str, Any]:
    def no(word: str) -> Any:
        raise ValueError(word)

    try:
        said = json.loads(raw.decode("utf-8"), parse_constant=no)
    except (ValueError, RecursionError) as error:
        raise Refused("visit.record_unread", why=_("it is no JSON text")) from error
    if not isinstance(said, dict):
        raise Refused("visit.record_unread", why=_("it is no JSON text"))
    return said


def _head(visit: Visit, said: dict[str, Any], faults: Faults) -> None:
    if said.get("format") != FORMAT:
        faults.note("format", _("This format is not known here. Open the tablet page again to get its present edition."))
    if str(said.get("visit")) != str(visit.uid):
        faults.note("visit", _("The record belongs to another visit."))
    device = said.get("device")
    if not isinstance(device, str) or not 1 <= len(device) <= 100 or _UNFIT.search(device):
        faults.note("device", _("The tablet has no name."))


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None and 2000 < moment.year < 2200 else None


def _day(value: Any) -> date | None:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return day if 2000 < day.year < 2200 else None


def _offset(said: dict[str, Any], name: str) -> int | None:
    """Seconds by which a clock was ahead: `offset_ms` of the times in the record, `device_ms` of the tablet itself."""
    clock = said.get("clock")
    ms = clock.get(name) if isinstance(clock, dict) else None
    return round(float(ms) / 1000) if isinstance(ms, int | float) and _number(ms) else None


def _number(value: Any) -> bool:
    """Whether it is a number a tablet can mean (no NaN, nothing beyond all bounds)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e12 < value < 1e12


def _rows(said: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = said.get(name)
    if found is None:
        return
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise TypeError(name)  # dropped in silence it would be lost
    yield from found


def _text(value: Any) -> str:
    return _UNFIT.sub("", value).strip() if isinstance(value, str) else ""


def _photos(entry: dict[str, Any], key: str, faults: Faults) -> list[str]:
    """The hashes of an entry's photos, each once."""
    found: list[str] = []
    named = entry.get("photos") or []
    if not isinstance(named, list):
        faults.note(key, _("A photo has no hash. Take it again."))
        return found
    for each in named:
        sha = each.get("sha256") if isinstance(each, dict) else each
        if not isinstance(sha, str) or not HASH.fullmatch(sha):
            faults.note(key, _("A photo has no hash. Take it again."))
        elif sha not in found:
            found.append(sha)
    return found


# ---- lists ------------------------------------------------------------------------------------------


def _answers(
    said: dict[str, Any], lists: Sequence[ListToFill], facts: dict[str, Any], faults: Faults
) -> dict[int, dict[str, Answer]]:
    wanted = {each.version.id: each for each in lists}
    found: dict[int, dict[str, Answer]] = {}
    for entry in _rows(said, "lists"):
        version_id = entry.get("version_id")
        if not isinstance(version_id, int) or version_id not in wanted or version_id in found:
            faults.note(f"list:{version_id}", _("This list does not belong to the visit, or stands there twice."))
            continue
        found[version_id] = _of_list(wanted[version_id], entry.get("answers"), facts, faults)
    for version_id in wanted.keys() - found.keys():
        faults.note(f"list:{version_id}", _("This list of the visit is missing."))
    return found


def _of_list(of: ListToFill, said: Any, facts: dict[str, Any], faults: Faults) -> dict[str, Answer]:
    items = {each.code: each for each in of.rows}
    out = {}
    for code, entry in (said if isinstance(said, dict) else {}).items():
        key = f"answer:{of.version.id}:{code}"
        if code not in items:
            faults.note(key, _("The list has no such item."))
        elif not isinstance(entry, dict) or entry.get("result") not in RESULTS:
            faults.note(key, _("Choose what was found."))
        else:
            out[code] = _answer(items[code], of.version.rule, entry, key, faults)
            if out[code].result == "not_applicable" and not out[code].reason and _applies(items[code], facts):
                faults.note(key, _("Say why this does not apply here."))
    return out


def _photos_taken(answers: dict[int, dict[str, Answer]], lists: Sequence[ListToFill], faults: Faults) -> None:
    """Items that ask for a photo have one wherever they were looked at."""
    for each in lists:
        for item in each.rows:
            said = answers.get(each.version.id, {}).get(item.code)
            looked = said is not None and said.result not in ("not_applicable", "not_checked")
            if item.photo_required and looked and said is not None and not said.photos:
                faults.note(f"answer:{each.version.id}:{item.code}", _("This item asks for a photo."))


def _applies(item: ChecklistItem, facts: dict[str, Any]) -> bool:
    """Whether an item applies, or nobody knows: then whoever is there says why it does not."""
    return conditions.judge(item.applies_if, item.facility_types, facts).applies is not False


def _answer(item: ChecklistItem, rule: dict[str, Any], entry: dict[str, Any], key: str, faults: Faults) -> Answer:
    result, reason, escalated = entry["result"], _text(entry.get("reason")), bool(entry.get("escalated"))
    if result in ("partial", "nonconform") and not reason:
        faults.note(key, _("Say what is not in order."))
    if result == "partial" and item.severity not in rule["partial_for"]:
        faults.note(key, _("An item of this severity is in order or it is not."))
    if escalated and (result != "nonconform" or not item.major_when_zh):
        faults.note(key, _("This fault cannot be raised to a major hazard."))
    return Answer(result, reason[:LONGEST] or None, escalated, _photos(entry, key, faults))


# ---- findings ---------------------------------------------------------------------------------------


def _finding(entry: dict[str, Any], lists: Sequence[ListToFill], result: str, faults: Faults) -> Finding | None:
    name = entry.get("key")
    if not isinstance(name, str) or not 1 <= len(name) <= 100 or _UNFIT.search(name):
        faults.note("findings", _("A finding has no mark of its own."))
        return None
    key, before = f"finding:{name}", len(faults)
    severity, description, demand = entry.get("severity"), _text(entry.get("description")), _text(entry.get("demand"))
    fixed, due_on = bool(entry.get("fixed_on_spot")), _day(entry.get("due_on"))
    code, item = _text(entry.get("hazard_code")) or None, entry.get("item")
    if not isinstance(severity, str) or severity not in SEVERITY_WORDS:
        faults.note(key, _("Choose the severity."))
    if not description:
        faults.note(key, _("Say what is wrong."))
    if (severity == "major") != (code is not None):
        faults.note(key, _("A major hazard names its row of the hazard table, and no other has one."))
    if result == "order" and not fixed and (due_on is None or not demand):
        faults.note(key, _("Say what is demanded, and until when."))
    found = _item(item, lists)
    if item is not None and found is None:
        faults.note(key, _("The list has no such item."))
    photos = _photos(entry, key, faults)
    if len(faults) > before:
        return None
    return Finding(
        name, found, str(severity), description[:LONGEST], demand[:LONGEST], due_on, fixed, code, _text(entry.get("place"))[:300],
        photos,
    )  # fmt: skip


def _item(item: Any, lists: Sequence[ListToFill]) -> tuple[int, str] | None:
    if not isinstance(item, dict):
        return None
    known = [(each.version.id, row.code) for each in lists for row in each.rows]
    pair = (item.get("version_id"), item.get("code"))
    return pair if pair in known else None


def _recheck(entry: dict[str, Any], faults: Faults) -> Recheck | None:
    hazard_id, passed = entry.get("hazard_id"), entry.get("passed")
    key = f"recheck:{hazard_id}"
    known = isinstance(hazard_id, int) and 0 < hazard_id <= MOST_ID
    if not isinstance(hazard_id, int) or not known or not isinstance(passed, bool) or not _text(entry.get("findings")):
        faults.note(key, _("Say whether the hazard is put right, and what you saw."))
        return None
    return Recheck(hazard_id, passed, _text(entry.get("findings"))[:LONGEST], _photos(entry, key, faults))


def _result_fits(result: str, answers: dict[int, dict[str, Answer]], findings: Sequence[Finding], faults: Faults) -> None:
    """The result of the visit says what the rest of the record says (§5.3 (6))."""
    open_ones = [each for each in findings if not each.fixed_on_spot]
    faulty = any(each.result == "nonconform" for version in answers.values() for each in version.values())
    if result == "none" and (findings or faulty):
        faults.note("result", _("Something is not in order, but the result says that nothing was found."))
    if result == "fixed" and (open_ones or not findings):
        faults.note("result", _("The result says that everything was put right on the spot; the findings do not."))
    if result == "order" and not open_ones:
        faults.note("result", _("An order needs at least one finding that is still to be put right."))


def _amended(said: dict[str, Any], faults: Faults) -> None:
    """What was set right at the place says what it was, what stood there and why: a record is read for ever."""
    for each in _rows(said, "amended"):
        if not isinstance(each.get("key"), str) or not isinstance(each.get("at"), str) or not _text(each.get("reason")):
            faults.note("times", _("A time that was set right does not say what stood there, or why."))


# ---- signatures -------------------------------------------------------------------------------------


def _signatures(visit: Visit, said: dict[str, Any], result: str, faults: Faults) -> list[int]:
    """Two officers signed and showed their certificates; the home signed, or refused before a witness, or was absent."""
    rows = list(_rows(said, "signatures"))
    team = {each.officer_id for each in visit.officers}
    signed = [each.get("officer_id") for each in rows if each.get("role") == "officer" and each.get("state") == "signed"]
    officers = [each for each in signed if isinstance(each, int) and each in team]
    if len(set(officers)) < 2 or visit.lead.id not in officers:
        faults.note("signature:officer", _("The lead and a second officer of this visit must sign."))
    shown = said.get("shown")
    certificates = [each.get("officer_id") for each in _rows(shown if isinstance(shown, dict) else {}, "certificates")]
    if result not in UNMET and any(each not in certificates for each in officers):
        faults.note("shown", _("Each officer who signs must have shown the certificate."))
    if any(each.get("state") == "signed" and not _drawn(each.get("strokes")) for each in rows):
        faults.note("signatures", _("A signature is empty. Let it be drawn again."))
    _home_signed([each for each in rows if each.get("role") == "home"], rows, faults)
    return sorted(set(officers))


def _home_signed(home: Sequence[dict[str, Any]], rows: Iterable[dict[str, Any]], faults: Faults) -> None:
    state = home[0].get("state") if len(home) == 1 else None
    if state not in ("signed", "refused", "absent"):
        faults.note("signature:home", _("Say whether the home signed, refused to sign, or nobody was there."))
    elif state != "signed" and not _text(home[0].get("reason")):
        faults.note("signature:home", _("Say why the home did not sign."))
    witnessed = any(each.get("role") == "witness" and each.get("state") == "signed" and _text(each.get("name")) for each in rows)
    if state == "refused" and not witnessed:
        faults.note("signature:witness", _("A refusal needs a witness who signs."))


def _drawn(strokes: Any) -> bool:
    """Whether there are lines of at least two points in a box."""
    if not isinstance(strokes, dict):
        return False
    numbers = [strokes.get("w"), strokes.get("h")]
    lines = strokes.get("lines")
    points = [point for line in (lines if isinstance(lines, list) else []) if isinstance(line, list) for point in line]
    numbers += [part for point in points if isinstance(point, list) for part in point]
    sound = all(map(_number, numbers)) and all(isinstance(point, list) and len(point) >= 2 for point in points)
    return sound and len(points) >= 2


def visit_day(record: Record) -> date:
    """The day of the visit in the district, by its clock set right."""
    moment = record.started_at.timestamp() - record.ahead_s
    return calendar.local(datetime.fromtimestamp(moment, record.started_at.tzinfo)).date()
