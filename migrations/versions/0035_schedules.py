"""When each report is made stands in rows; a job knows how often its worker died over it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035_schedules"
down_revision = "0034_report_life"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table(
        "report_schedules",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("places", postgresql.JSONB(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("if_off", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("languages", postgresql.JSONB(), nullable=False),
        sa.Column("roles", postgresql.JSONB(), nullable=False),
        sa.Column("people", postgresql.JSONB(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.CheckConstraint("way IN ('day', 'working_day')", name=op.f("report_schedules_way_check")),
        sa.CheckConstraint("if_off IN ('keep', 'next', 'before')", name=op.f("report_schedules_if_off_check")),
        sa.CheckConstraint(
            "day BETWEEN 1 AND CASE way WHEN 'day' THEN 28 ELSE 15 END", name=op.f("report_schedules_day_check")
        ),
        sa.CheckConstraint("hour BETWEEN 0 AND 23 AND minute BETWEEN 0 AND 59", name=op.f("report_schedules_time_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_schedules_pkey")),
    )
    op.create_table(
        "schedule_skips",
        sa.Column("schedule_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["report_schedules.id"], name=op.f("schedule_skips_schedule_id_fkey")),
        sa.PrimaryKeyConstraint("schedule_id", "period", name=op.f("schedule_skips_pkey")),
    )
    op.execute("ALTER TABLE runs ADD COLUMN losses integer NOT NULL DEFAULT 0")
    op.alter_column("runs", "losses", server_default=None)


def downgrade() -> None:
    """Down."""
    op.drop_column("runs", "losses")
    op.drop_table("schedule_skips")
    op.drop_table("report_schedules")
