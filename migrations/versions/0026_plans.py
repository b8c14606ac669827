"""Plans of inspections, their items and rules of recurrence; the table of days off, filled from the settings it replaces."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from flask import current_app
from sqlalchemy.dialects import postgresql

from eldercare.core.db import FACILITIES, TOWNSHIPS

revision = "0026_plans"
down_revision = "0025_credit_and_supervision"
branch_labels = None
depends_on = None

# A place sees of a plan what it may see of the visit it became, and nothing before; townships see theirs, the district all.
SHOWN = f"township_id = ANY ({TOWNSHIPS}::bigint[]) OR (facility_id = ANY ({FACILITIES}::bigint[]) AND %s)"


def _secret(table: str, when: str) -> None:
    rule = SHOWN % when
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY district ON {table} TO eldercare_district USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY local ON {table} TO eldercare_local USING ({rule}) WITH CHECK ({rule})")


def _days(setting: str) -> list[date]:
    return sorted({date.fromisoformat(each) for each in current_app.config[setting].split(",") if each})


def upgrade() -> None:
    """Up."""
    op.create_table('days_off',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('is_off', sa.Boolean(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('day', name=op.f('days_off_pkey'))
    )
    op.create_table('plan_rules',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('every', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('facility_types', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('classes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('checklists', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=True),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('approved_by_id', sa.BigInteger(), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("cardinality(facility_types) > 0 AND facility_types <@ ARRAY['institution', 'township_center', 'village_station', 'canteen', 'home_care_org']", name=op.f('plan_rules_facility_types_check')),
    sa.CheckConstraint("classes <@ ARRAY['A', 'B', 'C', 'D']", name=op.f('plan_rules_classes_check')),
    sa.CheckConstraint("every IN ('month', 'quarter', 'half', 'year')", name=op.f('plan_rules_every_check')),
    sa.CheckConstraint("kind IN ('daily', 'double_random', 'special', 'joint')", name=op.f('plan_rules_kind_check')),
    sa.CheckConstraint("state <> 'in_force' OR approved_at IS NOT NULL", name=op.f('plan_rules_approved_check')),
    sa.CheckConstraint("state IN ('proposed', 'in_force', 'ended')", name=op.f('plan_rules_state_check')),
    sa.CheckConstraint('approved_by_id IS NULL OR approved_by_id <> author_id', name=op.f('plan_rules_someone_else_check')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('plan_rules_dates_check')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['users.id'], name=op.f('plan_rules_approved_by_id_fkey')),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('plan_rules_author_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('plan_rules_pkey'))
    )
    op.create_index(op.f('plan_rules_approved_by_id_idx'), 'plan_rules', ['approved_by_id'], unique=False)
    op.create_index(op.f('plan_rules_author_id_idx'), 'plan_rules', ['author_id'], unique=False)
    op.create_index(op.f('plan_rules_state_idx'), 'plan_rules', ['state'], unique=False)
    op.create_table('plans',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('month', sa.Integer(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('bounds', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=True),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('approved_by_id', sa.BigInteger(), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state IN ('approved', 'running', 'closed')) = (approved_at IS NOT NULL)", name=op.f('plans_approved_check')),
    sa.CheckConstraint("state IN ('draft', 'approved', 'running', 'closed', 'withdrawn')", name=op.f('plans_state_check')),
    sa.CheckConstraint('approved_by_id IS NULL OR approved_by_id <> author_id', name=op.f('plans_someone_else_check')),
    sa.CheckConstraint('year BETWEEN 2000 AND 2199 AND (month IS NULL OR month BETWEEN 1 AND 12)', name=op.f('plans_period_check')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['users.id'], name=op.f('plans_approved_by_id_fkey')),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('plans_author_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('plans_pkey'))
    )
    op.create_index(op.f('plans_approved_by_id_idx'), 'plans', ['approved_by_id'], unique=False)
    op.create_index(op.f('plans_author_id_idx'), 'plans', ['author_id'], unique=False)
    op.create_index('plans_period_key', 'plans', ['year', sa.literal_column('coalesce(month, 0)')], unique=True, postgresql_where="state <> 'withdrawn'")
    op.create_index(op.f('plans_state_idx'), 'plans', ['state'], unique=False)
    op.create_table('plan_items',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=True),
    sa.Column('rule_id', sa.BigInteger(), nullable=True),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('period_from', sa.Date(), nullable=False),
    sa.Column('period_to', sa.Date(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('credit_class', sa.Text(), nullable=True),
    sa.Column('checklists', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('window_from', sa.Time(), nullable=True),
    sa.Column('window_to', sa.Time(), nullable=True),
    sa.Column('first_planned_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=True),
    sa.Column('trouble', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'visit') = (visit_id IS NOT NULL)", name=op.f('plan_items_visit_check')),
    sa.CheckConstraint("kind IN ('daily', 'double_random', 'special', 'joint')", name=op.f('plan_items_kind_check')),
    sa.CheckConstraint("state <> 'dropped' OR reason IS NOT NULL", name=op.f('plan_items_dropped_check')),
    sa.CheckConstraint("state IN ('planned', 'visit', 'dropped')", name=op.f('plan_items_state_check')),
    sa.CheckConstraint("why IN ('floor', 'class', 'type', 'rule', 'hand')", name=op.f('plan_items_why_check')),
    sa.CheckConstraint('(plan_id IS NULL) <> (rule_id IS NULL)', name=op.f('plan_items_origin_check')),
    sa.CheckConstraint('planned_on BETWEEN period_from AND period_to', name=op.f('plan_items_period_check')),
    sa.CheckConstraint('window_to > window_from', name=op.f('plan_items_window_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='plan_items_place_fkey'),
    sa.ForeignKeyConstraint(['plan_id'], ['plans.id'], name=op.f('plan_items_plan_id_fkey')),
    sa.ForeignKeyConstraint(['rule_id'], ['plan_rules.id'], name=op.f('plan_items_rule_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('plan_items_township_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id'], ['visits.id'], name=op.f('plan_items_visit_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('plan_items_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('plan_items_id_facility_id_key')),
    sa.UniqueConstraint('plan_id', 'facility_id', 'seq', name=op.f('plan_items_plan_id_facility_id_seq_key')),
    sa.UniqueConstraint('rule_id', 'period', 'facility_id', name=op.f('plan_items_rule_id_period_facility_id_key')),
    sa.UniqueConstraint('visit_id', name=op.f('plan_items_visit_id_key'))
    )
    op.create_index('plan_items_day_idx', 'plan_items', ['planned_on'], unique=False)
    op.create_index('plan_items_place_idx', 'plan_items', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('plan_items_state_idx'), 'plan_items', ['state'], unique=False)
    op.create_index(op.f('plan_items_township_id_idx'), 'plan_items', ['township_id'], unique=False)
    op.create_table('plan_item_officers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.CheckConstraint('seat >= 0', name=op.f('plan_item_officers_seat_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='plan_item_officers_place_fkey'),
    sa.ForeignKeyConstraint(['item_id', 'facility_id'], ['plan_items.id', 'plan_items.facility_id'], name='plan_item_officers_item_fkey', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('plan_item_officers_officer_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('plan_item_officers_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('plan_item_officers_pkey')),
    sa.UniqueConstraint('item_id', 'officer_id', name=op.f('plan_item_officers_item_id_officer_id_key')),
    sa.UniqueConstraint('item_id', 'seat', name=op.f('plan_item_officers_item_id_seat_key'))
    )
    op.create_index('plan_item_officers_item_idx', 'plan_item_officers', ['item_id', 'facility_id'], unique=False)
    op.create_index(op.f('plan_item_officers_officer_id_idx'), 'plan_item_officers', ['officer_id'], unique=False)
    op.create_index('plan_item_officers_place_idx', 'plan_item_officers', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('plan_item_officers_township_id_idx'), 'plan_item_officers', ['township_id'], unique=False)
    _secret("plan_items", "EXISTS (SELECT 1 FROM visits WHERE visits.id = plan_items.visit_id)")
    _secret("plan_item_officers", "EXISTS (SELECT 1 FROM plan_items WHERE plan_items.id = plan_item_officers.item_id)")
    days = dict.fromkeys(_days("HOLIDAYS"), True) | dict.fromkeys(_days("MAKEUP_DAYS"), False)
    if days:
        table = sa.table("days_off", sa.column("day", sa.Date()), sa.column("is_off", sa.Boolean()), sa.column("name", sa.Text()))
        op.bulk_insert(table, [{"day": day, "is_off": is_off, "name": ""} for day, is_off in days.items()])
    op.add_column("alerts", sa.Column("person_id", sa.BigInteger(), nullable=True))
    op.execute("ALTER TABLE alerts ADD CONSTRAINT alerts_person_id_fkey FOREIGN KEY (person_id) REFERENCES users (id) NOT VALID")
    op.execute("ALTER TABLE alerts VALIDATE CONSTRAINT alerts_person_id_fkey")
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY alerts_person_idx ON alerts (person_id) WHERE person_id IS NOT NULL")


def downgrade() -> None:
    """Down."""
    op.drop_column("alerts", "person_id")
    for table in ("plan_item_officers", "plan_items", "plans", "plan_rules", "days_off"):
        op.drop_table(table)
