"""The demo district is consistent with itself, over the whole history and for every home."""

from datetime import date, timedelta

import pytest

from eldercare.core.calendar import Month
from eldercare.core.identifiers import age_on, birth_of, id_number_fault, sex_of, usc_code_fault
from eldercare.core.pinyin import readings
from eldercare.core.secrets import Keys
from eldercare.demo import places
from eldercare.demo.people import shares
from eldercare.demo.stays import first_month
from eldercare.residents.assessments.models import final_level, raw_level, score_of
from tests.conftest import TODAY
from tests.demo.conftest import RESIDENTS

OPEN = ("trial", "in_residence", "on_leave", "hospitalised")
MONTHS = [first_month(TODAY).plus(n) for n in range(18)]


def test_the_register_holds_exactly_what_was_asked_for_spread_over_the_townships(ask):
    said = places.numbers()["townships"]
    wanted = dict(zip([town["code"] for town in said], shares([town["residents"] for town in said], RESIDENTS), strict=True))
    found = dict(ask("SELECT t.code, count(*) FROM residents r JOIN townships t ON t.id = r.township_id WHERE state = 'active' GROUP BY 1"))
    assert found == wanted
    assert sum(found.values()) == RESIDENTS
    assert sum(town["residents"] for town in said) == 42500


def test_the_places_are_those_of_the_contract(ask):
    assert dict(ask("SELECT facility_type, count(*) FROM facilities GROUP BY 1")) == {
        "institution": 19, "township_center": 17, "village_station": 111, "canteen": 7, "home_care_org": 5,
    }
    assert ask("SELECT count(*), sum(beds_set), count(*) FILTER (WHERE stationed) FROM facilities WHERE facility_type = 'institution'") == [
        (19, 2588, 14)
    ]
    assert ask("SELECT count(*) FROM beds WHERE condition <> 'planned'") == [(2588,)]  # what is planned does not count (3.1)
    assert ask("SELECT count(*) FROM townships") == [(17,)]


def test_a_homes_bed_numbers_are_those_of_its_beds(ask):
    for code, counted, stated, usable, nursing in ask(
        """SELECT f.code, count(b.id), f.beds_set,
                  count(b.id) FILTER (WHERE b.condition = 'available') - f.beds_usable,
                  count(b.id) FILTER (WHERE b.bed_kind = 'nursing') - f.beds_nursing
           FROM facilities f JOIN beds b ON b.facility_id = f.id AND b.condition <> 'planned' GROUP BY f.id"""
    ):
        assert (counted, usable, nursing) == (stated, 0, 0), code
    assert ask("SELECT count(*) FROM facilities WHERE beds_set > beds_filed") == [(1,)]
    share = ask("SELECT sum(beds_nursing)::float / sum(beds_set) FROM facilities")[0][0]
    assert 0.55 <= share <= 0.65


def test_every_station_stands_in_a_village_of_its_own(ask):
    assert ask("SELECT count(*), count(DISTINCT village_id) FROM facilities WHERE facility_type = 'village_station'") == [(111, 111)]
    counts = [count for (count,) in ask("SELECT count(*) FROM villages GROUP BY township_id")]
    assert len(counts) == 17
    assert 6 <= min(counts) <= max(counts) <= 60


def test_some_papers_have_run_out_and_some_will_soon(ask):
    days = [(ends - TODAY).days for (ends,) in ask("SELECT valid_to FROM licences WHERE valid_to IS NOT NULL")]
    for first, last in ((-400, -1), (0, 7), (8, 30), (31, 90)):
        assert any(first <= left <= last for left in days), (first, last)
    assert sum(left < 90 for left in days) < len(days) / 5


def test_credit_codes_pass_their_check(ask):
    assert {usc_code_fault(code) for (code,) in ask("SELECT usc_code FROM facilities")} == {None}


