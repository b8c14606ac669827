"""Pages for anybody: no sign-in, large type, one column. What they show the wall leaves to nobody in particular."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import abort, current_app, request, send_file

from eldercare.core.access import PUBLIC
from eldercare.core.api import limiter
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, page
from eldercare.inspections import listing as visit_words
from eldercare.inspections import queries as visits
from eldercare.inspections.draws import listing as words
from eldercare.inspections.draws import queries, services

room = Room("public", __name__, url_prefix="/public")
limiter.limit(lambda: f"{current_app.config['PUBLIC_PER_MINUTE']}/minute")(room)
SCRIPT = Path(__file__).parents[2] / "scripts" / "verify_draw.py"


@room.get("/", allow=PUBLIC)
def index(scope: Scope) -> Any:
    """What there is to read."""
    return page("public/index.html", draws=queries.published(scope), results=visits.published_count(scope))


@room.get("/inspections/", allow=PUBLIC)
def inspections(scope: Scope) -> Any:
    """Results of inspections, persons masked."""
    years = [(str(each), each) for each in visits.published_years(scope)]
    bound = visit_words.RESULTS.bind(request.args, path=request.path, choices={"year": years})
    results = bound.load(db.session, visits.published(scope))
    days = current_app.config["VISIT_PUBLISH_WORKING_DAYS"]
    return page("public/inspections.html", results=results, words=visit_words, publish_days=days)


@room.get("/draws/", allow=PUBLIC)
def draws(scope: Scope) -> Any:
    """Every draw that was committed to; void ones too."""
    return page("public/draws.html", draws=queries.published(scope), words=words)


@room.get("/draws/<string:batch>", allow=PUBLIC)
def draw(scope: Scope, batch: str) -> Any:
    """One draw: commitment, value of the witness, hashes, the places whose notice is due."""
    row = queries.public_draw(scope, batch)
    text = services.file_text(scope, row)
    return page(
        "public/draw.html", row=row, words=words, told=words.announced(queries.announcements(scope, row.id)),
        notice_days=words.rules().notice_days, file=json.loads(text) if text else None,
    )  # fmt: skip


@room.get("/draws/<string:batch>.json", allow=PUBLIC)
def draw_file(scope: Scope, batch: str) -> Any:
    """The file of a draw, once every notice is due."""
    row = queries.public_draw(scope, batch)
    text = services.file_text(scope, row) if row.published_at else None
    data = (text or abort(404)).encode()
    return send_file(BytesIO(data), "application/json", as_attachment=True, download_name=f"draw-{row.batch}.json")


@room.get("/verify-draw.py", allow=PUBLIC)
def verify_draw(_scope: Scope) -> Any:
    """The program that draws again from a file: the very one the tests hold against ours."""
    return send_file(SCRIPT, "text/x-python", as_attachment=True, download_name="verify_draw.py")
