"""In which coordinate system a facility's position was given; the position itself is WGS-84."""

import sqlalchemy as sa
from alembic import op

revision = "0012_coordinate_systems"
down_revision = "0011_bed_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.add_column("facilities", sa.Column("coord_system", sa.Text(), nullable=False, server_default="wgs84"))
    op.create_check_constraint(
        op.f("facilities_coord_system_check"), "facilities", "coord_system IN ('wgs84', 'gcj02', 'bd09', 'cgcs2000')"
    )


def downgrade() -> None:
    """Down."""
    op.drop_constraint(op.f("facilities_coord_system_check"), "facilities")
    op.drop_column("facilities", "coord_system")
