"""Choices of ad-hoc reports that people keep under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0039_report_presets"
down_revision = "0038_wall_screens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table(
        "report_presets",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> '' AND length(name) <= 40", name=op.f("report_presets_name_check")),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("report_presets_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_presets_pkey")),
        sa.UniqueConstraint("person_id", "name", name=op.f("report_presets_person_id_name_key")),
    )


def downgrade() -> None:
    """Down."""
    op.drop_table("report_presets")
