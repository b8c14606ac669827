"""Habit 2, the other side: who may step beyond a person's reach is written down here, with the reason."""

import re
from pathlib import Path

# file → why an act there crosses places
WIDENED: dict[str, str] = {
    "eldercare/beds/stays/queries.py": "the names of other homes to move to; an applicant's ability result on the register",
    "eldercare/beds/stays/services/admissions.py": "an applicant's record lies wherever they live; number and name are both given",
    "eldercare/beds/stays/services/bedding.py": "with the first night the record moves from the township into the home",
    "eldercare/beds/stays/services/living.py": "a new ability result is written on the record, wherever a trial guest's lies",
    "eldercare/incidents/services/briefs.py": "a brief on a grave incident is the district's own job; the home that reports sees none of it",
    "eldercare/beds/stays/services/endings.py": "with the discharge the record goes back to another township; the next home is elsewhere",
    "eldercare/reporting/verify/queries.py": "whoever holds a code or a file, signed in or not, learns where that one edition stands",
}


def test_the_reach_is_widened_only_where_it_is_written_down() -> None:
    uses = {
        str(path) for path in Path("eldercare").rglob("*.py")
        if path != Path("eldercare/core/scope.py") and re.search(r"\.widened\(", path.read_text())
    }
    assert uses == set(WIDENED), "name the file and the reason, or keep to the scope"
