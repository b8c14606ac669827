"""Whoever is on post observes, advises and reports, and orders nothing; a day that was handed in stays as it is."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from eldercare.accounts.models import User
from eldercare.core import attachments, calendar, states
from eldercare.core.access import GRANTS, P, Role
from eldercare.core.alerts import Alert
from eldercare.core.calendar import Month
from eldercare.core.db import db
from eldercare.core.errors import Refused
from eldercare.core.scope import Scope, scope_of
from eldercare.facilities.models import Facility
from eldercare.hazards import services as hazards
from eldercare.hazards.models import Hazard
from eldercare.inspections.postings import queries, services
from eldercare.inspections.postings.listing import PHOTO_WORDS
from eldercare.inspections.postings.models import AREA_WORDS, Posting, StationDay
from tests import make
from tests.inspections.tablet import jpeg
from tests.page import fetch

EVERY_DAY = range(1, 8)


def posted(home: Facility, **values: Any) -> tuple[Scope, Posting]:
    """A supervisor on post at a home, and what they may do there (the wall stands at the district)."""
    person = make.make_user(Role.STATIONED_SUPERVISOR, home)
    district = Scope.system(P.STATION_EDIT).enter()
    defaults: dict[str, Any] = {"weekdays": list(EVERY_DAY), "starts_on": calendar.today() - timedelta(days=30), "ends_on": None}
    row = services.post(district, home.id, person.id, **defaults | values)
    scope = scope_of(person, P.STATION_LOG)
    assert scope is not None
    db.session.flush()
    return scope, row


def refusal(call: Any, *args: Any, **values: Any) -> str:
    with pytest.raises(Refused) as refused, db.session.begin_nested():
        call(*args, **values)
    return refused.value.code


def test_only_who_holds_the_duty_at_a_home_is_stationed_there_and_once(district: Scope) -> None:
    home, other = make.make_facility(), make.make_facility()
    _scope, row = posted(home)
    values: Any = {"weekdays": [1], "starts_on": calendar.today(), "ends_on": None}
    assert refusal(services.post, district, other.id, row.user_id, **values) == "posting.no_supervisor"
    with pytest.raises(DBAPIError, match="postings_once_excl"), db.session.begin_nested():
        services.post(district, home.id, row.user_id, **values)


def test_a_supervisor_reports_a_hazard_and_cannot_order_one(district: Scope) -> None:
    home = make.make_facility()
    scope, row = posted(home)
    day = services.arrive(scope, row.id, days_back=3)
    note = services.report_hazard(scope, day.id, severity="serious", description="示例隐患")
    found = db.session.scalars(district.select(Hazard).where(Hazard.source_kind == "station_note", Hazard.source_id == note.id)).one()
    assert (found.state, found.due_on, found.finder) == ("reported", None, "stationed")
    for permission in (P.HAZARD_ORDER, P.HAZARD_RECHECK, P.HAZARD_CLOSE, P.INSPECTION_DO, P.INSPECTION_PLAN):
        assert permission not in GRANTS[Role.STATIONED_SUPERVISOR]
    from tests.incidents.made import deadlines

    assert refusal(hazards.confirm, scope, found.id, deadlines=deadlines()) == "hazard.may_not_order"


def test_a_day_is_whole_before_it_is_handed_in_and_fixed_afterwards(district: Scope) -> None:
    scope, row = posted(make.make_facility())
    arrived = calendar.at(calendar.today() - timedelta(days=1), 9)
    day = services.arrive(scope, row.id, arrived, days_back=3)
    assert refusal(services.hand_in, scope, day.id) == "station_day.not_whole"
    assert refusal(services.write, scope, day.id, arrived_at=arrived, left_at=calendar.now(), areas=["rooms"]) == "station_day.other_day"
    services.write(scope, day.id, arrived_at=arrived, left_at=arrived + timedelta(hours=3), areas=["rooms", "kitchen"])
    note = services.note(scope, day.id, "advice", "示例建议")
    services.hand_in(scope, day.id)
    db.session.flush()
    assert refusal(services.note, scope, day.id, "seen", "示例") == "station_day.fixed"
    assert refusal(services.write, scope, day.id, arrived_at=arrived, left_at=None, areas=[]) == "station_day.fixed"
    later = (
        "INSERT INTO station_notes (township_id, facility_id, day_id, kind, text, noted_at)"
        " SELECT township_id, facility_id, day_id, 'seen', 'later', now() FROM station_notes LIMIT 1"
    )
    for statement in (
        later, "UPDATE station_days SET left_at = left_at + interval '1 hour'", "DELETE FROM station_notes",
        "UPDATE station_notes SET text = 'other'",
    ):
        with pytest.raises(DBAPIError, match="station_days_fixed"), db.session.begin_nested():
            db.session.execute(text(statement).execution_options(audited="test"))
    answered = services.answer(district, day.id, note.id, verdict="adopted", reason=None)
    assert answered.answer == "adopted"
    assert refusal(services.answer, district, day.id, note.id, verdict="declined", reason="示例") == "station_note.answered_already"


def test_a_day_belongs_to_its_person_and_is_not_written_long_afterwards(district: Scope) -> None:
    home = make.make_facility()
    scope, row = posted(home)
    other, _row = posted(home)
    assert refusal(services.arrive, other, row.id, days_back=3) == "posting.not_yours"
    late = calendar.at(calendar.today() - timedelta(days=4), 9)
    assert refusal(services.arrive, scope, row.id, late, days_back=3) == "station_day.too_old"
    ahead = calendar.now() + timedelta(hours=1)
    assert refusal(services.arrive, scope, row.id, ahead, days_back=3) == "station_day.future"
    services.arrive(scope, row.id, days_back=3)
    db.session.flush()
    with pytest.raises(DBAPIError, match="station_days_posting_id_day_key"), db.session.begin_nested():
        services.arrive(scope, row.id, days_back=3)


def test_photos_of_a_day_are_added_and_taken_away_by_its_person_alone(district: Scope, sign_in: Any, monkeypatch: Any, app: Any) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    home = make.make_facility()
    scope, row = posted(home)
    colleague, _row = posted(home)
    day = services.arrive(scope, row.id, days_back=3)
    note = services.note(scope, day.id, "seen", "示例", photos=[jpeg(1)])
    db.session.commit()
    day_id, at = day.id, f"/inspections/postings/days/{day.id}/notes/{note.id}/photos"
    photo = attachments.of(Scope.system("test").enter(), note)[0].id
    other, own = (sign_in(db.session.get_one(User, each.person_id)) for each in (colleague, scope))

    def picture() -> dict[str, Any]:
        return {"kind": next(iter(PHOTO_WORDS)), "files": (BytesIO(jpeg(2)), "2.jpg")}

    assert other.get(f"{at}/{photo}").status_code == 200
    assert other.post(f"{at}/new", data=picture()).status_code == 403
    assert other.post(f"{at}/{photo}/remove", data={"reason": "示例"}).status_code == 403
    assert own.post(f"{at}/new", data=picture()).status_code == 303
    assert own.post(f"{at}/{photo}/remove", data={"reason": "示例"}).status_code == 303
    day = Scope.system("test").enter().get(StationDay, day_id)
    day.left_at, day.areas, day.handed_in_at = day.arrived_at + timedelta(hours=1), sorted(AREA_WORDS)[:1], day.arrived_at + timedelta(hours=1)
    states.move(Scope.system("test"), day, "handed_in")
    db.session.commit()
    assert own.get(f"{at}/new").status_code == 409


def test_advice_is_declined_with_a_reason_and_its_alert_ends_when_all_is_answered(district: Scope) -> None:
    scope, row = posted(make.make_facility())
    arrived = calendar.at(calendar.today() - timedelta(days=1), 9)
    day = services.arrive(scope, row.id, arrived, days_back=3)
    services.write(scope, day.id, arrived_at=arrived, left_at=arrived + timedelta(hours=1), areas=["rooms"])
    notes = [services.note(scope, day.id, "advice", f"示例{n}") for n in range(2)]
    services.hand_in(scope, day.id)
    assert refusal(services.answer, district, day.id, notes[0].id, verdict="declined", reason=" ") == "station_note.reason_missing"
    services.answer(district, day.id, notes[0].id, verdict="declined", reason="示例理由")

    def waiting() -> int:
        db.session.flush()
        query = district.select(Alert).where(Alert.kind == "station.advice", Alert.settled_at.is_(None))
        return len(db.session.scalars(query).all())

    assert waiting() == 1
    services.answer(district, day.id, notes[1].id, verdict="adopted", reason=None)
    assert waiting() == 0
    figures = queries.figures(district, calendar.today() - timedelta(days=2), calendar.today())
    ours = next(each for each in figures if each.facility_id == row.facility_id)
    assert (ours.days, ours.minutes, ours.hazards, ours.advice, ours.adopted) == (1, 60, 0, 2, 1)


def test_who_was_due_and_not_there_is_told_the_next_morning_once(district: Scope) -> None:
    home = make.make_facility()
    _scope, row = posted(home)
    yesterday = calendar.today() - timedelta(days=1)
    off = next(day for day in EVERY_DAY if day != yesterday.isoweekday())
    _other, not_due = posted(make.make_facility(), weekdays=[off])
    missed = {each.id for each in queries.missed(district, yesterday)}
    assert row.id in missed
    assert not_due.id not in missed
    assert services.watch(district, yesterday) >= 1
    assert services.watch(district, yesterday) == 0


def test_the_calendar_tells_there_missed_and_to_come_apart(district: Scope) -> None:
    today = calendar.today()
    month = Month.of(today - timedelta(days=today.day))  # the month before: every day of it is past
    scope, row = posted(make.make_facility(), starts_on=month.first)
    day = StationDay(
        township_id=row.township_id, facility_id=row.facility_id, posting_id=row.id, day=month.first,
        arrived_at=calendar.at(month.first, 9), person_name=scope.person_name,
    )
    make._keep(day, "station_day.arrived")
    db.session.flush()
    one = queries.attendance(district, month, [row])[0]
    assert (one.present, one.due, one.absent) == (1, month.days, month.days - 1)
    assert [cell.sign for cell in one.cells[:2]] == ["present", "absent"]
    ahead = queries.attendance(district, Month.of(today).plus(1), [row])[0]
    assert {cell.sign for cell in ahead.cells} == {"due"}


def test_other_weekdays_hold_from_today_and_leave_the_past_as_it_was(district: Scope) -> None:
    _scope, row = posted(make.make_facility(), weekdays=[1, 2, 3, 4, 5, 6, 7])
    yesterday = calendar.today() - timedelta(days=1)
    made = services.change(district, row.id, weekdays=[1], organisation="")
    db.session.flush()
    assert (row.ends_on, made.starts_on, made.weekdays) == (yesterday, calendar.today(), [1])
    assert row.id in {each.id for each in queries.missed(district, yesterday)}
    assert services.change(district, made.id, weekdays=[2], organisation="示例").id == made.id  # not begun before today


def test_the_person_on_post_walks_through_a_day_and_the_home_answers(district: Scope, sign_in: Any, monkeypatch: Any, app: Any) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    home = make.make_facility()
    manager = make.make_user(Role.FACILITY_MANAGER, home)
    _scope, row = posted(home)
    posting_id, person = row.id, db.session.get_one(User, row.user_id)
    client = sign_in(person)
    fetch(client, "/inspections/postings/today")
    answer = client.post(f"/inspections/postings/{posting_id}/arrive", data={"lon": "120.4", "lat": "36.4", "accuracy": "12"})
    where = answer.headers["Location"]
    day_id = int(where.rsplit("/", 1)[1])
    client.post(f"{where}/note", data={"kind": "advice", "text": "示例建议"})
    client.post(f"{where}/hazard", data={"severity": "general", "description": "示例隐患"})
    Scope.system("test").enter()
    day = queries.day(Scope.system("test"), day_id)
    assert (day.lon, day.lat, [note.kind for note in day.notes]) == (120.4, 36.4, ["advice", "hazard"])
    fetch(client, where)
    client = sign_in(manager)
    page = fetch(client, where).text
    assert "示例建议" in page
    assert client.post(f"{where}/comment", data={"comment": "示例"}).status_code == 422  # still being written
    Scope.system("test").enter()
    day = queries.day(Scope.system("test"), day_id)
    day.left_at, day.areas, day.handed_in_at = day.arrived_at + timedelta(hours=1), sorted(AREA_WORDS)[:1], day.arrived_at + timedelta(hours=1)
    states.move(Scope.system("test"), day, "handed_in")
    db.session.commit()
    assert client.post(f"{where}/comment", data={"comment": "示例"}).status_code == 303
    db.session.expunge_all()  # each request reads for itself, as on the server
    again = client.post(f"{where}/comment", data={"comment": "再说一次"})  # the old form, sent once more
    assert again.status_code == 422
    assert "再说一次" in again.text
