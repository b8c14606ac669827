"""A report is reviewed, approved, published and withdrawn by people; comments; numbers of issues; what is published is frozen."""

import sqlalchemy as sa
from alembic import op

from eldercare.core.db import enter_district

revision = "0034_report_life"
down_revision = "0033_visit_amends"
branch_labels = None
depends_on = None

# name → (type, default of what is there already)
COLUMNS: dict[str, tuple[str, str | None]] = {
    "life": ("text", "'issued'"), "reason": ("text", "''"), "texts": ("jsonb", "'{}'"), "texts_version": ("integer", "0"),
    "texts_by_id": ("bigint", None), "texts_by": ("text", None), "texts_at": ("timestamptz", None),
    "drawn_version": ("integer", "0"),
    "reviewed_by_id": ("bigint", None), "reviewed_by": ("text", None), "reviewed_at": ("timestamptz", None),
    "approved_by_id": ("bigint", None), "approved_by": ("text", None), "approved_at": ("timestamptz", None),
    "returned_by": ("text", None), "returned_at": ("timestamptz", None), "return_reason": ("text", None),
    "published_by": ("text", None), "published_at": ("timestamptz", None),
    "number_year": ("integer", None), "number": ("integer", None),
    "withdrawn_by": ("text", None), "withdrawn_at": ("timestamptz", None), "withdraw_reason": ("text", None),
    "replaced_by_id": ("bigint", None),
}  # fmt: skip
JUDGED = "state IN ('reviewed', 'approved', 'published', 'withdrawn')"
APPROVED = "state IN ('approved', 'published', 'withdrawn')"
RULES = {
    "reports_life_check": "CHECK (life IN ('reviewed', 'issued'))",
    "reports_steps_check": f"CHECK (life = 'issued' OR (({JUDGED}) = (reviewed_by_id IS NOT NULL)"
    f" AND ({APPROVED}) = (approved_by_id IS NOT NULL)"
    " AND (state IN ('published', 'withdrawn')) = (published_at IS NOT NULL)))",
    "reports_signed_check": "CHECK ((reviewed_by_id IS NULL) = (reviewed_at IS NULL)"
    " AND (reviewed_by_id IS NULL) = (reviewed_by IS NULL) AND (approved_by_id IS NULL) = (approved_at IS NULL)"
    " AND (approved_by_id IS NULL) = (approved_by IS NULL))",
    "reports_two_people_check": "CHECK (reviewed_by_id <> approved_by_id)",
    "reports_own_words_check": "CHECK (reviewed_by_id <> texts_by_id AND approved_by_id <> texts_by_id)",
    "reports_behind_check": "CHECK (drawn_version <= texts_version AND (state = 'draft' OR drawn_version = texts_version))",
    "reports_number_check": "CHECK (number IS NULL OR (number > 0 AND number_year > 2000 AND state IN ('published', 'withdrawn')))",
    "reports_number_year_check": "CHECK ((number IS NULL) = (number_year IS NULL))",
    "reports_withdrawn_check": "CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)"
    " AND (withdrawn_at IS NULL) = (withdraw_reason IS NULL)"
    " AND (replaced_by_id IS NULL OR (state = 'withdrawn' AND replaced_by_id <> id)))",
    "reports_replaced_by_id_fkey": "FOREIGN KEY (replaced_by_id) REFERENCES reports (id)",
}
# figures never change; what is published or withdrawn never changes either, but for its withdrawal and what replaces it
SEALED = (
    "imprint", "texts", "pdf_sha256", "drawn_sha256", "drawn_bytes", "pages", "code", "template_version", "tools_key", "reviewed_by_id",
    "reviewed_at", "approved_by_id", "approved_at", "published_at", "number_year", "number",
)  # fmt: skip
ALWAYS = ("dataset", "dataset_sha256", "kind", "period", "place", "subject", "language", "edition", "cutoff_at", "life")


def _distinct(names: tuple[str, ...]) -> str:
    return f"({', '.join(f'OLD.{name}' for name in names)}) IS DISTINCT FROM ({', '.join(f'NEW.{name}' for name in names)})"


FREEZE = f"""
CREATE FUNCTION reports_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF {_distinct(ALWAYS)} THEN PERFORM refuse('reports_frozen'); END IF;
  IF OLD.state IN ('published', 'withdrawn') THEN
    IF {_distinct(SEALED)} THEN PERFORM refuse('reports_frozen'); END IF;
    IF NEW.state <> 'withdrawn' AND NEW.state <> OLD.state THEN PERFORM refuse('reports_frozen'); END IF;
    IF OLD.state = 'withdrawn' AND ((OLD.withdrawn_at, OLD.withdraw_reason) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdraw_reason)
      OR (OLD.replaced_by_id IS NOT NULL AND OLD.replaced_by_id IS DISTINCT FROM NEW.replaced_by_id)) THEN
      PERFORM refuse('reports_frozen');
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reports_freeze BEFORE UPDATE ON reports FOR EACH ROW EXECUTE FUNCTION reports_freeze();
"""


def upgrade() -> None:
    """Up."""
    # what breaks off in the middle (indexes are built outside the transaction) can be run again
    for name, (kind, default) in COLUMNS.items():
        rule = f"NOT NULL DEFAULT {default}" if default else ""
        op.execute(f"ALTER TABLE reports ADD COLUMN IF NOT EXISTS {name} {kind} {rule}")
    enter_district(op.get_bind())
    op.execute("UPDATE reports SET life = 'reviewed' WHERE state = 'draft'")
    op.execute("RESET ROLE")
    for name, (_, default) in COLUMNS.items():
        if default:
            op.alter_column("reports", name, server_default=None)
    for name, rule in RULES.items():
        op.execute(f"ALTER TABLE reports DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE reports ADD CONSTRAINT {name} {rule}")
    op.execute("DROP TRIGGER IF EXISTS reports_freeze ON reports; DROP FUNCTION IF EXISTS reports_freeze()")
    op.execute(FREEZE)
    op.execute("DROP TABLE IF EXISTS report_comments, report_numbers")
    _tables()
    with op.get_context().autocommit_block():
        op.create_index(
            "reports_number_key", "reports", ["kind", "number_year", "number", "language"], unique=True,
            postgresql_where=sa.text("number IS NOT NULL"), postgresql_concurrently=True, if_not_exists=True,
        )
        op.create_index(
            "reports_replaced_by_idx", "reports", ["replaced_by_id"], postgresql_where=sa.text("replaced_by_id IS NOT NULL"),
            postgresql_concurrently=True, if_not_exists=True,
        )


def _tables() -> None:
    op.create_table(
        "report_comments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name=op.f("report_comments_resolved_check")),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("report_comments_report_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_comments_pkey")),
    )
    op.create_index(op.f("report_comments_report_id_idx"), "report_comments", ["report_id"], unique=False)
    op.create_index(
        "report_comments_open_idx", "report_comments", ["report_id"], unique=False,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "report_numbers",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("report_numbers_pkey")),
    )


def downgrade() -> None:
    """Down."""
    op.drop_table("report_numbers")
    op.drop_table("report_comments")
    op.execute("DROP TRIGGER reports_freeze ON reports; DROP FUNCTION reports_freeze()")
    for name in reversed(COLUMNS):
        op.drop_column("reports", name)
