"""The certificates that ever sealed a report are kept; a report is found by the hash of its file."""

import sqlalchemy as sa
from alembic import op

revision = "0036_seal_certificates"
down_revision = "0035_schedules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.execute("DROP TABLE IF EXISTS seal_certificates")  # the index is built outside the transaction: it can be run again
    op.create_table(
        "seal_certificates",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("seal_certificates_pkey")),
    )
    with op.get_context().autocommit_block():
        op.create_index("reports_pdf_idx", "reports", ["pdf_sha256"], postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    """Down."""
    op.drop_index("reports_pdf_idx", "reports")
    op.drop_table("seal_certificates")
