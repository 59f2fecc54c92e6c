"""Let clocks of cases stand still, let things be asked that others decide, and keep why a case was not taken on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import office_wall

revision = "0029"
down_revision = "0028"

_REASONS = "'NOT_OUR_DUTY', 'IN_COURT', 'EMERGENCY', 'NOT_CLEAR', 'WITHDRAWN'"
_MORE_REASONS = f"{_REASONS}, 'IN_PETITION', 'DONE_BEFORE', 'SECRET', 'UNLAWFUL'"
_WORK = "'TO_ACCEPT', 'TO_HANDLE', 'TO_CALL_BACK'"
_MORE_WORK = f"{_WORK}, 'TO_DECIDE', 'TO_WHISTLE', 'TO_ANSWER_WHISTLE', 'TO_ARRIVE'"
# What was written with the step so far: the reason, a colon and the reply.
_OLD_NOTE = rf"^({_REASONS.replace(chr(39), '').replace(', ', '|')}): (.*)$"


def upgrade() -> None:
    """Add the columns and the table of requests; take reasons and replies out of the notes of exclusions."""
    op.execute("set local lock_timeout = '3s'")
    _clocks()
    _verdicts()
    _requests()
    _exclusions()
    _work_reasons(_MORE_WORK)


def downgrade() -> None:
    """Drop them, and put reasons and replies together again; work that did not exist before goes."""
    op.execute("set local lock_timeout = '3s'")
    op.execute(f"delete from work_items where reason not in ({_WORK})")  # noqa: S608 - words of this file.
    _work_reasons(_WORK)
    op.execute("""
        update case_step_texts t set note = d.exclusion_reason || ': ' || d.exclusion_reply
        from case_steps s, case_details d
        where s.tenant_id = t.tenant_id and s.id = t.id and s.action = 'EXCLUDE'
            and d.tenant_id = t.tenant_id and d.id = t.case_id and d.exclusion_reason is not null
    """)
    for column in ("exclusion_reason", "exclusion_reply", "exclusion_phone"):
        op.drop_column("case_details", column)
    op.drop_table("case_requests")
    op.drop_column("case_step_texts", "citation")
    op.drop_column("case_steps", "stopped_until")
    for column in (
        "stopped_at",
        "stopped_until",
        "due_before_stop",
        "needs_verification",
        "verified_at",
        "is_left_out_of_rates",
    ):
        op.drop_column("cases", column)


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _clocks() -> None:
    for column in ("stopped_at", "stopped_until", "due_before_stop"):
        op.add_column("cases", sa.Column(column, _instant(), nullable=True))
    op.add_column("case_steps", sa.Column("stopped_until", _instant(), nullable=True))


def _verdicts() -> None:
    for column in ("needs_verification", "is_left_out_of_rates"):
        op.add_column("cases", sa.Column(column, sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("cases", sa.Column("verified_at", _instant(), nullable=True))
    op.add_column("case_step_texts", sa.Column("citation", sa.Text(), nullable=True))


def _exclusions() -> None:
    for column in ("exclusion_reason", "exclusion_reply", "exclusion_phone"):
        op.add_column("case_details", sa.Column(column, sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_case_details_exclusion_reason"), "case_details", f"exclusion_reason in ({_MORE_REASONS})"
    )
    # Both together name each exclusion once: none is left behind with its reason in the note.
    told = f"""
        with told as (
            select t.tenant_id, t.id, t.case_id, regexp_match(t.note, '{_OLD_NOTE}') as parts
            from case_step_texts t join case_steps s on s.tenant_id = t.tenant_id and s.id = t.id
            where s.action = 'EXCLUDE'
        ), kept as (
            update case_details d set exclusion_reason = told.parts[1], exclusion_reply = told.parts[2]
            from told where d.tenant_id = told.tenant_id and d.id = told.case_id and told.parts is not null
        )
        update case_step_texts t set note = told.parts[2]
        from told where t.tenant_id = told.tenant_id and t.id = told.id and told.parts is not null
    """  # noqa: S608 - words of this file.
    op.execute(told)


def _work_reasons(reasons: str) -> None:
    op.drop_constraint(op.f("ck_work_items_reason"), "work_items")
    op.create_check_constraint(op.f("ck_work_items_reason"), "work_items", f"reason in ({reasons})")


def _requests() -> None:
    op.create_table("case_requests", *_request_columns(), *_request_constraints())
    op.create_index(
        "ix_case_requests_case", "case_requests", ["tenant_id", "case_id", "requested_at", "id"], unique=False
    )
    op.create_index(
        "uq_case_requests_waiting",
        "case_requests",
        ["tenant_id", "case_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'REQUESTED'"),
    )
    office_wall("case_requests", gateway="select, insert, update")


def _request_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("requester_account_id", sa.Uuid(), nullable=False),
        sa.Column("requested_at", _instant(), nullable=False),
        sa.Column("decision_step_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", _instant(), nullable=True),
        sa.Column("until", _instant(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
    ]


def _request_constraints() -> list[sa.Constraint]:
    name = "case_requests"
    checks = {
        "kind": "kind in ('EXTENSION', 'OBJECTION', 'RATES_EXCLUSION')",
        "status": "status in ('REQUESTED', 'GRANTED', 'REFUSED', 'LAPSED')",
        "basis": "basis in ('CONTRACT', 'DUTY_LIST', 'LAW', 'OTHER')",
        "decided_at": "(status = 'REQUESTED') = (decided_at is null)",
        "until": "(kind = 'EXTENSION') = (until is not null)",
        "basis_of_objection": "(kind = 'OBJECTION') = (basis is not null)",
    }
    keys = {
        "case_id": ("cases", op.f("fk_case_requests_tenant_id_case_id")),
        "step_id": ("case_steps", op.f("fk_case_requests_tenant_id_step_id")),
        "decision_step_id": ("case_steps", op.f("fk_case_requests_tenant_id_decision_step_id")),
    }
    return [
        *(sa.CheckConstraint(what, name=op.f(f"ck_{name}_{rule}")) for rule, what in checks.items()),
        *(
            sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], name=key)
            for column, (table, key) in keys.items()
        ),
        sa.ForeignKeyConstraint(
            ["requester_account_id"], ["accounts.id"], name=op.f("fk_case_requests_requester_account_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_requests_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_requests")),
    ]
