"""Run: whatever happens outside a request is a row. Schedule: what the clock owes. enqueue().

A Run is what a person sees: queued, running with progress, done, failed with the reason, tried
again. procrastinate (a queue in PostgreSQL) carries it; both rows are written in one transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import has_request_context
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Index, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from eldercare.core import calendar
from eldercare.core.db import Base, Scoped, db
from eldercare.core.errors import CATALOGUE, catalogue
from eldercare.core.scope import Scope

STATES = ("queued", "running", "done", "failed")
ATTEMPTS = 3  # tries before a person is asked
LOSSES = 12  # workers that may die with a Run in hand: what takes each one down must end too
ASKED = 100  # what a person waits for goes before whatever the clock owes


class Run(Scoped, Base):
    """One piece of work: `kind` for `period` at a place, asked by a person or by the clock."""

    __tablename__ = "runs"
    AUDIT_NOUN = "run"
    OWNER = "person_id"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("progress >= 0 AND (total IS NULL OR progress <= total)", name="progress"),
        CheckConstraint("state NOT IN ('done', 'failed') OR finished_at IS NOT NULL", name="finished"),
        # what the clock makes exists once, however many clocks there are
        Index(
            "runs_due_key", "kind", "period", "place",
            unique=True, postgresql_where=text("is_scheduled"),
        ),
        Index("runs_created_at_idx", "created_at"),
        Index("runs_files_idx", "finished_at", postgresql_where=text("result ? 'file'")),
    )
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    period: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    is_scheduled: Mapped[bool] = mapped_column(default=False)
    township_id: Mapped[int | None] = mapped_column(index=True)  # type: ignore[assignment]
    facility_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    person_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    state: Mapped[str] = mapped_column(default="queued", index=True)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    step_words: Mapped[str] = mapped_column("step", default="")  # an English source string; `step` says it translated
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error_code: Mapped[str | None]  # a refusal's code, or "fault"
    error_details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    permission: Mapped[str] = mapped_column(default="")  # what the asking person did it under
    attempts: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)  # of these, how often the worker died over it
    created_at: Mapped[datetime] = mapped_column(default=calendar.now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def step(self) -> str:
        """What is being done, in the language of the reader."""
        return gettext(self.step_words) if self.step_words else ""

    @property
    def error(self) -> str | None:
        """Why it failed, in the language of the reader."""
        return None if self.error_code is None else reason(self.error_code, self.error_details)

    @property
    def faults(self) -> int:
        """How many tries ended in a fault of the work itself."""
        return self.attempts - self.losses

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None while nobody knows."""
        return None if not self.total else int(100 * self.progress / self.total)


def reason(code: str, details: dict[str, Any]) -> str:
    """Why a Run failed, in the language of the reader."""
    if code in CATALOGUE:
        return str(CATALOGUE[code][1]) % details if details else str(CATALOGUE[code][1])
    said: str = gettext(
        "A fault on our side (%(what)s). Try again; if it fails again, tell the administrator the number of this job.",
        what=details.get("what", code),
    )
    return said


@dataclass(frozen=True)
class Place:
    """Where a Run belongs: a code for people, ids for the walls; all empty for the district."""

    code: str = ""
    township_id: int | None = None
    facility_id: int | None = None


@dataclass(frozen=True)
class Schedule:
    """What the clock owes every day: one Run of `kind` for each day and place. (Reports have rows: reporting/schedules.)

    `hour`, `minute`: when in the day (local time). `every`: so many minutes apart instead, the period being the minute
    itself; missed ones are not made up, and what is done goes after a day (see `sweep`). `priority`: higher goes first.
    """

    kind: str
    places: Callable[[Scope], Iterable[Place]]
    hour: int = 2
    minute: int = 0
    priority: int = 0
    every: int | None = None


Handler = Callable[[Scope, Run], dict[str, Any]]
HANDLERS: dict[str, Handler] = {}
SNAPSHOTS: set[str] = set()
MINUTES: dict[str, int] = {}  # how long a Run of a kind may take, where that is not what the installation sets
SCHEDULES: dict[str, Schedule] = {}


def handler(kind: str, *, snapshot: bool = False, minutes: int | None = None) -> Callable[[Handler], Handler]:
    """Name the function that does the Runs of a kind; it returns the Run's result. `minutes`: how long one may take.

    With `snapshot` all it reads is of one moment (REPEATABLE READ), it is committed by itself, and
    doing it a second time must find what the first time made.
    """

    def name(function: Handler) -> Handler:
        HANDLERS[kind] = function
        if snapshot:
            SNAPSHOTS.add(kind)
        if minutes:
            MINUTES[kind] = minutes
        return function

    return name


def schedule(entry: Schedule) -> None:
    """Add to what the clock owes."""
    SCHEDULES[entry.kind] = entry


def enqueue(
    scope: Scope, kind: str, *, period: str = "", place: Place | None = None, priority: int = ASKED, **params: Any
) -> Run:
    """Ask for a piece of work; it starts when this transaction commits, and speaks the language of who asked."""
    place = place or Place()
    if has_request_context():
        params.setdefault("language", "en" if str(get_locale()) == "en" else "zh")
    run = Run(
        kind=kind, period=period, place=place.code, township_id=place.township_id, facility_id=place.facility_id,
        person_id=scope.person_id, permission=str(scope.permission), params=params,
    )
    db.session.add(run)
    db.session.flush()
    _hand_over([run.id], priority)
    return run


