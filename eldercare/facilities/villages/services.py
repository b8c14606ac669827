"""Adding a village, and naming it anew. Villages are not removed: people's addresses point at them."""

from eldercare.core import audit
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope
from eldercare.facilities.models import Township, Village
from eldercare.facilities.villages import queries


def add(scope: Scope, township_id: int, name: str, code: str | None) -> Village:
    """A village of a township in reach; village.taken, village.code_elsewhere."""
    if not scope.covers(township_id):
        raise Refused("facility.township_out_of_reach", field="township_id")
    _judge(township_id, code)
    row = Village(township_id=township_id, name=name, code=code)
    db.session.add(row)
    audit.record(scope, "village.added", row, entity="village", name=name, **({"code": code} if code else {}))
    return row


def change(scope: Scope, village_id: int, name: str, code: str | None) -> Village:
    """Another name or code; who lives there keeps living there."""
    row = queries.village(scope, village_id)
    _judge(row.township_id, code)
    pairs: list[tuple[str, str | None, str | None]] = [("name", row.name, name), ("code", row.code, code)]
    changed = {key: [old, new] for key, old, new in pairs if old != new}
    if changed:
        row.name, row.code = name, code
        audit.record(scope, "village.changed", row, entity="village", changed=changed)
    return row


def _judge(township_id: int, code: str | None) -> None:
    """The first nine of a village's twelve digits are its township's."""
    if code and not code.startswith(db.session.get_one(Township, township_id).code):
        raise Refused("village.code_elsewhere", field="code")
