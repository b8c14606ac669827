"""Eighteen months of stationed supervision at the fourteen homes that have it: who was there, what was seen and advised."""

import random
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from eldercare.accounts.services import DemoPerson, add_demo_users
from eldercare.core import calendar
from eldercare.core.access import Role
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.demo.places import STATIONED, Layout
from eldercare.demo.table import put_dicts, reserve
from eldercare.inspections.postings.models import AREA_WORDS

HISTORY = 540  # days
ABSENT, ADVISED, ADOPTED = 0.06, 0.3, 0.75  # of the days due; of the days there; of the advice
ORGANISATIONS = ("示例安全技术服务公司", "示例养老服务评估中心")
SEEN = (
    "消防控制室双人在岗,主机无故障", "午餐留样齐全,标签清楚", "走廊扶手牢固,夜灯正常", "厨房燃气报警器测试正常", "交接班记录完整",
    "电梯检验标志在有效期内", "卧床老人翻身记录按时填写",
)  # fmt: skip
ADVICE = (
    "建议二层配电箱前划定禁放线", "建议给轮椅老人餐桌加装防滑垫", "建议药品柜钥匙双人管理", "建议夜班增加一次四点钟巡查",
    "建议大门处增设走失风险老人照片提示", "建议更换老化插线板", "建议把应急灯测试写进周检",
)  # fmt: skip
TAUGHT = ("组织灭火器使用培训", "组织噎食急救演练", "讲解防走失流程")


def write(scope: Scope, layout: Layout, password: str, rng: random.Random) -> int:
    """Write supervisors (`stationed01` …), postings, days and notes; how many days there are."""
    homes = layout.of("institution")[:STATIONED]
    people = add_demo_users(
        scope,
        [
            DemoPerson(f"stationed{n:02d}", f"示例驻点员{n:02d}", Role.STATIONED_SUPERVISOR, facility_id=home.id)
            for n, home in enumerate(homes, 1)
        ],
        password,
    )
    today = calendar.today()
    postings: list[dict[str, Any]] = []
    for (n, home), number in zip(enumerate(homes, 1), reserve("postings", len(homes)), strict=True):
        postings.append({
            "id": number, "township_id": home.township_id, "facility_id": home.id, "user_id": people[f"stationed{n:02d}"],
            "organisation": ORGANISATIONS[n % 2], "weekdays": "{" + ",".join(map(str, sorted(rng.sample(range(1, 6), 3)))) + "}",
            "starts_on": today - timedelta(days=HISTORY), "ends_on": None, "ended_reason": None,
            "created_at": calendar.at(today - timedelta(days=HISTORY + 5), 9),
        })  # fmt: skip
    put_dicts("postings", postings)
    return _days(postings, today, rng)


def _days(postings: list[dict[str, Any]], today: date, rng: random.Random) -> int:
    days: list[dict[str, Any]] = []
    for n, posting in enumerate(postings, 1):
        due = set(map(int, posting["weekdays"].strip("{}").split(",")))
        slack = 3 if n == 5 else 1  # one home is looked at less than the plan says
        for back in range(HISTORY, 0, -1):
            day = today - timedelta(days=back)
            if day.isoweekday() in due and rng.random() > ABSENT * slack:
                days.append(_day(posting, day, f"stationed{n:02d}", rng))
    for row, number in zip(days, reserve("station_days", len(days)), strict=True):
        row["id"] = number
    # written open and handed in afterwards: notes are taken while a day is open
    put_dicts("station_days", [row | {"state": "open", "handed_in_at": None} for row in days])
    put_dicts("station_notes", [note for row in days for note in _notes(row, rng)])
    db.session.execute(
        text("UPDATE station_days SET state = 'handed_in', handed_in_at = left_at + interval '10 minutes'").execution_options(
            audited="station_day.loaded"
        )
    )
    return len(days)


def _day(posting: dict[str, Any], day: date, person: str, rng: random.Random) -> dict[str, Any]:
    arrived = calendar.at(day, 8, rng.randrange(20, 60))
    left = arrived + timedelta(minutes=rng.randrange(150, 420))
    walked = [code for code in AREA_WORDS if rng.random() < 0.6] or ["rooms"]
    return {
        "township_id": posting["township_id"], "facility_id": posting["facility_id"], "posting_id": posting["id"], "day": day,
        "arrived_at": arrived, "left_at": left, "areas": "{" + ",".join(walked) + "}", "comment": None, "commented_at": None,
        "commented_by": None, "person_name": person,
    }  # fmt: skip


def _notes(day: dict[str, Any], rng: random.Random) -> list[dict[str, Any]]:
    said = [("seen", rng.choice(SEEN))]
    if rng.random() < ADVISED:
        said.append(("advice", rng.choice(ADVICE)))
    if rng.random() < ABSENT:
        said.append(("training", rng.choice(TAUGHT)))
    out = []
    for kind, words in said:
        old = kind == "advice" and (calendar.today() - day["day"]).days > rng.randrange(2, 12)
        adopted = rng.random() < ADOPTED
        out.append({
            "township_id": day["township_id"], "facility_id": day["facility_id"], "day_id": day["id"], "kind": kind,
            "text": words,
            "noted_at": day["arrived_at"] + timedelta(minutes=rng.randrange(10, 140)),
            "answer": ("adopted" if adopted else "declined") if old else None,
            "answer_reason": None if adopted or not old else "条件暂不具备,列入下半年改造计划",
            "answered_at": day["left_at"] + timedelta(days=2) if old else None, "answered_by": "示例负责人" if old else None,
        })  # fmt: skip
    return out
