"""`scripts/bench import`: 42,500 rows from .xlsx to committed, against reading plus a bare COPY.

Each round takes an empty register of its own. The limit is python-calamine reading the same file
and COPY into a table without an index, in a process of its own. Last line: one JSON object.
"""

import datetime as dt
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import xlsxwriter

ROOT = Path(__file__).resolve().parent.parent
ROWS, ROUNDS = 42500, 3
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LIMIT = """
import io, sys, csv
from python_calamine import CalamineWorkbook
import psycopg2
rows = CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()[3:]
out = io.StringIO(); csv.writer(out).writerows(rows); out.seek(0)
with psycopg2.connect(sys.argv[2]) as db, db.cursor() as at:
    at.execute("CREATE TABLE bare (" + ", ".join(f"c{n} text" for n in range(len(rows[0]))) + ")")
    at.copy_expert("COPY bare FROM STDIN CSV", out)
"""


def workbook(path: Path, townships: list[str]) -> None:
    """A bureau's list: a title, a line about the sender, headings in row 3, made-up people."""
    words = json.loads((ROOT / "scripts" / "_bench_intake.json").read_text())
    dice = random.Random(1)  # noqa: S311  the same file every time
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [words["title"]])
    sheet.write_row(2, 0, words["headings"])
    for n in range(ROWS):
        born = dt.date(1930, 1, 1) + dt.timedelta(days=n * 7919 % 12700)
        digits = f"370299{born:%Y%m%d}{n // 12700 * 200 + dice.randrange(200):03d}"
        digits += "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]
        name = dice.choice(words["surnames"]) + "".join(dice.sample(words["given"], 2))
        place, village = dice.choice(townships), f"V{n % 97}"
        phone, other = (f"17{dice.randrange(10**9):09d}" for _ in range(2))
        sex, ethnic, day = words["sexes"][int(digits[16]) % 2], words["ethnicity"], "2024-03-01"
        kinds = [dice.choice(words["households"]), dice.choice(words["living"])]
        row = [n + 1, name, sex, digits, ethnic, phone, place, village, f"{place}{n}", *kinds, name[0], other, day]
        sheet.write_row(n + 3, 0, row)
    book.close()


def seconds(*argv: str) -> float:
    began = time.monotonic()
    said = subprocess.run(argv, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout
    if "import" in argv and json.loads(said.splitlines()[-1])["created"] != ROWS:
        raise SystemExit(f"not every row came in: {said.splitlines()[-1]}")
    return time.monotonic() - began


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from config import Config
    from eldercare.core.dbroles import connect, plain
    from eldercare.core.embedded import Embedded

    flask, ours, limits, starts = str(ROOT / ".venv/bin/flask"), [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="eldercare-bench.") as folder:
            os.environ["ELDERCARE_INSTANCE"] = folder
            server = Embedded(Config.from_environ().instance)
            server.hold()
            seconds(flask, "db", "upgrade")
            seconds(flask, "facilities", "load-places")
            with connect(server.admin_url) as db, db.cursor() as at:
                at.execute("SELECT name FROM townships ORDER BY code")
                workbook(Path(folder) / "list.xlsx", [row[0] for row in at.fetchall()])
            starts.append(seconds(flask, "routes"))
            limits.append(seconds(sys.executable, "-c", LIMIT, f"{folder}/list.xlsx", plain(server.admin_url)))
            ours.append(seconds(flask, "residents", "import", f"{folder}/list.xlsx"))
            server.release()
        print(f"import {ours[-1]:.2f} s (start {starts[-1]:.2f} s), limit {limits[-1]:.2f} s", flush=True)
    pairs = list(zip(ours, starts, limits, strict=True))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    whole = statistics.median(mine / limit for mine, _, limit in pairs)
    inside = statistics.median((mine - start) / limit for mine, start, limit in pairs)
    print(json.dumps({"ratio": round(inside, 2), "ratio_with_start": round(whole, 2), "peak_mb": peak}))


main()