def test_every_month_adds_up_for_every_home(ask):
    stays = ask("SELECT facility_id, starts_on, ends_on FROM stays WHERE starts_on IS NOT NULL")
    homes = [home for (home,) in ask("SELECT id FROM facilities WHERE facility_type = 'institution'")]

    def present(home: int, day: date) -> int:
        return sum(where == home and since <= day and (until is None or until > day) for where, since, until in stays)

    moved = 0
    for home in homes:
        for month in MONTHS:
            came = sum(where == home and month.first <= since <= month.last for where, since, _ in stays)
            went = sum(where == home and until is not None and month.first <= until <= month.last for where, _, until in stays)
            assert present(home, month.first - timedelta(days=1)) + came - went == present(home, month.last)
            moved += came + went
    assert moved > len(MONTHS)


def test_the_register_adds_up_every_month(ask):
    people = ask("SELECT registered_on, coalesce(died_on, moved_out_on) FROM residents")

    def on_register(day: date) -> int:
        return sum(since <= day and (until is None or until > day) for since, until in people)

    for month in MONTHS:
        came = sum(month.first <= since <= month.last for since, _ in people)
        went = sum(until is not None and month.first <= until <= month.last for _, until in people)
        assert came > 0
        assert on_register(month.first - timedelta(days=1)) + came - went == on_register(month.last)
    assert on_register(TODAY) == ask("SELECT count(*) FROM residents WHERE state = 'active'")[0][0]


def test_nothing_lies_in_the_future(ask):
    for table, column in (
        ("residents", "registered_on"), ("residents", "died_on"), ("residents", "moved_out_on"), ("residents", "birth_date"),
        ("stays", "starts_on"), ("stays", "ends_on"), ("stay_beds", "ends_on"), ("assessments", "assessed_on"),
        ("family_care_beds", "starts_on"), ("household_spells", "valid_from"), ("facilities", "opened_on"),
    ):
        latest = ask(f"SELECT max({column}) FROM {table}")[0][0]
        assert latest is None or latest <= TODAY, (table, column)


def test_nobody_is_in_two_beds_and_no_bed_holds_two(ask):
    for key in ("s.resident_id", "b.bed_id"):
        other = key.replace("s.", "s2.").replace("b.", "b2.")
        assert ask(
            f"""SELECT count(*) FROM stay_beds b JOIN stays s ON s.id = b.stay_id
                JOIN stay_beds b2 ON b2.id > b.id AND b2.nights && b.nights JOIN stays s2 ON s2.id = b2.stay_id
                WHERE {key} = {other}"""
        ) == [(0,)]


def test_a_stays_beds_fill_it_without_a_gap(ask):
    assert ask(
        """SELECT count(*) FROM stays s JOIN (SELECT stay_id, range_agg(nights) AS nights FROM stay_beds GROUP BY 1) b
           ON b.stay_id = s.id WHERE b.nights <> s.nights::datemultirange"""
    ) == [(0,)]
    assert ask("SELECT count(*) FROM stays WHERE starts_on IS NOT NULL AND id NOT IN (SELECT stay_id FROM stay_beds)") == [(0,)]


def test_a_bed_out_of_use_is_empty_and_a_rooms_policy_holds(ask):
    assert ask(
        """SELECT count(*) FROM stay_beds sb JOIN beds b ON b.id = sb.bed_id JOIN rooms r ON r.id = b.room_id
           JOIN stays s ON s.id = sb.stay_id JOIN residents p ON p.id = s.resident_id
           WHERE b.condition <> 'available' OR r.sex_policy NOT IN ('any', p.sex)"""
    ) == [(0,)]


