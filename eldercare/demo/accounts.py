"""Who may sign in to the demo district, and as what. One password for all: `config.demo_password`."""

from datetime import timedelta

from eldercare.accounts.officers.services import add_officer, recuse
from eldercare.accounts.services import DemoPerson, add_demo_users
from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.scope import Scope
from eldercare.demo.places import Layout

SKILLS = (
    ("fire", "building"), ("food", "service"), ("fire", "equipment"), ("medical", "service"), ("fire", "food"), ("finance",),
    ("service",), ("building", "fire"),
)  # fmt: skip
INSPECTORS = len(SKILLS)
MANAGED = ("institution", "township_center", "village_station", "canteen")


def write(scope: Scope, layout: Layout, password: str) -> int:
    """Write users and grants; how many people there are."""
    people = [
        DemoPerson("leader", "示例领导", Role.LEADER),
        DemoPerson("district", "示例区级专管员", Role.DISTRICT_OFFICER),
        DemoPerson("district2", "示例区级审核员", Role.DISTRICT_OFFICER),  # reviews what the first has written
        DemoPerson("admin", "示例系统管理员", Role.ADMINISTRATOR),
        DemoPerson("auditor", "示例审计员", Role.AUDITOR),
    ]
    people += [DemoPerson(f"inspector{n}", f"示例检查员{n}", Role.INSPECTOR) for n in range(1, INSPECTORS + 1)]
    people += [
        DemoPerson(f"township{n:02d}", f"示例镇街专管员{n:02d}", Role.TOWNSHIP_OFFICER, township_id=town.id)
        for n, town in enumerate(layout.towns, 1)
    ]
    managed = [place for kind in MANAGED for place in layout.of(kind)]
    people += [
        DemoPerson(f"manager{n:03d}", f"示例负责人{n:03d}", Role.FACILITY_MANAGER, facility_id=place.id)
        for n, place in enumerate(managed, 1)
    ]
    made = add_demo_users(scope, people, password)
    _officers(scope, layout, made)
    return len(made)


def _officers(scope: Scope, layout: Layout, people: dict[str, int]) -> None:
    """Every inspector holds a certificate; one runs out within weeks, and two avoid a home each."""
    today = calendar.today()
    officers = []
    for n, skills in enumerate(SKILLS, 1):
        valid = (calendar.add_years(today, -2), today + timedelta(days=400 + 30 * n if n < INSPECTORS else 25))
        officers.append(add_officer(scope, people[f"inspector{n}"], f"示例执法{n:03d}", valid, list(skills)))
    homes = layout.of("institution")
    recuse(scope, officers[1].id, homes[0].id, "kin", (calendar.add_years(today, -1), None), "示例:亲属在此任职")
    recuse(scope, officers[4].id, homes[3].id, "worked_there", (calendar.add_years(today, -1), calendar.add_years(today, 2)))
