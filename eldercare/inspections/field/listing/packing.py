"""What goes to a tablet, put into words of both languages: it may be read in either where there is no signal."""

from typing import Any

from flask_babel import force_locale

from eldercare.checklists.checks.models import GRADE_WORDS
from eldercare.checklists.models import METHOD_WORDS, ChecklistItem
from eldercare.checklists.queries import conditions
from eldercare.core import calendar, secrets
from eldercare.core.columns import wire
from eldercare.facilities.models import LICENCE_WORDS
from eldercare.facilities.staff.models import CERTIFICATE_WORDS, POST_WORDS
from eldercare.hazards.models import Hazard
from eldercare.inspections.field.models import RescueKey, Rules
from eldercare.inspections.field.queries import LastVisit, ListToFill, Package
from eldercare.inspections.models import Visit
from eldercare.residents.health.models import WATCH

FORMAT = 1
ADDED_WATCH = ("new", "back")  # what stays tell themselves


_SAID: dict[int, dict[str, str]] = {}  # words of the catalogue live as long as the process


def both(words: Any) -> dict[str, str]:
    """{zh, en} of a word that a module of ours declares."""
    if id(words) not in _SAID:
        said = {}
        for name, locale in (("zh", "zh_Hans_CN"), ("en", "en")):
            with force_locale(locale):
                said[name] = str(words)
        _SAID[id(words)] = said
    return _SAID[id(words)]


def brief(visit: Visit, person_id: int | None) -> dict[str, Any]:
    """A line of the day's visits."""
    return {
        "uid": str(visit.uid), "number": visit.number, "kind": visit.kind, "planned_on": wire(visit.planned_on),
        "window": window(visit), "state": visit.state, "i_lead": visit.lead.user_id == person_id,
        "team": [each.officer_id for each in visit.officers],
        "facility": {
            "code": visit.facility.code, "name": visit.facility.name, "township": visit.facility.township.short_name,
            "township_en": visit.facility.township.name_en,
        },
    }  # fmt: skip


def window(visit: Visit) -> dict[str, str] | None:
    """The hours in which the place can be visited."""
    if visit.window_from is None and visit.window_to is None:
        return None
    ends = (("from", visit.window_from), ("to", visit.window_to))
    return {name: f"{each:%H:%M}" if each else "" for name, each in ends}


def package(of: Package, rules: Rules, key: RescueKey, person_id: int | None) -> dict[str, Any]:
    """Everything a visit needs."""
    visit, home = of.visit, of.facility
    return {
        "format": FORMAT, "made_at": wire(calendar.now()), "basis": visit.basis, "purpose": visit.purpose,
        **{name: value for name, value in brief(visit, person_id).items() if name != "facility"},
        "officers": [
            {"id": each.officer_id, "name": each.officer.name, "certificate_no": each.officer.certificate_no,
             "valid_to": wire(each.officer.valid_to), "lead": each.seat == 0}
            for each in visit.officers
        ],
        "facility": {
            "id": home.id, "code": home.code, "name": home.name, "type": home.facility_type, "address": home.address,
            "lat": home.lat, "lon": home.lon, "phone": home.phone, "head": home.head, "legal_person": home.legal_person,
            "safety_officer": home.safety_officer, "beds_set": home.beds_set, "in_residence": of.in_residence,
            "credit_class": home.credit_class, "facts": of.facts,
            "licences": [
                {"type": both(LICENCE_WORDS[each.licence_type]), "number": each.number, "valid_to": wire(each.valid_to)}
                for each in of.licences
            ],
        },
        "people": _people(of),
        "residents": _residents(of),
        "sample_seed": of.sample.seed if of.sample else None, "sample_pool": len(of.sample.pool) if of.sample else 0,
        "hazards": [_hazard(each) for each in of.hazards],
        "last": _last(of.last) if of.last else None,
        "lists": [_list(each, of, rules) for each in of.lists],
        "major": [{"code": each.code, "clause": each.clause, "zh": each.zh, "en": each.en} for each in of.major],
        "rules": {
            "photo_px": rules.photo_px, "photo_bytes": rules.photo_bytes, "min_officers": 2, "due_days": _days(rules, usual=True),
            "due_most": _days(rules, usual=False),
        },
        "rescue_key": key.public,
    }  # fmt: skip


