"""From application to discharge: what a stay needs in each state, times away, and what no two connections can do at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from eldercare.core.db import enter_district, wall

revision = "0013_stay_machine"
down_revision = "0012_coordinate_systems"
branch_labels = None
depends_on = None

COLUMNS = {
    "name": "text", "sex": "text", "birth_date": "date", "id_last4": "text", "search": "tsvector",
    "applied_on": "date", "wanted_on": "date", "contact_name": "text", "contact_relation": "text", "contact_phone": "bytea",
    "papers": "text[]", "note": "text",
    "assessed_on": "date", "ability_level": "integer", "assessment_id": "bigint", "risks": "jsonb", "next_assessment_on": "date",
    "reassess_since": "date", "trial_no": "text", "trial_ends_on": "date", "contract_signed_on": "date",
    "contract_ends_on": "date", "supplement_no": "text", "fee_bed_fen": "bigint", "fee_care_fen": "bigint",
    "fee_meals_fen": "bigint", "deposit_fen": "bigint", "reserved_bed_id": "bigint", "from_township_id": "integer",
    "from_village_id": "integer", "from_arrangement": "text", "closed_on": "date", "destination": "text",
    "destination_facility_id": "bigint", "settlement_fen": "bigint", "settled_on": "date", "died_at": "timestamptz",
    "death_place": "text", "death_cause": "text", "death_certificate_no": "text", "family_told_at": "timestamptz",
    "family_told_by": "text", "family_told_to": "text", "updated_at": "timestamptz", "version": "integer",
}
REQUIRED = ("name", "sex", "birth_date", "applied_on", "papers", "updated_at", "version")

# Stays begun before contracts and assessments were kept: what is known of them, and plainly no more.
CARRY_OVER = """
UPDATE stays s SET
  name = r.name, sex = r.sex, birth_date = r.birth_date, id_last4 = r.id_last4, search = r.search,
  applied_on = least(s.starts_on, s.created_at::date), papers = '{}', updated_at = s.created_at, version = 1,
  assessed_on = coalesce(found.assessed_on, s.starts_on), ability_level = coalesce(found.final_level, r.ability_level, 0),
  assessment_id = found.id, risks = '{}', next_assessment_on = r.next_due_on,
  trial_no = CASE WHEN s.state = 'trial' THEN coalesce(s.contract_no, '-') END,
  trial_ends_on = CASE WHEN s.state = 'trial' THEN s.starts_on + 30 END,
  contract_no = CASE WHEN s.state <> 'trial' THEN coalesce(s.contract_no, '-') END,
  contract_signed_on = CASE WHEN s.state <> 'trial' THEN s.starts_on END,
  contract_ends_on = CASE WHEN s.state <> 'trial'
    THEN (s.starts_on + make_interval(years => greatest(1, 1 + extract(year FROM age(current_date, s.starts_on))::int)))::date END,
  care_level = coalesce(s.care_level, '-'), end_reason = CASE WHEN s.ends_on IS NOT NULL THEN coalesce(s.end_reason, '-') END,
  died_at = CASE WHEN s.state = 'deceased' THEN s.ends_on::timestamp AT TIME ZONE 'Asia/Shanghai' END,
  death_cause = CASE WHEN s.state = 'deceased' THEN 'unknown' END
FROM residents r
LEFT JOIN LATERAL (
  SELECT a.id, a.assessed_on, a.final_level FROM assessments a
  WHERE a.resident_id = r.id AND NOT a.is_void ORDER BY a.assessed_on LIMIT 1
) found ON true
WHERE r.id = s.resident_id
"""
AWAY = """
INSERT INTO stay_absences (township_id, facility_id, stay_id, kind, left_on, expected_back_on, companion, hospital, accompanied_by)
SELECT township_id, facility_id, id, CASE state WHEN 'on_leave' THEN 'leave' ELSE 'hospital' END,
  greatest(starts_on, current_date - 1), CASE state WHEN 'on_leave' THEN current_date + 7 END,
  CASE state WHEN 'on_leave' THEN '-' END, CASE state WHEN 'hospitalised' THEN '-' END, CASE state WHEN 'hospitalised' THEN '-' END