def test_every_stay_has_what_its_state_asks_and_what_is_due_is_there_to_see(ask):
    states = dict(ask("SELECT state, count(*) FROM stays GROUP BY 1"))
    assert {"applied", "assessed", "rejected", "in_residence", "discharged", "deceased"} <= set(states)
    assert ask("SELECT count(*) FROM stays WHERE starts_on IS NOT NULL AND applied_on > starts_on") == [(0,)]
    assert ask("SELECT count(*) FROM stays WHERE state = 'deceased' AND (family_told_at < died_at OR death_place IS NULL)") == [(0,)]
    assert ask("SELECT count(*) > 10 FROM stay_absences WHERE back_on IS NOT NULL")[0][0]
    assert ask("SELECT count(*) > 0 FROM stays WHERE contract_ends_on < %s AND state = 'in_residence'", TODAY)[0][0]
    assert ask("SELECT count(*) FROM stays s JOIN stay_beds b ON b.bed_id = s.reserved_bed_id AND b.ends_on IS NULL") == [(0,)]


def test_a_home_opened_before_its_first_resident_came(ask):
    assert ask("SELECT count(*) FROM stays s JOIN facilities f ON f.id = s.facility_id WHERE s.starts_on < f.opened_on") == [(0,)]


def test_whoever_sleeps_in_a_home_is_assessed_before_moving_in_and_old_enough(ask):
    rows = ask(
        """SELECT s.starts_on, p.birth_date, p.registered_on, min(a.assessed_on) FROM stays s JOIN residents p ON p.id = s.resident_id
           LEFT JOIN assessments a ON a.resident_id = p.id WHERE s.starts_on IS NOT NULL GROUP BY s.id, p.id"""
    )
    assert rows
    for moved_in, born, registered, assessed in rows:
        assert assessed is not None
        assert registered <= assessed < moved_in
        assert age_on(born, moved_in) >= 60


def test_the_record_says_where_a_person_lives(ask):
    living = set(ask(f"SELECT resident_id, facility_id, township_id FROM stays WHERE state IN {OPEN}"))
    assert set(ask("SELECT id, facility_id, township_id FROM residents WHERE facility_id IS NOT NULL")) == living
    assert ask("SELECT count(*) FROM residents WHERE (living_arrangement = 'institution') <> (facility_id IS NOT NULL)") == [(0,)]
    assert ask("SELECT count(*) FROM residents r JOIN villages v ON v.id = r.village_id WHERE v.township_id <> r.township_id") == [(0,)]


def test_who_died_in_a_home_left_its_bed_that_day(ask):
    rows = ask("SELECT s.ends_on, p.died_on, p.state FROM stays s JOIN residents p ON p.id = s.resident_id WHERE s.state = 'deceased'")
    assert rows
    assert all(left == died and state == "deceased" for left, died, state in rows)


def test_the_record_carries_the_latest_assessment(ask):
    assert ask(
        """SELECT count(*) FROM residents r LEFT JOIN LATERAL (
             SELECT * FROM assessments a WHERE a.resident_id = r.id ORDER BY assessed_on DESC, id DESC LIMIT 1) a ON true
           WHERE (r.ability_level, r.ability_score, r.assessed_on, r.next_due_on)
             IS DISTINCT FROM (a.final_level, a.score, a.assessed_on, a.next_due_on)"""
    ) == [(0,)]


def test_an_assessment_follows_from_its_26_indicators(ask):
    rows = ask("SELECT items, score, raw_level, adjustments, final_level, assessor, second_assessor FROM assessments")
    for items, score, raw, adjustments, final, one, other in rows:
        assert score_of(items) == score
        assert raw_level(score) == raw
        assert final_level(raw, adjustments, add_up=True) == final
        assert one != other
    assert any(adjustments for _, _, _, adjustments, *_ in rows)


def test_family_care_beds_belong_to_able_homes(ask):
    rows = ask(
        """SELECT t.code, count(*) FROM family_care_beds b JOIN residents p ON p.id = b.resident_id JOIN townships t ON t.id = b.township_id
           JOIN facilities f ON f.id = b.facility_id AND f.facility_type = 'township_center'
           WHERE b.state = 'active' AND p.state = 'active' AND p.facility_id IS NULL AND p.ability_level >= 1
             AND f.township_id = p.township_id AND b.accepted_on >= p.registered_on GROUP BY 1"""
    )
    said = places.numbers()["townships"]
    wanted = shares([town["family_beds"] for town in said], round(1200 * RESIDENTS / 42500))
    assert dict(rows) == {town["code"]: count for town, count in zip(said, wanted, strict=True) if count}
    assert sum(town["family_beds"] for town in said) == 1200


