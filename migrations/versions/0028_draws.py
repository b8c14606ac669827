"""Double-random draws with their frozen papers; requests that an officer not come; alerts of the district itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import enter_district, wall

revision = "0028_draws"
down_revision = "0027_postings"
branch_labels = None
depends_on = None

# What was approved, frozen or drawn stays: a column is filled at its step, once, and never changes again.
FIXED = """
CREATE FUNCTION draw_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[]; void text[] := '{void_reason,void_asker_id,void_asker_name,void_asked_at,voider_id,voider_name,voided_at}';
BEGIN
  IF TG_OP = 'DELETE' THEN PERFORM refuse('draws_fixed'); END IF;
  IF NEW.batch <> OLD.batch OR NEW.author_id <> OLD.author_id THEN PERFORM refuse('draws_fixed'); END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('planned', 'approved'), ('planned', 'withdrawn'), ('approved', 'withdrawn'),
    ('approved', 'frozen'), ('frozen', 'drawn'), ('frozen', 'void'), ('drawn', 'void')) THEN PERFORM refuse('draws_fixed'); END IF;
  IF OLD.state = 'planned' THEN RETURN NEW; END IF;
  free := CASE OLD.state
    WHEN 'approved' THEN '{state,reason,frozen_at,eligible,officer_count,plan_sha256,objects_sha256,officers_sha256,commitment}'::text[]
    WHEN 'frozen' THEN '{state,witness_value,witness_name,witness_office,witnessed_at,drawn_at,picked,result_sha256}'::text[] || void
    WHEN 'drawn' THEN '{state,published_at}'::text[] || void
    WHEN 'void' THEN '{published_at}'::text[]
    ELSE '{}'::text[] END;
  IF (to_jsonb(OLD) - free) <> (to_jsonb(NEW) - free) THEN PERFORM refuse('draws_fixed'); END IF;
  IF OLD.witnessed_at IS NOT NULL AND (OLD.witness_value, OLD.witness_name, OLD.witness_office, OLD.witnessed_at)
    IS DISTINCT FROM (NEW.witness_value, NEW.witness_name, NEW.witness_office, NEW.witnessed_at) THEN PERFORM refuse('draws_fixed'); END IF;
  IF OLD.published_at IS NOT NULL AND OLD.published_at IS DISTINCT FROM NEW.published_at THEN PERFORM refuse('draws_fixed'); END IF;
  RETURN NEW;
END $$
"""
PAPER = """
CREATE FUNCTION draw_paper_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (to_jsonb(OLD) - '{result,published_at}'::text[]) <> (to_jsonb(NEW) - '{result,published_at}'::text[])
    OR (OLD.result IS NOT NULL AND OLD.result IS DISTINCT FROM NEW.result)
    OR (OLD.published_at IS NOT NULL AND OLD.published_at IS DISTINCT FROM NEW.published_at) THEN
    PERFORM refuse('draws_fixed');
  END IF;
  RETURN NEW;
END $$
"""
TOLD = """
CREATE FUNCTION draw_told_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse('draws_fixed');
  RETURN NULL;
