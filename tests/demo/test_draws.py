"""The demo's draws hold what real ones must: they follow from their secrets, and an outsider's program finds so."""

import json

from eldercare.inspections.draws.services import sampling
from tests.inspections.drawn import day


def test_two_draws_are_done_and_one_waits_for_its_witness(ask):
    states = ask("SELECT state, witness_value IS NULL, picked IS NULL FROM draws ORDER BY batch")
    assert states == [("drawn", False, False), ("drawn", False, False), ("frozen", True, True)]
    assert ask("SELECT published_at IS NOT NULL FROM draws ORDER BY batch")[0] == (True,)


def test_what_was_drawn_follows_from_seed_and_libraries_and_is_what_the_visits_say(ask):
    for number, batch, value, plan, objects, officers, result, commitment, at in ask(
        "SELECT d.id, d.batch, d.witness_value, p.plan, p.objects, p.officers, p.result, d.commitment, d.drawn_at"
        " FROM draws d JOIN draw_papers p ON p.draw_id = d.id WHERE d.state = 'drawn' ORDER BY d.batch"
    ):
        secret = sampling.sha256(f"1 draws {batch}")
        assert sampling.sha256(secret) == commitment
        seed = sampling.seed_of(secret, value, batch)
        again, _desk = sampling.outcome(json.loads(plan), json.loads(objects), json.loads(officers), seed, at.date())
        assert sampling.canonical(again) == result
        made = ask("SELECT v.facility_id, v.planned_on, array_agg(s.officer_id ORDER BY s.seat) FROM visits v JOIN visit_officers s"
                   " ON s.visit_id = v.id WHERE v.draw_id = %s GROUP BY v.id", number)
        teams = {(each["object"], day(each["on"])): each["officers"] for each in again["teams"]}
        assert {(place, on): team for place, on, team in made} == teams
        told = ask("SELECT count(*) FROM draw_announcements WHERE draw_id = %s", number)[0][0]
        assert 0 < told <= again["k"]


def test_the_waiting_one_holds_the_classes_of_today(ask):
    ((objects,),) = ask("SELECT p.objects FROM draws d JOIN draw_papers p ON p.draw_id = d.id WHERE d.state = 'frozen'")
    classes = dict(ask("SELECT id, credit_class FROM facilities"))
    assert {each["id"]: each["class"] for each in json.loads(objects)} == {each["id"]: classes[each["id"]] for each in json.loads(objects)}


def test_the_drawn_ones_hold_the_classes_of_their_day_and_their_hashes(ask):
    rows = ask(
        "SELECT d.frozen_at, d.objects_sha256, p.objects FROM draws d JOIN draw_papers p ON p.draw_id = d.id WHERE d.state = 'drawn'"
    )
    for frozen_at, sha256, objects in rows:
        assert sampling.sha256(objects) == sha256
        then = dict(ask(
            "SELECT DISTINCT ON (facility_id) facility_id, new_class FROM credit_changes WHERE state = 'effective' AND decided_at <= %s"
            " ORDER BY facility_id, decided_at DESC", frozen_at
        ))  # fmt: skip
        held = {each["id"]: each["class"] for each in json.loads(objects)}
        assert {place: held[place] for place in held if place in then} == {place: then[place] for place in held if place in then}
        assert len(set(held.values())) > 1


def test_the_next_number_of_every_series_is_free(ask):
    last = {(name, year): number for name, year, number in ask("SELECT name, year, last FROM counters")}
    taken = {"visits": "SELECT number FROM visits WHERE number IS NOT NULL", "draws": "SELECT batch FROM draws"}
    for name, query in taken.items():
        highest: dict[int, int] = {}
        for (number,) in ask(query):
            year, _dash, serial = number.removeprefix("JC").partition("-")
            highest[int(year)] = max(highest.get(int(year), 0), int(serial))
        assert {year: last[name, year] for year in highest} == highest
