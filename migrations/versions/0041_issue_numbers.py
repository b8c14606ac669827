"""Numbers of issues stand with all other numbers that are given one after another."""

import sqlalchemy as sa
from alembic import op

revision = "0041_issue_numbers"
down_revision = "0040_retention"
branch_labels = None
depends_on = None

# an installation that was set up between two versions has no table of their own
MOVED = """
DO $$ BEGIN
  IF to_regclass('report_numbers') IS NOT NULL THEN
    INSERT INTO counters (name, year, last) SELECT 'report:' || kind, year, last FROM report_numbers WHERE last > 0
      ON CONFLICT (name, year) DO UPDATE SET last = greatest(counters.last, excluded.last);
    DROP TABLE report_numbers;
  END IF;
END $$
"""


def upgrade() -> None:
    """Up."""
    op.execute(MOVED)


def downgrade() -> None:
    """Down."""
    op.create_table(
        "report_numbers",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("report_numbers_pkey")),
    )
    op.execute("INSERT INTO report_numbers SELECT substr(name, 8), year, last FROM counters WHERE name LIKE 'report:%'")
    op.execute("DELETE FROM counters WHERE name LIKE 'report:%'")
