"""Homes fitted and watched like a bed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0006_family_care_beds"
down_revision = "0005_stays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table('family_care_beds',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('agreement_no', sa.Text(), nullable=True),
    sa.Column('adaptations', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('devices', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('accepted_on', sa.Date(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("(state = 'closed') = (ends_on IS NOT NULL)", name=op.f('family_care_beds_ended_check')),
    sa.CheckConstraint("state IN ('applied', 'surveyed', 'adapted', 'accepted', 'active', 'paused', 'closed')", name=op.f('family_care_beds_state_check')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('family_care_beds_dates_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='family_care_beds_place_fkey'),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('family_care_beds_resident_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('family_care_beds_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('family_care_beds_pkey'))
    )
    op.create_index(op.f('family_care_beds_facility_id_idx'), 'family_care_beds', ['facility_id'], unique=False)
    op.create_index('family_care_beds_open_key', 'family_care_beds', ['resident_id'], unique=True, postgresql_where="state <> 'closed'")
    op.create_index('family_care_beds_place_idx', 'family_care_beds', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('family_care_beds_resident_id_idx'), 'family_care_beds', ['resident_id'], unique=False)
    op.create_index(op.f('family_care_beds_township_id_idx'), 'family_care_beds', ['township_id'], unique=False)
    wall(op, "family_care_beds")


def downgrade() -> None:
    """Down."""
    op.drop_table("family_care_beds")
