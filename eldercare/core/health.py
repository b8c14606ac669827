"""Whether the platform is ready to work, and its figures for Prometheus.

Several web processes share one set of figures through files in the instance folder
(prometheus_client's multi-process mode); what the database knows is asked when somebody looks.
"""

import inspect
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope

CLOCK_LATE_S = 180  # the clock marks every minute
WORKER_LATE_S = 60  # a worker shows signs of life every few seconds


@dataclass(frozen=True)
class Part:
    """One part that must be alive: its name, and what is wrong with it (empty: nothing)."""

    name: str
    wrong: str = ""


_QUEUE = "SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat)) FROM procrastinate_workers"
_CLOCK = "SELECT extract(epoch FROM clock_timestamp() - max(at)) FROM clock_marks WHERE name = 'clock'"


def parts() -> list[Part]:
    """Database, queue and clock, each with the reason it is not ready."""
    try:
        Scope.system("checkup").enter()
        worker, clock = (db.session.execute(text(query)).scalar_one() for query in (_QUEUE, _CLOCK))
    except DBAPIError as error:
        db.session.rollback()
        return [Part("database", f"does not answer: {type(error.orig).__name__}")]
    return [
        Part("database"),
        Part("queue", _late(worker, WORKER_LATE_S, "no worker runs: start `flask worker`", "the worker was last seen")),
        Part("clock", _late(clock, CLOCK_LATE_S, "no clock runs: start `flask clock`", "the clock last ticked")),
    ]


def _late(seconds: Any, most: int, never: str, last: str) -> str:
    if seconds is None:
        return never
    return f"{last} {int(seconds)} s ago" if seconds > most else ""


# ---- figures ------------------------------------------------------------------------------------

_FIGURES = {
    "eldercare_runs": ("Runs by state.", "SELECT state, count(*) FROM runs GROUP BY state"),
    "eldercare_queue_jobs": (
        "Jobs in the queue by status (todo: waiting).",
        "SELECT status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1",
    ),
    "eldercare_sign_in_failures": (
        "Failed sign-ins of the last day.",
        "SELECT 'day', count(*) FROM sign_in_failures WHERE at > clock_timestamp() - interval '1 day'",
    ),
    "eldercare_accounts_locked": (
        "Accounts locked now.", "SELECT 'now', count(*) FROM users WHERE locked_until > clock_timestamp()"
    ),
    "eldercare_audit_entries": ("Entries in the log.", "SELECT 'all', entries FROM audit_head"),
}
_LABELS = {"eldercare_runs": "state", "eldercare_queue_jobs": "status"}


class _Asked:
    """What the database knows, as gauges; asked at the moment of the scrape."""

    def collect(self) -> Iterator[Any]:
        """One gauge a query."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 — after the folder is named

        Scope.system("checkup").enter()
        for name, (words, query) in _FIGURES.items():
            label = _LABELS.get(name)
            family = GaugeMetricFamily(name, words, labels=[label] if label else [])
            for key, value in db.session.execute(text(query)):
                family.add_metric([key] if label else [], value)
            yield family
        for part in parts():
            family = GaugeMetricFamily(f"eldercare_ready_{part.name}", f"Whether the {part.name} is ready.")
            family.add_metric([], 0 if part.wrong else 1)
            yield family


def exposition() -> Response:
    """Everything as Prometheus text."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Asked())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_scrape(token: str | None, *, behind_proxy: bool) -> bool:
    """Whoever knows the token; else this machine only, and no request that a proxy passed on unnamed."""
    if token and request.headers.get("Authorization") == f"Bearer {token}":
        return True
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.remote_addr in {"127.0.0.1", "::1"} and (behind_proxy or not passed_on)


def setup(app: Flask) -> None:
    """Count and time every request by endpoint; never by address, which may name a person."""
    folder = Path(app.instance_path) / "metrics"
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    _sweep(folder)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    from prometheus_client import CollectorRegistry, Histogram  # noqa: PLC0415 — it reads the folder's name at import

    seconds = Histogram(
        "eldercare_request_seconds", "Requests by endpoint, method and status.", ["endpoint", "method", "status"],
        registry=CollectorRegistry(), buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    )

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        if "began" in g:
            took = time.perf_counter() - g.began
            seconds.labels(request.endpoint or "none", request.method, response.status_code).observe(took)
        return response

    def past_the_door() -> Any:
        # a door asks the database, and the database may be what is down
        if request.endpoint in {"core.healthz", "core.readyz"}:
            return app.make_response(inspect.unwrap(app.view_functions[request.endpoint])(Scope.nobody()))
        return None

    app.before_request(begin)
    app.before_request(past_the_door)
    app.after_request(end)


def _sweep(folder: Path) -> None:
    """Drop the files of processes that ended more than a day ago."""
    for path in folder.glob("*.db"):
        pid = path.stem.rpartition("_")[2]
        gone = not (pid.isdigit() and Path(f"/proc/{pid}").exists())
        try:
            if gone and calendar.real_now().timestamp() - path.stat().st_mtime > 86400:
                path.unlink()
        except OSError:
            continue  # another process swept it first
