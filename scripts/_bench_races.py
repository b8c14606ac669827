"""`scripts/bench races`: 64 connections race for 8 beds, 10,000 attempts to move in through the real service.

An empty register of its own. Eight stays must come of it, and every refusal must be `bed.taken` in words.
The limit is the same race in bare SQL before and after: lock the bed, look, insert against the same
exclusion constraint. (Without the lock first, inserts that meet in the constraint wait out the server's
deadlock timeout: thirty times slower.) Last line: one JSON object; `ratio` is our attempts a second
over the limit's.
"""

import atexit
import datetime as dt
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
CONNECTIONS, BEDS, ATTEMPTS = 64, 8, 10_000
BARE = (
    "DROP TABLE IF EXISTS bare, bare_beds",
    "CREATE TABLE bare (bed int, nights daterange, EXCLUDE USING gist (int8range(bed, bed, '[]') WITH &&, nights WITH &&))",
    f"CREATE TABLE bare_beds AS SELECT generate_series(0, {BEDS - 1}) AS id",
)


def applicants(count: int) -> tuple[list[int], list[int]]:
    """A home of eight beds and people with a signed contract for it: (stays, beds)."""
    from sqlalchemy import text

    from eldercare.beds.places import services as places
    from eldercare.beds.stays import services as stays
    from eldercare.beds.stays.services.admissions import Terms
    from eldercare.core import calendar
    from eldercare.core.db import db
    from eldercare.core.identifiers import make_check_digit
    from eldercare.core.scope import Scope
    from eldercare.facilities import services as facilities
    from eldercare.residents.health.models import RISKS

    scope, today = Scope.system("stay:edit", "bench").enter(), calendar.today()
    town = db.session.execute(text("SELECT id FROM townships ORDER BY code LIMIT 1")).scalar_one()
    values = {"code": "BENCH", "name": "bench", "beds_filed": BEDS, "beds_set": BEDS, "beds_usable": BEDS}
    home = facilities.register(scope, "institution", town, values, state="operating")
    room = places.add_room(scope, home.id, {"building": "", "floor": 1, "name": "1", "sex_policy": "any"}, beds=BEDS)
    beds = list(db.session.execute(text("SELECT id FROM beds WHERE room_id = :room ORDER BY id"), {"room": room.id}).scalars())
    made = []
    for n in range(count):
        born = dt.date(1940, 1, 1) + dt.timedelta(days=n)
        digits = f"370299{born:%Y%m%d}001"
        newcomer = {"sex": "male", "birth_date": born, "township_id": town, "living_arrangement": "other"}
        stay = stays.apply(
            scope, home.id, id_number=digits + make_check_digit(digits), name=f"bench {n}", contact_name="bench",
            contact_relation=None, contact_phone="10000000000", newcomer=newcomer,
        )  # fmt: skip
        result = {"assessed_on": today, "kind": None, "assessor": "a", "second_assessor": "b", "adjustments": [], "note": None,
                  "items": None, "score": 70}  # fmt: skip
        stays.assess(scope, stay.id, on=today, risks=dict.fromkeys(RISKS, "none"), result=result)
        stays.sign_contract(scope, stay.id, terms=Terms(f"bench {n}", today, calendar.add_years(today, 1), "-"))
        made.append(stay.id)
    db.session.commit()
    db.session.remove()
    return made, beds


def at_once(work: Callable[[int], Counter[str]]) -> tuple[Counter[str], float]:
    """`work(number)` on every connection at the same moment: what came of it all, and the seconds it took."""
    told, lock, start = Counter(), threading.Lock(), threading.Barrier(CONNECTIONS + 1)  # type: ignore[var-annotated]

    def run(number: int) -> None:
        start.wait()
        mine = work(number)
        with lock:
            told.update(mine)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    return told, time.monotonic() - began


def share(number: int) -> int:
    """How many of the attempts a connection makes."""
    return ATTEMPTS // CONNECTIONS + (number < ATTEMPTS % CONNECTIONS)


