"""Which list brought a record in is a trace, no key: the Runs of lists are never removed, and nothing is looked up by it."""

from alembic import op

revision = "0018_trace_of_lists"
down_revision = "0017_health"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.drop_constraint("residents_import_run_id_fkey", "residents")
    op.drop_index("residents_import_run_id_idx", "residents")


def downgrade() -> None:
    """Down."""
    op.create_foreign_key("residents_import_run_id_fkey", "residents", "runs", ["import_run_id"], ["id"])
    with op.get_context().autocommit_block():
        op.execute("CREATE INDEX CONCURRENTLY residents_import_run_id_idx ON residents (import_run_id) WHERE import_run_id IS NOT NULL")
