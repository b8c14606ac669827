"""${message}

Lock limits are set in env.py (lock_timeout 2 s). A walled table calls db.wall(); FORCE binds the
owner too, so a data migration begins with db.enter_district(op.get_bind()).
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Up."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Down."""
    ${downgrades if downgrades else "pass"}
