"""The limit for `scripts/bench pages` and `board`: Flask + psycopg2, the same rows and columns, nothing else.

No sign-in, no walls, no page frame. BARE_DSN names the database, as a role that sees every row.
"""

import os
import threading
from typing import Any

import psycopg2
from flask import Flask, request

app = Flask(__name__)
local = threading.local()
ROW = """r.id, r.name, r.sex, r.birth_date, r.id_last4, t.name, v.name, f.name, r.household_type,
r.living_arrangement, r.ability_level, r.next_due_on, r.state"""
FROM = """FROM residents r JOIN townships t ON t.id = r.township_id LEFT JOIN villages v ON v.id = r.village_id
LEFT JOIN facilities f ON f.id = r.facility_id"""
MORE = """r.id_type, r.ethnicity, r.registered_on, r.address, r.left_behind, r.hukou_type, r.bank_name, r.ability_score,
r.assessed_on, r.care_level, r.dementia, r.chronic_diseases, r.notes"""
PARTS = {
    "contacts": "kind, position, name, relation, may_contact",
    "assessments": "kind, scale, assessed_on, score, final_level, next_due_on, assessor, second_assessor",
    "household_spells": "household_type, certificate_no, valid_from, valid_to",
    "consents": "purpose, version, signed_by, signed_on, withdrawn_on",
}
TABLE = """<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1><p>{{ total }}</p><table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"""
DRAWN = app.jinja_env.from_string(TABLE)  # compiled once, as a template in a file would be
PAGE = app.jinja_env.from_string(TABLE)  # compiled once, as a template file would be
OVERVIEW = """SELECT t.name, count(*), count(*) FILTER (WHERE r.birth_date <= CURRENT_DATE - interval '80 years'),
count(*) FILTER (WHERE r.birth_date <= CURRENT_DATE - interval '70 years'), count(r.facility_id)
FROM residents r JOIN townships t ON t.id = r.township_id WHERE r.state = 'active' GROUP BY t.name ORDER BY t.name"""


BOARD = """SELECT b.id, o.building, o.floor, o.name, o.sex_policy, b.number, b.bed_kind, b.condition, b.price_fen, s.id,
s.resident_id, left(s.name, 1), s.sex, s.state, n.starts_on, s.starts_on, a.expected_back_on,
s.starts_on > CURRENT_DATE - 7, h.mobility = 'bedridden' OR 'bedridden' = ANY (k.signs), cardinality(h.devices) > 0,
k.levels ->> 'choking' <> 'none' OR h.texture NOT IN ('ordinary', 'soft'), p.dementia AND k.levels ->> 'elopement' <> 'none',
'fell' = ANY (k.signs), 'suicidal' = ANY (k.signs)
FROM beds b JOIN rooms o ON o.id = b.room_id LEFT JOIN stay_beds n ON n.bed_id = b.id AND n.ends_on IS NULL
LEFT JOIN stays s ON s.id = n.stay_id LEFT JOIN stay_absences a ON a.stay_id = s.id AND a.back_on IS NULL
LEFT JOIN residents p ON p.id = s.resident_id LEFT JOIN health_profiles h ON h.resident_id = p.id
LEFT JOIN LATERAL (SELECT levels, signs FROM risk_assessments r WHERE r.resident_id = p.id AND NOT r.is_void
  ORDER BY r.assessed_on DESC, r.id DESC LIMIT 1) k ON true
WHERE b.facility_id = %s AND b.condition <> 'retired' ORDER BY o.building, o.floor, o.name, b.number"""


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    if not hasattr(local, "at"):
        db = psycopg2.connect(os.environ["BARE_DSN"])
        db.autocommit = True
        local.at = db.cursor()
    local.at.execute(statement, values)
    return local.at.fetchall()


def table(rows: list[tuple[Any, ...]], total: int) -> str:
    return DRAWN.render(title="residents", rows=rows, total=total)


@app.get("/list")
def people() -> str:
    where = f"{FROM} WHERE r.township_id = %s AND r.state = 'active'"
    township = int(request.args["township"])
    total = ask(f"SELECT count(*) {where}", township)[0][0]
    return table(ask(f"SELECT {ROW} {where} ORDER BY r.id LIMIT 50", township), total)


@app.get("/search")
def search() -> str:
    where = f"{FROM} WHERE r.search @@ %s::tsquery AND r.state = 'active'"
    pair = f"'b:{request.args['q']}'"  # two neighbouring characters are one lexeme
    total = ask(f"SELECT count(*) {where}", pair)[0][0]
    return table(ask(f"SELECT {ROW} {where} ORDER BY r.id LIMIT 50", pair), total)


@app.get("/detail/<int:number>")
def detail(number: int) -> str:
    parts = [ask(f"SELECT {ROW}, {MORE} {FROM} WHERE r.id = %s", number)]
    for name, columns in PARTS.items():
        parts.append(ask(f"SELECT {columns} FROM {name} WHERE resident_id = %s", number))  # noqa: S608
    return "".join(table(rows, len(rows)) for rows in parts)


@app.get("/board/<int:number>")
def board(number: int) -> str:
    rows = ask(BOARD, number)
    return table(rows, len(rows))


@app.get("/overview")
def overview() -> str:
    return table(ask(OVERVIEW), 17)
