"""Stationed supervision: postings, days on post, what was noted on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import leads_attachments, wall

revision = "0027_postings"
down_revision = "0026_plans"
branch_labels = None
depends_on = None

# A day that was handed in stays as it is, but for the home's word, given once.
DAY = """
CREATE FUNCTION station_day_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'open' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD.comment IS NOT NULL
    OR (to_jsonb(NEW) - 'comment' - 'commented_at' - 'commented_by') <> (to_jsonb(OLD) - 'comment' - 'commented_at' - 'commented_by')
  THEN PERFORM refuse('station_days_fixed'); END IF;
  RETURN NEW;
END $$
"""
# A note is written while its day is open; afterwards the home answers it, once.
NOTE = """
CREATE FUNCTION station_note_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE now text;
BEGIN
  SELECT state INTO now FROM station_days WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.day_id ELSE NEW.day_id END FOR SHARE;
  IF now = 'open' AND (TG_OP <> 'UPDATE' OR NEW.day_id = OLD.day_id) THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP <> 'UPDATE' OR OLD.answer IS NOT NULL
    OR (to_jsonb(NEW) - 'answer' - 'answer_reason' - 'answered_at' - 'answered_by')
      <> (to_jsonb(OLD) - 'answer' - 'answer_reason' - 'answered_at' - 'answered_by')
  THEN PERFORM refuse('station_days_fixed'); END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Up."""
    op.create_table('postings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('organisation', sa.Text(), nullable=False),
    sa.Column('weekdays', postgresql.ARRAY(sa.SmallInteger()), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('ended_reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(user_id, user_id, '[]')"), '&&'), (sa.literal_column("int8range(facility_id, facility_id, '[]')"), '&&'), (sa.literal_column("daterange(starts_on, ends_on, '[]')"), '&&'), using='gist', name='postings_once_excl'),
    sa.CheckConstraint('cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]::smallint[]', name=op.f('postings_weekdays_check')),
    sa.CheckConstraint('ended_reason IS NULL OR ends_on IS NOT NULL', name=op.f('postings_ended_check')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('postings_dates_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='postings_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('postings_township_id_fkey')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('postings_user_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('postings_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('postings_id_facility_id_key'))
    )
    op.create_index('postings_place_idx', 'postings', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('postings_township_id_idx'), 'postings', ['township_id'], unique=False)
    op.create_index(op.f('postings_user_id_idx'), 'postings', ['user_id'], unique=False)
    op.create_table('station_days',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('posting_id', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lon', sa.Float(), nullable=True),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('accuracy', sa.Float(), nullable=True),
    sa.Column('areas', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('handed_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('commented_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('commented_by', sa.Text(), nullable=True),
    sa.Column('person_name', sa.Text(), nullable=False),
    sa.CheckConstraint("(state = 'handed_in') = (handed_in_at IS NOT NULL)", name=op.f('station_days_handed_in_check')),
    sa.CheckConstraint("areas <@ ARRAY['entrance', 'rooms', 'corridors', 'kitchen', 'dining', 'fire_room', 'fire_gear', 'electrics', 'medicine', 'lift', 'bathroom', 'yard', 'records']", name=op.f('station_days_areas_check')),
    sa.CheckConstraint("state = 'open' OR (left_at IS NOT NULL AND cardinality(areas) > 0)", name=op.f('station_days_whole_check')),
    sa.CheckConstraint("state IN ('open', 'handed_in')", name=op.f('station_days_state_check')),
    sa.CheckConstraint('(comment IS NULL) = (commented_at IS NULL)', name=op.f('station_days_comment_check')),
    sa.CheckConstraint('left_at > arrived_at', name=op.f('station_days_times_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='station_days_place_fkey'),
    sa.ForeignKeyConstraint(['posting_id', 'facility_id'], ['postings.id', 'postings.facility_id'], name='station_days_posting_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('station_days_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('station_days_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('station_days_id_facility_id_key')),
    sa.UniqueConstraint('posting_id', 'day', name=op.f('station_days_posting_id_day_key'))
    )
    op.create_index('station_days_day_idx', 'station_days', ['day'], unique=False)
    op.create_index('station_days_place_idx', 'station_days', ['facility_id', 'township_id'], unique=False)
    op.create_index('station_days_posting_idx', 'station_days', ['posting_id', 'facility_id'], unique=False)
    op.create_index(op.f('station_days_township_id_idx'), 'station_days', ['township_id'], unique=False)
    op.create_table('station_notes',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('day_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('answer_reason', sa.Text(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Text(), nullable=True),
    sa.CheckConstraint("answer <> 'declined' OR answer_reason IS NOT NULL", name=op.f('station_notes_declined_check')),
    sa.CheckConstraint("answer IN ('adopted', 'declined')", name=op.f('station_notes_answer_check')),
    sa.CheckConstraint("answer IS NULL OR kind = 'advice'", name=op.f('station_notes_answer_fits_check')),
    sa.CheckConstraint("kind IN ('seen', 'advice', 'training', 'hazard')", name=op.f('station_notes_kind_check')),
    sa.CheckConstraint("text <> ''", name=op.f('station_notes_text_check')),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL)', name=op.f('station_notes_answered_check')),
    sa.ForeignKeyConstraint(['day_id', 'facility_id'], ['station_days.id', 'station_days.facility_id'], name='station_notes_day_fkey'),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='station_notes_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('station_notes_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('station_notes_pkey'))
    )
    op.create_index('station_notes_day_idx', 'station_notes', ['day_id', 'facility_id'], unique=False)
    op.create_index('station_notes_place_idx', 'station_notes', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('station_notes_township_id_idx'), 'station_notes', ['township_id'], unique=False)
    for table in ("postings", "station_days", "station_notes"):
        wall(op, table)
    op.execute(DAY)
    op.execute(NOTE)
    op.execute(
        "CREATE TRIGGER station_days_fixed BEFORE UPDATE OR DELETE ON station_days"
        " FOR EACH ROW EXECUTE FUNCTION station_day_is_fixed()"
    )
    op.execute(
        "CREATE TRIGGER station_notes_fixed BEFORE INSERT OR UPDATE OR DELETE ON station_notes"
        " FOR EACH ROW EXECUTE FUNCTION station_note_is_fixed()"
    )
    leads_attachments(op, "station_notes", "station_note")


def downgrade() -> None:
    """Down."""
    op.drop_table('station_notes')
    op.drop_table('station_days')
    op.drop_table('postings')
    op.execute("DROP FUNCTION station_note_is_fixed")
    op.execute("DROP FUNCTION station_day_is_fixed")
