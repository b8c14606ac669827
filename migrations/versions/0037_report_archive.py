"""A report may have a title of its own, a paper has its number; the archive is asked for months."""

import sqlalchemy as sa
from alembic import op

from eldercare.core.db import enter_district

revision = "0037_report_archive"
down_revision = "0036_seal_certificates"
branch_labels = None
depends_on = None

NUMBERS = """
    UPDATE reports SET title = coalesce(dataset -> 'order' ->> 'number', dataset -> 'visit' ->> 'number',
           dataset -> 'hazard' ->> 'number', '') WHERE subject <> ''
"""


def upgrade() -> None:
    """Up."""
    op.execute("ALTER TABLE reports ADD COLUMN IF NOT EXISTS title text NOT NULL DEFAULT ''")
    op.alter_column("reports", "title", server_default=None)
    enter_district(op.get_bind())
    op.execute(sa.text(NUMBERS))
    op.execute("RESET ROLE")
    with op.get_context().autocommit_block():
        op.create_index("reports_cutoff_at_idx", "reports", ["cutoff_at"], postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    """Down."""
    op.drop_index("reports_cutoff_at_idx", "reports")
    op.drop_column("reports", "title")
