"""Visits of the district: what the inspectors have to do today."""

from datetime import time

from sqlalchemy import select

from eldercare.accounts.officers.models import Officer
from eldercare.accounts.officers.queries import avoided
from eldercare.checklists import queries as catalogue
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo.places import Layout
from eldercare.inspections.services import plan_visit

BASIS = "《养老机构管理办法》第三十八条"
PURPOSE = "消防、食品、医疗和服务安全"
HOURS = ((9, 11), (14, 16))


def write(scope: Scope, layout: Layout) -> None:
    """Two visits of today for each pair of inspectors."""
    today, homes = calendar.today(), layout.of("institution")
    officers = list(db.session.scalars(select(Officer).order_by(Officer.id)))
    versions = [each.id for each in catalogue.suitable(scope, "institution", today)]
    for n in range(len(officers)):
        home = homes[(5 + n) % len(homes)]
        team = [officers[n], officers[n ^ 1]]
        if any(each.id in avoided(scope, home.id, today) for each in team):
            continue
        begin, end = HOURS[n % 2]
        plan_visit(
            scope, home.id, kind="daily", planned_on=today, team=[each.id for each in team], versions=versions[:2],
            window=(time(begin), time(end)), basis=BASIS, purpose=PURPOSE,
        )  # fmt: skip
