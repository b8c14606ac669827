"""A report has a state, a code and an imprint; the bytes as drawn are known apart from the file handed out."""

from alembic import op

revision = "0031_report_editions"
down_revision = "0030_published_results"
branch_labels = None
depends_on = None

STATES = "state IN ('draft', 'reviewed', 'approved', 'published', 'withdrawn')"
# what was made before was drawn without an imprint and sealed by nothing but its hash
COLUMNS = {
    "state": ("text", "'published'"), "code": ("text", None), "imprint": ("jsonb", "'{}'"),
    "drawn_sha256": ("text", "''"), "drawn_bytes": ("integer", "0"),
}
CODES = """
    UPDATE reports SET code = translate(upper(substr(md5(random()::text || id), 1, 16)), 'ILOU', '1100'),
           drawn_sha256 = pdf_sha256, drawn_bytes = bytes WHERE code IS NULL
"""


def upgrade() -> None:
    """Up."""
    op.execute("SET LOCAL ROLE eldercare_district")
    for name, (kind, default) in COLUMNS.items():
        rule = f"NOT NULL DEFAULT {default}" if default else ""
        op.execute("RESET ROLE")
        op.execute(f"ALTER TABLE reports ADD COLUMN IF NOT EXISTS {name} {kind} {rule}")
    op.execute("SET LOCAL ROLE eldercare_district")
    op.execute(CODES)
    op.execute("RESET ROLE")
    op.alter_column("reports", "code", nullable=False)
    for name, (_, default) in COLUMNS.items():
        if default:
            op.alter_column("reports", name, server_default=None)
    op.execute("ALTER TABLE reports DROP CONSTRAINT IF EXISTS reports_state_check")
    op.execute(f"ALTER TABLE reports ADD CONSTRAINT reports_state_check CHECK ({STATES})")
    with op.get_context().autocommit_block():
        op.create_index("reports_code_key", "reports", ["code"], unique=True, postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    """Down."""
    for name in reversed(COLUMNS):
        op.drop_column("reports", name)