FROM stays WHERE state IN ('on_leave', 'hospitalised')
"""

OPEN = "('trial', 'in_residence', 'on_leave', 'hospitalised')"
LIVING = "('contracted', 'in_residence', 'on_leave', 'hospitalised')"
CHECKS = {
    "after_birth": "starts_on >= birth_date",
    "begun": f"(state IN ({OPEN[1:-1]}, 'discharged', 'deceased')) = (starts_on IS NOT NULL)",
    "assessed": "state IN ('applied', 'withdrawn') OR (assessed_on IS NOT NULL AND ability_level IS NOT NULL AND risks IS NOT NULL)",
    "contract": f"NOT (state IN {LIVING}) OR (contract_no IS NOT NULL AND contract_signed_on IS NOT NULL"
                " AND contract_ends_on IS NOT NULL AND care_level IS NOT NULL)",
    "contract_dates": "contract_ends_on > contract_signed_on",
    "trial": "state <> 'trial' OR (trial_no IS NOT NULL AND trial_ends_on IS NOT NULL)",
    "trial_dates": "trial_ends_on > starts_on",
    "closed": "state NOT IN ('rejected', 'withdrawn') OR (closed_on IS NOT NULL AND end_reason IS NOT NULL)",
    "death": "state <> 'deceased' OR (died_at IS NOT NULL AND death_cause IS NOT NULL)",
    "reason": "state <> 'discharged' OR end_reason IS NOT NULL",
    "reserved": "reserved_bed_id IS NULL OR state = 'contracted'",
    "ability_level": "ability_level BETWEEN 0 AND 4",
    "fees": "least(fee_bed_fen, fee_care_fen, fee_meals_fen, deposit_fen) >= 0",
    "state": "state IN ('applied', 'assessed', 'contracted', 'rejected', 'withdrawn', 'trial', 'in_residence', 'on_leave',"
             " 'hospitalised', 'discharged', 'deceased')",
    "death_cause": "death_cause IN ('natural', 'illness', 'accident', 'unknown')",
    "destination": "destination IN ('own_home', 'other_home', 'hospital', 'elsewhere')",
}
KEYS = {
    "stays_resident_fkey": "(resident_id, name, sex, birth_date) REFERENCES residents (id, name, sex, birth_date) ON UPDATE CASCADE",
    "stays_reserved_bed_fkey": "(reserved_bed_id, facility_id) REFERENCES beds (id, facility_id)",
    "stays_from_village_fkey": "(from_village_id, from_township_id) REFERENCES villages (id, township_id)",
    "stays_assessment_id_fkey": "(assessment_id) REFERENCES assessments (id)",
    "stays_from_township_id_fkey": "(from_township_id) REFERENCES townships (id)",
    "stays_destination_facility_id_fkey": "(destination_facility_id) REFERENCES facilities (id)",
}

# A trigger that refuses names a constraint, so that the refusal has words (core/errors.py). Each locks the row
# whose other side another connection would change: the home, the person, the bed, the room. A row that does not
# exist for whoever writes (row-level security) refuses as well.
REFUSE = """
CREATE FUNCTION refuse(which text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = which, MESSAGE = which;
END $$
"""
MOVE_IN = """
CREATE FUNCTION stay_begins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE home record; person record; most bigint;
BEGIN
  IF NEW.starts_on IS NULL OR (TG_OP = 'UPDATE' AND OLD.starts_on IS NOT DISTINCT FROM NEW.starts_on) THEN RETURN NULL; END IF;
  SELECT state, opened_on, beds_usable INTO home FROM facilities WHERE id = NEW.facility_id FOR NO KEY UPDATE;
  IF NEW.starts_on < home.opened_on THEN PERFORM refuse('stays_home_opened'); END IF;
  SELECT state, died_on INTO person FROM residents WHERE id = NEW.resident_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege'; END IF;
  IF NEW.starts_on > person.died_on THEN PERFORM refuse('stays_alive'); END IF;
  IF NEW.ends_on IS NOT NULL THEN RETURN NULL; END IF;  -- what is over is history; the rest is about today
  IF person.state <> 'active' THEN PERFORM refuse('stays_active'); END IF;
  IF home.state <> 'operating' THEN PERFORM refuse('stays_home_open'); END IF;
  IF home.beds_usable IS NOT NULL THEN
    SELECT max((SELECT count(*) FROM stays s WHERE s.facility_id = NEW.facility_id AND s.nights @> days.day)) INTO most FROM (
      SELECT NEW.starts_on AS day
      UNION SELECT starts_on FROM stays WHERE facility_id = NEW.facility_id AND starts_on > NEW.starts_on
    ) days;
    IF most > home.beds_usable THEN PERFORM refuse('stays_home_full'); END IF;
  END IF;
  RETURN NULL;
END $$
"""
SLEEPS = """
CREATE FUNCTION bed_is_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bed record; policy text;
BEGIN
  IF NEW.ends_on IS NOT NULL THEN RETURN NULL; END IF;
  SELECT condition, room_id INTO bed FROM beds WHERE id = NEW.bed_id FOR NO KEY UPDATE;
  IF bed.condition <> 'available' THEN PERFORM refuse('stay_beds_in_use'); END IF;
  IF EXISTS (SELECT FROM stays WHERE reserved_bed_id = NEW.bed_id AND id <> NEW.stay_id) THEN
    PERFORM refuse('stay_beds_reserved');
  END IF;
  SELECT sex_policy INTO policy FROM rooms WHERE id = bed.room_id FOR SHARE;
  IF policy <> 'any' AND EXISTS (SELECT FROM stays WHERE id = NEW.stay_id AND sex <> policy) THEN
    PERFORM refuse('stay_beds_sex');
  END IF;
  RETURN NULL;
END $$
"""
RESERVES = """
CREATE FUNCTION bed_is_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bed record; policy text;
BEGIN
  IF NEW.reserved_bed_id IS NULL THEN RETURN NULL; END IF;
  SELECT condition, room_id INTO bed FROM beds WHERE id = NEW.reserved_bed_id FOR NO KEY UPDATE;
  IF bed.condition <> 'available' THEN PERFORM refuse('stay_beds_in_use'); END IF;
  IF EXISTS (SELECT FROM stay_beds WHERE bed_id = NEW.reserved_bed_id AND ends_on IS NULL) THEN
    PERFORM refuse('stays_bed_taken');
  END IF;
  SELECT sex_policy INTO policy FROM rooms WHERE id = bed.room_id FOR SHARE;
  IF policy <> 'any' AND NEW.sex <> policy THEN PERFORM refuse('stay_beds_sex'); END IF;
  RETURN NULL;
END $$
"""
BED = """
CREATE FUNCTION bed_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.condition <> 'available' AND OLD.condition = 'available' THEN
    IF EXISTS (SELECT FROM stay_beds WHERE bed_id = NEW.id AND ends_on IS NULL) THEN PERFORM refuse('beds_occupied'); END IF;
    IF EXISTS (SELECT FROM stays WHERE reserved_bed_id = NEW.id) THEN PERFORM refuse('beds_reserved'); END IF;
  END IF;
  IF NEW.room_id <> OLD.room_id AND EXISTS (
    SELECT FROM rooms r JOIN stay_beds b ON b.bed_id = NEW.id AND b.ends_on IS NULL JOIN stays s ON s.id = b.stay_id
    WHERE r.id = NEW.room_id AND r.sex_policy <> 'any' AND r.sex_policy <> s.sex
  ) THEN PERFORM refuse('stay_beds_sex'); END IF;
  RETURN NEW;
END $$
"""
ROOM = """
CREATE FUNCTION room_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.sex_policy <> 'any' AND EXISTS (
    SELECT FROM beds JOIN stay_beds b ON b.bed_id = beds.id AND b.ends_on IS NULL JOIN stays s ON s.id = b.stay_id
    WHERE beds.room_id = NEW.id AND s.sex <> NEW.sex_policy
  ) THEN PERFORM refuse('rooms_sex'); END IF;
  RETURN NEW;
END $$
"""
HOME = f"""
CREATE FUNCTION home_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state IN ('closed', 'deregistered') AND EXISTS (SELECT FROM stays WHERE facility_id = NEW.id AND state IN {OPEN}) THEN
    PERFORM refuse('facilities_emptied');
  END IF;
  RETURN NEW;
END $$
"""
# At the end of the transaction: who is away has one open absence of that kind and nobody else has any; absences and
# beds lie within the stay; whoever lives there has a bed, whoever has left has none.
AGREE = f"""
CREATE FUNCTION stay_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE which bigint; stay record; away text[];
BEGIN
  IF TG_TABLE_NAME = 'stays' THEN which := NEW.id; ELSIF TG_OP = 'DELETE' THEN which := OLD.stay_id; ELSE which := NEW.stay_id; END IF;
  SELECT state, starts_on, ends_on INTO stay FROM stays WHERE id = which;
  IF NOT FOUND THEN RETURN NULL; END IF;
  SELECT coalesce(array_agg(kind), '{{}}') INTO away FROM stay_absences WHERE stay_id = which AND back_on IS NULL;
  IF away <> (CASE stay.state WHEN 'on_leave' THEN ARRAY['leave'] WHEN 'hospitalised' THEN ARRAY['hospital'] ELSE '{{}}' END) THEN
    PERFORM refuse('stays_agree');
  END IF;
  IF EXISTS (SELECT FROM stay_absences a WHERE a.stay_id = which
             AND (stay.starts_on IS NULL OR a.left_on < stay.starts_on OR a.back_on > stay.ends_on)) THEN
    PERFORM refuse('stay_absences_within');
  END IF;
  IF (stay.state IN {OPEN}) <> EXISTS (SELECT FROM stay_beds WHERE stay_id = which AND ends_on IS NULL) THEN
    PERFORM refuse('stays_agree');
  END IF;
  IF EXISTS (SELECT FROM stay_beds b WHERE b.stay_id = which
             AND (stay.starts_on IS NULL OR b.starts_on < stay.starts_on OR b.ends_on > stay.ends_on)) THEN
    PERFORM refuse('stays_agree');
  END IF;
  RETURN NULL;
END $$
"""
FUNCTIONS = {
    "stay_begins": MOVE_IN, "bed_is_given": SLEEPS, "bed_is_reserved": RESERVES, "bed_changes": BED, "room_changes": ROOM,
    "home_closes": HOME, "stay_agrees": AGREE,
}
TRIGGERS = {
    "stays_begin": ("stays", "AFTER INSERT OR UPDATE OF starts_on", "stay_begins"),
    "stays_reserve": ("stays", "AFTER INSERT OR UPDATE OF reserved_bed_id", "bed_is_reserved"),
    "stay_beds_given": ("stay_beds", "AFTER INSERT OR UPDATE OF bed_id, ends_on", "bed_is_given"),
    "beds_change": ("beds", "BEFORE UPDATE OF condition, room_id", "bed_changes"),
    "rooms_change": ("rooms", "BEFORE UPDATE OF sex_policy", "room_changes"),
    "facilities_close": ("facilities", "BEFORE UPDATE OF state", "home_closes"),
}
AGREEING = {
    "stays_agree": ("stays", "INSERT OR UPDATE OF state, starts_on, ends_on"),
    "stay_beds_agree": ("stay_beds", "INSERT OR DELETE OR UPDATE OF stay_id, starts_on, ends_on"),
    "stay_absences_agree": ("stay_absences", "INSERT OR DELETE OR UPDATE OF stay_id, kind, left_on, back_on"),
}


def upgrade() -> None:
    """Up."""
    with op.get_context().autocommit_block():
        op.create_index(
            "residents_identity_key", "residents", ["id", "name", "sex", "birth_date"], unique=True,
            postgresql_concurrently=True, if_not_exists=True,
        )
    op.execute("ALTER TABLE stays " + ", ".join(f"ADD COLUMN {name} {kind}" for name, kind in COLUMNS.items()))
    op.execute("ALTER TABLE stay_beds ADD COLUMN reason text")
    _absences()
    connection = op.get_bind()
    enter_district(connection)
    op.execute(CARRY_OVER)
    op.execute(AWAY)
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE stays " + ", ".join(f"ALTER COLUMN {name} SET NOT NULL" for name in REQUIRED))
    op.execute("ALTER TABLE stays DROP CONSTRAINT stays_resident_id_fkey, DROP CONSTRAINT stays_begun_check, DROP CONSTRAINT stays_state_check")
    for name, rule in CHECKS.items():
        op.execute(f"ALTER TABLE stays ADD CONSTRAINT stays_{name}_check CHECK ({rule})")
    for name, key in KEYS.items():
        op.execute(f"ALTER TABLE stays ADD CONSTRAINT {name} FOREIGN KEY {key}")
    op.create_index("stays_reserved_bed_key", "stays", ["reserved_bed_id"], unique=True)
    op.create_index("stays_assessment_id_idx", "stays", ["assessment_id"])
    op.create_index("stays_from_township_id_idx", "stays", ["from_township_id"])
    op.create_index("stays_from_village_idx", "stays", ["from_village_id", "from_township_id"])
    op.create_index("stays_destination_facility_id_idx", "stays", ["destination_facility_id"])
    op.create_index(
        "stays_asked_once_key", "stays", ["resident_id", "facility_id"], unique=True,
        postgresql_where=sa.text(f"state IN ('applied', 'assessed', 'contracted', {OPEN[1:]}"),
    )
    op.execute(REFUSE)
    for body in FUNCTIONS.values():
        op.execute(body)
    for name, (table, when, function) in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    for name, (table, when) in AGREEING.items():
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {name} AFTER {when} ON {table} DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION stay_agrees()"
        )


def _absences() -> None:
    op.create_table(
        "stay_absences",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("stay_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=False),
        sa.Column("expected_back_on", sa.Date(), nullable=True),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.Column("companion", sa.Text(), nullable=True),
        sa.Column("hospital", sa.Text(), nullable=True),
        sa.Column("accompanied_by", sa.Text(), nullable=True),
        sa.Column("days", postgresql.DATERANGE(), sa.Computed("daterange(left_on, back_on, '[)')", persisted=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.literal_column("int8range(stay_id, stay_id, '[]')"), "&&"), (sa.column("days"), "&&"),
            using="gist", name="stay_absences_one_at_a_time_excl",
        ),
        sa.CheckConstraint("kind IN ('leave', 'hospital')", name=op.f("stay_absences_kind_check")),
        sa.CheckConstraint("back_on >= left_on AND expected_back_on >= left_on", name=op.f("stay_absences_dates_check")),
        sa.CheckConstraint(
            "kind <> 'leave' OR (companion IS NOT NULL AND expected_back_on IS NOT NULL)", name=op.f("stay_absences_leave_check")
        ),
        sa.CheckConstraint(
            "kind <> 'hospital' OR (hospital IS NOT NULL AND accompanied_by IS NOT NULL)", name=op.f("stay_absences_hospital_check")
        ),
        sa.ForeignKeyConstraint(["facility_id", "township_id"], ["facilities.id", "facilities.township_id"], name="stay_absences_place_fkey"),
        sa.ForeignKeyConstraint(["stay_id", "facility_id"], ["stays.id", "stays.facility_id"], name="stay_absences_stay_fkey"),
        sa.ForeignKeyConstraint(["township_id"], ["townships.id"], name=op.f("stay_absences_township_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("stay_absences_pkey")),
    )
    op.create_index("stay_absences_place_idx", "stay_absences", ["facility_id", "township_id"])
    op.create_index("stay_absences_stay_idx", "stay_absences", ["stay_id", "facility_id"])
    op.create_index("stay_absences_open_idx", "stay_absences", ["stay_id"], postgresql_where=sa.text("back_on IS NULL"))
    op.create_index(op.f("stay_absences_township_id_idx"), "stay_absences", ["township_id"])
    wall(op, "stay_absences")


def downgrade() -> None:
    """Down: applications and what only the new columns say are gone."""
    for name, (table, _when) in AGREEING.items():
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name, (table, _when, _function) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
    op.execute("DROP FUNCTION refuse(text)")
    op.drop_table("stay_absences")
    enter_district(op.get_bind())
    op.execute("DELETE FROM stays WHERE state = 'withdrawn'")
    op.execute("RESET ROLE")
    op.execute("ALTER TABLE stay_beds DROP COLUMN reason")
    op.execute("ALTER TABLE stays " + ", ".join(f"DROP CONSTRAINT stays_{name}_check" for name in CHECKS))
    op.execute("ALTER TABLE stays " + ", ".join(f"DROP CONSTRAINT {name}" for name in KEYS))
    op.drop_index("stays_asked_once_key", "stays")
    op.execute("ALTER TABLE stays " + ", ".join(f"DROP COLUMN {name}" for name in COLUMNS))
    op.execute(
        "ALTER TABLE stays ADD CONSTRAINT stays_begun_check CHECK"
        " (starts_on IS NOT NULL OR state IN ('applied', 'assessed', 'rejected', 'contracted')),"
        " ADD CONSTRAINT stays_state_check CHECK (state IN ('applied', 'assessed', 'rejected', 'contracted', 'trial',"
        " 'in_residence', 'on_leave', 'hospitalised', 'discharged', 'deceased')),"
        " ADD CONSTRAINT stays_resident_id_fkey FOREIGN KEY (resident_id) REFERENCES residents (id)"
    )
    op.drop_index("residents_identity_key", "residents")
