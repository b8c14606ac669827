"""Checklists in versions, the table of major hazards, filled lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0019_checklists"
down_revision = "0018_trace_of_lists"
branch_labels = None
depends_on = None

# What was published never changes: only its end may be set, and its state go on to retired. A part of a version takes the
# version's row (FOR SHARE) before it looks, so that whoever publishes at the same moment waits, or is waited for.
FIXED = """
CREATE FUNCTION checklist_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD.state = 'retired' OR NEW.state = 'draft'
    OR (to_jsonb(NEW) - 'state' - 'effective_to') <> (to_jsonb(OLD) - 'state' - 'effective_to')
  THEN PERFORM refuse('checklist_versions_fixed'); END IF;
  RETURN NEW;
END $$
"""
PART = """
CREATE FUNCTION checklist_part_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE now text;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT state INTO now FROM checklist_versions WHERE id = OLD.version_id FOR SHARE;
    IF now <> 'draft' THEN PERFORM refuse('checklist_versions_fixed'); END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  END IF;
  SELECT state INTO now FROM checklist_versions WHERE id = NEW.version_id FOR SHARE;
  IF now <> 'draft' THEN PERFORM refuse('checklist_versions_fixed'); END IF;
  RETURN NEW;
END $$
"""
SEALED = """
CREATE FUNCTION check_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'open' THEN PERFORM refuse('checks_sealed'); END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$
"""
ANSWER = """
CREATE FUNCTION check_answer_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE now text; which bigint;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.check_id <> OLD.check_id THEN PERFORM refuse('checks_sealed'); END IF;
  IF TG_OP = 'DELETE' THEN which := OLD.check_id; ELSE which := NEW.check_id; END IF;
  SELECT state INTO now FROM checks WHERE id = which FOR SHARE;
  IF now <> 'open' THEN PERFORM refuse('checks_sealed'); END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$
