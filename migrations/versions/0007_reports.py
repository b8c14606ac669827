"""Sealed reports and what the clock remembers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0007_reports"
down_revision = "0006_family_care_beds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table('reports',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=True),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('template_version', sa.Text(), nullable=False),
    sa.Column('cutoff_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('dataset', postgresql.JSONB(), nullable=False),
    sa.Column('dataset_sha256', sa.Text(), nullable=False),
    sa.Column('pdf_sha256', sa.Text(), nullable=False),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('reports_run_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('reports_pkey'))
    )
    op.create_index('reports_edition_key', 'reports', ['kind', 'period', 'place', 'language', 'edition'], unique=True)
    op.create_index(op.f('reports_facility_id_idx'), 'reports', ['facility_id'], unique=False)
    op.create_index(op.f('reports_period_idx'), 'reports', ['period'], unique=False)
    op.create_index(op.f('reports_run_id_idx'), 'reports', ['run_id'], unique=False)
    op.create_index('reports_run_key', 'reports', ['run_id', 'language'], unique=True)
    op.create_index(op.f('reports_township_id_idx'), 'reports', ['township_id'], unique=False)
    op.create_table('clock_marks',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('clock_marks_pkey'))
    )
    wall(op, "reports")


def downgrade() -> None:
    """Down."""
    op.drop_table("clock_marks")
    op.drop_table("reports")
