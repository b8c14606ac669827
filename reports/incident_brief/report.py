"""突发事件专报: what the district must know of a grave incident within minutes (domain notes §4.3; Order 493 art. 12).

Unit, time, place, scene, course, casualties, first loss estimate, measures, cause as far as known, contact; then who was told
when and which deadlines were kept, and what was changed since the first report. Asked for in the transaction in which an
incident becomes E1, again when its grade or its dead change or when an officer asks. People are counted, never named.

The sealed figures: the frame of `reports._paper.paper`, `parts`, and `incident` as the part `brief` documents it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eldercare.core.access import P
from eldercare.core.papers import Subject
from eldercare.core.scope import Scope
from reports._paper import assemble, paper
from reports._paper.words import Words

KIND = "incident-brief"
CADENCE = "event"
ENTITY = "incident"
PERMISSION = P.INCIDENT_RECEIVE
AUDIENCE = "facility"
LIFE = "reviewed"
TEMPLATE_VERSION = "1"
LANGUAGES = ("zh",)
FOLDER = "incident_brief"
TITLE = {lang: Words(FOLDER, lang)("title") for lang in ("zh", "en")}
PARTS = ("brief", "brief_course", "brief_told", "brief_changes", "requirements")


def subject(scope: Scope, row_id: int) -> Subject:
    """The incident; a brief is for those who receive its reports: its home does not see it."""
    from eldercare.core.calendar import Month, local  # noqa: PLC0415 — the drawing process needs none of this
    from eldercare.core.errors import Refused  # noqa: PLC0415
    from eldercare.incidents import queries  # noqa: PLC0415

    incident = queries.incident(scope, row_id)
    if incident.reported_at is None or not incident.goes_up:
        raise Refused("report.no_paper")
    month = str(Month.of(local(incident.occurred_at).date()))
    return Subject(ENTITY, incident.id, incident.facility, internal=True, period=month)


def collect(scope: Scope, row_id: int) -> dict[str, Any]:
    """The incident as it stands now."""
    from eldercare.core import calendar  # noqa: PLC0415
    from reports._parts import brief  # noqa: PLC0415

    data = paper.frame(KIND, TEMPLATE_VERSION, subject(scope, row_id), calendar.now())
    return data | {"parts": list(PARTS), "incident": brief.gather(scope, row_id)}


def context(data: Mapping[str, Any], w: Words, fingerprint: str, imprint: Mapping[str, Any]) -> dict[str, Any]:
    """Everything page.html shows, in the language of `w`."""
    texts = {**imprint["texts"], "open": imprint["state"] == "draft"}
    return {
        "title": w("title"), "number": data["incident"]["number"], "heading": w("heading", name=data["facility"]["name"]),
        "sections": assemble.sections(data, w, fingerprint, texts),
    }  # fmt: skip