END $$
"""
TRIGGERS = {
    "draws": "draw_is_fixed", "draw_papers": "draw_paper_is_fixed", "draw_replacements": "draw_told_is_fixed",
    "draw_announcements": "draw_told_is_fixed",
}
# What those who are not the whole district, and the public, may read; they write nothing.
SEEN = {
    "draws": "state IN ('frozen', 'drawn', 'void')",
    "draw_papers": "published_at IS NOT NULL",
    "draw_replacements": "EXISTS (SELECT 1 FROM draw_papers p WHERE p.draw_id = draw_replacements.draw_id)",
    "draw_announcements": "true",
}


def _walls() -> None:
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY district ON {table} TO eldercare_district USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY local ON {table} FOR SELECT TO eldercare_local USING ({seen})")


def upgrade() -> None:
    """Up."""
    op.execute("ALTER TABLE visits ADD COLUMN IF NOT EXISTS draw_id bigint")
    with op.get_context().autocommit_block():
        op.create_index(
            "visits_draw_once_key", "visits", ["draw_id", "facility_id"], unique=True, postgresql_concurrently=True,
            if_not_exists=True, postgresql_where=sa.text("draw_id IS NOT NULL"),
        )
    op.create_table('draws',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('batch', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('checklists', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('facility_types', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('townships', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('classes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('percent', sa.Numeric(precision=5, scale=2), nullable=True),
    sa.Column('count', sa.Integer(), nullable=True),
    sa.Column('weights', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('team_size', sa.Integer(), nullable=False),
    sa.Column('speciality', sa.Text(), nullable=True),
    sa.Column('witness_kind', sa.Text(), nullable=False),
    sa.Column('witness_named', sa.Text(), nullable=False),
    sa.Column('witness_on', sa.Date(), nullable=True),
    sa.Column('author_id', sa.BigInteger(), nullable=False),
    sa.Column('author_name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approver_id', sa.BigInteger(), nullable=True),
    sa.Column('approver_name', sa.Text(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('eligible', sa.Integer(), nullable=True),
    sa.Column('officer_count', sa.Integer(), nullable=True),
    sa.Column('plan_sha256', sa.Text(), nullable=True),
    sa.Column('objects_sha256', sa.Text(), nullable=True),
    sa.Column('officers_sha256', sa.Text(), nullable=True),
    sa.Column('commitment', sa.Text(), nullable=True),
    sa.Column('witness_value', sa.Text(), nullable=True),
    sa.Column('witness_name', sa.Text(), nullable=True),
    sa.Column('witness_office', sa.Text(), nullable=True),
    sa.Column('witnessed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('picked', sa.Integer(), nullable=True),
    sa.Column('result_sha256', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('void_reason', sa.Text(), nullable=True),
    sa.Column('void_asker_id', sa.BigInteger(), nullable=True),
    sa.Column('void_asker_name', sa.Text(), nullable=True),
    sa.Column('void_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('voider_id', sa.BigInteger(), nullable=True),
    sa.Column('voider_name', sa.Text(), nullable=True),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(witness_kind = 'public') = (witness_on IS NOT NULL)", name=op.f('draws_witness_day_check')),
    sa.CheckConstraint("facility_types <@ ARRAY['institution', 'township_center', 'village_station', 'canteen', 'home_care_org']", name=op.f('draws_facility_types_check')),
    sa.CheckConstraint("speciality IN ('fire', 'food', 'medical', 'building', 'equipment', 'service', 'finance')", name=op.f('draws_speciality_check')),
    sa.CheckConstraint("state <> 'drawn' OR (witnessed_at > frozen_at AND drawn_at >= witnessed_at AND result_sha256 IS NOT NULL)", name=op.f('draws_drawn_check')),
    sa.CheckConstraint("state <> 'void' OR (void_reason IS NOT NULL AND num_nonnulls(void_asker_id, voider_id) = 2 AND voider_id <> void_asker_id)", name=op.f('draws_void_check')),
    sa.CheckConstraint("state IN ('planned', 'approved', 'frozen', 'drawn', 'void', 'withdrawn')", name=op.f('draws_state_check')),
    sa.CheckConstraint("state IN ('planned', 'withdrawn') OR (approver_id IS NOT NULL AND approver_id <> author_id)", name=op.f('draws_approver_check')),
    sa.CheckConstraint("state NOT IN ('frozen', 'drawn', 'void') OR (commitment IS NOT NULL AND frozen_at IS NOT NULL)", name=op.f('draws_frozen_check')),
    sa.CheckConstraint("witness_kind IN ('person', 'public')", name=op.f('draws_witness_kind_check')),
    sa.CheckConstraint('(witness_value IS NULL) = (witnessed_at IS NULL)', name=op.f('draws_witnessed_check')),
    sa.CheckConstraint('cardinality(facility_types) > 0 AND cardinality(checklists) > 0', name=op.f('draws_something_check')),
    sa.CheckConstraint('ends_on >= starts_on', name=op.f('draws_period_check')),
    sa.CheckConstraint('num_nonnulls(percent, count) = 1 AND percent > 0 AND percent <= 100 AND count > 0', name=op.f('draws_size_check')),
    sa.CheckConstraint('published_at IS NULL OR drawn_at IS NOT NULL', name=op.f('draws_published_check')),
    sa.CheckConstraint('team_size BETWEEN 2 AND 6', name=op.f('draws_team_size_check')),
    sa.ForeignKeyConstraint(['approver_id'], ['users.id'], name=op.f('draws_approver_id_fkey')),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('draws_author_id_fkey')),
    sa.ForeignKeyConstraint(['void_asker_id'], ['users.id'], name=op.f('draws_void_asker_id_fkey')),
    sa.ForeignKeyConstraint(['voider_id'], ['users.id'], name=op.f('draws_voider_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('draws_pkey')),
    sa.UniqueConstraint('batch', name=op.f('draws_batch_key'))
    )
    op.create_index(op.f('draws_approver_id_idx'), 'draws', ['approver_id'], unique=False)
    op.create_index(op.f('draws_author_id_idx'), 'draws', ['author_id'], unique=False)
    op.create_index(op.f('draws_state_idx'), 'draws', ['state'], unique=False)
    op.create_index(op.f('draws_void_asker_id_idx'), 'draws', ['void_asker_id'], unique=False)
    op.create_index(op.f('draws_voider_id_idx'), 'draws', ['voider_id'], unique=False)
    op.create_table('draw_announcements',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('draw_id', sa.BigInteger(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('draw_announcements_draw_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('draw_announcements_pkey')),
    sa.UniqueConstraint('draw_id', 'rank', name=op.f('draw_announcements_draw_id_rank_key'))
    )
    op.create_table('draw_papers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('draw_id', sa.BigInteger(), nullable=False),
    sa.Column('plan', sa.Text(), nullable=False),
    sa.Column('objects', sa.Text(), nullable=False),
    sa.Column('officers', sa.Text(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('draw_papers_draw_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('draw_papers_pkey')),
    sa.UniqueConstraint('draw_id', name=op.f('draw_papers_draw_id_key'))
    )
    op.create_table('draw_replacements',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('draw_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['draw_id'], ['draws.id'], name=op.f('draw_replacements_draw_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('draw_replacements_pkey')),
    sa.UniqueConstraint('draw_id', 'seq', name=op.f('draw_replacements_draw_id_seq_key'))
    )
    op.create_table('recusal_requests',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL) AND (state = 'asked') = (answer IS NULL)", name=op.f('recusal_requests_decided_check')),
    sa.CheckConstraint("state IN ('asked', 'granted', 'refused')", name=op.f('recusal_requests_state_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='recusal_requests_place_fkey'),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('recusal_requests_officer_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('recusal_requests_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('recusal_requests_pkey'))
    )
    op.create_index(op.f('recusal_requests_officer_id_idx'), 'recusal_requests', ['officer_id'], unique=False)
    op.create_index('recusal_requests_once_key', 'recusal_requests', ['facility_id', 'officer_id'], unique=True, postgresql_where=sa.text("state = 'asked'"))
    op.create_index('recusal_requests_place_idx', 'recusal_requests', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('recusal_requests_township_id_idx'), 'recusal_requests', ['township_id'], unique=False)
    op.create_foreign_key(op.f("visits_draw_id_fkey"), "visits", "draws", ["draw_id"], ["id"])
    op.alter_column("alerts", "township_id", existing_type=sa.Integer(), nullable=True)
    op.execute("ALTER TABLE alerts ADD CONSTRAINT alerts_placed_check CHECK (township_id IS NOT NULL OR level = 'district') NOT VALID")
    op.execute("ALTER TABLE alerts VALIDATE CONSTRAINT alerts_placed_check")
    wall(op, "recusal_requests")
    _walls()
    for statement in (FIXED, PAPER, TOLD):
        op.execute(statement)
    for table, function in TRIGGERS.items():
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def downgrade() -> None:
    """Down."""
    enter_district(op.get_bind())
    op.execute("DELETE FROM alerts_seen WHERE alert_id IN (SELECT id FROM alerts WHERE township_id IS NULL)")
    op.execute("DELETE FROM alerts WHERE township_id IS NULL")
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE alerts DROP CONSTRAINT alerts_placed_check")
    op.alter_column("alerts", "township_id", existing_type=sa.Integer(), nullable=False)
    op.drop_constraint(op.f("visits_draw_id_fkey"), "visits", type_="foreignkey")
    op.drop_index("visits_draw_once_key", table_name="visits")
    op.drop_column("visits", "draw_id")
    for table in ("recusal_requests", "draw_replacements", "draw_papers", "draw_announcements", "draws"):
        op.drop_table(table)
    for function in dict.fromkeys(TRIGGERS.values()):
        op.execute(f"DROP FUNCTION {function}")
