"""What a bed costs; and the log of one place read from its end, which is how a bed board learns what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0011_bed_prices"
down_revision = "0010_attachments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    with op.get_context().autocommit_block():
        op.create_index("audit_entries_place_idx", "audit_entries", ["facility_id", "id"], postgresql_concurrently=True, if_not_exists=True)
        op.drop_index(op.f("audit_entries_facility_id_idx"), "audit_entries", postgresql_concurrently=True, if_exists=True)
    op.add_column("beds", sa.Column("price_fen", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("beds_price_fen_check"), "beds", "price_fen >= 0")


def downgrade() -> None:
    """Down."""
    op.drop_constraint(op.f("beds_price_fen_check"), "beds")
    op.drop_column("beds", "price_fen")
    with op.get_context().autocommit_block():
        op.create_index(op.f("audit_entries_facility_id_idx"), "audit_entries", ["facility_id"], postgresql_concurrently=True, if_not_exists=True)
        op.drop_index("audit_entries_place_idx", "audit_entries", postgresql_concurrently=True, if_exists=True)
