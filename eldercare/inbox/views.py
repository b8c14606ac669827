"""One's own inbox, what the page's head counts, where alerts go by mail; the mails, for the administrator."""

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from eldercare.core import alerts, mail
from eldercare.core.access import P
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.core.web import Room, answer, done, page, trying
from eldercare.inbox import listing, queries, services
from eldercare.inbox.forms import AddressForm

room = Room("inbox", __name__, url_prefix="/inbox")


@room.get("/", allow=P.ALERT_READ, endpoint="index")
@room.get("/<any('know', 'done'):section>", allow=P.ALERT_READ)
def shelf(scope: Scope, section: str = "todo") -> Any:
    """What waits, or what is done."""
    bound = listing.SHELVES[section].bind(request.args, path=request.path)
    bound.load(db.session, queries.shelf(scope, current_user, section))
    counts = queries.counts(scope, current_user)
    return page("inbox/index.html", alerts=bound, section=section, shelves=listing.SHELF_WORDS, counts=counts)


@room.get("/count", allow=P.ALERT_READ)
def count(scope: Scope) -> Any:
    """How many wait: asked by every open page, twice a minute."""
    return answer(queries.counts(scope, current_user))


@room.get("/<int:alert_id>", allow=P.ALERT_READ)
def show(scope: Scope, alert_id: int) -> Any:
    """Seen; on to the page it is about."""
    alert = queries.alert(scope, current_user, alert_id)
    services.see(scope, current_user, [alert.id])
    kind = alerts.KINDS[alert.kind]
    return redirect(url_for(kind.endpoint, **{kind.ident: alert.entity_id}), 303)


@room.post("/seen", allow=P.ALERT_READ)
def seen(scope: Scope) -> Any:
    """All the news is seen."""
    services.see_all(scope, current_user)
    return redirect(url_for(".shelf", section="know"), 303)


@room.route("/address", allow=P.ALERT_READ, methods=["GET", "POST"])
def address(scope: Scope) -> Any:
    """Where my alerts go by mail."""
    row = queries.address(scope)
    form = AddressForm(address=row.address.reveal() if row else "", is_on=row.is_on if row else True)
    if form.validate_on_submit():
        with trying(form) as attempt:
            services.set_address(scope, form.address.data, is_on=form.is_on.data)
        if attempt.ok:
            flash(_("Saved. A trial mail is on its way.") if form.address.data and form.is_on.data else _("Saved."))
            return done(".index")
    return page("inbox/address.html", form=form, can_send=mail.is_set(current_app.config["CONFIG"]))


# ---- for the administrator ------------------------------------------------------------------------


@room.get("/mails", allow=P.SETTING_EDIT)
def mails(_scope: Scope) -> Any:
    """Every mail and what became of it."""
    bound = listing.MAILS.bind(request.args, path=request.path).load(db.session, queries.mails())
    failed = [row for row in bound.rows if row.state == "failed"]
    return page("inbox/mails.html", mails=bound, failed=failed, can_send=mail.is_set(current_app.config["CONFIG"]))


@room.post("/mails/again", allow=P.SETTING_EDIT)
def again(scope: Scope) -> Any:
    """What was not sent is tried again."""
    count = services.try_again(scope)
    flash(_("%(count)s mails are tried again within a minute.", count=count))
    return done(".mails")
