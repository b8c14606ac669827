"""Rounds of self-checks, their photos, what is hardly plausible about them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import leads_attachments, wall

revision = "0024_selfchecks"
down_revision = "0023_tablets"
branch_labels = None
depends_on = None

TABLES = ("selfcheck_rounds", "selfcheck_flags", "selfcheck_photos")
# A round that is done or not owed stays as it is; what is missed can only still be done late.
OVER = """
CREATE FUNCTION selfcheck_round_is_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('done', 'late', 'waived') THEN PERFORM refuse('selfcheck_rounds_sealed'); END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Up."""
    op.create_table('selfcheck_rounds',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('checklist_id', sa.Integer(), nullable=False),
    sa.Column('duty', sa.Text(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('check_id', sa.BigInteger(), nullable=True),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('person_name', sa.Text(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=True),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('accuracy_m', sa.Integer(), nullable=True),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('faults', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state IN ('done', 'late')) = (done_at IS NOT NULL)", name=op.f('selfcheck_rounds_done_check')),
    sa.CheckConstraint("duty IN ('patrol_day', 'patrol_night', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly')", name=op.f('selfcheck_rounds_duty_check')),
    sa.CheckConstraint("state IN ('due', 'done', 'late', 'missed', 'waived')", name=op.f('selfcheck_rounds_state_check')),
    sa.CheckConstraint('(lon IS NULL) = (lat IS NULL) AND (lat IS NULL) = (accuracy_m IS NULL)', name=op.f('selfcheck_rounds_position_check')),
    sa.CheckConstraint('check_id IS NULL OR begun_at IS NOT NULL', name=op.f('selfcheck_rounds_begun_check')),
    sa.CheckConstraint('slot BETWEEN 1 AND times', name=op.f('selfcheck_rounds_slot_check')),
    sa.CheckConstraint('until_at > from_at', name=op.f('selfcheck_rounds_window_check')),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('selfcheck_rounds_check_id_fkey')),
    sa.ForeignKeyConstraint(['checklist_id'], ['checklists.id'], name=op.f('selfcheck_rounds_checklist_id_fkey')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='selfcheck_rounds_place_fkey'),
    sa.ForeignKeyConstraint(['member_id'], ['staff_members.id'], name=op.f('selfcheck_rounds_member_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('selfcheck_rounds_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('selfcheck_rounds_pkey')),
    sa.UniqueConstraint('facility_id', 'checklist_id', 'duty', 'times', 'period', 'slot', name='selfcheck_rounds_once_key')
    )
    op.create_index('selfcheck_rounds_check_key', 'selfcheck_rounds', ['check_id'], unique=True, postgresql_where='check_id IS NOT NULL')
    op.create_index(op.f('selfcheck_rounds_checklist_id_idx'), 'selfcheck_rounds', ['checklist_id'], unique=False)
    op.create_index('selfcheck_rounds_day_idx', 'selfcheck_rounds', ['day', 'facility_id'], unique=False)
    op.create_index('selfcheck_rounds_due_idx', 'selfcheck_rounds', ['until_at'], unique=False, postgresql_where="state = 'due'")
    op.create_index('selfcheck_rounds_member_idx', 'selfcheck_rounds', ['member_id'], unique=False, postgresql_where=sa.text('member_id IS NOT NULL'))
    op.create_index(op.f('selfcheck_rounds_township_id_idx'), 'selfcheck_rounds', ['township_id'], unique=False)
    op.create_table('selfcheck_flags',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('evidence', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('judged_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('judged_by', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'open') = (judged_at IS NULL) AND (state = 'open') = (note IS NULL)", name=op.f('selfcheck_flags_judged_check')),
    sa.CheckConstraint("kind IN ('too_fast', 'same_photo', 'same_minute', 'far_away')", name=op.f('selfcheck_flags_kind_check')),
    sa.CheckConstraint("state IN ('open', 'in_order', 'not_in_order')", name=op.f('selfcheck_flags_state_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='selfcheck_flags_place_fkey'),
    sa.ForeignKeyConstraint(['round_id'], ['selfcheck_rounds.id'], name=op.f('selfcheck_flags_round_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('selfcheck_flags_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('selfcheck_flags_pkey')),
    sa.UniqueConstraint('round_id', 'kind', name='selfcheck_flags_once_key')
    )
    op.create_index('selfcheck_flags_place_idx', 'selfcheck_flags', ['facility_id', 'made_at'], unique=False)
    op.create_index(op.f('selfcheck_flags_township_id_idx'), 'selfcheck_flags', ['township_id'], unique=False)
    op.create_table('selfcheck_photos',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('attachment_id', sa.BigInteger(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('bits', sa.BigInteger(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachments.id'], name=op.f('selfcheck_photos_attachment_id_fkey')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='selfcheck_photos_place_fkey'),
    sa.ForeignKeyConstraint(['round_id'], ['selfcheck_rounds.id'], name=op.f('selfcheck_photos_round_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('selfcheck_photos_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('selfcheck_photos_pkey')),
    sa.UniqueConstraint('round_id', 'item_code', 'attachment_id', name='selfcheck_photos_once_key')
    )
    op.create_index(op.f('selfcheck_photos_attachment_id_idx'), 'selfcheck_photos', ['attachment_id'], unique=False)
    op.create_index('selfcheck_photos_place_idx', 'selfcheck_photos', ['facility_id', 'taken_at'], unique=False)
    op.create_index(op.f('selfcheck_photos_township_id_idx'), 'selfcheck_photos', ['township_id'], unique=False)
    op.execute(OVER)
    op.execute(
        "CREATE TRIGGER selfcheck_rounds_over BEFORE UPDATE OR DELETE ON selfcheck_rounds FOR EACH ROW"
        " EXECUTE FUNCTION selfcheck_round_is_over()"
    )
    leads_attachments(op, "selfcheck_rounds", "selfcheck_round")
    for table in TABLES:
        wall(op, table)


def downgrade() -> None:
    """Down."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION selfcheck_round_is_over()")
