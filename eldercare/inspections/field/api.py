"""The tablet protocol: JSON below /inspections/field/, with the cookie of the ordinary sign-in. This text is the contract.

Every refusal is `{code, message, details}`; 401 `signed_out` when nobody is signed in (never a redirect). PUT and POST carry
`X-CSRFToken`, fresh from `token`. A visit is there for the officers of its team (404 for others); only its lead writes (403
`visit.not_lead`); nothing is taken once it was cancelled (409 `visit.is_cancelled`).

GET  token                        {csrf, person_id, person_name, now}
GET  visits                       {visits: [{uid, number, kind, planned_on, window, facility, i_lead, team, state}]}, ±7 days
GET  visits/<uid>                 the package (listing.package); residents are drawn by lot at the first request
PUT  visits/<uid>/photos/<sha256> body image/jpeg, kept as it came → {sha256, bytes}; the same again → the same.
                                  422 photo.damaged (hash of what arrived differs, nothing kept), attachment.*
PUT  visits/<uid>/draft           {device, seq, entries: {key: {…}|null}}, whole or changed entries → {seq, hashes: {key: sha256}}
                                  of the keys sent, as they are kept now. Text of an entry: names in order of their UTF-16 units,
                                  no blanks, strings and numbers as JSON.stringify writes them. A lower seq overwrites nothing.
GET  visits/<uid>/state           {state, photos: [sha256], draft: {device, seq, hashes}|null, drafts: [the same, by tablet],
                                  record: {sha256, revision, number}|null}; `?device=` chooses the tablet of `draft`
GET  visits/<uid>/draft?device=   {device, seq, entries: {key: {…}}}: to go on where a tablet was lost
POST visits/<uid>/record          body = the record (services/shape.py), X-Content-SHA256 = SHA-256 of its bytes → 201
                                  {sha256, revision, number, hazards: [{key, id, number}]}; the same body again → 200, the same.
                                  409 visit.sent_otherwise {sha256}, visit.photos_missing {missing: […]}, officer.not_certified;
                                  422 visit.record_damaged, visit.record_unread, visit.record_wrong {key: words}
Beside what the protocol names, a record may say `clock: {offset_ms, device_ms}`: how far the clock of its times, and the
tablet's own, were ahead of the server's; `amended: [{key, at, reason, set_at}]`: times set right or taken back at the place, `at`
as it stood. An officer who did not come stands among the signatures as `absent`, with the reason. An item that does not apply by
its condition may be left out. `details` of a refusal hold what stands in braces above.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app, request
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from eldercare.accounts import queries as accounts
from eldercare.core import calendar
from eldercare.core.access import P
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer
from eldercare.inspections.field import listing, queries, services
from eldercare.inspections.field.models import Rules, VisitDraft

room = Room("field_api", __name__, url_prefix="/inspections/field", json=True)
DAYS = timedelta(days=7)  # visits are offered from so many days back to so many ahead
_VISIT = "/visits/<uuid:uid>"


def rules() -> Rules:
    """The settings of the field."""
    return Rules.of(current_app.config)


@room.get("/token", allow=P.INSPECTION_DO)
def token(scope: Scope) -> Any:
    """Who is signed in, a fresh CSRF token, the server's time."""
    return answer(
        {"csrf": generate_csrf(), "person_id": scope.person_id, "person_name": current_user.name,
         "now": calendar.now().isoformat()}
    )  # fmt: skip


@room.get("/visits", allow=P.INSPECTION_DO)
def visits(scope: Scope) -> Any:
    """The officer's visits of these days."""
    today = calendar.today()
    found = queries.own(scope, today - DAYS, today + DAYS)
    return answer({"visits": [listing.brief(each, scope.person_id) for each in found]})