"""
TRIGGERS = (
    ("checklist_versions", "UPDATE OR DELETE", "checklist_is_fixed"),
    ("checklist_areas", "INSERT OR UPDATE OR DELETE", "checklist_part_is_fixed"),
    ("checklist_items", "INSERT OR UPDATE OR DELETE", "checklist_part_is_fixed"),
    ("major_hazards", "INSERT OR UPDATE OR DELETE", "checklist_part_is_fixed"),
    ("checks", "UPDATE OR DELETE", "check_is_sealed"),
    ("check_answers", "INSERT OR UPDATE OR DELETE", "check_answer_is_sealed"),
)


def upgrade() -> None:
    """Up."""
    op.create_table('checklists',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('file_sha256', sa.Text(), nullable=True),
    sa.CheckConstraint("code ~ '^[a-z][a-z0-9_]*$'", name=op.f('checklists_code_check')),
    sa.CheckConstraint("kind IN ('items', 'hazards')", name=op.f('checklists_kind_check')),
    sa.PrimaryKeyConstraint('id', name=op.f('checklists_pkey')),
    sa.UniqueConstraint('code', name=op.f('checklists_code_key'))
    )
    op.create_table('checklist_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('checklist_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('zh', sa.Text(), nullable=False),
    sa.Column('en', sa.Text(), nullable=False),
    sa.Column('note_zh', sa.Text(), nullable=False),
    sa.Column('note_en', sa.Text(), nullable=False),
    sa.Column('facility_types', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('rule', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('based_on', sa.Integer(), nullable=True),
    sa.Column('content_sha256', sa.Text(), nullable=True),
    sa.Column('effective_from', sa.Date(), nullable=True),
    sa.Column('effective_to', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Text(), nullable=True),
    postgresql.ExcludeConstraint((sa.text("int8range(checklist_id, checklist_id, '[]')"), '&&'), (sa.text("daterange(effective_from, effective_to, '[)')"), '&&'), where=sa.text("state <> 'draft'"), using='gist', name='checklist_versions_in_force_excl'),
    sa.CheckConstraint("(state = 'draft' AND content_sha256 IS NULL AND effective_from IS NULL AND effective_to IS NULL) OR (state <> 'draft' AND content_sha256 IS NOT NULL AND effective_from IS NOT NULL AND reason IS NOT NULL AND published_at IS NOT NULL)", name=op.f('checklist_versions_whole_check')),
    sa.CheckConstraint("origin IN ('catalogue', 'editor', 'xlsform')", name=op.f('checklist_versions_origin_check')),
    sa.CheckConstraint("state <> 'retired' OR effective_to IS NOT NULL", name=op.f('checklist_versions_retired_check')),
    sa.CheckConstraint("state IN ('draft', 'published', 'retired')", name=op.f('checklist_versions_state_check')),
    sa.CheckConstraint('effective_to >= effective_from', name=op.f('checklist_versions_dates_check')),
    sa.ForeignKeyConstraint(['checklist_id'], ['checklists.id'], name=op.f('checklist_versions_checklist_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('checklist_versions_pkey')),
    sa.UniqueConstraint('checklist_id', 'number', name=op.f('checklist_versions_checklist_id_number_key'))
    )
    op.create_index('checklist_versions_draft_key', 'checklist_versions', ['checklist_id'], unique=True, postgresql_where=sa.text("state = 'draft'"))
    op.create_table('checklist_areas',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('zh', sa.Text(), nullable=False),
    sa.Column('en', sa.Text(), nullable=False),
    sa.CheckConstraint("code ~ '^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$'", name=op.f('checklist_areas_code_check')),
    sa.ForeignKeyConstraint(['version_id'], ['checklist_versions.id'], name=op.f('checklist_areas_version_id_fkey'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('checklist_areas_pkey')),
    sa.UniqueConstraint('id', 'version_id', name=op.f('checklist_areas_id_version_id_key')),
    sa.UniqueConstraint('version_id', 'code', name=op.f('checklist_areas_version_id_code_key'))
    )
    op.create_table('major_hazards',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('clause', sa.Text(), nullable=False),
    sa.Column('zh', sa.Text(), nullable=False),
    sa.Column('en', sa.Text(), nullable=False),
    sa.Column('confidence', sa.Text(), nullable=False),
    sa.CheckConstraint("code ~ '^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$'", name=op.f('major_hazards_code_check')),
    sa.CheckConstraint("confidence IN ('seen', 'recalled_high', 'recalled_medium', 'recalled_low')", name=op.f('major_hazards_confidence_check')),
    sa.ForeignKeyConstraint(['version_id'], ['checklist_versions.id'], name=op.f('major_hazards_version_id_fkey'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('major_hazards_pkey')),
    sa.UniqueConstraint('version_id', 'code', name=op.f('major_hazards_version_id_code_key'))
    )
    op.create_table('checklist_items',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('zh', sa.Text(), nullable=False),
    sa.Column('en', sa.Text(), nullable=False),
    sa.Column('basis', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('frequency', sa.Text(), nullable=False),
    sa.Column('times_per_period', sa.Integer(), nullable=False),
    sa.Column('patrol_window', sa.Text(), nullable=True),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('veto', sa.Boolean(), nullable=False),
    sa.Column('photo_required', sa.Boolean(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('facility_types', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('applies_if', sa.Text(), nullable=True),
    sa.Column('hazard_code', sa.Text(), nullable=True),
    sa.Column('major_when_zh', sa.Text(), nullable=True),
    sa.Column('major_when_en', sa.Text(), nullable=True),
    sa.CheckConstraint("code ~ '^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$'", name=op.f('checklist_items_code_check')),
    sa.CheckConstraint("frequency IN ('daily', 'weekly', 'monthly', 'quarterly', 'yearly')", name=op.f('checklist_items_frequency_check')),
    sa.CheckConstraint("method IN ('onsite', 'document', 'interview', 'test')", name=op.f('checklist_items_method_check')),
    sa.CheckConstraint("patrol_window IN ('day', 'night', 'both')", name=op.f('checklist_items_patrol_window_check')),
    sa.CheckConstraint("severity <> 'major' OR (major_when_zh IS NULL AND major_when_en IS NULL)", name=op.f('checklist_items_major_when_check')),
    sa.CheckConstraint("severity IN ('general', 'serious', 'major')", name=op.f('checklist_items_severity_check')),
    sa.CheckConstraint('(major_when_zh IS NULL) = (major_when_en IS NULL)', name=op.f('checklist_items_major_when_whole_check')),
    sa.CheckConstraint('cardinality(facility_types) > 0', name=op.f('checklist_items_facility_types_check')),
    sa.CheckConstraint('times_per_period BETWEEN 1 AND 24', name=op.f('checklist_items_times_check')),
    sa.ForeignKeyConstraint(['area_id', 'version_id'], ['checklist_areas.id', 'checklist_areas.version_id'], name='checklist_items_area_fkey', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('checklist_items_pkey')),
    sa.UniqueConstraint('id', 'version_id', name=op.f('checklist_items_id_version_id_key')),
    sa.UniqueConstraint('version_id', 'code', name=op.f('checklist_items_version_id_code_key'))
    )
    op.create_index('checklist_items_area_idx', 'checklist_items', ['area_id', 'version_id'], unique=False)
    op.create_table('checks',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=True),
    sa.Column('checked_on', sa.Date(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('corrects_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('person_name', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('overdue', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('score', sa.Numeric(precision=4, scale=1), nullable=True),
    sa.Column('grade', sa.Text(), nullable=True),
    sa.Column('outcome', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('content_sha256', sa.Text(), nullable=True),
    sa.CheckConstraint("(score IS NULL) = (grade IS NULL) AND (score IS NOT NULL) = coalesce(status = 'complete', false)", name=op.f('checks_graded_check')),
    sa.CheckConstraint("(state = 'sealed') = (content_sha256 IS NOT NULL) AND (state = 'sealed') = (sealed_at IS NOT NULL) AND (state = 'sealed') = (status IS NOT NULL)", name=op.f('checks_sealed_whole_check')),
    sa.CheckConstraint("grade IN ('excellent', 'good', 'pass', 'fail')", name=op.f('checks_grade_check')),
    sa.CheckConstraint("origin IN ('self_check', 'inspection', 'stationed', 'other')", name=op.f('checks_origin_check')),
    sa.CheckConstraint("state IN ('open', 'sealed', 'dropped')", name=op.f('checks_state_check')),
    sa.CheckConstraint("status IN ('complete', 'incomplete', 'nothing')", name=op.f('checks_status_check')),
    sa.CheckConstraint('(corrects_id IS NULL) = (revision = 1) AND (revision = 1 OR reason IS NOT NULL)', name=op.f('checks_correction_check')),
    sa.CheckConstraint('overdue >= 0', name=op.f('checks_overdue_check')),
    sa.CheckConstraint('score BETWEEN 0 AND 100', name=op.f('checks_score_check')),
    sa.ForeignKeyConstraint(['corrects_id', 'version_id', 'facility_id'], ['checks.id', 'checks.version_id', 'checks.facility_id'], name='checks_corrects_fkey'),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='checks_place_fkey'),
    sa.ForeignKeyConstraint(['person_id'], ['users.id'], name=op.f('checks_person_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('checks_township_id_fkey')),
    sa.ForeignKeyConstraint(['version_id'], ['checklist_versions.id'], name=op.f('checks_version_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('checks_pkey')),
    sa.UniqueConstraint('id', 'version_id', 'facility_id', name=op.f('checks_id_version_id_facility_id_key'))
    )
    op.create_index('checks_corrected_once_key', 'checks', ['corrects_id'], unique=True, postgresql_where=sa.text("state <> 'dropped'"))
    op.create_index('checks_corrects_idx', 'checks', ['corrects_id', 'version_id', 'facility_id'], unique=False, postgresql_where=sa.text('corrects_id IS NOT NULL'))
    op.create_index('checks_day_idx', 'checks', ['checked_on'], unique=False)
    op.create_index(op.f('checks_person_id_idx'), 'checks', ['person_id'], unique=False)
    op.create_index('checks_place_idx', 'checks', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('checks_township_id_idx'), 'checks', ['township_id'], unique=False)
    op.create_index('checks_version_idx', 'checks', ['version_id'], unique=False)
    op.create_table('check_answers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('check_id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('result', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('escalated', sa.Boolean(), nullable=False),
    sa.Column('by_rule', sa.Boolean(), nullable=False),
    sa.Column('photos', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("NOT by_rule OR result = 'not_applicable'", name=op.f('check_answers_by_rule_check')),
    sa.CheckConstraint("NOT escalated OR result = 'nonconform'", name=op.f('check_answers_escalated_check')),
    sa.CheckConstraint("result IN ('conform', 'not_checked') OR by_rule OR reason IS NOT NULL", name=op.f('check_answers_reason_check')),
    sa.CheckConstraint("result IN ('conform', 'partial', 'nonconform', 'not_applicable', 'not_checked')", name=op.f('check_answers_result_check')),
    sa.ForeignKeyConstraint(['check_id', 'version_id', 'facility_id'], ['checks.id', 'checks.version_id', 'checks.facility_id'], name='check_answers_check_fkey', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='check_answers_place_fkey'),
    sa.ForeignKeyConstraint(['item_id', 'version_id'], ['checklist_items.id', 'checklist_items.version_id'], name='check_answers_item_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('check_answers_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('check_answers_pkey')),
    sa.UniqueConstraint('check_id', 'item_id', name=op.f('check_answers_check_id_item_id_key'))
    )
    op.create_index('check_answers_check_idx', 'check_answers', ['check_id', 'version_id', 'facility_id'], unique=False)
    op.create_index('check_answers_item_idx', 'check_answers', ['item_id', 'version_id'], unique=False)
    op.create_index('check_answers_place_idx', 'check_answers', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('check_answers_township_id_idx'), 'check_answers', ['township_id'], unique=False)
    for body in (FIXED, PART, SEALED, ANSWER):
        op.execute(body)
    for table, when, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {table}_fixed BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    wall(op, "checks")
    wall(op, "check_answers")


def downgrade() -> None:
    """Down."""
    for table in ("check_answers", "checks", "major_hazards", "checklist_items", "checklist_areas", "checklist_versions", "checklists"):
        op.drop_table(table)
    for function in ("check_answer_is_sealed", "check_is_sealed", "checklist_part_is_fixed", "checklist_is_fixed"):
        op.execute(f"DROP FUNCTION {function}()")
