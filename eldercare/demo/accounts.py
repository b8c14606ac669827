"""Who may sign in to the demo district, and as what. One password for all: `config.demo_password`."""

from eldercare.accounts.services import DemoPerson, add_demo_users
from eldercare.core.access import Role
from eldercare.core.scope import Scope
from eldercare.demo.places import Layout

INSPECTORS = 8
MANAGED = ("institution", "township_center", "village_station", "canteen")


def write(scope: Scope, layout: Layout, password: str) -> int:
    """Write users and grants; how many people there are."""
    people = [
        DemoPerson("leader", "示例领导", Role.LEADER),
        DemoPerson("district", "示例区级专管员", Role.DISTRICT_OFFICER),
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
    return len(add_demo_users(scope, people, password))
