"""What is hardly plausible: the list, one flag with its evidence, the officer's word."""

from typing import Any

from flask import request

from eldercare.core.access import P
from eldercare.core.audit import history
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, done, page, trying
from eldercare.core.words import told
from eldercare.facilities import queries as facilities
from eldercare.selfchecks.flags import forms, listing, queries, services

room = Room("flags", __name__, url_prefix="/selfchecks/flags")


@room.get("/", allow=P.SELFCHECK_JUDGE)
def index(scope: Scope) -> Any:
    """Flags within reach."""
    bound = listing.FLAGS.bind(request.args, path="/selfchecks/flags/", choices=listing.choices(facilities.townships(scope)))
    return page("selfchecks/flags/index.html", flags=bound.load(db.session, queries.flags(scope)))


@room.route("/<int:flag_id>", allow=P.SELFCHECK_JUDGE, methods=["GET", "POST"])
def show(scope: Scope, flag_id: int) -> Any:
    """One flag: the evidence, and what was found on looking."""
    flag, form = queries.flag(scope, flag_id), forms.JudgeForm()
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.judge(scope, flag_id, in_order=form.verdict.data == "in_order", note=form.note.data)
        if attempt.ok:
            return done(".show", flag_id=flag_id)
        flag = queries.flag(scope, flag_id)  # what the savepoint undid is read again
    pairs = queries.pairs(scope, flag)
    entries = told(db.session.scalars(history(scope, "selfcheck_flag", flag_id)))
    return page("selfchecks/flags/show.html", flag=flag, form=form, pairs=pairs, words=listing, history=entries)
