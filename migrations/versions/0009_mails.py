"""Alerts by mail: one for each alert and person, never two."""

import sqlalchemy as sa
from alembic import op

revision = "0009_mails"
down_revision = "0008_alerts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Up."""
    op.create_table(
        "mail_addresses",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("mail_addresses_person_id_fkey")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("mail_addresses_pkey")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'unsure')", name=op.f("mails_state_check")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("mails_sent_check")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("mails_alert_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("mails_person_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mails_pkey")),
        sa.UniqueConstraint("alert_id", "person_id", name=op.f("mails_alert_id_person_id_key")),
        sa.UniqueConstraint("message_id", name=op.f("mails_message_id_key")),
    )
    op.create_index(op.f("mails_person_id_idx"), "mails", ["person_id"])
    op.create_index("mails_due_idx", "mails", ["next_try_at"], postgresql_where=sa.text("state IN ('waiting', 'sending')"))


def downgrade() -> None:
    """Down."""
    op.drop_table("mails")
    op.drop_table("mail_addresses")
