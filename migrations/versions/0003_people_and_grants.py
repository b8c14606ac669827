"""People who sign in and what they were granted."""

import sqlalchemy as sa
from alembic import op

revision = "0003_people_and_grants"
down_revision = "0002_townships_and_facilities"
branch_labels = None
depends_on = None


# nobody both administers accounts and reads the log: the two roles are made adjacent ranges, and -|- is barred
SEPARATION = """
ALTER TABLE grants ADD CONSTRAINT grants_separation_excl EXCLUDE USING gist (
  (int8range(user_id, user_id, '[]')) WITH &&,
  (daterange(starts_on, ends_on, '[]')) WITH &&,
  (CASE role WHEN 'administrator' THEN int4range(1, 2) ELSE int4range(2, 3) END) WITH -|-)
WHERE (role IN ('administrator', 'auditor') AND ended_at IS NULL)
"""


def upgrade() -> None:
    """Up."""
    op.create_table('users',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('username', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('password_changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('is_enabled', sa.Boolean(), nullable=False),
    sa.Column('session_epoch', sa.Integer(), nullable=False),
    sa.Column('last_sign_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('username = lower(username)', name=op.f('users_username_lower_check')),
    sa.PrimaryKeyConstraint('id', name=op.f('users_pkey')),
    sa.UniqueConstraint('username', name=op.f('users_username_key'))
    )
    op.create_table('grants',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('place_township_id', sa.Integer(), nullable=True),
    sa.Column('place_facility_id', sa.BigInteger(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("CASE WHEN role = 'township_officer' THEN place_township_id IS NOT NULL WHEN role IN ('facility_manager', 'canteen_keeper') THEN place_facility_id IS NOT NULL ELSE place_township_id IS NULL AND place_facility_id IS NULL END", name=op.f('grants_place_fits_role_check')),
    sa.CheckConstraint("role IN ('leader', 'district_officer', 'township_officer', 'inspector', 'facility_manager', 'canteen_keeper', 'administrator', 'auditor')", name=op.f('grants_role_check')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('grants_dates_check')),
    sa.CheckConstraint('place_township_id IS NULL OR place_facility_id IS NULL', name=op.f('grants_one_place_check')),
    sa.ForeignKeyConstraint(['place_facility_id'], ['facilities.id'], name=op.f('grants_place_facility_id_fkey')),
    sa.ForeignKeyConstraint(['place_township_id'], ['townships.id'], name=op.f('grants_place_township_id_fkey')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('grants_user_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('grants_pkey'))
    )
    op.create_index(op.f('grants_place_facility_id_idx'), 'grants', ['place_facility_id'], unique=False)
    op.create_index(op.f('grants_place_township_id_idx'), 'grants', ['place_township_id'], unique=False)
    op.create_index('grants_same_key', 'grants', ['user_id', 'role', 'place_township_id', 'place_facility_id', 'starts_on'], unique=True, postgresql_nulls_not_distinct=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.execute(SEPARATION)
    op.create_index(op.f('grants_user_id_idx'), 'grants', ['user_id'], unique=False)
    op.create_table('past_passwords',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('past_passwords_user_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('past_passwords_pkey'))
    )
    op.create_index(op.f('past_passwords_user_id_idx'), 'past_passwords', ['user_id'], unique=False)
    op.create_table('sign_in_failures',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('name_index', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('sign_in_failures_pkey'))
    )
    op.create_index('sign_in_failures_address_at_idx', 'sign_in_failures', ['address', 'at'], unique=False)
    op.create_index('sign_in_failures_name_index_at_idx', 'sign_in_failures', ['name_index', 'at'], unique=False)
    op.create_index('sign_in_failures_at_idx', 'sign_in_failures', ['at'], unique=False)
    op.create_table('api_tokens',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('api_tokens_user_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('api_tokens_pkey')),
    sa.UniqueConstraint('token_hash', name=op.f('api_tokens_token_hash_key'))
    )
    op.create_index(op.f('api_tokens_user_id_idx'), 'api_tokens', ['user_id'], unique=False)
    # the log names places by their township: no personal data, so its reader may look names up
    op.execute("GRANT SELECT ON townships TO eldercare_auditor")


def downgrade() -> None:
    """Down."""
    op.execute("REVOKE SELECT ON townships FROM eldercare_auditor")
    op.drop_table("api_tokens")
    op.drop_table("sign_in_failures")
    op.drop_table("past_passwords")
    op.drop_table("grants")
    op.drop_table("users")