def limit(dsn: str) -> float:
    """Attempts a second in bare SQL."""
    with psycopg2.connect(dsn) as db, db.cursor() as at:
        for statement in BARE:
            at.execute(statement)
    links = [psycopg2.connect(dsn) for _ in range(CONNECTIONS)]

    def work(number: int) -> Counter[str]:
        told: Counter[str] = Counter()
        with links[number].cursor() as at:
            for _ in range(share(number)):
                bed = (random.randrange(BEDS),)  # noqa: S311
                at.execute("SELECT id FROM bare_beds WHERE id = %s FOR UPDATE", bed)
                at.execute("SELECT FROM bare WHERE bed = %s", bed)
                if at.fetchone() is not None:
                    links[number].rollback()
                    told["taken"] += 1
                    continue
                at.execute("INSERT INTO bare VALUES (%s, daterange(current_date, NULL))", bed)
                links[number].commit()
                told["done"] += 1
        return told

    told, seconds = at_once(work)
    for link in links:
        link.close()
    print(f"limit: {dict(told)} in {seconds:.1f} s", flush=True)
    return ATTEMPTS / seconds


def race(app: Any, waiting: list[int], beds: list[int]) -> tuple[Counter[str], float]:
    """The race through the service; what each attempt came to."""
    from sqlalchemy.exc import DBAPIError

    from eldercare.beds.stays import services
    from eldercare.core import calendar
    from eldercare.core.db import db
    from eldercare.core.errors import Refused, refusal_of
    from eldercare.core.scope import Scope

    def work(number: int) -> Counter[str]:
        told: Counter[str] = Counter()
        with app.app_context():
            stay = waiting[number]
            for _ in range(share(number)):
                try:
                    scope = Scope.system("stay:edit", "bench").enter()
                    services.move_in(scope, stay, bed_id=random.choice(beds), on=calendar.today())  # noqa: S311
                    db.session.commit()
                    told["done"] += 1
                    stay = waiting.pop()
                except (Refused, DBAPIError) as error:
                    db.session.rollback()
                    refusal = error if isinstance(error, Refused) else refusal_of(error)
                    told[refusal.code if refusal and refusal.message else f"fault: {type(error).__name__}"] += 1
            db.session.remove()
        return told

    return at_once(work)


def main() -> None:
    """Limit, ours, limit; counts and the ratio."""
    from config import Config
    from eldercare.core.dbroles import plain
    from eldercare.core.embedded import Embedded

    folder = tempfile.mkdtemp(prefix="eldercare-bench.")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the application has let the server go
    os.environ |= {"ELDERCARE_INSTANCE": folder, "DB_POOL_SIZE": str(CONNECTIONS), "LOG_LEVEL": "WARNING"}
    server = Embedded(Config.from_environ().instance)
    server.hold()
    flask = str(ROOT / ".venv/bin/flask")
    for command in (["db", "upgrade"], ["facilities", "load-places"]):
        subprocess.run([flask, *command], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    from eldercare import create_app
    from eldercare.core.db import db

    app = create_app(Config.from_environ())
    with app.app_context():
        waiting, beds = applicants(CONNECTIONS + BEDS)
    rates = [limit(plain(server.admin_url))]
    told, seconds = race(app, waiting, beds)
    print(f"races: {dict(told)} in {seconds:.1f} s", flush=True)
    with app.app_context():
        db.engine.dispose()  # the limit needs as many connections again
    rates.append(limit(plain(server.admin_url)))
    with psycopg2.connect(plain(server.admin_url)) as link, link.cursor() as at:
        at.execute("SELECT count(*) FROM stays WHERE state = 'in_residence'")
        stays = (at.fetchone() or (0,))[0]
    server.release()
    other = sum(count for code, count in told.items() if code not in {"done", "bed.taken"})
    ratio = round(ATTEMPTS / seconds / statistics.median(rates), 2)
    counts = {"attempts": sum(told.values()), "stays": stays, "bed_taken": told["bed.taken"], "other": other}
    print(json.dumps(counts | {"ratio": ratio}))
    if (stays, other) != (BEDS, 0):
        raise SystemExit("somebody got a bed twice, or was refused for another reason")


main()
