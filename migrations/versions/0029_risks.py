"""Weights of the risk score, and places proposed for a month."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import FACILITIES, TOWNSHIPS

revision = "0029_risks"
down_revision = "0028_draws"
branch_labels = None
depends_on = None

# The project's proposal (to be confirmed by the district): points for each, points at most.
PROPOSED = (
    '{"major": [15, 30], "overdue": [8, 24], "repeat": [5, 20], "incidents_e1": [20, 40], "incidents_e2": [12, 36],'
    ' "incidents_e3": [3, 12], "incidents_e4": [1, 4], "complaints": [5, 20], "selfchecks": [1, 15], "credit": [5, 15],'
    ' "unseen": [2, 24]}'
)


def upgrade() -> None:
    """Up."""
    op.create_table('risk_weights',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('factors', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('is_confirmed', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.CheckConstraint("reason <> ''", name=op.f('risk_weights_reason_check')),
    sa.PrimaryKeyConstraint('id', name=op.f('risk_weights_pkey')),
    sa.UniqueConstraint('valid_from', name=op.f('risk_weights_valid_from_key'))
    )
    op.create_table('risk_proposals',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('month', sa.Text(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('weights_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'taken') = (visit_id IS NOT NULL)", name=op.f('risk_proposals_taken_check')),
    sa.CheckConstraint("month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name=op.f('risk_proposals_month_check')),
    sa.CheckConstraint("state <> 'set_aside' OR reason <> ''", name=op.f('risk_proposals_reason_check')),
    sa.CheckConstraint("state IN ('proposed', 'taken', 'set_aside')", name=op.f('risk_proposals_state_check')),
    sa.CheckConstraint('rank > 0 AND score >= 0', name=op.f('risk_proposals_figures_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='risk_proposals_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('risk_proposals_township_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='risk_proposals_visit_fkey'),
    sa.ForeignKeyConstraint(['weights_id'], ['risk_weights.id'], name=op.f('risk_proposals_weights_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('risk_proposals_pkey')),
    sa.UniqueConstraint('month', 'facility_id', name=op.f('risk_proposals_month_facility_id_key'))
    )
    op.create_index('risk_proposals_place_idx', 'risk_proposals', ['facility_id', 'township_id'], unique=False)
    op.create_index('risk_proposals_visit_idx', 'risk_proposals', ['visit_id', 'facility_id'], unique=False)
    op.create_index(op.f('risk_proposals_township_id_idx'), 'risk_proposals', ['township_id'], unique=False)
    op.create_index(op.f('risk_proposals_weights_id_idx'), 'risk_proposals', ['weights_id'], unique=False)
    # A home learns from a proposal that it will be visited: it sees none before the visit is shown to it.
    rule = (
        f"township_id = ANY ({TOWNSHIPS}::bigint[]) OR (facility_id = ANY ({FACILITIES}::bigint[])"
        " AND EXISTS (SELECT 1 FROM visits WHERE visits.id = risk_proposals.visit_id))"
    )
    op.execute("ALTER TABLE risk_proposals ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE risk_proposals FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY district ON risk_proposals TO eldercare_district USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY local ON risk_proposals TO eldercare_local USING ({rule}) WITH CHECK ({rule})")
    op.execute(
        "INSERT INTO risk_weights (valid_from, factors, is_confirmed, reason, created_at, created_by) VALUES"
        f" ('2020-01-01', '{PROPOSED}'::jsonb, false, 'Proposal of the project', now(), '')"
    )


def downgrade() -> None:
    """Down."""
    op.drop_table('risk_proposals')
    op.drop_table('risk_weights')
