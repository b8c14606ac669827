"""Teams changed after a draw, replies in time, evidence that stays, one counter of numbers, rescue files that were not taken in."""

import sqlalchemy as sa
from alembic import op

from eldercare.core.db import enter_district

revision = "0033_visit_amends"
down_revision = "0032_report_tools"
branch_labels = None
depends_on = None

# What an order rests on, and what a home handed in on a major hazard, is added to and not taken away.
KEPT = """
CREATE FUNCTION attachment_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.removed_at IS NULL OR OLD.removed_at IS NOT NULL) AND (NEW.entity, NEW.entity_id, NEW.kind, NEW.sha256)
    IS NOT DISTINCT FROM (OLD.entity, OLD.entity_id, OLD.kind, OLD.sha256) THEN RETURN NEW; END IF;
  IF OLD.entity = 'hazard' AND OLD.kind = 'before' AND EXISTS (
    SELECT 1 FROM hazards h WHERE h.id = OLD.entity_id AND (h.issued_on IS NOT NULL
      OR EXISTS (SELECT 1 FROM rectification_order_items i WHERE i.hazard_id = h.id))) THEN PERFORM refuse('attachments_kept'); END IF;
  IF OLD.entity = 'major_case' AND OLD.kind IN ('measures', 'plan') AND EXISTS (
    SELECT 1 FROM major_cases c WHERE c.id = OLD.entity_id AND c.state IN ('judged', 'listed')) THEN PERFORM refuse('attachments_kept'); END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$
"""
# A place that came in for a closed one is read by the public from the day it is announced, as every other.
SEEN = "EXISTS (SELECT 1 FROM draw_papers p WHERE p.draw_id = draw_replacements.draw_id)"
SEEN_NOW = (
    f"{SEEN} AND EXISTS (SELECT 1 FROM draw_announcements a JOIN draws d ON d.id = a.draw_id"
    " WHERE a.draw_id = draw_replacements.draw_id AND a.rank = d.picked + draw_replacements.seq)"
)


def upgrade() -> None:
    """Up."""
    op.add_column("visits", sa.Column("team_reason", sa.Text(), nullable=True))
    op.add_column("hazards", sa.Column("replied_on", sa.Date(), nullable=True))
    op.add_column("major_cases", sa.Column("was_severity", sa.Text(), nullable=False, server_default="serious"))
    op.alter_column("major_cases", "was_severity", server_default=None)
    op.execute("ALTER TABLE major_cases ADD CONSTRAINT major_cases_was_severity_check"
               " CHECK (was_severity IN ('general', 'serious')) NOT VALID")  # fmt: skip
    op.execute("ALTER TABLE major_cases VALIDATE CONSTRAINT major_cases_was_severity_check")
    op.add_column("draw_announcements", sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("draw_announcements", "edition", server_default=None)
    op.drop_constraint("draw_announcements_draw_id_rank_key", "draw_announcements", type_="unique")
    op.create_unique_constraint("draw_announcements_draw_id_rank_edition_key", "draw_announcements", ["draw_id", "rank", "edition"])
    op.execute(f"ALTER POLICY local ON draw_replacements USING ({SEEN_NOW})")
    op.execute(KEPT)
    op.execute("CREATE TRIGGER attachments_kept BEFORE UPDATE OR DELETE ON attachments FOR EACH ROW EXECUTE FUNCTION attachment_is_kept()")
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("counters_last_check")),
        sa.PrimaryKeyConstraint("name", "year", name=op.f("counters_pkey")),
    )
    op.create_table(
        "rescue_files",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("rescue_files_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("rescue_files_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("rescue_files_sha256_key")),
    )
    op.create_index(op.f("rescue_files_person_id_idx"), "rescue_files", ["person_id"], unique=False)
    enter_district(op.get_bind())
    op.execute("UPDATE hazards h SET replied_on = (SELECT (max(r.replied_at) AT TIME ZONE 'Asia/Shanghai')::date FROM hazard_replies r"
               " WHERE r.hazard_id = h.id) WHERE EXISTS (SELECT 1 FROM hazard_replies r WHERE r.hazard_id = h.id)")  # fmt: skip
    numbers = {
        "orders": "SELECT year, last FROM rectification_counters",
        "visits": r"SELECT substring(number from '([0-9]{4})-[0-9]+$')::int, max(substring(number from '-([0-9]+)$')::int)"
                  r" FROM visits WHERE number ~ '[0-9]{4}-[0-9]+$' GROUP BY 1",
        "draws": r"SELECT substring(batch from '^([0-9]{4})')::int, max(substring(batch from '-([0-9]+)$')::int) FROM draws"
                 r" WHERE batch ~ '^[0-9]{4}-[0-9]+$' GROUP BY 1",
    }  # fmt: skip
    for name, query in numbers.items():
        found = op.get_bind().execute(sa.text(query)).all()
        for year, last in found:
            op.get_bind().execute(sa.text("INSERT INTO counters VALUES (:n, :y, :l)"), {"n": name, "y": year, "l": last})
    op.execute("RESET ROLE")
    op.drop_table("rectification_counters")


def downgrade() -> None:
    """Down."""
    op.create_table(
        "rectification_counters",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("rectification_counters_last_check")),
        sa.PrimaryKeyConstraint("year", name=op.f("rectification_counters_pkey")),
    )
    op.execute("INSERT INTO rectification_counters SELECT year, last FROM counters WHERE name = 'orders'")
    op.drop_table("rescue_files")
    op.drop_table("counters")
    op.execute("DROP TRIGGER attachments_kept ON attachments")
    op.execute("DROP FUNCTION attachment_is_kept()")
    op.execute(f"ALTER POLICY local ON draw_replacements USING ({SEEN})")
    op.execute("ALTER TABLE draw_announcements DISABLE TRIGGER draw_announcements_fixed")
    enter_district(op.get_bind())
    op.execute("DELETE FROM draw_announcements WHERE edition > 1")
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE draw_announcements ENABLE TRIGGER draw_announcements_fixed")
    op.drop_constraint("draw_announcements_draw_id_rank_edition_key", "draw_announcements", type_="unique")
    op.create_unique_constraint("draw_announcements_draw_id_rank_key", "draw_announcements", ["draw_id", "rank"])
    op.drop_column("draw_announcements", "edition")
    op.drop_column("major_cases", "was_severity")
    op.drop_column("hazards", "replied_on")
    op.drop_column("visits", "team_reason")
