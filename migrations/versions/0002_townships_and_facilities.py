"""Where care happens: townships, villages, facilities, licences, rooms, beds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0002_townships_and_facilities"
down_revision = "0001_log_and_runs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table('townships',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('short_name', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('pinyin', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('former_names', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('lon', sa.Double(), nullable=False),
    sa.Column('lat', sa.Double(), nullable=False),
    sa.Column('area_km2', sa.Double(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('townships_pkey')),
    sa.UniqueConstraint('code', name=op.f('townships_code_key')),
    sa.UniqueConstraint('name', name=op.f('townships_name_key'))
    )
    op.create_table('villages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('villages_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('villages_pkey')),
    sa.UniqueConstraint('code', name=op.f('villages_code_key')),
    sa.UniqueConstraint('id', 'township_id', name=op.f('villages_id_township_id_key')),
    sa.UniqueConstraint('township_id', 'name', name=op.f('villages_township_id_name_key'))
    )
    op.create_table('facilities',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), sa.Computed('id', persisted=True), nullable=True),
    sa.Column('village_id', sa.Integer(), nullable=True),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('facility_type', sa.Text(), nullable=False),
    sa.Column('usc_code', sa.Text(), nullable=True),
    sa.Column('usc_override_reason', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('operator', sa.Text(), nullable=True),
    sa.Column('legal_person', sa.Text(), nullable=True),
    sa.Column('head', sa.Text(), nullable=True),
    sa.Column('safety_officer', sa.Text(), nullable=True),
    sa.Column('fire_safety_responsible', sa.Text(), nullable=True),
    sa.Column('fire_safety_manager', sa.Text(), nullable=True),
    sa.Column('opened_on', sa.Date(), nullable=True),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('filing_no', sa.Text(), nullable=True),
    sa.Column('filing_on', sa.Date(), nullable=True),
    sa.Column('ownership_mode', sa.Text(), nullable=True),
    sa.Column('registration_authority', sa.Text(), nullable=True),
    sa.Column('beds_filed', sa.Integer(), nullable=True),
    sa.Column('beds_set', sa.Integer(), nullable=True),
    sa.Column('beds_usable', sa.Integer(), nullable=True),
    sa.Column('beds_nursing', sa.Integer(), nullable=True),
    sa.Column('fire_status', sa.Text(), nullable=True),
    sa.Column('fire_acceptance_no', sa.Text(), nullable=True),
    sa.Column('fire_key_unit', sa.Boolean(), nullable=False),
    sa.Column('medical_type', sa.Text(), nullable=True),
    sa.Column('star_level', sa.Integer(), nullable=True),
    sa.Column('star_valid_to', sa.Date(), nullable=True),
    sa.Column('ltci_designated', sa.Boolean(), nullable=False),
    sa.Column('ltci_on', sa.Date(), nullable=True),
    sa.Column('stationed', sa.Boolean(), nullable=False),
    sa.Column('credit_class', sa.Text(), nullable=True),
    sa.Column('credit_class_on', sa.Date(), nullable=True),
    sa.Column('has_elevator', sa.Boolean(), nullable=False),
    sa.Column('has_boiler', sa.Boolean(), nullable=False),
    sa.Column('has_fire_control_room', sa.Boolean(), nullable=False),
    sa.Column('has_canteen', sa.Boolean(), nullable=False),
    sa.Column('has_clinic', sa.Boolean(), nullable=False),
    sa.Column('uses_gas', sa.Boolean(), nullable=False),
    sa.Column('floors', sa.Integer(), nullable=True),
    sa.Column('building_area', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('fire_rating', sa.Text(), nullable=True),
    sa.Column('structure_appraisal', sa.Text(), nullable=True),
    sa.Column('area_m2', sa.Numeric(precision=12, scale=2), nullable=True),
    sa.Column('open_hours', sa.Text(), nullable=True),
    sa.Column('services', sa.Text(), nullable=True),
    sa.Column('kitchen_mode', sa.Text(), nullable=True),
    sa.Column('seats', sa.Integer(), nullable=True),
    sa.Column('meals_per_day', sa.Integer(), nullable=True),
    sa.Column('caregivers', sa.Integer(), nullable=True),
    sa.Column('contract_no', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.CheckConstraint("credit_class IN ('A', 'B', 'C', 'D')", name=op.f('facilities_credit_class_check')),
    sa.CheckConstraint("facility_type IN ('institution', 'township_center', 'village_station', 'canteen', 'home_care_org')", name=op.f('facilities_facility_type_check')),
    sa.CheckConstraint("fire_status IN ('accepted', 'filed', 'assessed', 'none')", name=op.f('facilities_fire_status_check')),
    sa.CheckConstraint("kitchen_mode IN ('self_cook', 'delivered', 'central_kitchen')", name=op.f('facilities_kitchen_mode_check')),
    sa.CheckConstraint("ownership_mode IN ('public', 'public_private', 'private_nonprofit', 'private_profit')", name=op.f('facilities_ownership_mode_check')),
    sa.CheckConstraint("registration_authority IN ('civil_affairs', 'market', 'establishment')", name=op.f('facilities_registration_authority_check')),
    sa.CheckConstraint("state IN ('preparing', 'operating', 'suspended', 'closed', 'deregistered')", name=op.f('facilities_state_check')),
    sa.CheckConstraint('(lon IS NULL) = (lat IS NULL)', name=op.f('facilities_position_whole_check')),
    sa.CheckConstraint('beds_nursing <= beds_set', name=op.f('facilities_beds_nursing_check')),
    sa.CheckConstraint('beds_usable <= beds_set', name=op.f('facilities_beds_usable_check')),
    sa.CheckConstraint('least(beds_filed, beds_set, beds_usable, beds_nursing) >= 0', name=op.f('facilities_beds_not_negative_check')),
    sa.CheckConstraint('lon BETWEEN 73 AND 136 AND lat BETWEEN 3 AND 54', name=op.f('facilities_position_check')),
    sa.CheckConstraint('star_level BETWEEN 1 AND 5', name=op.f('facilities_star_level_check')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('facilities_township_id_fkey')),
    sa.ForeignKeyConstraint(['village_id'], ['villages.id'], name=op.f('facilities_village_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('facilities_pkey')),
    sa.UniqueConstraint('code', name=op.f('facilities_code_key')),
    sa.UniqueConstraint('id', 'township_id', name=op.f('facilities_id_township_id_key'))
    )
    op.create_index(op.f('facilities_facility_id_idx'), 'facilities', ['facility_id'], unique=False)
    op.create_index(op.f('facilities_facility_type_idx'), 'facilities', ['facility_type'], unique=False)
    op.create_index(op.f('facilities_township_id_idx'), 'facilities', ['township_id'], unique=False)
    op.create_index('facilities_usc_code_key', 'facilities', ['usc_code', 'facility_type', 'name'], unique=True)
    op.create_index(op.f('facilities_village_id_idx'), 'facilities', ['village_id'], unique=False)
    op.create_table('facility_service_townships',
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('served_township_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['facilities.id'], name=op.f('facility_service_townships_organisation_id_fkey'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['served_township_id'], ['townships.id'], name=op.f('facility_service_townships_served_township_id_fkey')),
    sa.PrimaryKeyConstraint('organisation_id', 'served_township_id', name=op.f('facility_service_townships_pkey'))
    )
    op.create_index(op.f('facility_service_townships_served_township_id_idx'), 'facility_service_townships', ['served_township_id'], unique=False)
    op.create_table('licences',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('licence_type', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('issuer', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('file_hash', sa.Text(), nullable=True),
    sa.Column('file_name', sa.Text(), nullable=True),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.CheckConstraint("licence_type IN ('business', 'filing', 'food', 'medical', 'fire', 'special_equipment', 'insurance', 'property', 'contract', 'other')", name=op.f('licences_licence_type_check')),
    sa.CheckConstraint('valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from', name=op.f('licences_dates_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='licences_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('licences_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('licences_pkey'))
    )
    op.create_index(op.f('licences_facility_id_idx'), 'licences', ['facility_id'], unique=False)
    op.create_index('licences_place_idx', 'licences', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('licences_township_id_idx'), 'licences', ['township_id'], unique=False)
    op.create_index('licences_valid_to_idx', 'licences', ['valid_to'], unique=False)
    op.create_table('licence_reminders',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('licence_id', sa.BigInteger(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('made_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='licence_reminders_place_fkey'),
    sa.ForeignKeyConstraint(['licence_id'], ['licences.id'], name=op.f('licence_reminders_licence_id_fkey'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('licence_reminders_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('licence_reminders_pkey')),
    sa.UniqueConstraint('licence_id', 'valid_to', 'threshold', name=op.f('licence_reminders_licence_id_valid_to_threshold_key'))
    )
    op.create_index('licence_reminders_place_idx', 'licence_reminders', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('licence_reminders_township_id_idx'), 'licence_reminders', ['township_id'], unique=False)
    op.create_table('rooms',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('building', sa.Text(), nullable=False),
    sa.Column('floor', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sex_policy', sa.Text(), nullable=False),
    sa.CheckConstraint("sex_policy IN ('any', 'male', 'female')", name=op.f('rooms_sex_policy_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='rooms_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('rooms_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('rooms_pkey')),
    sa.UniqueConstraint('facility_id', 'building', 'name', name=op.f('rooms_facility_id_building_name_key')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('rooms_id_facility_id_key'))
    )
    op.create_index('rooms_place_idx', 'rooms', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('rooms_township_id_idx'), 'rooms', ['township_id'], unique=False)
    op.create_table('beds',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('room_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('bed_kind', sa.Text(), nullable=False),
    sa.Column('condition', sa.Text(), nullable=False),
    sa.CheckConstraint("bed_kind IN ('nursing', 'general', 'dementia', 'short_stay')", name=op.f('beds_bed_kind_check')),
    sa.CheckConstraint("condition IN ('planned', 'available', 'maintenance', 'retired')", name=op.f('beds_condition_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='beds_place_fkey'),
    sa.ForeignKeyConstraint(['room_id'], ['rooms.id'], name=op.f('beds_room_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('beds_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('beds_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('beds_id_facility_id_key')),
    sa.UniqueConstraint('room_id', 'number', name=op.f('beds_room_id_number_key'))
    )
    op.create_index('beds_place_idx', 'beds', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('beds_township_id_idx'), 'beds', ['township_id'], unique=False)
    wall(op, "facilities")
    wall(op, "licences")
    wall(op, "licence_reminders")
    wall(op, "rooms")
    wall(op, "beds")


def downgrade() -> None:
    """Down."""
    op.drop_table("beds")
    op.drop_table("rooms")
    op.drop_table("licence_reminders")
    op.drop_table("licences")
    op.drop_table("facility_service_townships")
    op.drop_table("facilities")
    op.drop_table("villages")
    op.drop_table("townships")