def _days(rules: Rules, *, usual: bool) -> dict[str, int]:
    """Days to put right by severity: the usual ones, or the most."""
    today, ask = calendar.today(), rules.deadlines.due if usual else rules.deadlines.last
    return {each: (ask(each, today) - today).days for each in ("general", "serious", "major")}


def _people(of: Package) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name, "post": both(POST_WORDS[each.posts[0]]) if each.posts else None, "on_duty": each.id in of.on_duty,
            "certificates": [
                {"kind": both(CERTIFICATE_WORDS[paper.kind]), "valid_to": wire(paper.valid_to)}
                for paper in of.certificates.get(each.id, [])
            ],
        }
        for each in of.people
    ]


def _residents(of: Package) -> list[dict[str, Any]]:
    """Those drawn who still sleep there, with masked names."""
    out = []
    for resident_id in of.sample.resident_ids if of.sample else []:
        bed = of.beds.get(resident_id)
        if bed is not None:
            lists = [both(WATCH[code][0]) for code in of.watch.get(resident_id, []) if code in WATCH]
            place = f"{bed.building} {bed.room}-{bed.number}".strip()
            out.append(
                {"id": resident_id, "name": secrets.mask_name(bed.name or ""), "bed": place,
                 "ability_level": of.levels.get(resident_id), "watch": lists}
            )  # fmt: skip
    return out


def _hazard(hazard: Hazard) -> dict[str, Any]:
    reply = hazard.replies[-1] if hazard.replies else None
    return {
        "id": hazard.id, "number": hazard.number, "severity": hazard.severity, "state": hazard.state,
        "description": hazard.description, "demand": hazard.demand, "due_on": wire(hazard.due_on),
        "overdue_days": hazard.overdue_days, "to_recheck": hazard.state == "replied",
        "reply": {"measures": reply.measures, "at": wire(reply.replied_at)} if reply else None,
    }  # fmt: skip


def _last(last: LastVisit) -> dict[str, Any]:
    scored = next((each for each in last.checks if each.score is not None), None)
    return {
        "on": wire(calendar.local(last.visit.records[0].started_at).date() if last.visit.records else last.visit.planned_on),
        "score": float(scored.score) if scored and scored.score is not None else None,
        "grade": both(GRADE_WORDS[scored.grade]) if scored and scored.grade else None,
        "findings": [
            {"code": each.item.code, "zh": each.item.zh, "en": each.item.en, "text": each.reason, "result": each.result}
            for each in last.faults
        ],
    }


def _list(of: ListToFill, whole: Package, rules: Rules) -> dict[str, Any]:
    version = of.version
    codes = {each.id: each.code for each in of.areas}
    return {
        "version_id": version.id, "checklist": version.checklist.code, "zh": version.zh, "en": version.en,
        "version": version.number, "areas": [{"code": each.code, "zh": each.zh, "en": each.en} for each in of.areas],
        "items": [_item(each, codes[each.area_id], version.rule, whole, rules) for each in of.rows],
    }  # fmt: skip


def _item(item: ChecklistItem, area: str, rule: dict[str, Any], whole: Package, rules: Rules) -> dict[str, Any]:
    verdict = conditions.judge(item.applies_if, item.facility_types, whole.facts)
    how = both(METHOD_WORDS[item.method])
    today = calendar.today()
    return {
        "code": item.code, "area": area, "zh": item.zh, "en": item.en, "how_zh": how["zh"], "how_en": how["en"],
        "severity": item.severity, "veto": item.veto, "photo": item.photo_required, "method": item.method,
        "partial_allowed": item.severity in rule["partial_for"], "applies": verdict.applies,
        "major_when_zh": item.major_when_zh, "major_when_en": item.major_when_en, "hazard_code": item.hazard_code,
        "basis": [{name: each.get(name, "") for name in ("zh", "en", "clause")} for each in item.basis],
        "due_days": (rules.deadlines.due(item.severity, today) - today).days, "phrases": whole.phrases.get(item.id, []),
    }  # fmt: skip
