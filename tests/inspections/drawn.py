"""What tests of draws are made of."""

import importlib.util
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import current_app

from eldercare.core import calendar
from eldercare.core.access import P, Role
from eldercare.core.db import db
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.inspections.draws import services
from eldercare.inspections.draws.models import Draw, Rules
from eldercare.inspections.plans.models import Terms
from tests import make

WEIGHTS = {"A": "0.5", "B": "1", "C": "2", "D": "4", "none": "1"}
RULES = Rules(3, 1)
SCRIPT = Path("scripts/verify_draw.py")


def outsider() -> Any:
    """The standalone script, loaded as a module."""
    spec = importlib.util.spec_from_file_location("verify_draw", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def people() -> tuple[Scope, Scope]:
    """An author and an approver, each with the scope of the act."""
    author, head = make.make_user(Role.DISTRICT_OFFICER), make.make_user(Role.LEADER)
    first, second = scope_of(author, P.INSPECTION_DRAW), scope_of(head, P.INSPECTION_APPROVE)
    assert first
    assert second
    return first, second


def said(code: str, **values: Any) -> dict[str, Any]:
    today = calendar.today()
    return {
        "title": "示例抽查", "checklists": [code], "facility_types": ["institution"], "townships": [], "classes": [], "percent": None,
        "count": 3, "weights": dict(WEIGHTS), "starts_on": today, "ends_on": today + timedelta(60), "team_size": 2,
        "speciality": None, "witness_kind": "person", "witness_named": "示例纪检组", "witness_on": None, **values,
    }


def library(homes: int = 6, officers: int = 5) -> tuple[list[Facility], str]:
    """Places in operation (class B but the first two: A and D), officers, and the code of a list."""
    code = make.make_checklist().checklist.code
    places = [make.make_facility(credit_class="A" if n == 0 else "D" if n == 1 else "B") for n in range(homes)]
    for n in range(officers):
        make.make_officer(specialities=["fire"] if n % 2 else ["food", "service"])
    return places, code


def planned(author: Scope, code: str, **values: Any) -> Draw:
    assert author.person_id
    return services.plan(author, author.person_id, **said(code, **values))


def frozen(author: Scope, head: Scope, code: str, **values: Any) -> Draw:
    row = planned(author, code, **values)
    services.approve(head, row.id)
    return freeze(author, row)


def freeze(author: Scope, row: Draw) -> Draw:
    return services.freeze(author, row.id, RULES, Terms.of(current_app.config))


def drawn(author: Scope, head: Scope, code: str, value: str = "271828", **values: Any) -> Draw:
    row = frozen(author, head, code, **values)
    services.witness(author, row.id, value, "示例见证人", "示例纪检组", RULES)
    return services.draw(author, row.id)


def file_of(scope: Scope, row: Draw) -> tuple[bytes, dict[str, Any]]:
    text = services.file_text(scope, row)
    assert text
    return text.encode(), json.loads(text)


def day(text: str) -> date:
    return date.fromisoformat(text)


def flush() -> None:
    db.session.flush()
