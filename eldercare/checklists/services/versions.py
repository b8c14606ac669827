"""Versions: begun as drafts, published with a reason and a day, ended; and the catalogue's file taken in.

Whoever changes what is in a draft, and whoever publishes it, holds the version's row: what was hashed is what is published.
"""

from datetime import date
from pathlib import Path

from sqlalchemy import func, insert, select

from eldercare.checklists import queries
from eldercare.checklists.models import (
    DATA,
    FIRST_LOAD,
    HAZARDS,
    NEWER_FILE,
    Checklist,
    ChecklistArea,
    ChecklistItem,
    ChecklistVersion,
    MajorHazard,
)
from eldercare.checklists.queries import contents
from eldercare.core import audit, calendar, states
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope

AUDITED = {"audited": "checklist_version.drafted"}


def new_checklist(scope: Scope, code: str, content: contents.Content) -> ChecklistVersion:
    """A list that did not exist, with a draft of this content. Refused: checklist.code_taken."""
    return _draft(scope, _add_list(scope, code), content, "editor", None)


def _add_list(scope: Scope, code: str) -> Checklist:
    last = db.session.scalar(select(func.coalesce(func.max(Checklist.position), 0))) or 0
    found = Checklist(code=code, kind="hazards" if code == HAZARDS else "items", position=last + 1)
    db.session.add(found)
    audit.record(scope, "checklist.added", found)
    return found


def start_draft(
    scope: Scope, checklist_id: int, content: contents.Content | None = None, *, origin: str = "editor"
) -> ChecklistVersion:
    """A draft of a list: with this content, or with that of the newest version. Refused: checklist.draft_exists."""
    own = scope.lock(Checklist, checklist_id)
    if queries.draft_of(scope, own.id):
        raise Refused("checklist.draft_exists")
    newest = next(iter(queries.versions(scope, own.id)), None)
    if content is None:
        if newest is None:
            raise Refused("checklist.not_in_force", day=calendar.today())
        content = queries.content(scope, queries.version(scope, newest.id))
    return _draft(scope, own, content, origin, newest.number if newest else None)


def _draft(
    scope: Scope, own: Checklist, content: contents.Content, origin: str, based_on: int | None
) -> ChecklistVersion:
    last = db.session.scalar(select(func.max(ChecklistVersion.number)).where(ChecklistVersion.checklist_id == own.id))
    version = ChecklistVersion(
        checklist_id=own.id,
        checklist=own,
        number=(last or 0) + 1,
        origin=origin,
        based_on=based_on,
        created_by=scope.person_name,
        **{name: content[name] for name in contents.HEAD},
    )
    db.session.add(version)
    db.session.flush()
    count = _write(version, content)
    audit.record(scope, "checklist_version.drafted", version, items=count)
    return version


def _write(version: ChecklistVersion, content: contents.Content) -> int:
    """The rows of a version, in bulk; how many items (or hazards)."""
    areas = [
        {**{name: area[name] for name in contents.AREA}, "version_id": version.id, "position": at}
        for at, area in enumerate(content["areas"], 1)
    ]
    ids: dict[str, int] = {}
    if areas:
        made = insert(ChecklistArea).returning(ChecklistArea.code, ChecklistArea.id)
        ids = dict(db.session.execute(made, areas, execution_options=AUDITED).all())
    items = [
        {**{name: item[name] for name in contents.ITEM}, "version_id": version.id, "area_id": ids[area["code"]], "position": at}
        for area in content["areas"] for at, item in enumerate(area["items"], 1)
    ]  # fmt: skip
    rows = [
        {**{name: row[name] for name in contents.HAZARD}, "version_id": version.id, "position": at}
        for at, row in enumerate(content["hazards"], 1)
    ]
    for model, values in ((ChecklistItem, items), (MajorHazard, rows)):
        if values:
            db.session.execute(insert(model), values, execution_options=AUDITED)
    return len(items) + len(rows)


def publish(scope: Scope, version_id: int, reason: str, day: date, *, since: date | None = None) -> ChecklistVersion:
    """A draft comes into force on a day, today at the earliest; the version before it ends then.

    `since`: an earlier day, for the first version of a list at set-up alone.
    Refused: checklist.published_fixed, checklist.day_too_early, checklist.empty, checklist.area_empty,
    checklist.same_as_before, checklist.in_force_twice, checklist.row_in_use, checklist.hazard_unknown.
    """
    version = scope.lock(ChecklistVersion, version_id)
    if version.state != "draft":
        raise Refused("checklist.published_fixed")
    content = queries.content(scope, queries.version(scope, version_id))
    _judge(content)
    if queries.hazard_table_name(scope, day) or content["hazards"]:  # at set-up the lists come first, the table they name last
        _judge_hazards(scope, content, day)
    before = queries.published_before(scope, version)
    digest = contents.sha256(content)
    if before is not None:
        if before.content_sha256 == digest and before.effective_to is None:
            raise Refused("checklist.same_as_before", number=before.number)
        before = scope.lock(ChecklistVersion, before.id)
    _end_before(scope, before, day, since)
    version.content_sha256, version.effective_from, version.reason = digest, since or day, reason
    version.published_at, version.published_by = calendar.now(), scope.person_name
    states.move(scope, version, "published", sha256=digest)
    return version


def _judge(content: contents.Content) -> None:
    """Whether there is enough in a draft to publish it."""
    if not content["areas"] and not content["hazards"]:
        raise Refused("checklist.empty")
    for area in content["areas"]:
        if not area["items"]:
            raise Refused("checklist.area_empty", code=area["code"])


