"""Who may sign in to the demo district, and as what. One password for all: `config.demo_password`."""

from typing import Any

from eldercare.accounts.services import hash_password
from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.demo.places import Layout
from eldercare.demo.stays import first_month
from eldercare.demo.table import put_dicts, reserve

INSPECTORS = 8
MANAGED = ("institution", "township_center", "village_station", "canteen")


def signs(layout: Layout) -> list[tuple[str, str, Role, int | None, int | None]]:
    """Everyone: (username, name, role, township, facility)."""
    people: list[tuple[str, str, Role, int | None, int | None]] = [
        ("leader", "示例领导", Role.LEADER, None, None),
        ("district", "示例区级专管员", Role.DISTRICT_OFFICER, None, None),
        ("admin", "示例系统管理员", Role.ADMINISTRATOR, None, None),
        ("auditor", "示例审计员", Role.AUDITOR, None, None),
    ]
    people += [(f"inspector{n}", f"示例检查员{n}", Role.INSPECTOR, None, None) for n in range(1, INSPECTORS + 1)]
    people += [
        (f"township{n:02d}", f"示例镇街专管员{n:02d}", Role.TOWNSHIP_OFFICER, town.id, None) for n, town in enumerate(layout.towns, 1)
    ]
    managed = [place for kind in MANAGED for place in layout.of(kind)]
    people += [
        (f"manager{n:03d}", f"示例负责人{n:03d}", Role.FACILITY_MANAGER, None, place.id) for n, place in enumerate(managed, 1)
    ]
    return people


def write(layout: Layout, password: str) -> int:
    """Write users and grants; how many people there are."""
    people = signs(layout)
    # hashed once for all of them: 183 times 30 ms would be most of the load
    hashed = hash_password(password)
    made = calendar.at(calendar.today(), 0)
    ids = reserve("users", len(people))
    users: list[dict[str, Any]] = [
        {
            "id": user_id, "username": username, "name": name, "password_hash": hashed, "password_changed_at": made,
            "must_change_password": False, "language": "zh", "is_enabled": True, "session_epoch": 0, "created_at": made,
        }
        for user_id, (username, name, *_) in zip(ids, people, strict=True)
    ]  # fmt: skip
    put_dicts("users", users)
    since = first_month(calendar.today()).first
    put_dicts(
        "grants",
        [
            {"user_id": user_id, "role": str(role), "place_township_id": town, "place_facility_id": place, "starts_on": since}
            for user_id, (_, _, role, town, place) in zip(ids, people, strict=True)
        ],
    )
    return len(people)
