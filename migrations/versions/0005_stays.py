"""Who sleeps where since when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0005_stays"
down_revision = "0004_residents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table('stays',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('nights', postgresql.DATERANGE(), sa.Computed("CASE WHEN starts_on IS NULL THEN 'empty'::daterange ELSE daterange(starts_on, ends_on, '[)') END", persisted=True), nullable=False),
    sa.Column('contract_no', sa.Text(), nullable=True),
    sa.Column('care_level', sa.Text(), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(resident_id, resident_id, '[]')"), '&&'), (sa.column('nights'), '&&'), using='gist', name='stays_one_home_excl'),
    sa.CheckConstraint("(state IN ('discharged', 'deceased')) = (ends_on IS NOT NULL)", name=op.f('stays_ended_check')),
    sa.CheckConstraint("starts_on IS NOT NULL OR state IN ('applied', 'assessed', 'rejected', 'contracted')", name=op.f('stays_begun_check')),
    sa.CheckConstraint("state IN ('applied', 'assessed', 'rejected', 'contracted', 'trial', 'in_residence', 'on_leave', 'hospitalised', 'discharged', 'deceased')", name=op.f('stays_state_check')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('stays_dates_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='stays_place_fkey'),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('stays_resident_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('stays_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('stays_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('stays_id_facility_id_key'))
    )
    op.create_index('stays_dates_idx', 'stays', ['starts_on', 'ends_on'], unique=False)
    op.create_index('stays_place_idx', 'stays', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('stays_resident_id_idx'), 'stays', ['resident_id'], unique=False)
    op.create_index(op.f('stays_township_id_idx'), 'stays', ['township_id'], unique=False)
    op.create_table('stay_beds',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('stay_id', sa.BigInteger(), nullable=False),
    sa.Column('bed_id', sa.BigInteger(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('nights', postgresql.DATERANGE(), sa.Computed("daterange(starts_on, ends_on, '[)')", persisted=True), nullable=False),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(bed_id, bed_id, '[]')"), '&&'), (sa.column('nights'), '&&'), using='gist', name='stay_beds_one_resident_excl'),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(stay_id, stay_id, '[]')"), '&&'), (sa.column('nights'), '&&'), using='gist', name='stay_beds_one_bed_excl'),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('stay_beds_dates_check')),
    sa.ForeignKeyConstraint(['bed_id', 'facility_id'], ['beds.id', 'beds.facility_id'], name='stay_beds_bed_fkey'),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='stay_beds_place_fkey'),
    sa.ForeignKeyConstraint(['stay_id', 'facility_id'], ['stays.id', 'stays.facility_id'], name='stay_beds_stay_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('stay_beds_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('stay_beds_pkey'))
    )
    op.create_index('stay_beds_bed_idx', 'stay_beds', ['bed_id', 'facility_id'], unique=False)
    op.create_index('stay_beds_place_idx', 'stay_beds', ['facility_id', 'township_id'], unique=False)
    op.create_index('stay_beds_stay_idx', 'stay_beds', ['stay_id', 'facility_id'], unique=False)
    op.create_index(op.f('stay_beds_township_id_idx'), 'stay_beds', ['township_id'], unique=False)
    wall(op, "stays")
    wall(op, "stay_beds")


def downgrade() -> None:
    """Down."""
    op.drop_table("stay_beds")
    op.drop_table("stays")