def _judge_hazards(scope: Scope, content: contents.Content, day: date) -> None:
    """From that day on, every item names rows of the hazard table that are there: whichever of the two is published (§7)."""
    if content["hazards"]:
        _keep_named(scope, {row["code"] for row in content["hazards"]}, day)
    named = {item["hazard_code"] for area in content["areas"] for item in area["items"] if item["hazard_code"]}
    tables = queries.hazard_codes_from(scope, day) if named else []
    unknown = [code for code in sorted(named) if not tables or any(code not in table for table in tables)]
    if unknown:
        raise Refused("checklist.hazard_unknown", code=", ".join(unknown))


def _keep_named(scope: Scope, codes: set[str], day: date) -> None:
    """A hazard table of these rows leaves no item without its row: lists let go of a row first, then the table does."""
    lost = [(code, item) for code, item in queries.naming_hazards(scope, day) if code not in codes]
    if lost:
        code = lost[0][0]
        raise Refused("checklist.row_in_use", code=code, items=", ".join(item for row, item in lost if row == code))


def _end_before(scope: Scope, before: ChecklistVersion | None, day: date, since: date | None) -> None:
    """The version in force until now ends on the day the new one begins."""
    earliest = calendar.today()
    if before is not None and before.effective_from is not None:
        earliest = max(earliest, before.effective_from)
    if since is None and day < earliest:
        raise Refused("checklist.day_too_early", field="day", day=earliest)
    if before is None or (before.effective_to is not None and before.effective_to <= day):
        return
    before.effective_to = day
    audit.record(scope, "checklist_version.ended", before)
    if day <= calendar.today():
        states.move(scope, before, "retired")


def end(scope: Scope, version_id: int, reason: str, day: date) -> ChecklistVersion:
    """A published version ends without another in its place: the list is out of use from that day on.

    Refused: checklist.not_published, checklist.day_too_early, checklist.row_in_use.
    """
    version = scope.lock(ChecklistVersion, version_id)
    if version.state != "published" or version.effective_from is None:
        raise Refused("checklist.not_published")
    earliest = max(calendar.today(), version.effective_from)
    if day < earliest:
        raise Refused("checklist.day_too_early", field="day", day=earliest)
    if queries.checklist(scope, version.checklist_id).kind == "hazards":
        _keep_named(scope, set(), day)
    version.effective_to = day
    audit.record(scope, "checklist_version.ended", version, why=reason)
    if day <= calendar.today():
        states.move(scope, version, "retired")
    return version


def retire_past(scope: Scope) -> int:
    """What has run out is marked as retired; how many. (In force or not goes by the days alone.)"""
    query = scope.select(ChecklistVersion).where(
        ChecklistVersion.state == "published", ChecklistVersion.effective_to <= calendar.today()
    )
    past = list(db.session.scalars(query.with_for_update()))
    for version in past:
        states.move(scope, version, "retired")
    return len(past)


def discard(scope: Scope, version_id: int, reason: str) -> int | None:
    """Throw a draft away, and with it a list that never had another version; the id of the list that is left.

    Refused: checklist.published_fixed.
    """
    version = scope.lock(ChecklistVersion, version_id)
    if version.state != "draft":
        raise Refused("checklist.published_fixed")
    db.session.delete(version)
    audit.record(scope, "checklist_version.discarded", version, why=reason, number=version.number)
    if queries.versions(scope, version.checklist_id):
        return version.checklist_id
    own = scope.lock(Checklist, version.checklist_id)
    db.session.delete(own)
    audit.record(scope, "checklist.removed", own)
    return None


# ---- the catalogue's file --------------------------------------------------------------------------


def load_catalogue(scope: Scope, path: Path = DATA, *, since: date | None = None) -> dict[str, int]:
    """Take in the catalogue's file; the same file again changes nothing.

    A list without any version gets its first one, published from the file's day on (`since`: another day). A changed list
    becomes a new draft; what is published is never touched. A draft somebody works on is left alone: the change waits
    ("waiting") until that draft is published or discarded and this is done again.
    """
    found, day = contents.from_file(path)
    said = {"lists": len(found), "created": 0, "drafted": 0, "unchanged": 0, "waiting": 0}
    for code, content in found.items():
        said[_take(scope, code, content, since or day)] += 1
    if said["created"] or said["drafted"]:
        audit.record(scope, "catalogue.loaded", entity="checklist", **said)
    return said


def _take(scope: Scope, code: str, content: contents.Content, since: date) -> str:
    own = db.session.scalars(scope.select(Checklist).where(Checklist.code == code).with_for_update()).one_or_none()
    digest = contents.sha256(content)
    if own is None:
        own = _add_list(scope, code)
        version = _draft(scope, own, content, "catalogue", None)
        publish(scope, version.id, FIRST_LOAD, calendar.today(), since=since)
        _note_file(scope, own, digest)
        return "created"
    if own.file_sha256 == digest:
        return "unchanged"
    newest = next(iter(queries.versions(scope, own.id)), None)
    if newest is not None and newest.content_sha256 == digest:
        _note_file(scope, own, digest)
        return "unchanged"
    draft = queries.draft_of(scope, own.id)
    if draft is not None:
        untouched = contents.sha256(queries.content(scope, queries.version(scope, draft.id))) == own.file_sha256
        if draft.origin != "catalogue" or not untouched:
            return "waiting"
        discard(scope, draft.id, NEWER_FILE)
        db.session.flush()
    start_draft(scope, own.id, content, origin="catalogue")
    _note_file(scope, own, digest)
    return "drafted"


def _note_file(scope: Scope, own: Checklist, digest: str) -> None:
    own.file_sha256 = digest
    audit.record(scope, "catalogue.loaded", own, sha256=digest)

