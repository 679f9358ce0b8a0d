"""What waits for somebody is found by what is open and by when, and not among all."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "waiting_indexes"
down_revision = "portfolio_index"
branch_labels = None
depends_on = None

WHOLE = {
    "finding": (
        "ix_finding_waiting",
        "owner_id state due_on id severity plan_agreed_on open_actions verified_actions",
    ),
    "corrective_action": (
        "ix_corrective_action_waiting",
        "owner_id state due_on id",
    ),
    "audit": (
        "ix_audit_waiting",
        "owner_id status fieldwork_to id fieldwork_from",
    ),
    "scorecard": ("ix_scorecard_ending", "owner_id valid_until id"),
    "remedy": ("ix_remedy_waiting", "owner_id standing due_on id"),
}
PARTIAL = {
    "ix_finding_unacknowledged": (
        "finding",
        "owner_id acknowledge_by id state",
        "acknowledged_at IS NULL AND acknowledge_by IS NOT NULL",
    ),
    "ix_clock_running": (
        "clock",
        "owner_id kind due_at subject",
        "stopped_at IS NULL",
    ),
    "ix_audit_reply_waiting": (
        "audit_reply",
        "owner_id due_at id",
        "answered_at IS NULL AND closed_at IS NULL",
    ),
    "ix_scorecard_status_suspended": (
        "scorecard_status",
        "scorecard_id ordinal",
        "status = 'suspended'",
    ),
    "ix_intake_fault_standing": (
        "intake_fault",
        "owner_id submission_id",
        "cleared_at IS NULL",
    ),
    "ix_job_failed": ("job", "organisation_id finished_at id", "state = 'failed'"),
    "ix_site_kept": ("site", "owner_id kind", "kept_id = id"),
}


def upgrade() -> None:
    for table, (name, columns) in WHOLE.items():
        op.create_index(name, table, columns.split())
    for name, (table, columns, condition) in PARTIAL.items():
        op.create_index(name, table, columns.split(), **_where(condition))


def downgrade() -> None:
    for name, (table, _columns, _condition) in PARTIAL.items():
        op.drop_index(name, table_name=table)
    for table, (name, _columns) in WHOLE.items():
        op.drop_index(name, table_name=table)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
