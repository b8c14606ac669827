"""Staff with certificates, training and rosters; reminders of licences are alerts now."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import wall

revision = "0014_staff"
down_revision = "0013_stay_machine"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table('staff_members',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sex', sa.Text(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=False),
    sa.Column('id_number', sa.LargeBinary(), nullable=False),
    sa.Column('id_number_index', sa.LargeBinary(), nullable=False),
    sa.Column('person_key', sa.BigInteger(), nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('posts', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('employment', sa.Text(), nullable=False),
    sa.Column('skill_level', sa.Integer(), nullable=True),
    sa.Column('insured_here', sa.Boolean(), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.Column('away_from', sa.Date(), nullable=True),
    sa.Column('back_on', sa.Date(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(person_key, person_key, '[]')"), '&&'), (sa.literal_column("int8range(facility_id, facility_id, '[]')"), '&&'), (sa.literal_column("daterange(started_on, ended_on, '[]')"), '&&'), using='gist', name='staff_members_once_excl'),
    sa.CheckConstraint("(state = 'left') = (ended_on IS NOT NULL)", name=op.f('staff_members_ended_check')),
    sa.CheckConstraint("cardinality(posts) > 0 AND posts <@ ARRAY['caregiver', 'nurse', 'doctor', 'cook', 'fire_control', 'equipment', 'manager', 'safety_officer', 'cleaner', 'social_worker', 'other']", name=op.f('staff_members_posts_check')),
    sa.CheckConstraint("employment IN ('full_time', 'part_time', 'dispatched', 'rehired', 'volunteer')", name=op.f('staff_members_employment_check')),
    sa.CheckConstraint("sex IN ('male', 'female')", name=op.f('staff_members_sex_check')),
    sa.CheckConstraint("skill_level IS NULL OR 'caregiver' = ANY (posts)", name=op.f('staff_members_skill_of_caregivers_check')),
    sa.CheckConstraint("state IN ('employed', 'on_leave', 'left')", name=op.f('staff_members_state_check')),
    sa.CheckConstraint('ended_on IS NULL OR ended_on >= started_on', name=op.f('staff_members_dates_check')),
    sa.CheckConstraint('skill_level BETWEEN 1 AND 5', name=op.f('staff_members_skill_level_check')),
    sa.CheckConstraint('started_on > birth_date', name=op.f('staff_members_born_before_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='staff_members_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('staff_members_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('staff_members_pkey')),
    sa.UniqueConstraint('id', 'facility_id', 'person_key', name=op.f('staff_members_id_facility_id_person_key_key')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('staff_members_id_facility_id_key'))
    )
    op.create_index('staff_members_person_idx', 'staff_members', ['person_key'], unique=False)
    op.create_index('staff_members_place_idx', 'staff_members', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('staff_members_township_id_idx'), 'staff_members', ['township_id'], unique=False)
    op.create_table('staff_trainings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('hours', sa.Numeric(precision=5, scale=1), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('trainer', sa.Text(), nullable=True),
    sa.CheckConstraint('hours > 0 AND hours <= 200', name=op.f('staff_trainings_hours_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='staff_trainings_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('staff_trainings_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('staff_trainings_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('staff_trainings_id_facility_id_key'))
    )
    op.create_index('staff_trainings_held_on_idx', 'staff_trainings', ['held_on'], unique=False)
    op.create_index('staff_trainings_place_idx', 'staff_trainings', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('staff_trainings_township_id_idx'), 'staff_trainings', ['township_id'], unique=False)
    op.create_table('staff_attendances',
    sa.Column('training_id', sa.BigInteger(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='staff_attendances_place_fkey'),
    sa.ForeignKeyConstraint(['member_id', 'facility_id'], ['staff_members.id', 'staff_members.facility_id'], name='staff_attendances_member_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('staff_attendances_township_id_fkey')),
    sa.ForeignKeyConstraint(['training_id', 'facility_id'], ['staff_trainings.id', 'staff_trainings.facility_id'], name='staff_attendances_training_fkey', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('training_id', 'member_id', name=op.f('staff_attendances_pkey'))
    )
    op.create_index('staff_attendances_member_idx', 'staff_attendances', ['member_id', 'facility_id'], unique=False)
    op.create_index('staff_attendances_place_idx', 'staff_attendances', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('staff_attendances_township_id_idx'), 'staff_attendances', ['township_id'], unique=False)
    op.create_table('staff_certificates',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('issuer', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('file_hash', sa.Text(), nullable=True),
    sa.Column('file_name', sa.Text(), nullable=True),
    sa.Column('is_current', sa.Boolean(), nullable=False),
    sa.CheckConstraint("kind IN ('caregiver', 'nurse', 'doctor', 'food_handler_health', 'fire_control_room', 'special_equipment', 'first_aid', 'safety_officer', 'social_worker', 'other')", name=op.f('staff_certificates_kind_check')),
    sa.CheckConstraint('valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from', name=op.f('staff_certificates_dates_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='staff_certificates_place_fkey'),
    sa.ForeignKeyConstraint(['member_id', 'facility_id'], ['staff_members.id', 'staff_members.facility_id'], name='staff_certificates_member_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('staff_certificates_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('staff_certificates_pkey'))
    )
    op.create_index('staff_certificates_member_idx', 'staff_certificates', ['member_id', 'facility_id'], unique=False)
    op.create_index('staff_certificates_place_idx', 'staff_certificates', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('staff_certificates_township_id_idx'), 'staff_certificates', ['township_id'], unique=False)
    op.create_index('staff_certificates_valid_to_idx', 'staff_certificates', ['valid_to'], unique=False)
    op.create_table('staff_shifts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('member_id', sa.BigInteger(), nullable=False),
    sa.Column('person_key', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('shift', sa.Text(), nullable=False),
    sa.Column('duty', sa.Text(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hours', postgresql.TSTZRANGE(), sa.Computed("tstzrange(starts_at, ends_at, '[)')", persisted=True), nullable=False),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(person_key, person_key, '[]')"), '&&'), (sa.column('hours'), '&&'), using='gist', name='staff_shifts_one_at_a_time_excl'),
    sa.CheckConstraint("duty IN ('caregiver', 'nurse', 'doctor', 'cook', 'fire_control', 'equipment', 'manager', 'safety_officer', 'cleaner', 'social_worker', 'other')", name=op.f('staff_shifts_duty_check')),
    sa.CheckConstraint("shift IN ('day', 'evening', 'night')", name=op.f('staff_shifts_shift_check')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('staff_shifts_hours_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='staff_shifts_place_fkey'),
    sa.ForeignKeyConstraint(['member_id', 'facility_id', 'person_key'], ['staff_members.id', 'staff_members.facility_id', 'staff_members.person_key'], name='staff_shifts_member_fkey', onupdate='CASCADE'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('staff_shifts_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('staff_shifts_pkey'))
    )
    op.create_index('staff_shifts_day_idx', 'staff_shifts', ['facility_id', 'day'], unique=False)
    op.create_index('staff_shifts_member_idx', 'staff_shifts', ['member_id', 'day'], unique=False)
    op.create_index('staff_shifts_place_idx', 'staff_shifts', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('staff_shifts_township_id_idx'), 'staff_shifts', ['township_id'], unique=False)
    op.drop_table('licence_reminders')
    wall(op, "staff_members")
    wall(op, "staff_trainings")
    wall(op, "staff_attendances")
    wall(op, "staff_certificates")
    wall(op, "staff_shifts")


def downgrade() -> None:
    """Down."""
    op.drop_table("staff_shifts")
    op.drop_table("staff_attendances")
    op.drop_table("staff_certificates")
    op.drop_table("staff_trainings")
    op.drop_table("staff_members")
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
    op.create_index(op.f('licence_reminders_township_id_idx'), 'licence_reminders', ['township_id'], unique=False)
    op.create_index('licence_reminders_place_idx', 'licence_reminders', ['facility_id', 'township_id'], unique=False)
    wall(op, "licence_reminders")