def test_nobody_on_the_register_is_under_sixty(ask):
    assert all(age_on(born, since) >= 60 for born, since in ask("SELECT birth_date, registered_on FROM residents"))


def test_identity_numbers_belong_to_nobody_and_agree_with_the_record(ask, config):
    keys = Keys(config.pii_key)
    rows = ask("SELECT id_number, id_number_index, id_last4, birth_date, sex FROM residents")
    seen = set()
    for sealed, index, last4, born, sex in rows:
        number = keys.unseal(bytes(sealed), "id_number")
        seen.add(number)
        assert number.startswith("370299")
        assert id_number_fault(number, TODAY) is None
        assert (birth_of(number), sex_of(number), number[-4:]) == (born, sex, last4)
        assert bytes(index) == keys.blind(number, "id_number")
    assert [(len(seen),)] == ask("SELECT count(*) FROM residents")  # nobody twice, those who left included


def test_phone_numbers_are_no_operators(ask, config):
    keys = Keys(config.pii_key)
    for table in ("residents", "contacts"):
        for (sealed,) in ask(f"SELECT phone FROM {table} WHERE phone IS NOT NULL"):
            assert keys.unseal(bytes(sealed), "phone").startswith("1000000")


def test_names_are_found_by_part_and_by_pinyin(ask):
    name = ask("SELECT name FROM residents WHERE name LIKE '王__' ORDER BY id LIMIT 1")[0][0]
    syllables = [readings(character)[0] for character in name]
    for asked in (f"'b:{name[1:]}'", f"'p:{''.join(syllables)}':*", f"'i:{''.join(each[0] for each in syllables)}':*"):
        assert ask("SELECT count(*) FROM residents WHERE name = %s AND search @@ %s::tsquery", name, asked)[0][0], asked


def test_everyone_in_a_home_has_somebody_to_call(ask):
    assert ask("SELECT count(*) FROM residents r WHERE facility_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.resident_id = r.id)") == [(0,)]


def test_who_has_a_household_type_has_a_certificate(ask):
    assert ask(
        """SELECT count(*) FROM residents r WHERE (household_type <> 'ordinary') <>
           EXISTS (SELECT 1 FROM household_spells h WHERE h.resident_id = r.id AND h.household_type = r.household_type)"""
    ) == [(0,)]


def test_people_who_may_sign_in(ask):
    found = {row[0]: row[1:] for row in ask(
        """SELECT u.username, g.role, t.code, f.code FROM users u JOIN grants g ON g.user_id = u.id
           LEFT JOIN townships t ON t.id = g.place_township_id LEFT JOIN facilities f ON f.id = g.place_facility_id"""
    )}
    assert len(found) == 5 + 8 + 17 + 154 + 14
    assert found["township01"] == ("township_officer", "370215001", None)
    assert found["manager001"] == ("facility_manager", None, "JG001")
    assert found["manager154"] == ("facility_manager", None, "ST007")
    assert found["stationed01"] == ("stationed_supervisor", None, "JG001")
    assert ask("SELECT count(*) FROM users WHERE must_change_password") == [(0,)]


def test_the_log_says_what_was_loaded(ask):
    (details,) = ask("SELECT details FROM audit_entries WHERE action = 'demo.loaded'")[0]
    assert (details["residents"], details["facilities"], details["beds"]) == (RESIDENTS, 159, 2588)


PLAIN = """
SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY column_name) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name IN
  ('villages', 'facilities', 'licences', 'rooms', 'beds', 'residents', 'assessments', 'contacts', 'household_spells', 'stays',
   'stay_beds', 'stay_absences', 'family_care_beds') AND column_name NOT IN ('id_number', 'phone', 'contact_phone') GROUP BY 1
"""


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_the_same_seed_gives_the_same_district(ask, loaded, seed, same):
    other = loaded(seed)
    for table, columns in ask(PLAIN):
        digest = f"SELECT md5(string_agg(md5(ROW({columns})::text), '' ORDER BY id)) FROM {table}"
        if table in {"residents", "stays", "assessments"} or same:
            assert (ask(digest) == other(digest)) is same, table


