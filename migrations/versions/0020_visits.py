"""Officers and what they avoid; visits and their records; the role of a stationed supervisor."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import FACILITIES, TOWNSHIPS, leads_attachments, wall

revision = "0020_visits"
down_revision = "0019_checklists"
branch_labels = None
depends_on = None

ROLES = "'leader', 'district_officer', 'township_officer', 'inspector', %s'facility_manager', 'canteen_keeper', 'administrator', 'auditor'"
PLACED = (
    "CASE WHEN role = 'township_officer' THEN place_township_id IS NOT NULL WHEN role IN (%s) THEN place_facility_id IS NOT NULL"
    " ELSE place_township_id IS NULL AND place_facility_id IS NULL END"
)
WALLED = ("recusals", "visit_officers", "visit_lists", "visit_records", "record_checks")

# What was sent stays as it came: nobody changes or removes a record, whoever asks.
RECORD = """
CREATE FUNCTION visit_record_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse('visit_records_fixed');
  RETURN NULL;
END $$
"""
# A home sees a visit, and what hangs on it, from `shown_at` on and not before; townships see theirs, the district all.
SHOWN = f"township_id = ANY ({TOWNSHIPS}::bigint[]) OR (facility_id = ANY ({FACILITIES}::bigint[]) AND %s)"


def _grants(roles: str, placed: str) -> None:
    for name, rule in (("role", f"role IN ({roles})"), ("place_fits_role", placed)):
        op.execute(f"ALTER TABLE grants DROP CONSTRAINT grants_{name}_check")
        op.execute(f"ALTER TABLE grants ADD CONSTRAINT grants_{name}_check CHECK ({rule}) NOT VALID")
        op.execute(f"ALTER TABLE grants VALIDATE CONSTRAINT grants_{name}_check")


def _secret(table: str, when: str) -> None:
    rule = SHOWN % when
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY district ON {table} TO eldercare_district USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY local ON {table} TO eldercare_local USING ({rule}) WITH CHECK ({rule})")


def upgrade() -> None:
    """Up."""
    _grants(ROLES % "'stationed_supervisor', ", PLACED % "'facility_manager', 'canteen_keeper', 'stationed_supervisor'")
    op.create_table('officers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('certificate_no', sa.Text(), nullable=False),
    sa.Column('specialities', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("specialities <@ ARRAY['fire', 'food', 'medical', 'building', 'equipment', 'service', 'finance']", name=op.f('officers_specialities_check')),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('officers_dates_check')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('officers_user_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('officers_pkey')),
    sa.UniqueConstraint('certificate_no', name=op.f('officers_certificate_no_key')),
    sa.UniqueConstraint('user_id', name=op.f('officers_user_id_key'))
    )
    op.create_table('recusals',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('ground', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('declared_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    postgresql.ExcludeConstraint((sa.literal_column("int8range(officer_id, officer_id, '[]')"), '&&'), (sa.literal_column("int8range(facility_id, facility_id, '[]')"), '&&'), (sa.literal_column("daterange(starts_on, ends_on, '[]')"), '&&'), using='gist', name='recusals_once_excl'),
    sa.CheckConstraint("ground IN ('kin', 'worked_there', 'stationed_there', 'interest', 'relative_resident', 'self_declared', 'asked_by_place')", name=op.f('recusals_ground_check')),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('recusals_dates_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='recusals_place_fkey'),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('recusals_officer_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('recusals_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('recusals_pkey'))
    )
    op.create_index(op.f('recusals_officer_id_idx'), 'recusals', ['officer_id'], unique=False)
    op.create_index('recusals_place_idx', 'recusals', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('recusals_township_id_idx'), 'recusals', ['township_id'], unique=False)
    op.create_table('visits',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('uid', sa.Uuid(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('window_from', sa.Time(), nullable=True),
    sa.Column('window_to', sa.Time(), nullable=True),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('notice', sa.Text(), nullable=False),
    sa.Column('noticed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('follows_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL) AND (state = 'sent') = (result IS NOT NULL) AND (state = 'sent') = (number IS NOT NULL)", name=op.f('visits_sent_whole_check')),
    sa.CheckConstraint("kind <> 'case' OR notice = 'none'", name=op.f('visits_untold_check')),
    sa.CheckConstraint("kind <> 'case' OR shown_at IS NULL OR state = 'sent'", name=op.f('visits_secret_check')),
    sa.CheckConstraint("kind IN ('daily', 'double_random', 'special', 'joint', 'case', 'recheck')", name=op.f('visits_kind_check')),
    sa.CheckConstraint("notice IN ('ahead', 'on_site', 'none')", name=op.f('visits_notice_check')),
    sa.CheckConstraint("published_at IS NULL OR (state = 'sent' AND shown_at IS NOT NULL)", name=op.f('visits_published_check')),
    sa.CheckConstraint("result IN ('none', 'fixed', 'order', 'transfer', 'obstructed', 'absent')", name=op.f('visits_result_check')),
    sa.CheckConstraint("state <> 'cancelled' OR reason IS NOT NULL", name=op.f('visits_cancelled_check')),
    sa.CheckConstraint("state IN ('planned', 'sent', 'cancelled')", name=op.f('visits_state_check')),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL)', name=op.f('visits_answered_check')),
    sa.CheckConstraint('window_to > window_from', name=op.f('visits_window_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visits_place_fkey'),
    sa.ForeignKeyConstraint(['follows_id'], ['visits.id'], name=op.f('visits_follows_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visits_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('visits_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('visits_id_facility_id_key')),
    sa.UniqueConstraint('number', name=op.f('visits_number_key')),
    sa.UniqueConstraint('uid', name=op.f('visits_uid_key'))
    )
    op.create_index('visits_day_idx', 'visits', ['planned_on'], unique=False)
    op.create_index('visits_follows_idx', 'visits', ['follows_id'], unique=False, postgresql_where=sa.text('follows_id IS NOT NULL'))
    op.create_index('visits_place_idx', 'visits', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visits_state_idx'), 'visits', ['state'], unique=False)
    op.create_index(op.f('visits_township_id_idx'), 'visits', ['township_id'], unique=False)
    op.create_table('visit_lists',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visit_lists_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visit_lists_township_id_fkey')),
    sa.ForeignKeyConstraint(['version_id'], ['checklist_versions.id'], name=op.f('visit_lists_version_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='visit_lists_visit_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('visit_lists_pkey')),
    sa.UniqueConstraint('visit_id', 'version_id', name=op.f('visit_lists_visit_id_version_id_key'))
    )
    op.create_index('visit_lists_place_idx', 'visit_lists', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visit_lists_township_id_idx'), 'visit_lists', ['township_id'], unique=False)
    op.create_index(op.f('visit_lists_version_id_idx'), 'visit_lists', ['version_id'], unique=False)
    op.create_index('visit_lists_visit_idx', 'visit_lists', ['visit_id', 'facility_id'], unique=False)
    op.create_table('visit_officers',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('officer_id', sa.BigInteger(), nullable=False),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.CheckConstraint('seat >= 0', name=op.f('visit_officers_seat_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visit_officers_place_fkey'),
    sa.ForeignKeyConstraint(['officer_id'], ['officers.id'], name=op.f('visit_officers_officer_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visit_officers_township_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='visit_officers_visit_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('visit_officers_pkey')),
    sa.UniqueConstraint('visit_id', 'officer_id', name=op.f('visit_officers_visit_id_officer_id_key')),
    sa.UniqueConstraint('visit_id', 'seat', name=op.f('visit_officers_visit_id_seat_key'))
    )
    op.create_index(op.f('visit_officers_officer_id_idx'), 'visit_officers', ['officer_id'], unique=False)
    op.create_index('visit_officers_place_idx', 'visit_officers', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visit_officers_township_id_idx'), 'visit_officers', ['township_id'], unique=False)
    op.create_index('visit_officers_visit_idx', 'visit_officers', ['visit_id', 'facility_id'], unique=False)
    op.create_table('visit_records',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('person_name', sa.Text(), nullable=False),
    sa.CheckConstraint("sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')", name=op.f('visit_records_hash_check')),
    sa.CheckConstraint('(revision = 1) = (reason IS NULL)', name=op.f('visit_records_correction_check')),
    sa.CheckConstraint('ended_at >= started_at', name=op.f('visit_records_times_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visit_records_place_fkey'),
    sa.ForeignKeyConstraint(['person_id'], ['users.id'], name=op.f('visit_records_person_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visit_records_township_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='visit_records_visit_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('visit_records_pkey')),
    sa.UniqueConstraint('id', 'facility_id', name=op.f('visit_records_id_facility_id_key')),
    sa.UniqueConstraint('visit_id', 'revision', name=op.f('visit_records_visit_id_revision_key'))
    )
    op.create_index(op.f('visit_records_person_id_idx'), 'visit_records', ['person_id'], unique=False)
    op.create_index('visit_records_place_idx', 'visit_records', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visit_records_township_id_idx'), 'visit_records', ['township_id'], unique=False)
    op.create_index('visit_records_visit_idx', 'visit_records', ['visit_id', 'facility_id'], unique=False)
    op.create_table('record_checks',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('record_id', sa.BigInteger(), nullable=False),
    sa.Column('check_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['check_id'], ['checks.id'], name=op.f('record_checks_check_id_fkey')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='record_checks_place_fkey'),
    sa.ForeignKeyConstraint(['record_id', 'facility_id'], ['visit_records.id', 'visit_records.facility_id'], name='record_checks_record_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('record_checks_township_id_fkey')),
    sa.PrimaryKeyConstraint('id', name=op.f('record_checks_pkey')),
    sa.UniqueConstraint('check_id', name=op.f('record_checks_check_id_key'))
    )
    op.create_index('record_checks_place_idx', 'record_checks', ['facility_id', 'township_id'], unique=False)
    op.create_index('record_checks_record_idx', 'record_checks', ['record_id', 'facility_id'], unique=False)
    op.create_index(op.f('record_checks_township_id_idx'), 'record_checks', ['township_id'], unique=False)
    wall(op, "recusals")
    _secret("visits", "shown_at IS NOT NULL")
    for table in WALLED[1:4]:
        _secret(table, f"EXISTS (SELECT 1 FROM visits WHERE visits.id = {table}.visit_id)")
    _secret("record_checks", "EXISTS (SELECT 1 FROM visit_records r WHERE r.id = record_id)")
    op.execute(RECORD)
    op.execute(
        "CREATE TRIGGER visit_records_fixed BEFORE UPDATE OR DELETE ON visit_records"
        " FOR EACH ROW EXECUTE FUNCTION visit_record_is_fixed()"
    )
    leads_attachments(op, "visits", "visit")


def downgrade() -> None:
    """Down."""
    op.drop_table('record_checks')
    op.drop_table('visit_records')
    op.drop_table('visit_officers')
    op.drop_table('visit_lists')
    op.drop_table('visits')
    op.drop_table('recusals')
    op.drop_table('officers')
    op.execute("DROP FUNCTION visit_record_is_fixed")
    op.execute("DELETE FROM grants WHERE role = 'stationed_supervisor'")
    _grants(ROLES % "", PLACED % "'facility_manager', 'canteen_keeper'")
