"""What is plausible about a round, worked out from what was kept of it; reads of flags.

A picture's bits are a difference hash: shrunk to 9 × 8 grey points, a bit says whether a point is brighter than its right
neighbour. Another light, another size or compression changes a few of the 64, another place about half of them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from math import asin, cos, radians, sin, sqrt
from typing import Any

from PIL import Image
from sqlalchemy import Select, cast, func
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.orm import aliased, contains_eager, joinedload

from eldercare.checklists.checks.models import CheckAnswer
from eldercare.checklists.models import Checklist
from eldercare.core import calendar
from eldercare.core.db import db
from eldercare.core.scope import Scope
from eldercare.facilities.models import Facility
from eldercare.selfchecks.flags.models import Limits, SelfCheckFlag
from eldercare.selfchecks.models import SelfCheckPhoto, SelfCheckRound

MOST_PAIRS = 12  # of the same photo shown of a round: more prove nothing more


def bits_of(picture: bytes) -> int:
    """The 64 bits of a picture (a JPEG of our own making), as PostgreSQL keeps them: a signed number."""
    grey = Image.open(BytesIO(picture), formats=["JPEG"]).convert("L").resize((9, 8), Image.Resampling.BOX)
    points = grey.tobytes()
    found = 0
    for line in range(8):
        for at in range(8):
            found = found << 1 | (points[9 * line + at] > points[9 * line + at + 1])
    return found - (1 << 64) if found >> 63 else found


def apart(one: int, other: int) -> int:
    """How many of the 64 bits differ."""
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """The distance over ground between two points, by the haversine formula (earth 6,371 km)."""
    a, b = radians(lat), radians(other_lat)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * 6_371_000 * asin(sqrt(half))


# ---- evidence --------------------------------------------------------------------------------------


def pace(answers: Iterable[CheckAnswer], limits: Limits) -> dict[str, Any] | None:
    """Answered faster than anybody can look: {"items", "seconds", "least"}; from the first tap to the last."""
    taps = sorted(each.answered_at for each in answers if each.answered_at and not each.by_rule)
    if len(taps) < limits.items:
        return None
    seconds = (taps[-1] - taps[0]).total_seconds()
    if seconds >= limits.seconds * (len(taps) - 1):
        return None
    return {"items": len(taps), "seconds": round(seconds, 1), "least": limits.seconds * (len(taps) - 1)}


def same_photos(scope: Scope, of: SelfCheckRound, limits: Limits) -> dict[str, Any] | None:
    """Photos of a round that show the same as one before at this place: {"pairs": [{"photo", "other", "apart"}], "limit"}.

    photo, other: ids of SelfCheckPhoto, the other one the earlier. Within the round and back over the days of the settings.
    """
    one, other = SelfCheckPhoto, aliased(SelfCheckPhoto)
    difference = func.bit_count(cast(one.bits.op("#")(other.bits), BIT(64)))
    since = (of.begun_at or calendar.now()) - timedelta(days=limits.photo_days)
    query = (
        scope.columns(one, one.id, other.id, difference)
        .join(other, other.facility_id == one.facility_id)
        .where(one.round_id == of.id, other.id < one.id, other.taken_at >= since, difference <= limits.bits)
        .order_by(difference, one.id, other.id)
    )
    best: dict[int, dict[str, int]] = {}
    for photo, earlier, differs in db.session.execute(query):
        best.setdefault(photo, {"photo": photo, "other": earlier, "apart": differs})
    pairs = sorted(best.values(), key=lambda each: (each["apart"], each["photo"]))
    return {"pairs": pairs[:MOST_PAIRS], "limit": limits.bits} if pairs else None


def same_minute(scope: Scope, of: SelfCheckRound, limits: Limits) -> dict[str, Any] | None:
    """Begun at the same minute of the hour as most before: {"minute", "times", "last", "starts"}.

    Told once in so many rounds: while one of the last is flagged for it already, the next ones are not.
    """
    least, last = limits.minute
    query = (
        scope.columns(SelfCheckRound, SelfCheckRound.id, SelfCheckRound.begun_at)
        .where(SelfCheckRound.facility_id == of.facility_id, SelfCheckRound.duty == of.duty)
        .where(SelfCheckRound.state.in_(("done", "late")), SelfCheckRound.begun_at <= of.begun_at)
        .order_by(SelfCheckRound.begun_at.desc(), SelfCheckRound.id.desc())
        .limit(last)
    )
    rows = db.session.execute(query).all()
    if of.begun_at is None or len(rows) < last:
        return None
    same = [at for _id, at in rows if at.minute == of.begun_at.minute]
    if len(same) < least:
        return None
    flagged = scope.columns(SelfCheckFlag, SelfCheckFlag.id).where(
        SelfCheckFlag.kind == "same_minute", SelfCheckFlag.round_id.in_([row[0] for row in rows])
    )
    if db.session.scalar(flagged.limit(1)) is not None:
        return None
    return {"minute": of.begun_at.minute, "times": len(same), "last": len(rows), "starts": [at.isoformat() for _id, at in rows]}


def far_away(of: SelfCheckRound, facility: Facility, limits: Limits) -> dict[str, Any] | None:
    """Begun far from the place, beyond what the telephone was unsure of: {"metres", "accuracy", "limit"}."""
    if of.lon is None or of.lat is None or facility.lon is None or facility.lat is None:
        return None
    away = metres(of.lon, of.lat, facility.lon, facility.lat)
    if away - (of.accuracy_m or 0) <= limits.far_m:
        return None
    return {"metres": round(away), "accuracy": of.accuracy_m, "limit": limits.far_m}


def evidence(
    scope: Scope, of: SelfCheckRound, facility: Facility, answers: Sequence[CheckAnswer], limits: Limits
) -> dict[str, dict[str, Any]]:
    """By kind of flag, what speaks for it; kinds without anything are not in it."""
    found = {
        "too_fast": pace(answers, limits), "same_photo": same_photos(scope, of, limits),
        "same_minute": same_minute(scope, of, limits), "far_away": far_away(of, facility, limits),
    }  # fmt: skip
    return {kind: said for kind, said in found.items() if said is not None}


# ---- reads -----------------------------------------------------------------------------------------


def flags(scope: Scope) -> Select[Any]:
    """Flags in reach with their round, its place and township."""
    return (
        scope.select(SelfCheckFlag)
        .join(SelfCheckFlag.round)
        .join(SelfCheckRound.facility)
        .join(Facility.township)
        .join(Checklist, Checklist.id == SelfCheckRound.checklist_id)
        .options(
            contains_eager(SelfCheckFlag.round).contains_eager(SelfCheckRound.facility).contains_eager(Facility.township),
            contains_eager(SelfCheckFlag.round).contains_eager(SelfCheckRound.checklist),
        )
    )


def flag(scope: Scope, flag_id: int) -> SelfCheckFlag:
    """One flag in reach; 404."""
    row: SelfCheckFlag | None = db.session.scalars(flags(scope).where(SelfCheckFlag.id == flag_id)).one_or_none()
    return row if row is not None else scope.get(SelfCheckFlag, flag_id)


def of_round(scope: Scope, round_id: int) -> list[SelfCheckFlag]:
    """The flags of a round."""
    query = scope.select(SelfCheckFlag).where(SelfCheckFlag.round_id == round_id)
    return list(db.session.scalars(query.order_by(SelfCheckFlag.id)))


def photos(scope: Scope, ids: Iterable[int]) -> dict[int, SelfCheckPhoto]:
    """Photos by id with their attachment and round, for the evidence."""
    query = scope.select(SelfCheckPhoto).where(SelfCheckPhoto.id.in_(list(ids)))
    found = db.session.scalars(query.options(joinedload(SelfCheckPhoto.attachment), joinedload(SelfCheckPhoto.round)))
    return {each.id: each for each in found}


def pairs(scope: Scope, of: SelfCheckFlag) -> list[tuple[SelfCheckPhoto, SelfCheckPhoto, int]]:
    """The photos that show the same, side by side: (this round's, the earlier one, how many bits differ)."""
    said = of.evidence.get("pairs", ())
    there = photos(scope, {each[name] for each in said for name in ("photo", "other")})
    return [
        (there[each["photo"]], there[each["other"]], each["apart"])
        for each in said if each["photo"] in there and each["other"] in there
    ]  # fmt: skip


def open_count(scope: Scope) -> int:
    """How many flags wait for somebody to look."""
    return db.session.scalar(scope.columns(SelfCheckFlag, func.count()).where(SelfCheckFlag.state == "open")) or 0


def counts(scope: Scope, since: datetime) -> dict[int, tuple[int, int]]:
    """By facility id: (flags raised since a moment, of them found not in order)."""
    wrong = func.count().filter(SelfCheckFlag.state == "not_in_order")
    query = scope.columns(SelfCheckFlag, SelfCheckFlag.facility_id, func.count(), wrong).where(SelfCheckFlag.made_at >= since)
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query.group_by(SelfCheckFlag.facility_id))}


def of_period(scope: Scope, first: date, last: date) -> dict[str, dict[str, int]]:
    """{kind: {"open", "in_order", "not_in_order"}} of the flags on rounds of a period; kinds without any are left out."""
    query = (
        scope.columns(SelfCheckFlag, SelfCheckFlag.kind, SelfCheckFlag.state, func.count())
        .join(SelfCheckRound, SelfCheckRound.id == SelfCheckFlag.round_id)
        .where(SelfCheckRound.day.between(first, last))
        .group_by(SelfCheckFlag.kind, SelfCheckFlag.state)
    )
    found: dict[str, dict[str, int]] = {}
    for kind, state, count in db.session.execute(query):
        found.setdefault(kind, {})[state] = count
    return found
