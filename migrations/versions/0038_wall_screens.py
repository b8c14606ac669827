"""Wall screens: the cockpit without signing in, one page, connected by a code."""

import sqlalchemy as sa
from alembic import op

revision = "0038_wall_screens"
down_revision = "0037_report_archive"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "wall_screens",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place_township_id", sa.Integer(), sa.ForeignKey("townships.id")),
        sa.Column("shows", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), sa.ForeignKey("users.id"), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("code_hash", sa.Text(), unique=True),
        sa.Column("code_until", moment, nullable=False),
        sa.Column("token_hash", sa.Text(), unique=True),
        sa.Column("connected_at", moment),
        sa.Column("connected_from", sa.Text()),
        sa.Column("expires_at", moment),
        sa.Column("revoked_at", moment),
        sa.Column("last_seen_at", moment),
    )
    op.create_index("wall_screens_place_township_id_idx", "wall_screens", ["place_township_id"])
    op.create_index("wall_screens_made_by_id_idx", "wall_screens", ["made_by_id"])


def downgrade() -> None:
    """Down."""
    op.drop_table("wall_screens")