@room.get(_VISIT, allow=P.INSPECTION_DO)
def package(scope: Scope, uid: UUID) -> Any:
    """What a visit needs on the way."""
    visit, key = queries.visit(scope, uid), services.make_key(scope)
    if visit.state == "planned":
        services.draw_sample(scope, visit, rules().sample)
    found = queries.package(scope, queries.visit(scope, uid), calendar.today(), calendar.now())
    return answer(listing.package(found, rules(), key, scope.person_id))


@room.route(f"{_VISIT}/photos/<string(length=64):sha256>", allow=P.INSPECTION_DO, methods=["PUT"])
def photo(scope: Scope, uid: UUID, sha256: str) -> Any:
    """A photo, kept as it comes."""
    kept = services.keep_photo(scope, uid, sha256, request.get_data(cache=False))
    return answer({"sha256": kept.sha256, "bytes": kept.bytes})


@room.route(f"{_VISIT}/draft", allow=P.INSPECTION_DO, methods=["PUT"])
def draft(scope: Scope, uid: UUID) -> Any:
    """What the tablet has written so far."""
    seq, hashes = services.keep_draft(scope, uid, _text())
    return answer({"seq": seq, "hashes": hashes})


@room.get(f"{_VISIT}/draft", allow=P.INSPECTION_DO)
def draft_of(scope: Scope, uid: UUID) -> Any:
    """What a tablet had written, to go on with it on another."""
    device = request.args.get("device", "")
    mine = [each for each in queries.drafts(scope, queries.visit(scope, uid).id) if each.device == device]
    entries = {each.key: current_app.json.loads(each.body) for each in mine}
    return answer({"device": device, "seq": max((each.seq for each in mine), default=0), "entries": entries})


@room.get(f"{_VISIT}/state", allow=P.INSPECTION_DO)
def state(scope: Scope, uid: UUID) -> Any:
    """What has arrived so far."""
    visit = queries.visit(scope, uid)
    drafts = _by_device(queries.drafts(scope, visit.id), visit.lead.user_id)
    device, last = request.args.get("device"), visit.records[-1] if visit.records else None
    first = next((each for each in drafts if device in (None, each["device"])), None)
    kept = {"sha256": visit.records[0].sha256, "revision": last.revision, "number": visit.number} if last else None
    return answer(
        {"state": visit.state, "photos": list(queries.photos(scope, visit.id)), "draft": first, "drafts": drafts, "record": kept}
    )


@room.post(f"{_VISIT}/record", allow=P.INSPECTION_DO)
def record(scope: Scope, uid: UUID) -> Any:
    """The record, once."""
    raw, sha256 = request.get_data(cache=False), request.headers.get("X-Content-SHA256", "").lower()
    kept = services.take_in(scope, uid, raw, sha256, rules())
    found = [
        {"key": each.key, "id": each.hazard_id, "number": each.hazard.number if each.hazard else None} for each in kept.findings
    ]
    told = {"sha256": kept.record.sha256, "revision": kept.record.revision, "number": kept.visit.number, "hazards": found}
    return answer(told, 201 if kept.is_new else 200)


def _text() -> str:
    try:
        return request.get_data(cache=False).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("draft.wrong") from error


def _by_device(drafts: list[VisitDraft], lead: int | None) -> list[dict[str, Any]]:
    """Drafts tablet by tablet, the one that was saved last on top; `by`: who wrote it, where that was not the present lead."""
    found: dict[str, dict[str, Any]] = {}
    names: dict[int | None, str | None] = {None: None, lead: None}
    for each in sorted(drafts, key=lambda row: row.saved_at, reverse=True):
        if each.person_id not in names:
            person = accounts.person(each.person_id or 0)
            names[each.person_id] = person.name if person else None
        fresh = {
            "device": each.device, "seq": 0, "hashes": {}, "saved_at": each.saved_at.isoformat(), "by": names[each.person_id],
        }  # fmt: skip
        told = found.setdefault(each.device, fresh)
        told["seq"] = max(told["seq"], each.seq)
        told["hashes"][each.key] = each.sha256
    return list(found.values())
