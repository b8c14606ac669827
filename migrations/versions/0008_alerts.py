"""What somebody has to do or should know."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0008_alerts"
down_revision = "0007_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("is_todo", sa.Boolean(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("climbed_from_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("level IN ('facility', 'township', 'district')", name=op.f("alerts_level_check")),
        sa.ForeignKeyConstraint(["facility_id", "township_id"], ["facilities.id", "facilities.township_id"], name="alerts_place_fkey"),
        sa.ForeignKeyConstraint(["township_id"], ["townships.id"], name=op.f("alerts_township_id_fkey")),
        sa.ForeignKeyConstraint(["climbed_from_id"], ["alerts.id"], name=op.f("alerts_climbed_from_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("alerts_pkey")),
        sa.UniqueConstraint("kind", "level", "entity_id", "occasion", name="alerts_once_key"),
    )
    op.create_index("alerts_place_idx", "alerts", ["facility_id", "township_id"])
    op.create_index("alerts_open_idx", "alerts", ["kind", "level"], postgresql_where=sa.text("settled_at IS NULL"))
    op.create_index("alerts_entity_idx", "alerts", ["entity", "entity_id"])
    op.create_index(op.f("alerts_township_id_idx"), "alerts", ["township_id"])
    op.create_index(op.f("alerts_made_at_idx"), "alerts", ["made_at"])
    op.create_index(op.f("alerts_climbed_from_id_idx"), "alerts", ["climbed_from_id"])
    op.create_table(
        "alerts_seen",
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("alerts_seen_alert_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("alerts_seen_person_id_fkey")),
        sa.PrimaryKeyConstraint("alert_id", "person_id", name=op.f("alerts_seen_pkey")),
    )
    op.create_index(op.f("alerts_seen_person_id_idx"), "alerts_seen", ["person_id"])
    wall(op, "alerts")


def downgrade() -> None:
    """Down."""
    op.drop_table("alerts_seen")
    op.drop_table("alerts")
