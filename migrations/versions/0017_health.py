"""What carers must know of a resident: health profile, allergies, risks, care levels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0017_health"
down_revision = "0016_incidents_and_hazards"
branch_labels = None
depends_on = None

TABLES = ("health_profiles", "allergies", "risk_assessments", "care_levels")
RISKS = ("choking", "wrong_intake", "pressure_injury", "scald", "bed_fall", "fall", "harm", "elopement", "recreation_accident")
LEAD = (
    "CREATE FUNCTION lead_health() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    + " ".join(f"UPDATE {table} SET resident_id = NEW.id WHERE resident_id = NEW.id;" for table in TABLES)
    + " RETURN NULL; END $$"
)


def _of_resident(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("township_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=True),
        sa.Column("resident_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resident_id", "township_id"], ["residents.id", "residents.township_id"], name=f"{table}_resident_fkey", onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    ]


def _words(table: str, column: str, *words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"{table}_{column}_check"))


def upgrade() -> None:
    """Up."""
    text, words = sa.Text(), postgresql.ARRAY(sa.Text())
    op.create_table(
        "health_profiles",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("blood_type", text, nullable=True),
        sa.Column("rh_negative", sa.Boolean(), nullable=False),
        sa.Column("mobility", text, nullable=True),
        sa.Column("aids", words, nullable=False),
        sa.Column("texture", text, nullable=False),
        sa.Column("diets", words, nullable=False),
        sa.Column("devices", words, nullable=False),
        sa.Column("precautions", text, nullable=False),
        sa.Column("hospital", text, nullable=True),
        sa.Column("doctor", text, nullable=True),
        sa.Column("doctor_phone", text, nullable=True),
        sa.Column("no_allergies_on", sa.Date(), nullable=True),
        sa.Column("medications", sa.LargeBinary(), nullable=True),
        sa.Column("infections", sa.LargeBinary(), nullable=True),
        sa.Column("notes", sa.LargeBinary(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _words("health_profiles", "blood_type", "A", "B", "AB", "O"),
        _words("health_profiles", "mobility", "alone", "aided", "wheelchair", "bedridden"),
        _words("health_profiles", "texture", "ordinary", "soft", "minced", "pureed", "liquid", "tube"),
        _words("health_profiles", "precautions", "none", "contact", "droplet", "airborne", "blood"),
        sa.UniqueConstraint("resident_id", name=op.f("health_profiles_resident_id_key")),
        *_of_resident("health_profiles"),
    )
    op.create_table(
        "allergies",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", text, nullable=False),
        sa.Column("substance", text, nullable=False),
        sa.Column("reaction", text, nullable=True),
        sa.Column("severity", text, nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        _words("allergies", "kind", "drug", "food", "contact", "other"),
        _words("allergies", "severity", "mild", "severe", "life_threatening"),
        sa.CheckConstraint("ended_on >= noted_on", name=op.f("allergies_dates_check")),
        *_of_resident("allergies"),
    )
    op.create_index(
        "allergies_once_key", "allergies", ["resident_id", "substance"], unique=True, postgresql_where=sa.text("ended_on IS NULL")
    )
    op.create_table(
        "risk_assessments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", text, nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("assessor", text, nullable=False),
        sa.Column("levels", postgresql.JSONB(), nullable=False),
        sa.Column("measures", postgresql.JSONB(), nullable=False),
        sa.Column("signs", words, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _words("risk_assessments", "occasion", "admission", "regular", "change", "after_event", "after_hospital"),
        sa.CheckConstraint("next_due_on > assessed_on", name=op.f("risk_assessments_dates_check")),
        sa.CheckConstraint("levels ?& ARRAY['" + "', '".join(RISKS) + "']", name=op.f("risk_assessments_nine_check")),
        *_of_resident("risk_assessments"),
    )
    op.create_index("risk_assessments_latest_idx", "risk_assessments", ["resident_id", "assessed_on"])
    op.create_table(
        "care_levels",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("care_level", text, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("reason", text, nullable=True),
        sa.UniqueConstraint("resident_id", "starts_on", name=op.f("care_levels_resident_id_starts_on_key")),
        *_of_resident("care_levels"),
    )
    for table in TABLES:
        for column in ("resident_id", "township_id"):
            op.create_index(op.f(f"{table}_{column}_idx"), table, [column])
        op.create_index(f"{table}_facility_id_idx", table, ["facility_id"], postgresql_where=sa.text("facility_id IS NOT NULL"))
        wall(op, table)
        op.execute(
            f"CREATE TRIGGER {table}_follow BEFORE INSERT OR UPDATE OF resident_id ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION follow_resident()"
        )
    op.execute(LEAD)
    op.execute(
        "CREATE TRIGGER residents_lead_health AFTER UPDATE OF facility_id ON residents FOR EACH ROW"
        " WHEN (OLD.facility_id IS DISTINCT FROM NEW.facility_id)"
        " EXECUTE FUNCTION lead_health()"
    )


def downgrade() -> None:
    """Down."""
    op.execute("DROP TRIGGER residents_lead_health ON residents")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION lead_health()")
