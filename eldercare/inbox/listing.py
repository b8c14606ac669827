"""The inbox as lists, one for each shelf; the mails as the administrator sees them."""

from datetime import timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from eldercare.core import alerts, calendar, jinja
from eldercare.core.columns import Badge, Column
from eldercare.core.filters import Choice, Pairs, Search
from eldercare.core.listing import Listing
from eldercare.facilities.models import Facility, Township
from eldercare.inbox.models import MAIL_ERRORS, MAIL_STATES, Mail
from eldercare.inbox.queries import A

SHELF_WORDS = {"todo": _l("To do"), "know": _l("News"), "done": _l("Done")}
LEVEL_WORDS = {"facility": _l("for the facility"), "township": _l("for the township"), "district": _l("for the district")}
DUE = {"late": _l("Past its time"), "today": _l("Within a day"), "week": _l("Within a week")}
NOTHING = {
    "todo": (_l("Nothing to do"), _l("What needs you appears here by itself, with the time by which it must be done.")),
    "know": (_l("Nothing new"), _l("News about your places appears here until you have seen it.")),
    "done": (_l("Nothing here yet"), _l("What was settled or seen is kept here.")),
}


def place(row: Any) -> str:
    """The facility, the township, or the district itself."""
    if row.township is None:
        return gettext("Whole district")
    return row.facility or (row.township_en if jinja.lang() == "en" else row.township)


def due(row: Any) -> Badge | None:
    """How long there is still, or how long past."""
    if row.due_at is None or row.settled_at is not None:
        return None
    left = row.due_at - calendar.now()
    return Badge(jinja.until(row.due_at), "bad" if left < timedelta() else "watch" if left < timedelta(days=1) else "quiet")


def _step(row: Any) -> str | None:
    if row.climbed_from_id is None:
        return None
    return gettext("Nobody below has settled it in time; it came up on %(moment)s", moment=jinja.moment(row.made_at))


def tone(row: Any) -> Badge:
    """What it is about, with its gravity."""
    return Badge(LEVEL_WORDS[row.level], alerts.KINDS[row.kind].tone if row.kind in alerts.KINDS else "quiet")  # type: ignore[arg-type]


def _due_where(asked: str) -> Any:
    now = calendar.now()
    return A.c.due_at < {"late": now, "today": now + timedelta(days=1), "week": now + timedelta(days=7)}[asked]


def shelf(name: str) -> Listing:
    """The list of a shelf."""
    title, why = NOTHING[name]
    return Listing(
        name=f"inbox-{name}",
        title=SHELF_WORDS[name],
        ident=A.c.id.desc(),
        link=lambda row: f"/inbox/{row.id}",
        columns=(
            Column("what", _l("Matter"), alerts.words, detail=_step, width="wide"),
            Column("place", _l("Place"), place, sort=(A.c.township_id, A.c.facility_id)),
            Column("due_at", _l("Time"), due, sort=A.c.due_at, kind="badge", exported=False),
            Column("level", _l("For whom"), tone, kind="badge", spare=True),
            Column("made_at", _l("Since"), sort=A.c.made_at, kind="moment", spare=True),
        ),
        filters=(
            Search("q", _l("Name of a facility or township"), where=_named),
            Choice("due", _l("Time"), choices=tuple(DUE.items()), where=_due_where),
            Choice("kind", _l("Kind"), choices=_kinds, where=lambda kind: A.c.kind == kind),
            Choice("level", _l("For whom"), choices=tuple(LEVEL_WORDS.items()), where=lambda level: A.c.level == level),
        ),
        order=(A.c.due_at.asc().nulls_last(),) if name == "todo" else (A.c.made_at.desc(),),
        json=("id", "kind", "level", "is_todo", "entity", "entity_id", "due_at", "made_at", "settled_at"),
        empty_title=title,
        empty_why=why,
    )


def _kinds() -> Pairs:
    return [(each.name, each.title) for each in alerts.KINDS.values() if each.title]


def _named(text: str) -> Any:
    return Facility.name.icontains(text, autoescape=True) | Township.name.icontains(text, autoescape=True)


SHELVES = {name: shelf(name) for name in SHELF_WORDS}


def _about(row: Any) -> str:
    return gettext("alert no. %(id)s", id=row.alert_id) if row.alert_id else gettext("trial mail")


def _error(row: Any) -> str | None:
    return str(MAIL_ERRORS.get(row.error, row.error)) if row.error else None


MAILS = Listing(
    name="mails",
    title=_l("Mails"),
    ident=Mail.id.desc(),
    link=None,
    columns=(
        Column("person", _l("For"), detail="username"),
        Column("kind", _l("About"), _about),
        Column("state", _l("State"), lambda row: MAIL_STATES[row.state], sort=Mail.state, kind="badge", detail=_error),
        Column("attempts", _l("Tries"), kind="number"),
        Column("made_at", _l("Written"), sort=Mail.made_at, kind="moment"),
        Column("sent_at", _l("Sent"), kind="moment"),
    ),
    filters=(
        Choice(
            "state", _l("State"), choices=tuple((state, badge.word) for state, badge in MAIL_STATES.items()),
            where=lambda state: Mail.state == state,
        ),
    ),
    order=(Mail.made_at.desc(),),
    empty_title=_l("No mail yet"),
    empty_why=_l("Alerts go out by mail to everyone who has given an address, once a mail server is set (SMTP_HOST, SMTP_FROM)."),
)
