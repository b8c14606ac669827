"""The reader of the log: the list, one entry in words, the chain, a workbook."""

from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from eldercare.audit import listing, queries, services
from eldercare.core import calendar, words
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.sheets import Column, Dress, write_xlsx
from eldercare.core.web import Room, page

room = Room("audit", __name__, url_prefix="/audit")


@room.get("/", allow=P.AUDIT_READ)
def index(scope: Scope) -> Any:
    """Every entry, newest first."""
    bound = listing.ENTRIES.bind(request.args, path=request.path).load(db.session(), queries.entries(scope))
    return page("audit/index.html", entries=bound, span=queries.span(scope), most=listing.MOST_EXPORTED)


@room.get("/<int:entry_id>", allow=P.AUDIT_READ)
def show(scope: Scope, entry_id: int) -> Any:
    """One entry: who, when, from where, and what was changed."""
    entry = queries.entry(scope, entry_id)
    return page(
        "audit/show.html", entry=entry, about=listing.record_words(entry), title=words.action(entry.action),
        changes=words.changes(entry, _namer()), others=queries.about_same(scope, entry), words=words,
        details=words.details(entry),
        township=_namer()("", "township_id", entry.township_id),
    )


def _namer() -> words.Rename:
    names = queries.township_names()
    return lambda _entity, column, value: names.get(value, value) if column.endswith("township_id") else value


@room.post("/verify", allow=P.AUDIT_READ)
def verify(scope: Scope) -> Any:
    """Recompute the chain now and say what came out."""
    found = queries.verify()
    services.note(scope, "log.verified", valid=found["valid"], entries=found["entries"], head=found["head"])
    return render_template("audit/verified.html", found=found, at=calendar.now())


@room.post("/export", allow=P.AUDIT_READ)
def export(scope: Scope) -> Any:
    """The entries the filters leave, as a workbook; itself an entry."""
    bound = listing.ENTRIES.bind(request.form, path=url_for(".index"))
    if bound.count(db.session(), bound.narrowed(queries.entries(scope))) >= listing.MOST_EXPORTED:
        most = listing.MOST_EXPORTED
        flash(_("These are too many entries for one workbook (%(most)d at most). Narrow the days.", most=most), "watch")
        return redirect(bound.url(), 303)
    rows = bound.xlsx_rows(db.session(), queries.entries(scope))
    columns, book = [Column(title, 20) for title in next(rows)], BytesIO()
    lines = [f"{chip.label}: {chip.text}" for chip in bound.chips]
    count = write_xlsx(book, columns, rows, Dress(title=_("Log"), lines=lines, person=current_user.name))
    services.note(scope, "log.exported", rows=count, filters=bound.query)
    book.seek(0)
    return send_file(book, download_name=f"log-{calendar.today()}.xlsx", as_attachment=True)