def make_due(kind: str, period: str, places: Iterable[Place], *, priority: int = 0, **params: Any) -> list[int]:
    """Insert whatever scheduled Runs of a kind are missing for a period; returns the new ids."""
    rows: list[dict[str, Any]] = [
        {
            "kind": kind, "period": period, "place": place.code, "is_scheduled": True,
            "township_id": place.township_id, "facility_id": place.facility_id, "state": "queued", "progress": 0,
            "step_words": "", "params": params, "result": {}, "attempts": 0, "losses": 0, "created_at": calendar.now(),
            "permission": "", "error_details": {},
        }
        for place in places
    ]
    if not rows:
        return []
    statement = insert(Run).values(rows).on_conflict_do_nothing(
        index_elements=["kind", "period", "place"], index_where=text("is_scheduled")
    ).returning(Run.id)
    made = list(db.session.scalars(statement))
    _hand_over(made, priority)
    return made


def routine() -> list[str]:
    """The kinds of work that come round every few minutes: no list of jobs wants to show them while all is well."""
    return [entry.kind for entry in SCHEDULES.values() if entry.every]


def sweep(before: datetime) -> None:
    """Forget the routine work that was done before a moment; what failed stays until someone has looked."""
    done = (Run.kind.in_(routine()), Run.is_scheduled, Run.state == "done", Run.created_at < before)
    db.session.execute(delete(Run).where(*done))


def hand_over_again(run: Run, priority: int = ASKED) -> None:
    """Put a failed Run back into the queue."""
    run.state, run.error_code, run.finished_at, run.started_at = "queued", None, None, None
    run.progress, run.step_words, run.attempts, run.losses, run.error_details = 0, "", 0, 0, {}
    db.session.flush()
    _hand_over([run.id], priority)


def next_try(run_id: int) -> datetime | None:
    """When the queue tries a waiting Run again; None where nothing holds it back."""
    asked = "SELECT scheduled_at FROM procrastinate_jobs WHERE lock = 'run-' || :id AND status = 'todo' AND scheduled_at > now()"
    at: datetime | None = db.session.execute(text(asked), {"id": run_id}).scalar()
    return at


def revive() -> list[int]:
    """Put back into the queue what waits or runs although no job of the queue stands for it; the ids.

    The queue loses a job only when the database went away in the very moment a worker gave it back.
    """
    lost = text(
        "SELECT id FROM runs WHERE state IN ('queued', 'running') AND 'run-' || id NOT IN"
        " (SELECT lock FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock IS NOT NULL) ORDER BY id"
    )
    found = list(db.session.scalars(lost))
    _hand_over(found, ASKED)
    return found


def _hand_over(run_ids: list[int], priority: int) -> None:
    # procrastinate's own SQL function, so that Run and job live or die together
    for run_id in run_ids:
        db.session.execute(
            text(
                "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW('runs', 'run', :priority, 'run-' || :run_id, NULL,"
                " jsonb_build_object('run_id', CAST(:run_id AS bigint)), NULL)::procrastinate_job_to_defer_v1])"
            ),
            {"run_id": run_id, "priority": priority},
        )


def progress(run_id: int, done: int, total: int | None = None, step: str = "") -> None:
    """Tell how far a Run is, at once, in a transaction of its own (others see it while work goes on)."""
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE eldercare_district"))
        connection.execute(
            text(
                "UPDATE runs SET total = coalesce(:total, total),"
                " progress = least(CAST(:done AS int), coalesce(:total, total, :done)),"
                " step = CASE WHEN :step = '' THEN step ELSE :step END WHERE id = :id"
            ),
            {"id": run_id, "done": done, "total": total, "step": step},
        )


def begin_snapshot() -> None:
    """One moment for every figure that is collected, and one plan for a question however many places it is asked of."""
    db.session.connection(execution_options={"isolation_level": "REPEATABLE READ", "prepared": True})


def end_snapshot(scope: Scope) -> None:
    """The figures are collected: leave their one moment, so that what is written next meets the present.

    A snapshot that writes cannot live beside other writers (every act updates the log's head).
    """
    db.session.commit()
    scope.enter()


def N_(words: str) -> str:  # noqa: N802 — gettext's own name for "translate later"
    """Mark a step's words for the catalogue; they are translated when shown."""
    return words


def waiting() -> int:
    """How many Runs are queued or running."""
    return db.session.scalar(select(func.count()).select_from(Run).where(Run.state.in_(["queued", "running"]))) or 0


catalogue(
    {
        "run.state_wrong": (409, _l("This job is in a state it cannot be in. Tell the administrator its number.")),
        "run.made_already": (409, _l("This job exists already. Look at the list of jobs.")),
        "run.not_failed": (409, _l("Only a job that failed can be tried again.")),
        "run.too_long": (500,
            _l("It was not finished after %(minutes)s minutes and was ended. Try again; if it happens again, tell the"
               " administrator the number of this job."),
        ),
        "run.worker_lost": (500,
            _l("The worker died over it %(times)s times. Tell the administrator the number of this job; the log says why."),
        ),
        "run.permission_gone": (403, _l("The person who asked for this job no longer holds the duty it needs.")),
    },
    {
        "runs_state_check": "run.state_wrong",
        "runs_progress_check": "run.state_wrong",
        "runs_finished_check": "run.state_wrong",
        "runs_due_key": "run.made_already",
        "audit_entries_hash_key": "row.busy",
    },
)
