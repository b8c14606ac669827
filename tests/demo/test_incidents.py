"""The demo's incidents fit its people, its rules and one another."""

from eldercare.incidents.grading.models import GRADES


def test_who_is_named_lived_there_that_day_and_the_bed_is_theirs(ask):
    assert ask(
        """SELECT count(*) FROM incident_people p JOIN incidents i ON i.id = p.incident_id WHERE NOT EXISTS (
             SELECT 1 FROM stays s WHERE s.resident_id = p.resident_id AND s.facility_id = i.facility_id
             AND s.starts_on <= (i.occurred_at AT TIME ZONE 'Asia/Shanghai')::date
             AND (s.ends_on IS NULL OR s.ends_on >= (i.occurred_at AT TIME ZONE 'Asia/Shanghai')::date))"""
    ) == [(0,)]
    assert ask(
        """SELECT count(*) FROM incidents i WHERE i.bed_id IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM incident_people p JOIN stays s ON s.resident_id = p.resident_id JOIN stay_beds b ON b.stay_id = s.id
             WHERE p.incident_id = i.id AND b.bed_id = i.bed_id)"""
    ) == [(0,)]


def test_there_is_something_of_every_kind_to_look_at(ask):
    grades = dict(ask("SELECT grade, count(*) FROM incidents GROUP BY 1"))
    assert set(grades) >= {"E2", "E3", "E4"}
    assert set(grades) <= set(GRADES)
    assert ask("SELECT count(*) > 0 FROM incident_clocks WHERE met_at IS NULL AND NOT is_window") == [(True,)]
    assert ask("SELECT count(*) > 0 FROM hazards WHERE source_kind = 'incident_action'") == [(True,)]
    assert ask("SELECT count(*) > 0 FROM alerts WHERE kind = 'incident.receive' AND settled_at IS NULL") == [(True,)]


def test_every_report_of_e1_to_e3_has_a_deadline_and_lateness_is_what_the_times_say(ask):
    assert ask(
        "SELECT count(*) FROM incidents i WHERE grade <> 'E4' AND NOT EXISTS"
        " (SELECT 1 FROM incident_clocks c WHERE c.incident_id = i.id AND c.kind = 'county')"
    ) == [(0,)]
    assert ask("SELECT count(*) FROM incident_clocks WHERE is_late <> (coalesce(met_at, due_at) > due_at) AND NOT is_window") == [(0,)]
    assert ask(
        "SELECT count(*) FROM incidents i WHERE state = 'closed' AND EXISTS (SELECT 1 FROM incident_clocks c"
        " WHERE c.incident_id = i.id AND c.met_at IS NULL AND NOT c.is_window)"
    ) == [(0,)]


def test_a_supervised_action_of_a_closed_incident_has_a_closed_hazard(ask):
    assert ask(
        "SELECT count(*) FROM incidents i JOIN incident_actions a ON a.incident_id = i.id LEFT JOIN hazards h ON h.id = a.hazard_id"
        " WHERE i.state = 'closed' AND a.done_at IS NULL AND h.state IS DISTINCT FROM 'closed'"
    ) == [(0,)]
