"""The limit for `scripts/bench pages`: Flask + psycopg2, the same rows and columns, nothing else.

No sign-in, no walls, no page frame. BARE_DSN names the database, as a role that sees every row.
"""

import os
import threading
from typing import Any

import psycopg2
from flask import Flask, render_template_string, request

app = Flask(__name__)
local = threading.local()
ROW = """r.id, r.name, r.sex, r.birth_date, r.id_last4, t.name, v.name, r.household_type,
r.living_arrangement, r.ability_level, r.state"""
FROM = "FROM residents r JOIN townships t ON t.id = r.township_id LEFT JOIN villages v ON v.id = r.village_id"
TABLE = """<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><p>{{ total }}</p><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""
OVERVIEW = """SELECT t.name, count(*), count(*) FILTER (WHERE r.birth_date <= CURRENT_DATE - interval '80 years'),
count(*) FILTER (WHERE r.birth_date <= CURRENT_DATE - interval '70 years'), count(r.facility_id)
FROM residents r JOIN townships t ON t.id = r.township_id WHERE r.state = 'active' GROUP BY t.name ORDER BY t.name"""


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    if not hasattr(local, "at"):
        db = psycopg2.connect(os.environ["BARE_DSN"])
        db.autocommit = True
        local.at = db.cursor()
    local.at.execute(statement, values)
    return local.at.fetchall()


def table(rows: list[tuple[Any, ...]], total: int) -> str:
    return render_template_string(TABLE, title="residents", rows=rows, total=total)


@app.get("/list")
def people() -> str:
    where = f"{FROM} WHERE r.township_id = %s AND r.state = 'active'"
    township = int(request.args["township"])
    total = ask(f"SELECT count(*) {where}", township)[0][0]
    return table(ask(f"SELECT {ROW} {where} ORDER BY r.id LIMIT 50", township), total)


@app.get("/search")
def search() -> str:
    where = f"{FROM} WHERE r.search @@ to_tsquery('simple', %s) AND r.state = 'active'"
    total = ask(f"SELECT count(*) {where}", request.args["q"])[0][0]
    return table(ask(f"SELECT {ROW} {where} ORDER BY r.id LIMIT 50", request.args["q"]), total)


@app.get("/detail/<int:number>")
def detail(number: int) -> str:
    return table(ask(f"SELECT {ROW}, r.address, r.notes, r.registered_on {FROM} WHERE r.id = %s", number), 1)


@app.get("/overview")
def overview() -> str:
    return table(ask(OVERVIEW), 17)
