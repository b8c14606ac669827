"""What reports are drawn with is kept: a bundle of templates and code, engine and fonts."""

from alembic import op

revision = "0032_report_tools"
down_revision = "0031_report_editions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.execute("""
        CREATE TABLE IF NOT EXISTS report_tools (
            key text CONSTRAINT report_tools_pkey PRIMARY KEY, bundle_sha256 text NOT NULL, engine jsonb NOT NULL,
            first_at timestamptz NOT NULL
        )
    """)
    op.execute("ALTER TABLE reports ADD COLUMN IF NOT EXISTS tools_key text")
    op.execute("ALTER TABLE reports DROP CONSTRAINT IF EXISTS reports_tools_key_fkey")
    op.execute("""
        ALTER TABLE reports ADD CONSTRAINT reports_tools_key_fkey FOREIGN KEY (tools_key) REFERENCES report_tools (key) NOT VALID
    """)
    op.execute("ALTER TABLE reports VALIDATE CONSTRAINT reports_tools_key_fkey")
    with op.get_context().autocommit_block():
        op.create_index("reports_tools_key_idx", "reports", ["tools_key"], postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    """Down."""
    op.drop_column("reports", "tools_key")
    op.drop_table("report_tools")
