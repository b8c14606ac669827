"""Hazards are reported before they are ordered; the place's own word; rectification orders with their receipts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import enter_district, wall

revision = "0021_rectification_orders"
down_revision = "0020_visits"
branch_labels = None
depends_on = None

WALLED = ("rectification_orders", "rectification_order_items", "rectification_receipts")
STATES = "'issued', 'received', 'in_progress', 'replied', 'recheck_passed', 'recheck_failed', 'closed'"
CHECKS = {
    "state": f"state IN ('reported', 'dismissed', {STATES})",
    "finder": "finder IN ('officer', 'stationed', 'home', 'township', 'other')",
    "major": "(severity = 'major') = (hazard_code IS NOT NULL)",
    "item": "(item_version_id IS NULL) = (item_code IS NULL)",
    "ordered": "(state IN ('reported', 'dismissed')) = (issued_on IS NULL) AND (issued_on IS NULL) = (due_on IS NULL)"
    " AND (issued_on IS NULL) = (issued_by IS NULL) AND (issued_on IS NULL) = (answer_by IS NULL)",
    "dismissed": "(state = 'dismissed') = (dismiss_reason IS NOT NULL)",
    "asked": "(asked_at IS NULL) = (asked_due_on IS NULL) AND (asked_at IS NULL) = (asked_reason IS NULL)"
    " AND (asked_at IS NULL) = (asked_by IS NULL)",
    "refused": "refused_reason IS NULL OR (asked_at IS NOT NULL AND extended_at IS NULL)",
    "fixed": "NOT fixed_on_spot OR (state = 'closed' AND right_on = issued_on)",
    "stated": "(statement IS NULL) = (stated_at IS NULL) AND (statement IS NULL) = (stated_by IS NULL)",
    "published": "published_at IS NULL OR (issued_on IS NOT NULL AND (statement IS NOT NULL"
    " OR (published_at AT TIME ZONE 'Asia/Shanghai')::date > answer_by))",
}
COLUMNS = {
    "finder": "text NOT NULL DEFAULT 'other'", "found_by": "text NOT NULL DEFAULT ''", "found_on": "date", "hazard_code": "text",
    "place_note": "text NOT NULL DEFAULT ''", "dismiss_reason": "text", "asked_at": "timestamptz", "asked_by": "text",
    "asked_due_on": "date", "asked_reason": "text", "refused_reason": "text", "fixed_on_spot": "boolean NOT NULL DEFAULT false",
    "rechecker": "text", "answer_by": "date", "statement": "text", "stated_at": "timestamptz", "stated_by": "text",
    "published_at": "timestamptz",
}
KEYED = {"item_version_id": "integer", "item_code": "text", "rechecker_id": "bigint"}
INDEXES = {"hazards_item_idx": ["item_version_id", "item_code"], "hazards_rechecker_idx": ["rechecker_id"]}
KEYS = {
    "hazards_item_fkey": "(item_version_id, item_code) REFERENCES checklist_items (version_id, code)",
    "hazards_rechecker_id_fkey": "(rechecker_id) REFERENCES users (id)",
}

# An issued order never changes: only its withdrawal is written on it, once. Its hazards fill the places it was issued with.
FIXED = """
CREATE FUNCTION rectification_order_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state <> 'issued' OR NEW.state <> 'withdrawn'
    OR (to_jsonb(NEW) - 'state' - 'withdrawn_at' - 'withdrawn_by' - 'withdrawn_reason')
    <> (to_jsonb(OLD) - 'state' - 'withdrawn_at' - 'withdrawn_by' - 'withdrawn_reason')
  THEN PERFORM refuse('rectification_orders_fixed'); END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION rectification_order_item_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE places integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT hazard_count INTO places FROM rectification_orders WHERE id = NEW.order_id;
    IF places IS NULL OR NEW.position NOT BETWEEN 1 AND places THEN PERFORM refuse('rectification_orders_fixed'); END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL
    OR (to_jsonb(NEW) - 'withdrawn_at') <> (to_jsonb(OLD) - 'withdrawn_at')
  THEN PERFORM refuse('rectification_orders_fixed'); END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION rectification_receipt_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse('rectification_orders_fixed');
  RETURN NULL;
