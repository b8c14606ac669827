"""The log with its chain, the Runs, and the queue that carries them."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0001_log_and_runs"
down_revision = None
branch_labels = None
depends_on = None


ROLES = "eldercare_app, eldercare_district, eldercare_local"

# What an entry says, in one fixed way; verify() hashes the same text again.
AUDIT_TEXT = """
CREATE FUNCTION audit_text(e audit_entries) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array(
    e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.person_id, e.person_name, e.permission,
    e.ip, e.action, e.entity, e.entity_id, e.township_id, e.facility_id, e.changes, e.details)::text
$$
"""
# SECURITY DEFINER: the application may add an entry, but neither number nor hash is its choice.
# The row lock on audit_head makes the order of entries the order of commits.
AUDIT_CHAIN = """
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
  SELECT entries + 1, hash INTO NEW.id, NEW.prev_hash FROM audit_head FOR UPDATE;
  NEW.hash := encode(sha256(convert_to(NEW.prev_hash || audit_text(NEW), 'UTF8')), 'hex');
  UPDATE audit_head SET entries = NEW.id, hash = NEW.hash;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Up."""
    op.execute(f"GRANT USAGE ON SCHEMA public TO {ROLES}, eldercare_auditor, eldercare_backup")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLES}")
    op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {ROLES}")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO eldercare_backup")
    op.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO eldercare_backup")
    _queue()
    op.create_table('audit_entries',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('person_name', sa.Text(), nullable=False),
    sa.Column('permission', sa.Text(), nullable=False),
    sa.Column('ip', sa.Text(), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('entity', sa.Text(), nullable=False),
    sa.Column('entity_id', sa.BigInteger(), nullable=True),
    sa.Column('township_id', sa.Integer(), nullable=True),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.Column('changes', postgresql.JSONB(), nullable=False),
    sa.Column('details', postgresql.JSONB(), nullable=False),
    sa.Column('prev_hash', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('audit_entries_pkey')),
    sa.UniqueConstraint('hash', name=op.f('audit_entries_hash_key'))
    )
    op.create_index(op.f('audit_entries_action_idx'), 'audit_entries', ['action'], unique=False)
    op.create_index(op.f('audit_entries_at_idx'), 'audit_entries', ['at'], unique=False)
    op.create_index(op.f('audit_entries_facility_id_idx'), 'audit_entries', ['facility_id'], unique=False)
    op.create_index(op.f('audit_entries_person_id_idx'), 'audit_entries', ['person_id'], unique=False)
    op.create_index(op.f('audit_entries_township_id_idx'), 'audit_entries', ['township_id'], unique=False)
    op.create_table('runs',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('is_scheduled', sa.Boolean(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=True),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('progress', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=True),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('params', postgresql.JSONB(), nullable=False),
    sa.Column('result', postgresql.JSONB(), nullable=False),
    sa.Column('error_code', sa.Text(), nullable=True),
    sa.Column('error_details', postgresql.JSONB(), nullable=False),
    sa.Column('permission', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f('runs_state_check')),
    sa.CheckConstraint("state NOT IN ('done', 'failed') OR finished_at IS NOT NULL", name=op.f('runs_finished_check')),
    sa.CheckConstraint('progress >= 0 AND (total IS NULL OR progress <= total)', name=op.f('runs_progress_check')),
    sa.PrimaryKeyConstraint('id', name=op.f('runs_pkey'))
    )
    op.create_index('runs_created_at_idx', 'runs', ['created_at'], unique=False)
    op.create_index('runs_due_key', 'runs', ['kind', 'period', 'place'], unique=True, postgresql_where=sa.text('is_scheduled'))
    op.create_index(op.f('runs_facility_id_idx'), 'runs', ['facility_id'], unique=False)
    op.create_index(op.f('runs_person_id_idx'), 'runs', ['person_id'], unique=False)
    op.create_index(op.f('runs_state_idx'), 'runs', ['state'], unique=False)
    op.create_index(op.f('runs_township_id_idx'), 'runs', ['township_id'], unique=False)
    op.create_index("audit_entries_entity_idx", "audit_entries", ["entity", "entity_id"])
    op.execute("ALTER TABLE audit_entries ALTER COLUMN id DROP DEFAULT")
    op.execute("DROP SEQUENCE audit_entries_id_seq")
    op.execute("CREATE TABLE audit_head (entries bigint NOT NULL, hash text NOT NULL)")
    op.execute("CREATE UNIQUE INDEX audit_head_only_one ON audit_head ((true))")
    op.execute(f"INSERT INTO audit_head VALUES (0, '{'0' * 64}')")
    op.execute(AUDIT_TEXT)
    op.execute(AUDIT_CHAIN)
    op.execute(
        "CREATE TRIGGER audit_entries_chain BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_chain()"
    )
    op.execute(f"REVOKE UPDATE, DELETE ON audit_entries FROM {ROLES}")
    op.execute(f"REVOKE INSERT, UPDATE, DELETE ON audit_head FROM {ROLES}")
    op.execute("GRANT SELECT ON audit_entries, audit_head TO eldercare_auditor")
    wall(op, "audit_entries", owner="person_id", auditor=True)
    wall(op, "runs", owner="person_id")


def downgrade() -> None:
    """Down."""
    op.drop_table("runs")
    op.execute("DROP FUNCTION audit_text(audit_entries)")
    op.drop_table("audit_entries")
    op.execute("DROP FUNCTION audit_chain()")
    op.execute("DROP TABLE audit_head")
    for kind, name in op.get_bind().execute(sa.text(QUEUE_PARTS)).all():
        op.execute(f"DROP {kind} IF EXISTS {name} CASCADE")
    for what in ("TABLES", "SEQUENCES"):
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON {what} FROM {ROLES}, eldercare_backup")


QUEUE_PARTS = """
SELECT 'TABLE', quote_ident(relname) FROM pg_class WHERE relname LIKE 'procrastinate_%' AND relkind = 'r'
UNION ALL SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'procrastinate_%'
UNION ALL SELECT 'TYPE', quote_ident(typname) FROM pg_type
  WHERE typname LIKE 'procrastinate_%' AND typtype IN ('e', 'c') AND typrelid = 0
UNION ALL SELECT 'TYPE', quote_ident(relname) FROM pg_class WHERE relname LIKE 'procrastinate_%' AND relkind = 'c'
"""


def _queue() -> None:
    """procrastinate's own schema, as the pinned version ships it."""
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())