def test_months_of_the_history_are_whole():
    assert MONTHS[0] == Month(2025, 5)
    assert MONTHS[-1] == Month(2026, 10)


# ---- who works there -------------------------------------------------------------------------------


def test_every_home_has_its_caregivers_and_most_are_within_the_standard(ask):
    people, caregivers = ask(
        f"""SELECT (SELECT count(*) FROM stays WHERE ends_on IS NULL AND starts_on <= '{TODAY}'),
           (SELECT count(DISTINCT m.person_key) FROM staff_members m JOIN facilities f ON f.id = m.facility_id
            WHERE f.facility_type = 'institution' AND 'caregiver' = ANY (m.posts) AND m.state = 'employed')"""
    )[0]
    assert caregivers >= 8 * 19 or people / caregivers < 6.5
    assert ask(
        """SELECT count(*) FROM facilities f WHERE facility_type IN ('institution', 'township_center', 'canteen')
           AND NOT EXISTS (SELECT 1 FROM staff_members m WHERE m.facility_id = f.id)"""
    ) == [(0,)]


def test_staff_have_made_up_names_and_numbers_nobody_holds(ask, config):
    assert ask("SELECT count(*) FROM staff_members WHERE name NOT LIKE '示例%'") == [(0,)]
    keys = Keys(config.pii_key)
    kept = [keys.unseal(bytes(number), "id_number") for (number,) in ask("SELECT id_number FROM staff_members LIMIT 50")]
    assert all(number.startswith("370299") and id_number_fault(number) is None for number in kept)


def test_a_few_work_in_two_homes_and_nobody_is_on_two_shifts_at_once(ask):
    assert ask("SELECT count(*) FROM (SELECT person_key FROM staff_members GROUP BY 1 HAVING count(*) > 1) t")[0][0] > 0
    assert ask(
        """SELECT count(*) FROM staff_shifts a JOIN staff_shifts b ON b.id > a.id AND b.person_key = a.person_key
           AND b.hours && a.hours"""
    ) == [(0,)]


def test_nobody_is_on_a_shift_before_they_came_or_after_they_left(ask):
    assert ask(
        """SELECT count(*) FROM staff_shifts s JOIN staff_members m ON m.id = s.member_id
           WHERE s.day < m.started_on OR s.day > m.ended_on OR s.day >= m.away_from OR NOT s.duty = ANY (m.posts)"""
    ) == [(0,)]


def test_some_certificates_are_missing_some_over_and_some_will_be_soon(ask):
    left = [(ends - TODAY).days for (ends,) in ask("SELECT valid_to FROM staff_certificates WHERE valid_to IS NOT NULL")]
    assert any(days < 0 for days in left)
    assert any(0 <= days <= 90 for days in left)
    assert ask(
        """SELECT count(*) FROM staff_members m WHERE 'caregiver' = ANY (m.posts) AND NOT EXISTS
           (SELECT 1 FROM staff_certificates c WHERE c.member_id = m.id AND c.kind = 'caregiver')"""
    )[0][0] > 0


def test_one_night_soon_a_home_has_nobody_and_the_other_nights_are_covered(ask):
    empty = ask(
        f"""SELECT d.day::date, f.code FROM facilities f, generate_series(DATE '{TODAY}', DATE '{TODAY}' + 5, INTERVAL '1 day') d(day)
           WHERE f.facility_type = 'institution' AND NOT EXISTS
           (SELECT 1 FROM staff_shifts s WHERE s.facility_id = f.id AND s.day = d.day AND s.shift = 'night')"""
    )
    assert empty == [(TODAY + timedelta(days=2), "JG017")]