END $$;
"""
TRIGGERS = (
    ("rectification_orders", "UPDATE OR DELETE", "rectification_order_is_fixed"),
    ("rectification_order_items", "INSERT OR UPDATE OR DELETE", "rectification_order_item_is_fixed"),
    ("rectification_receipts", "UPDATE OR DELETE", "rectification_receipt_is_fixed"),
)


def _check(name: str, rule: str) -> None:
    op.execute(f"ALTER TABLE hazards DROP CONSTRAINT IF EXISTS hazards_{name}_check")
    op.execute(f"ALTER TABLE hazards ADD CONSTRAINT hazards_{name}_check CHECK ({rule}) NOT VALID")
    op.execute(f"ALTER TABLE hazards VALIDATE CONSTRAINT hazards_{name}_check")


def _hazards() -> None:
    for column, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE hazards ADD COLUMN {column} {kind}")
    op.execute("ALTER TABLE hazard_replies ADD COLUMN recheck_by date")
    enter_district(op.get_bind())
    # a major hazard without a row of the table goes to the last one, "anything else with the same risk"
    op.execute(
        "UPDATE hazards SET found_on = issued_on, found_by = issued_by, answer_by = issued_on + 7,"
        " finder = CASE source_kind WHEN 'incident_action' THEN 'home' ELSE 'other' END,"
        " hazard_code = CASE severity WHEN 'major' THEN 'MH-8' END"
    )
    op.execute("UPDATE hazard_replies SET recheck_by = (replied_at AT TIME ZONE 'Asia/Shanghai')::date + 14")
    op.execute("RESET ROLE")
    for column in ("finder", "found_by", "place_note", "fixed_on_spot"):
        op.execute(f"ALTER TABLE hazards ALTER COLUMN {column} DROP DEFAULT")
    op.execute("ALTER TABLE hazards ALTER COLUMN found_on SET NOT NULL")
    op.execute("ALTER TABLE hazard_replies ALTER COLUMN recheck_by SET NOT NULL")
    for column in ("issued_on", "issued_by", "due_on"):
        op.execute(f"ALTER TABLE hazards ALTER COLUMN {column} DROP NOT NULL")
    for name, rule in CHECKS.items():
        _check(name, rule)
    for name, key in KEYS.items():
        op.execute(f"ALTER TABLE hazards ADD CONSTRAINT {name} FOREIGN KEY {key} NOT VALID")
        op.execute(f"ALTER TABLE hazards VALIDATE CONSTRAINT {name}")


def upgrade() -> None:
    """Up."""
    with op.get_context().autocommit_block():  # first: what breaks off here can be run again
        for column, kind in KEYED.items():
            op.execute(f"ALTER TABLE hazards ADD COLUMN IF NOT EXISTS {column} {kind}")
        for name, columns in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            given = sa.text(f"{columns[0]} IS NOT NULL")
            op.create_index(name, "hazards", columns, postgresql_where=given, postgresql_concurrently=True)
    _hazards()
    op.create_table('rectification_counters',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.CheckConstraint('last > 0', name=op.f('rectification_counters_last_check')),
    sa.PrimaryKeyConstraint('year', name=op.f('rectification_counters_pkey'))
    )
    op.create_table('rectification_orders',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('serial', sa.Integer(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by', sa.Text(), nullable=False),
    sa.Column('issued_by_id', sa.BigInteger(), nullable=True),
    sa.Column('organ', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('head', sa.Text(), nullable=False),
    sa.Column('source_label', sa.Text(), nullable=False),
    sa.Column('source_path', sa.Text(), nullable=False),
    sa.Column('hazard_count', sa.Integer(), nullable=False),
    sa.Column('officer_a_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_b_id', sa.BigInteger(), nullable=False),
    sa.Column('officers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('consequence', sa.Text(), nullable=False),
    sa.Column('remedies', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Text(), nullable=True),
    sa.Column('withdrawn_reason', sa.Text(), nullable=True),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (state = 'withdrawn') = (withdrawn_reason IS NOT NULL)", name=op.f('rectification_orders_withdrawn_check')),
    sa.CheckConstraint("state IN ('issued', 'withdrawn')", name=op.f('rectification_orders_state_check')),
    sa.CheckConstraint('officer_a_id <> officer_b_id', name=op.f('rectification_orders_two_officers_check')),
    sa.CheckConstraint('serial > 0 AND hazard_count > 0', name=op.f('rectification_orders_serial_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='rectification_orders_place_fkey'),
    sa.ForeignKeyConstraint(['officer_a_id'], ['officers.id'], name=op.f('rectification_orders_officer_a_id_fkey')),
    sa.ForeignKeyConstraint(['officer_b_id'], ['officers.id'], name=op.f('rectification_orders_officer_b_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('rectification_orders_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('rectification_orders_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('rectification_orders_id_facility_id_key')),
    sa.UniqueConstraint('number', name=op.f('rectification_orders_number_key')),
    sa.UniqueConstraint('year', 'serial', name=op.f('rectification_orders_year_serial_key'))
    )
    op.create_index(op.f('rectification_orders_issued_on_idx'), 'rectification_orders', ['issued_on'], unique=False)
    op.create_index(op.f('rectification_orders_officer_a_id_idx'), 'rectification_orders', ['officer_a_id'], unique=False)
    op.create_index(op.f('rectification_orders_officer_b_id_idx'), 'rectification_orders', ['officer_b_id'], unique=False)
    op.create_index('rectification_orders_place_idx', 'rectification_orders', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('rectification_orders_state_idx'), 'rectification_orders', ['state'], unique=False)
    op.create_index(op.f('rectification_orders_township_id_idx'), 'rectification_orders', ['township_id'], unique=False)
    op.create_table('rectification_receipts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('received_by', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('witness', sa.Text(), nullable=True),
    sa.Column('consent', sa.Text(), nullable=True),
    sa.Column('post_no', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('entered_by_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("way <> 'electronic' OR consent IS NOT NULL", name=op.f('rectification_receipts_consent_check')),
    sa.CheckConstraint("way <> 'left' OR witness IS NOT NULL", name=op.f('rectification_receipts_witness_check')),
    sa.CheckConstraint("way <> 'post' OR post_no IS NOT NULL", name=op.f('rectification_receipts_post_no_check')),
    sa.CheckConstraint("way IN ('in_person', 'left', 'post', 'electronic', 'platform')", name=op.f('rectification_receipts_way_check')),
    sa.CheckConstraint('received_at <= entered_at', name=op.f('rectification_receipts_times_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='rectification_receipts_place_fkey'),
    sa.ForeignKeyConstraint(['order_id', 'facility_id'], ['rectification_orders.id', 'rectification_orders.facility_id'], name='rectification_receipts_of_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('rectification_receipts_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('rectification_receipts_pkey'))
    )
    op.create_index('rectification_receipts_of_idx', 'rectification_receipts', ['order_id', 'facility_id'], unique=False)
    op.create_index('rectification_receipts_place_idx', 'rectification_receipts', ['facility_id', 'township_id'], unique=False)
    op.create_index('rectification_receipts_platform_key', 'rectification_receipts', ['order_id'], unique=True, postgresql_where=sa.text("way = 'platform'"))
    op.create_index(op.f('rectification_receipts_township_id_idx'), 'rectification_receipts', ['township_id'], unique=False)
    op.create_table('rectification_order_items',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('order_id', sa.BigInteger(), nullable=False),
    sa.Column('hazard_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('hazard_code', sa.Text(), nullable=True),
    sa.Column('item_code', sa.Text(), nullable=True),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('place_note', sa.Text(), nullable=False),
    sa.Column('basis', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('demand', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("demand <> ''", name=op.f('rectification_order_items_demand_check')),
    sa.CheckConstraint("severity IN ('general', 'serious', 'major')", name=op.f('rectification_order_items_severity_check')),
    sa.CheckConstraint('jsonb_array_length(basis) > 0', name=op.f('rectification_order_items_basis_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='rectification_order_items_place_fkey'),
    sa.ForeignKeyConstraint(['hazard_id', 'facility_id'], ['hazards.id', 'hazards.facility_id'], name='rectification_order_items_hazard_fkey'),
    sa.ForeignKeyConstraint(['order_id', 'facility_id'], ['rectification_orders.id', 'rectification_orders.facility_id'], name='rectification_order_items_of_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('rectification_order_items_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('rectification_order_items_pkey')),
    sa.UniqueConstraint('order_id', 'hazard_id', name=op.f('rectification_order_items_order_id_hazard_id_key')),
    sa.UniqueConstraint('order_id', 'position', name=op.f('rectification_order_items_order_id_position_key'))
    )
    op.create_index('rectification_order_items_hazard_idx', 'rectification_order_items', ['hazard_id', 'facility_id'], unique=False)
    op.create_index('rectification_order_items_of_idx', 'rectification_order_items', ['order_id', 'facility_id'], unique=False)
    op.create_index('rectification_order_items_once_key', 'rectification_order_items', ['hazard_id'], unique=True, postgresql_where=sa.text('withdrawn_at IS NULL'))
    op.create_index('rectification_order_items_place_idx', 'rectification_order_items', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('rectification_order_items_township_id_idx'), 'rectification_order_items', ['township_id'], unique=False)
    for table in WALLED:
        wall(op, table)
    op.execute(FIXED)
    for table, events, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {table}_fixed BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    """Down."""
    for table in (*reversed(WALLED), "rectification_counters"):
        op.drop_table(table)
    for _table, _events, function in TRIGGERS:
        op.execute(f"DROP FUNCTION {function}()")
    enter_district(op.get_bind())
    op.execute("DELETE FROM hazards WHERE state IN ('reported', 'dismissed')")
    op.execute("RESET ROLE")
    for name in KEYS:
        op.execute(f"ALTER TABLE hazards DROP CONSTRAINT {name}")
    for name in CHECKS:
        op.execute(f"ALTER TABLE hazards DROP CONSTRAINT hazards_{name}_check")
    for column in (*COLUMNS, *KEYED):
        op.execute(f"ALTER TABLE hazards DROP COLUMN {column}")
    op.execute("ALTER TABLE hazard_replies DROP COLUMN recheck_by")
    for column in ("issued_on", "issued_by", "due_on"):
        op.execute(f"ALTER TABLE hazards ALTER COLUMN {column} SET NOT NULL")
    _check("state", f"state IN ({STATES})")
