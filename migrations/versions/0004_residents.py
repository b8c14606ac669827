"""The registry of older people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0004_residents"
down_revision = "0003_people_and_grants"
branch_labels = None
depends_on = None


# A child row stands where its resident stands: its place is copied from the resident, and follows
# when the resident moves (only someone who reaches both places can move one: the wall says so).
FOLLOW = """
CREATE FUNCTION follow_resident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT township_id, facility_id INTO NEW.township_id, NEW.facility_id FROM residents WHERE id = NEW.resident_id;
  RETURN NEW;
END $$
"""
LEAD = """
CREATE FUNCTION lead_children() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE assessments SET resident_id = NEW.id WHERE resident_id = NEW.id;
  UPDATE contacts SET resident_id = NEW.id WHERE resident_id = NEW.id;
  UPDATE household_spells SET resident_id = NEW.id WHERE resident_id = NEW.id;
  UPDATE consents SET resident_id = NEW.id WHERE resident_id = NEW.id;
  UPDATE resident_changes SET resident_id = NEW.id WHERE resident_id = NEW.id;
  RETURN NULL;
END $$
"""
CHILDREN = ("assessments", "contacts", "household_spells", "consents", "resident_changes")


def upgrade() -> None:
    """Up."""
    op.create_table('residents',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sex', sa.Text(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=False),
    sa.Column('birth_date_source', sa.Text(), nullable=False),
    sa.Column('id_type', sa.Text(), nullable=False),
    sa.Column('id_number', sa.LargeBinary(), nullable=True),
    sa.Column('id_number_index', sa.LargeBinary(), nullable=True),
    sa.Column('id_last4', sa.Text(), nullable=True),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('social_card_no', sa.LargeBinary(), nullable=True),
    sa.Column('bank_account', sa.LargeBinary(), nullable=True),
    sa.Column('bank_name', sa.Text(), nullable=True),
    sa.Column('ethnicity', sa.Text(), nullable=True),
    sa.Column('hukou_township_id', sa.Integer(), nullable=True),
    sa.Column('hukou_type', sa.Text(), nullable=True),
    sa.Column('hukou_address', sa.Text(), nullable=True),
    sa.Column('village_id', sa.Integer(), nullable=True),
    sa.Column('village_name', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('household_type', sa.Text(), nullable=False),
    sa.Column('living_arrangement', sa.Text(), nullable=False),
    sa.Column('left_behind', sa.Boolean(), nullable=False),
    sa.Column('ability_level', sa.Integer(), nullable=True),
    sa.Column('ability_score', sa.Integer(), nullable=True),
    sa.Column('assessed_on', sa.Date(), nullable=True),
    sa.Column('next_due_on', sa.Date(), nullable=True),
    sa.Column('care_level', sa.Text(), nullable=True),
    sa.Column('chronic_diseases', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('dementia', sa.Boolean(), nullable=False),
    sa.Column('disability_cert', sa.Text(), nullable=True),
    sa.Column('notes', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('registered_on', sa.Date(), nullable=False),
    sa.Column('moved_out_on', sa.Date(), nullable=True),
    sa.Column('moved_to', sa.Text(), nullable=True),
    sa.Column('died_on', sa.Date(), nullable=True),
    sa.Column('death_source', sa.Text(), nullable=True),
    sa.Column('duplicate_of_id', sa.BigInteger(), nullable=True),
    sa.Column('search', postgresql.TSVECTOR(), nullable=True),
    sa.Column('import_run_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("birth_date > DATE '1890-01-01'", name=op.f('residents_birth_date_check')),
    sa.CheckConstraint("birth_date_source IN ('id_number', 'entered')", name=op.f('residents_birth_date_source_check')),
    sa.CheckConstraint("facility_id IS NULL OR state = 'active'", name=op.f('residents_home_only_active_check')),
    sa.CheckConstraint("household_type IN ('extreme_poverty_institution', 'extreme_poverty_home', 'subsistence_allowance', 'near_subsistence', 'rigid_expenditure', 'preferential', 'special_family', 'severe_disability', 'ordinary')", name=op.f('residents_household_type_check')),
    sa.CheckConstraint("hukou_type IN ('urban', 'rural', 'unified')", name=op.f('residents_hukou_type_check')),
    sa.CheckConstraint("id_type IN ('id_card', 'hk_macao_permit', 'taiwan_permit', 'passport', 'other')", name=op.f('residents_id_type_check')),
    sa.CheckConstraint("living_arrangement IN ('living_alone', 'empty_nest', 'with_children', 'with_relatives', 'institution', 'other')", name=op.f('residents_living_arrangement_check')),
    sa.CheckConstraint("sex IN ('male', 'female')", name=op.f('residents_sex_check')),
    sa.CheckConstraint("state <> 'deceased' OR died_on IS NOT NULL", name=op.f('residents_death_day_check')),
    sa.CheckConstraint("state IN ('active', 'moved_out', 'deceased', 'duplicate')", name=op.f('residents_state_check')),
    sa.CheckConstraint('ability_level BETWEEN 0 AND 4', name=op.f('residents_ability_level_check')),
    sa.CheckConstraint('ability_score BETWEEN 0 AND 90', name=op.f('residents_ability_score_check')),
    sa.CheckConstraint('died_on >= birth_date', name=op.f('residents_death_after_birth_check')),
    sa.ForeignKeyConstraint(['duplicate_of_id'], ['residents.id'], name=op.f('residents_duplicate_of_id_fkey')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='residents_place_fkey'),
    sa.ForeignKeyConstraint(['hukou_township_id'], ['townships.id'], name=op.f('residents_hukou_township_id_fkey')),
    sa.ForeignKeyConstraint(['import_run_id'], ['runs.id'], name=op.f('residents_import_run_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('residents_township_id_fkey')),
    sa.ForeignKeyConstraint(['village_id', 'township_id'], ['villages.id', 'villages.township_id'], name='residents_village_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('residents_pkey')),
    sa.UniqueConstraint('id', 'township_id', name=op.f('residents_id_township_id_key'))
    )
    op.create_index(op.f('residents_ability_level_idx'), 'residents', ['ability_level'], unique=False)
    op.create_index('residents_birth_date_idx', 'residents', ['birth_date'], unique=False)
    op.create_index(op.f('residents_duplicate_of_id_idx'), 'residents', ['duplicate_of_id'], unique=False)
    op.create_index(op.f('residents_facility_id_idx'), 'residents', ['facility_id'], unique=False)
    op.create_index(op.f('residents_household_type_idx'), 'residents', ['household_type'], unique=False)
    op.create_index(op.f('residents_hukou_township_id_idx'), 'residents', ['hukou_township_id'], unique=False)
    op.create_index('residents_id_last4_idx', 'residents', ['id_last4'], unique=False)
    op.create_index('residents_id_number_key', 'residents', ['id_number_index'], unique=True, postgresql_where="state <> 'duplicate'")
    op.create_index(op.f('residents_import_run_id_idx'), 'residents', ['import_run_id'], unique=False)
    op.create_index(op.f('residents_living_arrangement_idx'), 'residents', ['living_arrangement'], unique=False)
    op.create_index(op.f('residents_next_due_on_idx'), 'residents', ['next_due_on'], unique=False)
    op.create_index('residents_phone_index_idx', 'residents', ['phone_index'], unique=False)
    op.create_index('residents_place_idx', 'residents', ['facility_id', 'township_id'], unique=False)
    op.create_index('residents_search_idx', 'residents', ['search'], unique=False, postgresql_using='gin')
    op.create_index('residents_township_list_idx', 'residents', ['township_id', 'state', 'id'], unique=False)
    op.create_index('residents_village_place_idx', 'residents', ['village_id', 'township_id'], unique=False)
    op.create_table('assessments',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('scale', sa.Text(), nullable=False),
    sa.Column('assessed_on', sa.Date(), nullable=False),
    sa.Column('items', postgresql.JSONB(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('raw_level', sa.Integer(), nullable=False),
    sa.Column('adjustments', postgresql.JSONB(), nullable=False),
    sa.Column('final_level', sa.Integer(), nullable=False),
    sa.Column('next_due_on', sa.Date(), nullable=False),
    sa.Column('assessor', sa.Text(), nullable=False),
    sa.Column('second_assessor', sa.Text(), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('is_void', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("kind IN ('first', 'regular', 'prompt', 'review')", name=op.f('assessments_kind_check')),
    sa.CheckConstraint("scale IN ('GB/T 42195-2022', 'LTCI', 'MZ/T 039')", name=op.f('assessments_scale_check')),
    sa.CheckConstraint('next_due_on > assessed_on', name=op.f('assessments_dates_check')),
    sa.CheckConstraint('raw_level BETWEEN 0 AND 4 AND final_level BETWEEN 0 AND 4', name=op.f('assessments_levels_check')),
    sa.CheckConstraint('score BETWEEN 0 AND 90', name=op.f('assessments_score_check')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('assessments_resident_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('assessments_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('assessments_pkey'))
    )
    op.create_index(op.f('assessments_facility_id_idx'), 'assessments', ['facility_id'], unique=False)
    op.create_index('assessments_latest_idx', 'assessments', ['resident_id', 'assessed_on'], unique=False)
    op.create_index(op.f('assessments_resident_id_idx'), 'assessments', ['resident_id'], unique=False)
    op.create_index(op.f('assessments_township_id_idx'), 'assessments', ['township_id'], unique=False)
    op.create_table('contacts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=True),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('may_contact', sa.Boolean(), nullable=False),
    sa.Column('legal_basis', sa.Text(), nullable=True),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("kind IN ('emergency', 'guardian')", name=op.f('contacts_kind_check')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('contacts_resident_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('contacts_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('contacts_pkey'))
    )
    op.create_index(op.f('contacts_facility_id_idx'), 'contacts', ['facility_id'], unique=False)
    op.create_index(op.f('contacts_resident_id_idx'), 'contacts', ['resident_id'], unique=False)
    op.create_index(op.f('contacts_township_id_idx'), 'contacts', ['township_id'], unique=False)
    op.create_table('household_spells',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('household_type', sa.Text(), nullable=False),
    sa.Column('certificate_no', sa.Text(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("household_type IN ('extreme_poverty_institution', 'extreme_poverty_home', 'subsistence_allowance', 'near_subsistence', 'rigid_expenditure', 'preferential', 'special_family', 'severe_disability', 'ordinary')", name=op.f('household_spells_household_type_check')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('household_spells_dates_check')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('household_spells_resident_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('household_spells_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('household_spells_pkey'))
    )
    op.create_index(op.f('household_spells_facility_id_idx'), 'household_spells', ['facility_id'], unique=False)
    op.create_index(op.f('household_spells_resident_id_idx'), 'household_spells', ['resident_id'], unique=False)
    op.create_index(op.f('household_spells_township_id_idx'), 'household_spells', ['township_id'], unique=False)
    op.create_table('consents',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('signed_by', sa.Text(), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('withdrawn_on IS NULL OR withdrawn_on >= signed_on', name=op.f('consents_dates_check')),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('consents_resident_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('consents_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('consents_pkey'))
    )
    op.create_index(op.f('consents_facility_id_idx'), 'consents', ['facility_id'], unique=False)
    op.create_index(op.f('consents_resident_id_idx'), 'consents', ['resident_id'], unique=False)
    op.create_index(op.f('consents_township_id_idx'), 'consents', ['township_id'], unique=False)
    op.create_table('resident_changes',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('row_number', sa.Integer(), nullable=False),
    sa.Column('changes', postgresql.JSONB(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.BigInteger(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['resident_id'], ['residents.id'], name=op.f('resident_changes_resident_id_fkey')),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('resident_changes_run_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('resident_changes_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('resident_changes_pkey'))
    )
    op.create_index(op.f('resident_changes_facility_id_idx'), 'resident_changes', ['facility_id'], unique=False)
    op.create_index(op.f('resident_changes_resident_id_idx'), 'resident_changes', ['resident_id'], unique=False)
    op.create_index(op.f('resident_changes_run_id_idx'), 'resident_changes', ['run_id'], unique=False)
    op.create_index(op.f('resident_changes_township_id_idx'), 'resident_changes', ['township_id'], unique=False)
    op.execute(FOLLOW)
    op.execute(LEAD)
    for child in CHILDREN:
        op.execute(
            f"CREATE TRIGGER {child}_follow BEFORE INSERT OR UPDATE OF resident_id ON {child}"
            " FOR EACH ROW EXECUTE FUNCTION follow_resident()"
        )
    op.execute(
        "CREATE TRIGGER residents_lead AFTER UPDATE OF township_id, facility_id ON residents FOR EACH ROW"
        " WHEN (OLD.township_id IS DISTINCT FROM NEW.township_id OR OLD.facility_id IS DISTINCT FROM NEW.facility_id)"
        " EXECUTE FUNCTION lead_children()"
    )
    wall(op, "residents")
    wall(op, "assessments")
    wall(op, "contacts")
    wall(op, "household_spells")
    wall(op, "consents")
    wall(op, "resident_changes")


def downgrade() -> None:
    """Down."""
    op.drop_table("resident_changes")
    op.drop_table("consents")
    op.drop_table("household_spells")
    op.drop_table("contacts")
    op.drop_table("assessments")
    op.drop_table("residents")
    op.execute("DROP FUNCTION follow_resident()")
    op.execute("DROP FUNCTION lead_children()")
