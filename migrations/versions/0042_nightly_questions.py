"""What the clock and every open page ask of the biggest tables again and again is found and not searched for."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0042_nightly_questions"
down_revision = "0041_issue_numbers"
branch_labels = None
depends_on = None

# table → index → (what it is of, which rows are in it, its method)
INDEXES: dict[str, dict[str, tuple[list[Any], str | None, str]]] = {
    "visit_photos": {f"visit_photos_{each}_idx": ([each], None, "btree") for each in ("sha256", "clean_sha256", "thumb_sha256")},
    "attachments": {
        "attachments_sha256_idx": (["sha256"], None, "btree"),
        "attachments_thumb_sha256_idx": (["thumb_sha256"], "thumb_sha256 IS NOT NULL", "btree"),
    },
    "checks": {"checks_open_idx": (["id"], "state = 'open'", "btree")},
    "check_answers": {"check_answers_photos_idx": (["photos"], "photos <> '{}'", "gin")},
    "selfcheck_rounds": {
        "selfcheck_rounds_waits_idx": (["facility_id", "until_at"], "state IN ('due', 'missed')", "btree"),
    },
    "alerts": {"alerts_news_idx": (["kind", "level"], "NOT is_todo", "btree")},
    "reports": {"reports_photos_idx": ([sa.text("(dataset['photos'])")], "file_removed_at IS NULL", "gin")},
    "runs": {"runs_files_idx": (["finished_at"], "result ? 'file'", "btree")},
}


def upgrade() -> None:
    """Up."""
    with op.get_context().autocommit_block():
        for table, indexes in INDEXES.items():
            for name, (of, rows, method) in indexes.items():
                op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # what breaks off here can be run again
                where = sa.text(rows) if rows else None
                op.create_index(
                    name, table, of, postgresql_using=method, postgresql_where=where, postgresql_concurrently=True
                )  # fmt: skip


def downgrade() -> None:
    """Down."""
    for table, indexes in reversed(INDEXES.items()):
        for name in reversed(indexes):
            op.drop_index(name, table)
