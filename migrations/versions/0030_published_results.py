"""What the public reads of a visit stands in a table of its own, without a wall."""

import sqlalchemy as sa
from alembic import op

revision = "0030_published_results"
down_revision = "0029_risks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table(
        "published_results",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('daily', 'double_random', 'special', 'joint', 'case', 'recheck')", name=op.f("published_results_kind_check")
        ),
        sa.CheckConstraint(
            "result IN ('none', 'fixed', 'order', 'transfer', 'obstructed', 'absent')", name=op.f("published_results_result_check")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("published_results_visit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("published_results_pkey")),
        sa.UniqueConstraint("visit_id", name=op.f("published_results_visit_id_key")),
    )
    op.create_index("published_results_day_idx", "published_results", ["published_at"], unique=False)
    op.execute("ALTER TABLE visits DROP CONSTRAINT visits_publish_text_check")
    op.drop_column("visits", "publish_text")


def downgrade() -> None:
    """Down."""
    op.add_column("visits", sa.Column("publish_text", sa.Text(), nullable=True))
    op.execute("UPDATE visits SET publish_text = p.words FROM published_results p WHERE p.visit_id = visits.id")
    op.execute("ALTER TABLE visits ADD CONSTRAINT visits_publish_text_check CHECK ((published_at IS NULL) = (publish_text IS NULL))")
    op.drop_table("published_results")
