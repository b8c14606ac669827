"""突发事件专报: asked for in the transaction in which an incident becomes E1, or what such a brief says has changed.

Who draws it is nobody's business here: the kind is named by a word, as papers are.
"""

from eldercare.core import papers
from eldercare.core.access import P
from eldercare.core.calendar import Month, local
from eldercare.core.papers import Subject
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.incidents.models import Incident

KIND, GRADE = "incident-brief", "E1"


def ask_brief(scope: Scope, incident: Incident, facility: Facility) -> None:
    """Have a brief drawn, under the platform's own reach: it is the district's, and the home does not see it."""
    month = str(Month.of(local(incident.occurred_at).date()))
    subject = Subject("incident", incident.id, facility, internal=True, period=month)
    with scope.widened():
        papers.ask(Scope.system(P.REPORT_BUILD, "incident"), KIND, subject)


def follow(scope: Scope, incident: Incident, *, grade: str, dead: int) -> None:
    """After a change: a new edition where grade or dead moved and the incident is or was of the gravest grade.

    `grade`, `dead`: as they were before.
    """
    moved = (incident.grade, incident.dead) != (grade, dead)
    if moved and GRADE in (incident.grade, grade) and incident.reported_at is not None:
        ask_brief(scope, incident, scope.get(Facility, incident.facility_id))
