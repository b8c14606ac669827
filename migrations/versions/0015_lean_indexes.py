"""Indexes without empty entries, one key instead of two for what hangs on a resident, leaving after registration,
what a list had said of a person's ability.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import enter_district

revision = "0015_lean_indexes"
down_revision = "0014_staff"
branch_labels = None
depends_on = None

# table → index → its columns; from now on only of the rows where the first column holds anything
GIVEN = {
    "residents": {
        "residents_place_idx": ["facility_id", "township_id"],
        "residents_village_place_idx": ["village_id", "township_id"],
        "residents_hukou_township_id_idx": ["hukou_township_id"],
        "residents_ability_level_idx": ["ability_level"],
        "residents_next_due_on_idx": ["next_due_on"],
        "residents_duplicate_of_id_idx": ["duplicate_of_id"],
        "residents_import_run_id_idx": ["import_run_id"],
    },
    "assessments": {"assessments_facility_id_idx": ["facility_id"]},
    "contacts": {"contacts_facility_id_idx": ["facility_id"]},
    "household_spells": {"household_spells_facility_id_idx": ["facility_id"]},
    "consents": {"consents_facility_id_idx": ["facility_id"]},
    "resident_changes": {"resident_changes_facility_id_idx": ["facility_id"]},
}
LEAVING = "residents_leaving_after_registration_check"

CHILDREN = ("assessments", "contacts", "household_spells", "consents", "resident_changes")
# The key carries the township along (and with it, by `follow_resident`, the facility): what is left to lead is a
# change of the facility alone.
LEAD = (
    "CREATE TRIGGER residents_lead AFTER UPDATE OF township_id, facility_id ON residents FOR EACH ROW WHEN ({})"
    " EXECUTE FUNCTION lead_children()"
)
OTHER_HOME = "OLD.facility_id IS DISTINCT FROM NEW.facility_id"
OTHER_PLACE = f"OLD.township_id IS DISTINCT FROM NEW.township_id OR {OTHER_HOME}"


def _given() -> Iterator[tuple[str, str, list[str]]]:
    for table, indexes in GIVEN.items():
        for name, columns in indexes.items():
            yield table, name, columns


def upgrade() -> None:
    """Up."""
    with op.get_context().autocommit_block():  # first: what breaks off here can be run again
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS residents_facility_id_idx")  # residents_place_idx begins with its column
        for table, name, columns in _given():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            given = sa.text(f"{columns[0]} IS NOT NULL")
            op.create_index(name, table, columns, postgresql_where=given, postgresql_concurrently=True)
    op.add_column("assessments", sa.Column("replaced", postgresql.JSONB(), nullable=True))
    enter_district(op.get_bind())
    # who left was on the register before: the day of leaving is known from a notice, the other was often the day of typing
    op.execute(
        "UPDATE residents SET registered_on = least(died_on, moved_out_on)"
        " WHERE least(died_on, moved_out_on) < registered_on"
    )
    op.execute("RESET ROLE")
    op.execute(f"ALTER TABLE residents ADD CONSTRAINT {LEAVING} CHECK (least(died_on, moved_out_on) >= registered_on)")
    for child in CHILDREN:
        op.execute(
            f"ALTER TABLE {child} DROP CONSTRAINT {child}_resident_id_fkey, DROP CONSTRAINT {child}_township_id_fkey,"
            f" ADD CONSTRAINT {child}_resident_fkey FOREIGN KEY (resident_id, township_id)"
            " REFERENCES residents (id, township_id) ON UPDATE CASCADE"
        )
    op.execute("DROP TRIGGER residents_lead ON residents")
    op.execute(LEAD.format(OTHER_HOME))


def downgrade() -> None:
    """Down."""
    op.execute(f"ALTER TABLE residents DROP CONSTRAINT {LEAVING}")
    op.drop_column("assessments", "replaced")
    op.execute("DROP TRIGGER residents_lead ON residents")
    op.execute(LEAD.format(OTHER_PLACE))
    for child in CHILDREN:
        op.execute(
            f"ALTER TABLE {child} DROP CONSTRAINT {child}_resident_fkey,"
            f" ADD CONSTRAINT {child}_resident_id_fkey FOREIGN KEY (resident_id) REFERENCES residents (id),"
            f" ADD CONSTRAINT {child}_township_id_fkey FOREIGN KEY (township_id) REFERENCES townships (id)"
        )
    with op.get_context().autocommit_block():
        for table, name, columns in _given():
            op.execute(f"DROP INDEX CONCURRENTLY {name}")
            op.create_index(name, table, columns, postgresql_concurrently=True)
        op.create_index("residents_facility_id_idx", "residents", ["facility_id"], postgresql_concurrently=True)
