"""The demo's visits are what real ones are: whole records, officers who may go, findings that are hazards, lists with their score."""

import json


def test_every_visit_that_was_made_has_its_record_and_every_record_its_lists(ask):
    assert ask("SELECT count(*) FROM visits v WHERE state = 'sent' AND NOT EXISTS (SELECT 1 FROM visit_records r WHERE r.visit_id = v.id)") == [(0,)]
    assert ask(
        "SELECT count(*) FROM visit_records r WHERE (SELECT count(*) FROM record_checks c WHERE c.record_id = r.id)"
        " <> (SELECT count(*) FROM visit_lists l WHERE l.visit_id = r.visit_id)"
    ) == [(0,)]
    made, planned = ask("SELECT count(*) FILTER (WHERE state = 'sent'), count(*) FILTER (WHERE state = 'planned') FROM visits")[0]
    assert made > 200
    assert planned > 10


def test_findings_are_the_hazards_of_their_visit_and_the_result_says_so(ask):
    assert ask(
        "SELECT count(*) FROM visit_findings f JOIN hazards h ON h.id = f.hazard_id JOIN visits v ON v.id = f.visit_id"
        " WHERE h.source_id <> f.id OR h.source_label <> v.number OR h.facility_id <> v.facility_id OR h.found_on <> v.planned_on"
    ) == [(0,)]
    assert ask("SELECT count(*) FROM hazards h WHERE source_kind = 'inspection_finding' AND NOT EXISTS (SELECT 1 FROM visit_findings f WHERE f.hazard_id = h.id)") == [(0,)]
    results = dict(ask("SELECT result, count(*) FROM visits WHERE state = 'sent' GROUP BY 1"))
    assert set(results) >= {"none", "fixed", "order"}
    assert ask("SELECT count(*) FROM visits v WHERE result = 'none' AND EXISTS (SELECT 1 FROM visit_findings f WHERE f.visit_id = v.id)") == [(0,)]


def test_the_seal_of_a_list_holds_and_its_score_is_that_of_its_answers(ask):
    from decimal import Decimal

    from eldercare.checklists.checks.queries import scoring

    for check_id, rule, overdue, score in ask(
        "SELECT c.id, v.rule, c.overdue, c.score FROM checks c JOIN checklist_versions v ON v.id = c.version_id"
        " WHERE c.origin = 'inspection' AND c.label IS NOT NULL ORDER BY c.id LIMIT 12"
    ):
        marks = [
            scoring.Mark(code, area, severity, veto, result)
            for code, area, severity, veto, result in ask(
                "SELECT i.code, a.code, i.severity, i.veto, w.result FROM check_answers w JOIN checklist_items i ON i.id = w.item_id"
                " JOIN checklist_areas a ON a.id = i.area_id WHERE w.check_id = %s ORDER BY i.id", check_id
            )
        ]
        assert scoring.score(rule, marks, overdue).score == (Decimal(score) if score is not None else None)


def test_some_refused_some_were_corrected_and_no_record_names_a_whole_name(ask):
    bodies = [json.loads(body) for (body,) in ask("SELECT body FROM visit_records")]
    states = [each["state"] for body in bodies for each in body["signatures"] if each["role"] == "home"]
    assert 0 < states.count("refused") < len(states) / 10
    assert ask("SELECT count(*) FROM visit_records WHERE revision = 2")[0][0] >= 3
    assert ask("SELECT count(*) FROM published_results p WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.id = p.visit_id AND v.published_at = p.published_at)") == [(0,)]


def test_who_went_held_a_certificate_and_did_not_avoid_the_place(ask):
    assert ask(
        "SELECT count(*) FROM visits v JOIN visit_officers o ON o.visit_id = v.id JOIN officers f ON f.id = o.officer_id"
        " WHERE v.planned_on NOT BETWEEN f.valid_from AND f.valid_to"
    ) == [(0,)]
    assert ask(
        "SELECT count(*) FROM visits v JOIN visit_officers o ON o.visit_id = v.id JOIN recusals r ON r.officer_id = o.officer_id"
        " AND r.facility_id = v.facility_id AND v.planned_on >= r.starts_on AND (r.ends_on IS NULL OR v.planned_on <= r.ends_on)"
        " WHERE v.state = 'sent'"
    ) == [(0,)]


def test_what_a_page_shows_a_history_of_has_one(ask):
    for table, entity, which in (
        ("draws", "draw", "true"), ("visits", "visit", "true"), ("hazards", "hazard", "true"), ("incidents", "incident", "t.reported_at < now()"),
        ("rectification_orders", "rectification_order", "true"), ("major_cases", "major_case", "true"), ("plans", "plan", "true"),
    ):  # fmt: skip
        bare = f"SELECT count(*) FROM {table} t WHERE {which} AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.entity = '{entity}' AND a.entity_id = t.id)"
        assert ask(bare) == [(0,)], table
    assert ask("SELECT count(*) FROM audit_entries WHERE person_name IN ('district', 'leader') OR person_name LIKE 'inspector%%'") == [(0,)]
    assert ask("SELECT count(*) FROM draws WHERE author_name = 'district' OR approver_name = 'leader'") == [(0,)]


def test_what_a_self_check_found_wrong_is_a_hazard_of_the_place_once(ask):
    made, recent, done = ask(
        "SELECT count(*), count(*) FILTER (WHERE state = 'reported'), count(*) FILTER (WHERE state = 'closed') FROM hazards"
        " WHERE source_kind = 'self_check'"
    )[0]
    assert made > 40
    assert done > recent
    assert ask(
        "SELECT count(*) FROM check_answers a JOIN selfcheck_rounds r ON r.check_id = a.check_id JOIN checklist_items i ON i.id = a.item_id"
        " WHERE a.result = 'nonconform' AND i.severity <> 'general' AND NOT EXISTS (SELECT 1 FROM hazards h WHERE h.source_id = a.id"
        " AND h.source_kind = 'self_check') AND NOT EXISTS (SELECT 1 FROM hazards h WHERE h.facility_id = a.facility_id AND"
        " h.item_code = i.code AND h.found_on <= r.day + 1 AND coalesce(h.right_on, 'infinity') > r.day)"
    ) == [(0,)]
    assert ask(
        "SELECT count(*) FROM hazards h JOIN selfcheck_rounds r ON h.source_path = '/selfchecks/rounds/' || r.id"
        " WHERE h.source_kind = 'self_check' AND (r.facility_id <> h.facility_id OR h.finder <> 'home' OR h.issued_on <= h.found_on)"
    ) == [(0,)]


def test_every_reply_has_its_day_and_nobody_is_called_to_account_for_one_in_time(ask):
    assert ask(
        "SELECT count(*) FROM hazards h JOIN (SELECT hazard_id, max(replied_at) AS at FROM hazard_replies GROUP BY 1) r ON r.hazard_id = h.id"
        " WHERE h.replied_on IS DISTINCT FROM (r.at AT TIME ZONE 'Asia/Shanghai')::date"
    ) == [(0,)]
    assert ask("SELECT count(*) FROM hazards WHERE state = 'replied' AND replied_on <= due_on AND escalated_at IS NOT NULL") == [(0,)]
    assert ask(
        "SELECT count(*) FROM ladder_steps s JOIN hazards h ON h.id = s.hazard_id WHERE h.state = 'replied' AND h.replied_on <= h.due_on"
    ) == [(0,)]
