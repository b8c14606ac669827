"""What the tablets send: photos, drafts, findings; whom a visit looks at; how notice was given; what is public."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import FACILITIES, TOWNSHIPS

revision = "0023_tablets"
down_revision = "0022_papers"
branch_labels = None
depends_on = None

WALLED = ("visit_photos", "visit_drafts", "visit_samples", "visit_findings")
# what hangs on a visit is seen by a home when the visit is, and not before
SHOWN = (
    f"township_id = ANY ({TOWNSHIPS}::bigint[]) OR (facility_id = ANY ({FACILITIES}::bigint[])"
    " AND EXISTS (SELECT 1 FROM visits WHERE visits.id = %s.visit_id))"
)
CHECKS = (
    ("visits", "notice_way", "notice_way IN ('electronic', 'in_person', 'phone', 'left')"),
    ("visits", "noticed", "notice_way IS NULL OR noticed_at IS NOT NULL"),
    ("visits", "publish_text", "(published_at IS NULL) = (publish_text IS NULL)"),
    ("visit_records", "marks", "marks <@ ARRAY['late', 'clock', 'rescued', 'other_day']"),
)


def upgrade() -> None:
    """Up."""
    op.create_table('rescue_keys',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('public', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('rescue_keys_one_check')),
    sa.PrimaryKeyConstraint('id', name=op.f('rescue_keys_pkey'))
    )
    op.create_table('visit_drafts',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('length(key) BETWEEN 1 AND 200 AND length(device) BETWEEN 1 AND 100', name=op.f('visit_drafts_key_check')),
    sa.CheckConstraint('seq >= 0', name=op.f('visit_drafts_seq_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visit_drafts_place_fkey'),
    sa.ForeignKeyConstraint(['person_id'], ['users.id'], name=op.f('visit_drafts_person_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visit_drafts_township_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='visit_drafts_visit_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('visit_drafts_pkey')),
    sa.UniqueConstraint('visit_id', 'device', 'key', name=op.f('visit_drafts_visit_id_device_key_key'))
    )
    op.create_index(op.f('visit_drafts_person_id_idx'), 'visit_drafts', ['person_id'], unique=False)
    op.create_index('visit_drafts_place_idx', 'visit_drafts', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visit_drafts_township_id_idx'), 'visit_drafts', ['township_id'], unique=False)
    op.create_index('visit_drafts_visit_idx', 'visit_drafts', ['visit_id', 'facility_id'], unique=False)
    op.create_table('visit_findings',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=True),
    sa.Column('item_code', sa.Text(), nullable=True),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('hazard_code', sa.Text(), nullable=True),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('demand', sa.Text(), nullable=False),
    sa.Column('place_note', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('fixed_on_spot', sa.Boolean(), nullable=False),
    sa.Column('photos', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('hazard_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("severity IN ('general', 'serious', 'major')", name=op.f('visit_findings_severity_check')),
    sa.CheckConstraint('(version_id IS NULL) = (item_code IS NULL)', name=op.f('visit_findings_item_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visit_findings_place_fkey'),
    sa.ForeignKeyConstraint(['hazard_id', 'facility_id'], ['hazards.id', 'hazards.facility_id'], name='visit_findings_hazard_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visit_findings_township_id_fkey')),
    sa.ForeignKeyConstraint(['version_id'], ['checklist_versions.id'], name=op.f('visit_findings_version_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='visit_findings_visit_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('visit_findings_pkey')),
    sa.UniqueConstraint('hazard_id', name=op.f('visit_findings_hazard_id_key')),
    sa.UniqueConstraint('visit_id', 'key', name=op.f('visit_findings_visit_id_key_key'))
    )
    op.create_index('visit_findings_hazard_idx', 'visit_findings', ['hazard_id', 'facility_id'], unique=False, postgresql_where=sa.text('hazard_id IS NOT NULL'))
    op.create_index('visit_findings_place_idx', 'visit_findings', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visit_findings_township_id_idx'), 'visit_findings', ['township_id'], unique=False)
    op.create_index('visit_findings_version_idx', 'visit_findings', ['version_id'], unique=False, postgresql_where=sa.text('version_id IS NOT NULL'))
    op.create_index('visit_findings_visit_idx', 'visit_findings', ['visit_id', 'facility_id'], unique=False)
    op.create_table('visit_photos',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('clean_sha256', sa.Text(), nullable=False),
    sa.Column('clean_bytes', sa.Integer(), nullable=False),
    sa.Column('thumb_sha256', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f('visit_photos_hash_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visit_photos_place_fkey'),
    sa.ForeignKeyConstraint(['person_id'], ['users.id'], name=op.f('visit_photos_person_id_fkey')),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visit_photos_township_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='visit_photos_visit_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('visit_photos_pkey')),
    sa.UniqueConstraint('visit_id', 'sha256', name=op.f('visit_photos_visit_id_sha256_key'))
    )
    op.create_index(op.f('visit_photos_person_id_idx'), 'visit_photos', ['person_id'], unique=False)
    op.create_index('visit_photos_place_idx', 'visit_photos', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visit_photos_township_id_idx'), 'visit_photos', ['township_id'], unique=False)
    op.create_index('visit_photos_visit_idx', 'visit_photos', ['visit_id', 'facility_id'], unique=False)
    op.create_table('visit_samples',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('township_id', sa.Integer(), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('seed', sa.Text(), nullable=False),
    sa.Column('pool', postgresql.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('resident_ids', postgresql.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("seed ~ '^[0-9a-f]{64}$'", name=op.f('visit_samples_seed_check')),
    sa.ForeignKeyConstraint(['facility_id', 'township_id'], ['facilities.id', 'facilities.township_id'], name='visit_samples_place_fkey'),
    sa.ForeignKeyConstraint(['township_id'], ['townships.id'], name=op.f('visit_samples_township_id_fkey')),
    sa.ForeignKeyConstraint(['visit_id', 'facility_id'], ['visits.id', 'visits.facility_id'], name='visit_samples_visit_fkey'),
    sa.PrimaryKeyConstraint('id', name=op.f('visit_samples_pkey')),
    sa.UniqueConstraint('visit_id', name=op.f('visit_samples_visit_id_key'))
    )
    op.create_index('visit_samples_place_idx', 'visit_samples', ['facility_id', 'township_id'], unique=False)
    op.create_index(op.f('visit_samples_township_id_idx'), 'visit_samples', ['township_id'], unique=False)
    op.create_index('visit_samples_visit_idx', 'visit_samples', ['visit_id', 'facility_id'], unique=False)
    op.add_column('visit_records', sa.Column('app', sa.Text(), nullable=False, server_default=""))
    op.add_column('visit_records', sa.Column('clock_offset_s', sa.Integer(), nullable=True))
    op.add_column('visit_records', sa.Column('marks', postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"))
    for column in ("app", "marks"):
        op.alter_column('visit_records', column, server_default=None)
    for column in ("notice_way", "notice_note", "publish_text"):
        op.add_column('visits', sa.Column(column, sa.Text(), nullable=True))
    for column in ("answer_by", "publish_by"):
        op.add_column('visits', sa.Column(column, sa.Date(), nullable=True))
    for table, name, rule in CHECKS:
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_{name}_check CHECK ({rule}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {table}_{name}_check")
    for table in WALLED:
        rule = SHOWN % table
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY district ON {table} TO eldercare_district USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY local ON {table} TO eldercare_local USING ({rule}) WITH CHECK ({rule})")


def downgrade() -> None:
    """Down."""
    for table, name, _rule in CHECKS:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_{name}_check")
    for column in ("notice_way", "notice_note", "publish_text", "answer_by", "publish_by"):
        op.drop_column('visits', column)
    for column in ("marks", "clock_offset_s", "app"):
        op.drop_column('visit_records', column)
    for table in ("visit_samples", "visit_photos", "visit_findings", "visit_drafts", "rescue_keys"):
        op.drop_table(table)
