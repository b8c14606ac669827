"""证照 of the demo facilities: what each type must hold, with dates that give every reminder something to say."""

import random
from datetime import date, timedelta
from typing import Any

from eldercare.core import calendar

# what each type holds: (licence_type, issuer, years it runs; 0 = without end)
HELD: dict[str, tuple[tuple[str, str, int], ...]] = {
    "institution": (
        ("business", "示例登记机关", 0), ("filing", "区民政局", 0), ("fire", "示例消防部门", 0), ("food", "示例市场监管部门", 5),
        ("insurance", "示例保险公司", 1), ("property", "示例不动产登记部门", 20),
    ),
    "township_center": (("business", "示例登记机关", 0), ("contract", "镇街", 3), ("insurance", "示例保险公司", 1)),
    "village_station": (("contract", "镇街", 3),),
    "canteen": (("business", "示例登记机关", 0), ("food", "示例市场监管部门", 5), ("contract", "镇街", 2)),
    "home_care_org": (("business", "示例登记机关", 0), ("contract", "区民政局", 2), ("insurance", "示例保险公司", 1)),
}  # fmt: skip
# (type of facility, its running number, paper) → days from today to its last day
ENDS = {
    ("JG004", "food"): -12, ("JG009", "insurance"): -3, ("ST003", "food"): -41, ("JG011", "food"): 4, ("ZX006", "insurance"): 6,
    ("JG002", "medical"): 21, ("JG007", "insurance"): 17, ("JJ002", "contract"): 28, ("ST005", "food"): 29, ("JG014", "food"): 55,
    ("JG001", "special_equipment"): 74, ("ZX012", "contract"): 83, ("JG017", "insurance"): 66, ("ZD021", "contract"): -20,
    ("ZD064", "contract"): 13, ("ZD099", "contract"): 47,
}  # fmt: skip


def papers(facility: dict[str, Any], rng: random.Random) -> list[dict[str, Any]]:
    """The licences of one facility, as rows."""
    held = list(HELD[facility["facility_type"]])
    if facility["has_clinic"]:
        held.append(("medical", "示例卫生健康部门", 5))
    if facility["has_elevator"] or facility["has_boiler"]:
        held.append(("special_equipment", "示例特种设备检验机构", 1))
    rows = []
    for number, (kind, issuer, years) in enumerate(held, 1):
        starts, ends = _dates(facility, kind, years, rng)
        rows.append(
            {
                "township_id": facility["township_id"], "facility_id": facility["id"], "licence_type": kind,
                "number": f"示例证{facility['code']}-{number:02d}", "issuer": issuer, "valid_from": starts, "valid_to": ends,
                "is_current": True,
            }
        )  # fmt: skip
    return rows


def _dates(facility: dict[str, Any], kind: str, years: int, rng: random.Random) -> tuple[date, date | None]:
    today = calendar.today()
    if not years:
        return facility["opened_on"], None
    left = ENDS.get((facility["code"], kind))
    if left is None:
        # every reminder still far off, so that the list of what needs attention stays the list above
        left = rng.randint(95, 360) if years == 1 else rng.randint(100, years * 365 - 30)
    ends = today + timedelta(days=left)
    return max(calendar.add_years(ends, -years) + timedelta(days=1), facility["opened_on"]), ends
