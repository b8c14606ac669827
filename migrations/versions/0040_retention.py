"""What is published is kept until a day; until then nobody takes its file or figures away, and the row itself nobody ever."""

import sqlalchemy as sa
from alembic import op

from eldercare.core.db import enter_district

revision = "0040_retention"
down_revision = "0039_report_presets"
branch_labels = None
depends_on = None

COLUMNS = {"keep_until": "date", "keep_reason": "text", "file_removed_at": "timestamptz", "file_removed_by": "text"}
OFFICIAL = "state IN ('published', 'withdrawn') AND person_id IS NULL AND kind <> 'ad-hoc'"
RULES = {
    "reports_keep_check": f"CHECK (({OFFICIAL}) = (keep_until IS NOT NULL))",
    "reports_file_removed_check": "CHECK ((file_removed_at IS NULL) = (file_removed_by IS NULL) AND (file_removed_at IS NULL"
    " OR (keep_until IS NOT NULL AND dataset = '{}' AND imprint = '{}' AND texts = '{}')))",
}
# What was published before this knows no setting yet: it is kept as long as the longest rule asks for (30 years).
KEPT = f"""
UPDATE reports SET keep_until = (CASE WHEN subject = '' THEN ((cutoff_at - interval '1 second') AT TIME ZONE 'Asia/Shanghai')::date
  ELSE (coalesce(published_at, made_at) AT TIME ZONE 'Asia/Shanghai')::date END + interval '30 years')::date
WHERE {OFFICIAL} AND keep_until IS NULL
"""
# never: what tells an edition apart, its hashes, who stands for it; what was said goes with the file, once
ALWAYS = ("dataset_sha256", "kind", "period", "place", "subject", "language", "edition", "cutoff_at", "life")
SEALED = (
    "pdf_sha256", "drawn_sha256", "drawn_bytes", "pages", "code", "template_version", "tools_key", "reviewed_by_id",
    "reviewed_at", "approved_by_id", "approved_at", "published_at", "number_year", "number",
)  # fmt: skip


def _distinct(*names: str) -> str:
    return f"({', '.join(f'OLD.{name}' for name in names)}) IS DISTINCT FROM ({', '.join(f'NEW.{name}' for name in names)})"


FREEZE = f"""
CREATE FUNCTION reports_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.keep_until IS NOT NULL OR OLD.state IN ('reviewed', 'approved') THEN PERFORM refuse('reports_kept'); END IF;
    RETURN OLD;
  END IF;
  IF {_distinct(*ALWAYS)} THEN PERFORM refuse('reports_frozen'); END IF;
  IF OLD.file_removed_at IS NULL AND NEW.file_removed_at IS NOT NULL THEN
    IF OLD.keep_until IS NULL OR OLD.keep_until >= (now() AT TIME ZONE 'Asia/Shanghai')::date OR {_distinct("keep_until", "state")}
      THEN PERFORM refuse('reports_years'); END IF;
  ELSIF {_distinct("dataset", "file_removed_at", "file_removed_by")} OR (OLD.keep_until IS NOT NULL AND {_distinct("imprint", "texts")})
    THEN PERFORM refuse('reports_frozen');
  END IF;
  IF OLD.keep_until IS NOT NULL AND {_distinct("keep_until", "keep_reason")} THEN
    IF OLD.file_removed_at IS NOT NULL THEN PERFORM refuse('reports_file_gone'); END IF;
    IF NEW.keep_until IS NULL OR NEW.keep_until <= OLD.keep_until THEN PERFORM refuse('reports_kept_shorter'); END IF;
    IF coalesce(NEW.keep_reason, '') = '' THEN PERFORM refuse('reports_keep_reason'); END IF;
  END IF;
  IF OLD.state IN ('published', 'withdrawn') THEN
    IF {_distinct(*SEALED)} OR (OLD.keep_until IS NULL AND {_distinct("imprint", "texts")}) THEN PERFORM refuse('reports_frozen'); END IF;
    IF NEW.state <> 'withdrawn' AND NEW.state <> OLD.state THEN PERFORM refuse('reports_frozen'); END IF;
    IF OLD.state = 'withdrawn' AND ((OLD.withdrawn_at, OLD.withdraw_reason) IS DISTINCT FROM (NEW.withdrawn_at, NEW.withdraw_reason)
      OR (OLD.replaced_by_id IS NOT NULL AND OLD.replaced_by_id IS DISTINCT FROM NEW.replaced_by_id)) THEN
      PERFORM refuse('reports_frozen');
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reports_freeze BEFORE UPDATE OR DELETE ON reports FOR EACH ROW EXECUTE FUNCTION reports_freeze();
"""
GONE = "DROP TRIGGER IF EXISTS reports_freeze ON reports; DROP FUNCTION IF EXISTS reports_freeze()"


def upgrade() -> None:
    """Up."""
    # what breaks off in the middle (the index is built outside the transaction) can be run again
    for name, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE reports ADD COLUMN IF NOT EXISTS {name} {kind}")
    enter_district(op.get_bind())
    op.execute(KEPT)
    op.execute("RESET ROLE")
    for name, rule in RULES.items():
        op.execute(f"ALTER TABLE reports DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE reports ADD CONSTRAINT {name} {rule}")
    op.execute(GONE)
    op.execute(FREEZE)
    with op.get_context().autocommit_block():
        op.create_index(
            "reports_keep_until_idx", "reports", ["keep_until"], postgresql_where=sa.text("file_removed_at IS NULL"),
            postgresql_concurrently=True, if_not_exists=True,
        )  # fmt: skip


def downgrade() -> None:
    """Down."""
    op.drop_index("reports_keep_until_idx", "reports")
    op.execute(GONE)
    for name in reversed(COLUMNS):
        op.drop_column("reports", name)
    life = op.get_context().script.get_revision("0034_report_life")
    op.execute(life.module.FREEZE)
