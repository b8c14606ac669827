"""Reports about one row: their subject; drafts and what the place may not see yet."""

import sqlalchemy as sa
from alembic import op

from eldercare.core.db import FACILITIES, TOWNSHIPS

revision = "0022_papers"
down_revision = "0021_rectification_orders"
branch_labels = None
depends_on = None

OLD = f"township_id = ANY ({TOWNSHIPS}::bigint[]) OR facility_id = ANY ({FACILITIES}::bigint[])"
NEW = f"township_id = ANY ({TOWNSHIPS}::bigint[]) OR (facility_id = ANY ({FACILITIES}::bigint[]) AND NOT is_internal)"
COLUMNS = ("subject text NOT NULL DEFAULT ''", "is_internal boolean NOT NULL DEFAULT false", "person_id bigint")
RULES = {
    "reports_draft_check": "CHECK (person_id IS NULL OR is_internal)",
    "reports_person_id_fkey": "FOREIGN KEY (person_id) REFERENCES users (id)",
}
EDITION = ["kind", "period", "place", "language", "edition"]


def upgrade() -> None:
    """Up."""
    # what breaks off in the middle (indexes are built outside the transaction) can be run again
    for column in COLUMNS:
        op.execute(f"ALTER TABLE reports ADD COLUMN IF NOT EXISTS {column}")
    for column in ("subject", "is_internal"):
        op.alter_column("reports", column, server_default=None)
    for name, rule in RULES.items():
        op.execute(f"ALTER TABLE reports DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE reports ADD CONSTRAINT {name} {rule} NOT VALID")
        op.execute(f"ALTER TABLE reports VALIDATE CONSTRAINT {name}")
    op.execute(f"ALTER POLICY local ON reports USING ({NEW}) WITH CHECK ({NEW})")
    with op.get_context().autocommit_block():
        op.create_index("reports_edition_new", "reports", [*EDITION[:3], "subject", *EDITION[3:]], unique=True,
                        postgresql_concurrently=True, if_not_exists=True)
        op.drop_index("reports_edition_key", "reports", postgresql_concurrently=True, if_exists=True)
        op.execute("ALTER INDEX reports_edition_new RENAME TO reports_edition_key")
        op.create_index("reports_subject_idx", "reports", ["subject"], postgresql_where=sa.text("subject <> ''"),
                        postgresql_concurrently=True, if_not_exists=True)
        op.create_index("reports_person_id_idx", "reports", ["person_id"], postgresql_concurrently=True, if_not_exists=True)


def downgrade() -> None:
    """Down."""
    op.execute("DELETE FROM reports WHERE subject <> ''")
    with op.get_context().autocommit_block():
        op.drop_index("reports_edition_key", "reports", postgresql_concurrently=True)
        op.create_index("reports_edition_key", "reports", EDITION, unique=True, postgresql_concurrently=True)
    op.execute(f"ALTER POLICY local ON reports USING ({OLD}) WITH CHECK ({OLD})")
    for column in ("person_id", "is_internal", "subject"):
        op.drop_column("reports", column)
