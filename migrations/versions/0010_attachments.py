"""Photos and papers that belong to a row of any table."""

import sqlalchemy as sa
from alembic import op

from eldercare.core.db import leads_attachments, wall

revision = "0010_attachments"
down_revision = "0009_mails"
branch_labels = None
depends_on = None

LEAD = """
CREATE FUNCTION lead_attachments() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE attachments SET township_id = NEW.township_id, facility_id = NEW.facility_id
  WHERE entity = TG_ARGV[0] AND entity_id = NEW.id;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Up."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=True),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("thumb_sha256", sa.Text(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("media_type IN ('image/jpeg', 'application/pdf')", name=op.f("attachments_media_type_check")),
        sa.CheckConstraint(
            "(media_type = 'image/jpeg') = (width IS NOT NULL AND height IS NOT NULL AND thumb_sha256 IS NOT NULL)",
            name=op.f("attachments_picture_check"),
        ),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_reason IS NULL)", name=op.f("attachments_removed_check")),
        sa.ForeignKeyConstraint(["facility_id", "township_id"], ["facilities.id", "facilities.township_id"], name="attachments_place_fkey"),
        sa.ForeignKeyConstraint(["township_id"], ["townships.id"], name=op.f("attachments_township_id_fkey")),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("attachments_made_by_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("attachments_pkey")),
    )
    op.create_index("attachments_place_idx", "attachments", ["facility_id", "township_id"])
    op.create_index(op.f("attachments_township_id_idx"), "attachments", ["township_id"])
    op.create_index(op.f("attachments_made_by_id_idx"), "attachments", ["made_by_id"])
    op.create_index(
        "attachments_once_key", "attachments", ["entity", "entity_id", "sha256"], unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    wall(op, "attachments")
    op.execute(LEAD)
    leads_attachments(op, "residents", "resident")


def downgrade() -> None:
    """Down."""
    op.execute("DROP TRIGGER residents_lead_attachments ON residents")
    op.drop_table("attachments")
    op.execute("DROP FUNCTION lead_attachments()")
