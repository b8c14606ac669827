"""Taking a list in: judge every row against the register, and, when confirmed, write all of it or nothing.

`look()` writes nothing; `take()` goes through the list once more inside the writing transaction and
refuses when the register would now give another result than the one that was confirmed. A cell left
blank never erases what is known; states (moved out, deceased) are changed on the person's page alone.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from eldercare.core import audit, calendar, files, runs, secrets, sheets
from eldercare.core.bulk import Lane, Spool, Stage, steady
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.jinja import locale
from eldercare.core.pinyin import name_line
from eldercare.core.runs import Run
from eldercare.core.scope import Scope
from eldercare.residents.assessments.services import next_due
from eldercare.residents.intake import queries
from eldercare.residents.intake.models import COMMIT, PREVIEW, Finding
from eldercare.residents.intake.queries import MOST_ROWS, Decision, List, masked, open_list

CHUNK = 1000
SHOWN = 500  # findings and changes a preview lists; the workbook of refused rows has them all
LOCK = 0x696E7461  # advisory: one list at a time


@dataclass(frozen=True)
class Rules:
    """Settings the intake goes by: rows a list may have, months until the next assessment."""

    most_rows: int = MOST_ROWS
    months: int = 12


@dataclass
class Outcome:
    """What a list comes to; `summary()` is what a Run keeps of it (no personal data but masked)."""

    sha256: str
    headings: list[dict[str, Any]]
    sheet: str
    others: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    cells: list[list[Any]] = field(default_factory=list)
    remarks: list[list[Any]] = field(default_factory=list)
    changes: list[list[Any]] = field(default_factory=list)
    refused: Spool = field(default_factory=Spool)
    new_villages: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    villages: dict[int, str] = field(default_factory=dict)

    def numbers(self) -> dict[str, int]:
        """The five counts of the contract."""
        return {key: self.counts[key] for key in ("read", "created", "updated", "unchanged", "rejected")}

    def summary(self) -> dict[str, Any]:
        """For the Run."""
        return {
            **self.numbers(), "sha256": self.sha256, "digest": self.digest, "sheet": self.sheet, "others": self.others,
            "headings": self.headings, "faults": dict(self.faults), "notices": dict(self.notices), "cells": self.cells,
            "remarks": self.remarks, "changes": self.changes, "new_villages": self.new_villages.most_common(50),
        }


# ---- judging ------------------------------------------------------------------------------------


Watch = Callable[[int, int], None]  # rows read, rows there are about


def look(scope: Scope, data: bytes, rules: Rules, filename: str = "", watch: Watch | None = None) -> Outcome:
    """Read, check and judge a whole list; writes nothing. Refused when the file is no usable list."""
    return _go_through(scope, data, rules, filename, watch=watch)


def _go_through(
    scope: Scope, data: bytes, rules: Rules, filename: str, *, writer: "Writer | None" = None, watch: Watch | None = None
) -> Outcome:
    digest = hashlib.sha256()
    with steady(), sheets.read(data) as book:  # the reading process unpacks the workbook meanwhile
        places, villages, taken = queries.place_names(scope), queries.village_names(), queries.taken_numbers(scope)
        listed = open_list(book, filename)
        outcome = Outcome(
            hashlib.sha256(data).hexdigest(), _columns(listed), listed.sheet.name, listed.sheet.others, villages=villages
        )
        at = listed.headings.index_of()
        if writer is not None:
            writer.expect(set(at), villages)
        rows = listed.checked(places, calendar.today(), rules.most_rows)
        while chunk := list(islice(rows, CHUNK)):
            for decision in queries.judge(scope, chunk, taken, at, writer.lane.wait if writer else None):
                _note(outcome, listed, decision, digest)
                if writer is not None and decision.action in ("created", "updated"):
                    writer.add(decision)
            if watch is not None:
                watch(listed.read, max(listed.read, listed.sheet.height - listed.headings.first_data))
    outcome.counts["read"] = listed.read
    if not listed.read:
        raise Refused("intake.no_rows")
    outcome.digest = digest.hexdigest()
    return outcome


def _columns(listed: List) -> list[dict[str, Any]]:
    return [
        {"cell": sheets.column_letters(match.index + listed.sheet.left), "heading": match.heading[:60]}
        | {"index": match.index, "field": match.field, "how": match.how}
        for match in listed.headings.matches if match.heading
    ]


def _note(outcome: Outcome, listed: List, decision: Decision, digest: Any) -> None:
    """Count a decision, and keep what the preview shows."""
    row = decision.row
    outcome.counts[decision.action] += 1
    digest.update(f"{row.number}{decision.action}".encode())
    if decision.known is not None:
        digest.update(f"{decision.known.id}:{decision.known.version if decision.changes or decision.contacts else ''}".encode())
    for finding in row.faults:
        outcome.faults[finding.code] += 1
        digest.update(finding.code.encode())
        if len(outcome.cells) < SHOWN:
            outcome.cells.append([listed.cell(row, finding), finding.code, finding.details, _heading(listed, finding)])
    for finding in row.notices:
        outcome.notices[finding.code] += 1
        if len(outcome.remarks) < SHOWN:
            outcome.remarks.append([listed.cell(row, finding), finding.code, finding.details, _heading(listed, finding)])
    if decision.action == "rejected":
        outcome.refused.add([row.number, [[listed.cell(row, f), f.code, f.details] for f in row.faults], list(row.raw)])
    elif row.record and "village_name" in (row.record if decision.action == "created" else decision.changes):
        outcome.new_villages[row.record["village_name"]] += 1
    if decision.action == "updated" and len(outcome.changes) < SHOWN:
        person = secrets.mask_name(decision.known.name)
        outcome.changes.append([row.number, decision.known.id, person, masked(decision, outcome.villages)])


def _heading(listed: List, finding: Finding) -> str:
    return listed.headings.matches[finding.column].heading[:60] if finding.column >= 0 else ""


# ---- writing ------------------------------------------------------------------------------------

_PLAIN = {  # columns of a resident that a list can give → their type
    "township_id": "int", "name": "text", "sex": "text", "birth_date": "date", "birth_date_source": "text", "bank_name": "text",
    "ethnicity": "text", "hukou_township_id": "int", "hukou_type": "text", "hukou_address": "text", "village_id": "int",
    "village_name": "text", "address": "text", "household_type": "text", "living_arrangement": "text", "left_behind": "bool",
    "ability_level": "int", "ability_score": "int", "assessed_on": "date", "next_due_on": "date", "care_level": "text",
    "chronic_diseases": "text[]", "dementia": "bool", "disability_cert": "text", "notes": "text", "registered_on": "date",
}
_CIPHERED = {"phone": "bytea", "phone_index": "bytea", "social_card_no": "bytea", "bank_account": "bytea"}
_ONCE = {"id_type": "text", "id_number": "bytea", "id_number_index": "bytea", "id_last4": "text"}
_CONTACT = {"name": "text", "relation": "text", "phone": "bytea"}
_CONTACTS = {"contact": "emergency", "guardian": "guardian"}
# what a new record holds where the list says nothing
_DEFAULTS = {
    "household_type": "'ordinary'", "living_arrangement": "'other'", "left_behind": "false", "dementia": "false",
    "chronic_diseases": "'{}'", "registered_on": "CAST(:today AS date)",
}
_TOKENS = "array_to_tsvector(string_to_array({}.tokens, ' '))"


class Writer:
    """Stages what is to be written and writes it in batches, while the rows that follow are still being read."""

    def __init__(self, run_id: int, rules: Rules, lane: Lane) -> None:
        self.run_id, self.rules, self.lane = run_id, rules, lane
        self.villages: dict[int, str] = {}
        self._values = {"run": run_id, "now": calendar.now(), "today": calendar.today()}
        self._new: Stage | None = None
        self._waiting: list[Decision] = []
        self._enough = CHUNK
        self._seal, self._blind = secrets.keys().seal, secrets.keys().blind
        changed = {"id": "bigint", "version": "int"} | _PLAIN | _CIPHERED | {"tokens": "text"}
        self._changed = Stage("intake_changed", changed)
        person = {"resident_id": "bigint", "contact_id": "bigint", "kind": "text"}
        self._contacts = Stage("intake_contacts", person | _CONTACT)
        self._history = Stage("intake_history", {"resident_id": "bigint", "row_number": "int", "changes": "jsonb"})

    def expect(self, fields: set[str], villages: dict[int, str]) -> None:
        """Prepare for a list that gives these fields: what it never gives is not sent for every row."""
        self.villages = villages
        follows = {"township_id", "name", "sex", "birth_date", "birth_date_source", "village_name"}
        follows |= {"village_id"} if villages else set()
        follows |= {"next_due_on"} if "assessed_on" in fields else set()
        follows |= {"care_level"} if "ability_level" in fields else set()
        follows |= {"hukou_township_id"} if "hukou_township" in fields else set()
        self._plain = [name for name in _PLAIN if name in fields | follows]
        self._sealed = [name for name in ("phone", "social_card_no", "bank_account") if name in fields]
        self._people = [
            prefix for prefix in _CONTACTS if {f"{prefix}_name", f"{prefix}_phone", f"{prefix}_relation"} & fields
        ]
        given = {name: _PLAIN[name] for name in self._plain} | {name: _CIPHERED[name] for name in self._sealed}
        given |= {"phone_index": "bytea"} if "phone" in self._sealed else {}
        given |= _ONCE | {f"{prefix}_{part}": kind for prefix in self._people for part, kind in _CONTACT.items()}
        given |= {"tokens": "text"}
        identity = {"id": "bigint DEFAULT nextval('residents_id_seq')"}
        self._new = Stage("intake_new", identity | given, given=tuple(given))
        self._statements = self._inserts(given)

    def _inserts(self, given: dict[str, str]) -> list[str]:
        """The statements that turn staged rows into records and their contacts."""
        columns = [name for name in (*_PLAIN, *_CIPHERED) if name in given or name in _DEFAULTS]
        values = [
            name if name not in _DEFAULTS else f"coalesce({name}, {_DEFAULTS[name]})" if name in given else _DEFAULTS[name]
            for name in columns
        ]
        once = ", ".join(_ONCE)
        people = (
            f"INSERT INTO residents (id, {', '.join(columns)}, {once}, search, state, import_run_id, created_at,"  # noqa: S608 — ours
            f" updated_at, version) SELECT id, {', '.join(values)}, {once}, {_TOKENS.format('n')}, 'active', :run, :now, :now, 1"
            " FROM {stage} n"
        )
        return [people] + [
            "INSERT INTO contacts (resident_id, township_id, kind, position, name, relation, phone, may_contact)"  # noqa: S608 — ours
            f" SELECT id, township_id, '{_CONTACTS[prefix]}', 1, coalesce({prefix}_name, '—'), {prefix}_relation, {prefix}_phone,"
            f" true FROM {{stage}} WHERE {prefix}_name IS NOT NULL OR {prefix}_phone IS NOT NULL"
            for prefix in self._people
        ]

    def add(self, decision: Decision) -> None:
        """Stage one row that is created or updated."""
        if decision.action == "created":
            self._create(decision)
        else:
            self._update(decision)

    def _create(self, decision: Decision) -> None:
        self._waiting.append(decision)
        if len(self._waiting) >= self._enough:
            self._hand_over()
            self._enough = 3 * CHUNK  # the first soon, so that the database has something to do; then fewer rounds

    def _hand_over(self) -> None:
        """Encrypt and send what waits, a column at a time."""
        if not self._waiting or self._new is None:
            return
        keys, records = secrets.keys(), [decision.row.record or {} for decision in self._waiting]
        for record in records:
            if "assessed_on" in record:
                record["next_due_on"] = next_due(record["assessed_on"], self.rules.months)

        def given(name: str) -> list[Any]:
            return [record.get(name) for record in records]

        columns = [given(name) for name in self._plain] + [keys.seal_many(given(name), name) for name in self._sealed]
        if "phone" in self._sealed:
            columns.append(keys.blind_many(given("phone"), "phone"))
        numbers = given("id_number")
        indexes = [decision.changes["id_number_index"][1] for decision in self._waiting]
        columns += [given("id_type"), keys.seal_many(numbers, "id_number"), indexes, [number[-4:] for number in numbers]]
        for prefix in self._people:
            phones = keys.seal_many(given(f"{prefix}_phone"), "phone")
            columns += [given(f"{prefix}_name"), given(f"{prefix}_relation"), phones]
        columns.append(list(map(name_line, given("name"))))
        self._waiting = []
        stage, lines = self._new, self._new.lines(columns)
        self.lane.do(lambda: stage.send(lines, *self._statements, **self._values))

    def _update(self, decision: Decision) -> None:
        known, changes = decision.known, decision.changes
        self._history.add([known.id, decision.row.number, json.dumps(masked(decision, self.villages), ensure_ascii=False)])
        for kind, contact_id, values in decision.contacts:
            after = {part: value[1] if contact_id is not None else value for part, value in values.items()}
            phone = after.get("phone")
            self._contacts.add(
                [known.id, contact_id, kind, after.get("name"), after.get("relation"), phone and self._seal(phone, "phone")]
            )
        if not changes:
            return
        now = {name: changes[name][1] if name in changes else getattr(known, name) for name in _PLAIN}
        if "assessed_on" in changes:
            now["next_due_on"] = next_due(now["assessed_on"], self.rules.months)
        ciphered = {name: getattr(known, name) for name in ("phone", "social_card_no", "bank_account")}
        sealed = {name: value.data if value is not None else None for name, value in ciphered.items()}
        sealed |= {name: self._seal(changes[name][1], name) for name in sealed if name in changes}
        index = self._blind(changes["phone"][1], "phone") if "phone" in changes else known.phone_index
        tokens = name_line(now["name"]) if "name" in changes else None
        card, account = sealed["social_card_no"], sealed["bank_account"]
        self._changed.add([known.id, known.version, *now.values(), sealed["phone"], index, card, account, tokens])

    def finish(self) -> None:
        """Write what is still staged. Refused when a record was changed or taken meanwhile."""
        self._hand_over()
        self.lane.wait()
        if self._changed.count:
            given = ", ".join(f"{name} = c.{name}" for name in (*_PLAIN, *_CIPHERED))
            done = self._changed.send(
                self._changed.take(),
                f"UPDATE residents r SET {given}, search = CASE WHEN c.tokens IS NULL THEN r.search ELSE"  # noqa: S608 — ours
                f" {_TOKENS.format('c')} END, updated_at = :now, version = r.version + 1"
                " FROM {stage} c WHERE r.id = c.id AND r.version = c.version",
                **self._values,
            )
            if done != self._changed.count:
                raise Refused("intake.changed")
        if self._contacts.count:
            self._contacts.send(
                self._contacts.take(),
                "INSERT INTO contacts (resident_id, township_id, kind, position, name, relation, phone, may_contact)"
                " SELECT resident_id, 0, kind, 1, coalesce(name, '—'), relation, phone, true"
                " FROM {stage} WHERE contact_id IS NULL",
                "UPDATE contacts k SET name = coalesce(c.name, k.name), relation = coalesce(c.relation, k.relation),"
                " phone = coalesce(c.phone, k.phone) FROM {stage} c WHERE k.id = c.contact_id",
            )
        if self._history.count:
            self._history.send(
                self._history.take(),
                "INSERT INTO resident_changes (resident_id, township_id, run_id, row_number, changes, at)"
                " SELECT resident_id, 0, :run, row_number, changes, :now FROM {stage}",
                **self._values,
            )


# ---- the acts -----------------------------------------------------------------------------------


def take(
    scope: Scope, data: bytes, rules: Rules, run: Run, *, filename: str = "", expected: str | None = None,
    watch: Watch | None = None,
) -> Outcome:
    """Write a whole list, one list at a time; `expected` is the digest of the preview that was confirmed.

    All or nothing: the caller's transaction. One entry in the log names the file by its hash.
    """
    _one_at_a_time()
    try:
        with Lane() as lane:
            writer = Writer(run.id, rules, lane)
            outcome = _go_through(scope, data, rules, filename, writer=writer, watch=watch)
            if expected is not None and outcome.digest != expected:
                raise Refused("intake.changed")
            writer.finish()
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", "") == "residents_id_number_key":
            raise Refused("intake.changed") from None  # someone registered the number meanwhile
        raise
    audit.record(scope, "intake.committed", run, file_sha256=outcome.sha256, entity="intake", **dict[str, Any](outcome.numbers()))
    return outcome


def _one_at_a_time() -> None:
    """Wait for another list to be finished, a minute at most; Refused `intake.busy`."""
    try:
        db.session.execute(text("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '10min'"))
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        # the names go into the search index a few times over instead of every 15,000 people
        db.session.execute(text("SET LOCAL lock_timeout = '10s'; SET LOCAL gin_pending_list_limit = '16MB'"))
    except OperationalError as error:
        if getattr(error.orig, "pgcode", "") != "55P03":
            raise
        raise Refused("intake.busy") from None


def ask(scope: Scope, data: bytes, filename: str) -> Run:
    """Keep a list that was sent (encrypted) and have it looked through. Refused at once, and nothing kept, when it is none."""
    with sheets.read(data) as book:
        open_list(book, filename)
    kept = files.put(data, secret=True)
    only = next(iter(scope.townships)) if not scope.everywhere and len(scope.townships) == 1 else None
    place = runs.Place(queries.township_code(only) if only else "", only)
    return runs.enqueue(scope, PREVIEW, place=place, file=kept, name=filename[-80:], language=locale())


def confirm(scope: Scope, run_id: int) -> Run:
    """Have a previewed list taken in."""
    run = scope.lock(Run, queries.intake(scope, run_id).id)
    before = queries.commit_of(scope, run)
    if before is not None and before.state != "failed":
        raise Refused("intake.confirmed")
    if run.state != "done" or not run.result.get("digest"):
        raise Refused("intake.not_ready")
    place = runs.Place(run.place, run.township_id, run.facility_id)
    return runs.enqueue(scope, COMMIT, place=place, preview=run.id, digest=run.result["digest"], **run.params)


def look_again(scope: Scope, run_id: int) -> Run:
    """Make a new preview of a list that was sent before."""
    run = queries.intake(scope, run_id)
    return runs.enqueue(scope, PREVIEW, place=runs.Place(run.place, run.township_id, run.facility_id), **run.params)


def refused_rows(scope: Scope, run: Run) -> bytes:
    """The workbook of refused rows; its taking is logged, since it is not masked."""
    kept = run.result.get("refused")
    if not kept:
        raise Refused("intake.none_refused")
    audit.record(scope, "intake.refused_rows_taken", run, rows=run.result["rejected"])
    return files.get(kept, secret=True)
