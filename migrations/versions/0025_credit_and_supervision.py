"""Points, credit classes and their changes; steps of escalation; major hazards judged and listed."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0025_credit_and_supervision"
down_revision = "0024_selfchecks"
branch_labels = None
depends_on = None

WALLED = ("credit_records", "credit_entries", "credit_changes", "ladder_steps", "major_cases", "major_papers")
TABLES = ("credit_rules", "credit_classes", *WALLED)
# the present class is what the last decision says: no other statement moves it
DECIDED = """
CREATE FUNCTION credit_class_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.credit_class IS DISTINCT FROM (
    SELECT new_class FROM credit_changes WHERE facility_id = NEW.id AND state = 'effective' ORDER BY decided_at DESC, id DESC LIMIT 1
  ) THEN
    RAISE EXCEPTION 'decided' USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_class_decided';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER facilities_credit_class BEFORE UPDATE OF credit_class ON facilities FOR EACH ROW
  WHEN (OLD.credit_class IS DISTINCT FROM NEW.credit_class) EXECUTE FUNCTION credit_class_is_decided();
"""
SINCE = date(2024, 1, 1)
# (kind, variant, points, calls for class, from how many, keeps from A): the proposal of the domain notes, 5.5, to be confirmed
RULES = (
    ("hazard", "general", 1, None, None, False),
    ("hazard", "serious", 3, "C", 5, True),
    ("hazard", "major", 6, None, None, True),
    ("overdue", "general", 2, "C", 1, False),
    ("overdue", "serious", 4, "C", 1, False),
    ("overdue", "major", 8, "C", 1, False),
    ("recheck_failed", "general", 1, None, None, False),
    ("recheck_failed", "serious", 2, None, None, False),
    ("recheck_failed", "major", 4, None, None, False),
    ("major_hazard", "", 20, "D", 1, True),
    ("incident", "E1", 12, "C", 1, True),
    ("incident", "E2", 4, "C", 1, True),
    ("complaint", "", 5, "C", 1, False),
    ("penalty", "", 20, "D", 1, True),
    ("refused", "", 20, "D", 1, True),
    ("fraud", "", 30, "D", 1, True),
    ("abuse", "", 30, "D", 1, True),
)
# (class, weight in draws, visits a year least and most, always visited, called for from so many points)
CLASSES = (("A", "0.5", 1, 2, False, None), ("B", "1", 1, 3, False, 10), ("C", "2", 2, 4, False, 40), ("D", "4", 4, 6, True, None))


def _defaults() -> None:
    rules = sa.table("credit_rules", *(sa.column(name) for name in (
        "kind", "variant", "item_code", "points", "trigger_class", "trigger_count", "keeps_from_a", "valid_from", "is_confirmed", "reason",
    )))
    op.bulk_insert(rules, [
        {"kind": kind, "variant": variant, "item_code": "", "points": points, "trigger_class": letter, "trigger_count": count,
         "keeps_from_a": keeps, "valid_from": SINCE, "is_confirmed": False, "reason": ""}
        for kind, variant, points, letter, count, keeps in RULES
    ])
    classes = sa.table("credit_classes", *(sa.column(name) for name in (
        "letter", "weight", "visits_min", "visits_max", "is_full_coverage", "points_from", "valid_from", "is_confirmed", "reason",
    )))
    op.bulk_insert(classes, [
        {"letter": letter, "weight": weight, "visits_min": least, "visits_max": most, "is_full_coverage": full,
         "points_from": points, "valid_from": SINCE, "is_confirmed": False, "reason": ""}
        for letter, weight, least, most, full, points in CLASSES
    ])


def _credit() -> None:
    op.create_table('credit_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('variant', sa.Text(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('trigger_class', sa.Text(), nullable=True),
    sa.Column('trigger_count', sa.Integer(), nullable=True),
    sa.Column('keeps_from_a', sa.Boolean(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('is_confirmed', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("trigger_class IN ('C', 'D')", name=op.f('credit_rules_trigger_class_check')),
    sa.CheckConstraint('(trigger_class IS NULL) = (trigger_count IS NULL) AND trigger_count BETWEEN 1 AND 100', name=op.f('credit_rules_trigger_check')),
    sa.CheckConstraint('points BETWEEN 0 AND 100', name=op.f('credit_rules_points_check')),
    sa.PrimaryKeyConstraint('id', name=op.f('credit_rules_pkey')),
    sa.UniqueConstraint('kind', 'variant', 'item_code', 'valid_from', name=op.f('credit_rules_kind_variant_item_code_valid_from_key'))
    )
    op.create_table('credit_classes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('letter', sa.Text(), nullable=False),
    sa.Column('weight', sa.Numeric(precision=5, scale=2), nullable=False),
    sa.Column('visits_min', sa.Integer(), nullable=False),
    sa.Column('visits_max', sa.Integer(), nullable=False),
    sa.Column('is_full_coverage', sa.Boolean(), nullable=False),
    sa.Column('points_from', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('is_confirmed', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.CheckConstraint("letter IN ('A', 'B', 'C', 'D')", name=op.f('credit_classes_letter_check')),
    sa.CheckConstraint("points_from BETWEEN 1 AND 1000 AND (letter <> 'A' OR points_from IS NULL)", name=op.f('credit_classes_points_from_check')),
    sa.CheckConstraint('visits_min >= 1 AND visits_max BETWEEN visits_min AND 52', name=op.f('credit_classes_visits_check')),
    sa.CheckConstraint('weight > 0 AND weight <= 100', name=op.f('credit_classes_weight_check')),
    sa.PrimaryKeyConstraint('id', name=op.f('credit_classes_pkey')),
    sa.UniqueConstraint('letter', 'valid_from', name=op.f('credit_classes_letter_valid_from_key'))
    )
    op.create_table('credit_records',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('document_no', sa.Text(), nullable=True),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('complaint', 'penalty', 'refused', 'fraud', 'abuse')", name=op.f('credit_records_kind_check')),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)', name=op.f('credit_records_withdrawn_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='credit_records_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('credit_records_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('credit_records_pkey'))
    )
    op.create_index('credit_records_place_idx', 'credit_records', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('credit_records_township_id_idx'), 'credit_records', ['township_id'], unique=False)
    op.create_table('credit_entries',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('variant', sa.Text(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('entity', sa.Text(), nullable=False),
    sa.Column('entity_id', sa.BigInteger(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_by', sa.Text(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=True),
    sa.Column('is_lapsed', sa.Boolean(), nullable=False),
    sa.CheckConstraint('(cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL OR is_lapsed OR cancel_reason IS NOT NULL) AND NOT (is_lapsed AND cancelled_at IS NULL)', name=op.f('credit_entries_cancelled_check')),
    sa.CheckConstraint('points BETWEEN 0 AND 100', name=op.f('credit_entries_points_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='credit_entries_place_fkey'),
    sa.ForeignKeyConstraint(['rule_id'], ['credit_rules.id'], name=op.f('credit_entries_rule_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('credit_entries_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('credit_entries_pkey'))
    )
    op.create_index('credit_entries_day_idx', 'credit_entries', ['happened_on'], unique=False)
    op.create_index('credit_entries_once_key', 'credit_entries', ['kind', 'entity', 'entity_id'], unique=True, postgresql_where=sa.text('NOT is_lapsed'))
    op.create_index('credit_entries_place_idx', 'credit_entries', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('credit_entries_rule_id_idx'), 'credit_entries', ['rule_id'], unique=False)
    op.create_index(op.f('credit_entries_township_id_idx'), 'credit_entries', ['township_id'], unique=False)
    op.create_table('credit_changes',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('old_class', sa.Text(), nullable=True),
    sa.Column('new_class', sa.Text(), nullable=False),
    sa.Column('proposed_class', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('announced_by', sa.Text(), nullable=False),
    sa.Column('announced_by_id', sa.BigInteger(), nullable=True),
    sa.Column('objections_until', sa.Date(), nullable=False),
    sa.Column('objection', sa.Text(), nullable=True),
    sa.Column('objected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('objected_by', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'announced') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)", name=op.f('credit_changes_decided_check')),
    sa.CheckConstraint("new_class IN ('A', 'B', 'C', 'D')", name=op.f('credit_changes_new_class_check')),
    sa.CheckConstraint("old_class IN ('A', 'B', 'C', 'D')", name=op.f('credit_changes_old_class_check')),
    sa.CheckConstraint("proposed_class IN ('A', 'B', 'C', 'D')", name=op.f('credit_changes_proposed_class_check')),
    sa.CheckConstraint("state IN ('announced', 'effective', 'dropped')", name=op.f('credit_changes_state_check')),
    sa.CheckConstraint('(objected_at IS NULL) = (objection IS NULL)', name=op.f('credit_changes_objection_check')),
    sa.CheckConstraint('length(btrim(reason)) > 0', name=op.f('credit_changes_reason_check')),
    sa.CheckConstraint('old_class IS NULL OR old_class <> new_class', name=op.f('credit_changes_differs_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='credit_changes_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('credit_changes_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('credit_changes_pkey'))
    )
    op.create_index('credit_changes_open_key', 'credit_changes', ['facility_id'], unique=True, postgresql_where=sa.text("state = 'announced'"))
    op.create_index('credit_changes_place_idx', 'credit_changes', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('credit_changes_state_idx'), 'credit_changes', ['state'], unique=False)
    op.create_index(op.f('credit_changes_township_id_idx'), 'credit_changes', ['township_id'], unique=False)


def _ladder() -> None:
    op.create_table('ladder_steps',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('hazard_id', sa.BigInteger(), nullable=True),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('taken_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('skipped', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('skip_reason', sa.Text(), nullable=True),
    sa.Column('document_no', sa.Text(), nullable=True),
    sa.Column('basis', sa.Text(), nullable=True),
    sa.Column('fine_fen', sa.BigInteger(), nullable=True),
    sa.Column('bodies', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('is_automatic', sa.Boolean(), nullable=False),
    sa.Column('overdue_days', sa.Integer(), nullable=False),
    sa.Column('failed_rechecks', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('taken_by', sa.Text(), nullable=False),
    sa.Column('taken_by_id', sa.BigInteger(), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_by', sa.Text(), nullable=True),
    sa.Column('cancel_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("(step = 'notify') = (cardinality(bodies) > 0)", name=op.f('ladder_steps_bodies_check')),
    sa.CheckConstraint("NOT is_automatic OR step = 'reminder'", name=op.f('ladder_steps_automatic_check')),
    sa.CheckConstraint("fine_fen IS NULL OR (step = 'case' AND fine_fen > 0 AND basis IS NOT NULL)", name=op.f('ladder_steps_fine_check')),
    sa.CheckConstraint("step IN ('reminder', 'talk', 'suspension', 'case', 'notify', 'credit', 'publish')", name=op.f('ladder_steps_step_check')),
    sa.CheckConstraint('(cancelled_at IS NULL) = (cancel_reason IS NULL)', name=op.f('ladder_steps_cancelled_check')),
    sa.CheckConstraint('cardinality(skipped) = 0 OR skip_reason IS NOT NULL', name=op.f('ladder_steps_skipped_check')),
    sa.CheckConstraint('length(btrim(reason)) > 0 OR is_automatic', name=op.f('ladder_steps_reason_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='ladder_steps_place_fkey'),
    sa.ForeignKeyConstraint(['hazard_id', 'facility_id'], ['hazards.id', 'hazards.facility_id'], name='ladder_steps_hazard_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('ladder_steps_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('ladder_steps_pkey'))
    )
    op.create_index('ladder_steps_hazard_idx', 'ladder_steps', ['hazard_id', 'facility_id'], unique=False, postgresql_where=sa.text('hazard_id IS NOT NULL'))
    op.create_index('ladder_steps_home_key', 'ladder_steps', ['facility_id', 'step', 'taken_on'], unique=True, postgresql_where=sa.text('hazard_id IS NULL AND cancelled_at IS NULL'))
    op.create_index('ladder_steps_once_key', 'ladder_steps', ['hazard_id', 'step'], unique=True, postgresql_where=sa.text('hazard_id IS NOT NULL AND cancelled_at IS NULL'))
    op.create_index('ladder_steps_place_idx', 'ladder_steps', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('ladder_steps_township_id_idx'), 'ladder_steps', ['township_id'], unique=False)


def _major() -> None:
    op.create_table('major_cases',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('hazard_id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('hazard_code', sa.Text(), nullable=False),
    sa.Column('article', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('judged_on', sa.Date(), nullable=False),
    sa.Column('judged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('judged_by', sa.Text(), nullable=False),
    sa.Column('judged_by_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('measures_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('plan_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('list_level', sa.Text(), nullable=True),
    sa.Column('listed_on', sa.Date(), nullable=True),
    sa.Column('listed_by', sa.Text(), nullable=True),
    sa.Column('list_reason', sa.Text(), nullable=True),
    sa.Column('delisted_on', sa.Date(), nullable=True),
    sa.Column('delisted_by', sa.Text(), nullable=True),
    sa.Column('delist_reason', sa.Text(), nullable=True),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('withdrawn_by', sa.Text(), nullable=True),
    sa.Column('withdraw_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("(delisted_on IS NULL) = (delist_reason IS NULL) AND (state = 'delisted') <= (delisted_on IS NOT NULL) AND delisted_on >= listed_on", name=op.f('major_cases_delisted_check')),
    sa.CheckConstraint("(listed_on IS NULL) = (list_level IS NULL) AND (listed_on IS NULL) = (list_reason IS NULL) AND (state NOT IN ('listed', 'delisted') OR listed_on IS NOT NULL) AND listed_on >= judged_on", name=op.f('major_cases_listed_check')),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_on IS NOT NULL)", name=op.f('major_cases_withdrawn_check')),
    sa.CheckConstraint("list_level IN ('district', 'city', 'province')", name=op.f('major_cases_list_level_check')),
    sa.CheckConstraint("state IN ('judged', 'listed', 'delisted', 'withdrawn')", name=op.f('major_cases_state_check')),
    sa.CheckConstraint('length(btrim(reason)) > 0 AND length(btrim(evidence)) > 0', name=op.f('major_cases_reason_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='major_cases_place_fkey'),
    sa.ForeignKeyConstraint(['hazard_id', 'facility_id'], ['hazards.id', 'hazards.facility_id'], name='major_cases_hazard_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('major_cases_township_id_fkey')),
    sa.ForeignKeyConstraint(['version_id'], ['checklist_versions.id'], name=op.f('major_cases_version_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('major_cases_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('major_cases_id_facility_id_key'))
    )
    op.create_index('major_cases_hazard_idx', 'major_cases', ['hazard_id', 'facility_id'], unique=False)
    op.create_index('major_cases_judged_on_idx', 'major_cases', ['judged_on'], unique=False)
    op.create_index('major_cases_once_key', 'major_cases', ['hazard_id'], unique=True, postgresql_where=sa.text("state <> 'withdrawn'"))
    op.create_index('major_cases_place_idx', 'major_cases', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('major_cases_state_idx'), 'major_cases', ['state'], unique=False)
    op.create_index(op.f('major_cases_township_id_idx'), 'major_cases', ['township_id'], unique=False)
    op.create_index(op.f('major_cases_version_id_idx'), 'major_cases', ['version_id'], unique=False)
    op.create_table('major_papers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('finish_on', sa.Date(), nullable=True),
    sa.Column('responsible', sa.Text(), nullable=True),
    sa.Column('handed_in_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('handed_in_by', sa.Text(), nullable=False),
    sa.Column('handed_in_by_id', sa.BigInteger(), nullable=True),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("(result IS NULL) = (decided_at IS NULL) AND (result IS DISTINCT FROM 'returned' OR note IS NOT NULL)", name=op.f('major_papers_decided_check')),
    sa.CheckConstraint("kind IN ('measures', 'plan')", name=op.f('major_papers_kind_check')),
    sa.CheckConstraint("result IN ('accepted', 'returned')", name=op.f('major_papers_result_check')),
    sa.CheckConstraint('decided_by_id IS NULL OR decided_by_id <> handed_in_by_id', name=op.f('major_papers_someone_else_check')),
    sa.ForeignKeyConstraint(['case_id', 'facility_id'], ['major_cases.id', 'major_cases.facility_id'], name='major_papers_case_fkey'),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='major_papers_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('major_papers_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('major_papers_pkey')),
    sa.UniqueConstraint('case_id', 'kind', 'seq', name=op.f('major_papers_case_id_kind_seq_key'))
    )
    op.create_index('major_papers_case_idx', 'major_papers', ['case_id', 'facility_id'], unique=False)
    op.create_index('major_papers_open_key', 'major_papers', ['case_id', 'kind'], unique=True, postgresql_where=sa.text("result IS DISTINCT FROM 'returned'"))
    op.create_index('major_papers_place_idx', 'major_papers', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('major_papers_township_id_idx'), 'major_papers', ['township_id'], unique=False)


def upgrade() -> None:
    """Up."""
    _credit()
    _ladder()
    _major()
    for table in WALLED:
        wall(op, table)
    op.execute(DECIDED)
    _defaults()


def downgrade() -> None:
    """Down."""
    op.execute("DROP TRIGGER facilities_credit_class ON facilities")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION credit_class_is_decided()")
