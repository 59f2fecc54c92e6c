"""Let communities ask for whistles, offices blow them, and departments answer and arrive; nothing wrote any before."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from deploy.migrations.walls import GATEWAY, also_read, tenant_wall

revision = "0035"
down_revision = "0034"

_SHARES = "'DISPATCHED', 'HANDED_UP', 'TASKED'"
_MORE_SHARES = f"{_SHARES}, 'WHISTLE_ASKED', 'WHISTLED', 'WHISTLE_DECLINED'"
_REASONS = "reason in ('PRESSING_PROBLEM', 'JOINT_ENFORCEMENT', 'EMERGENCY')"
# The offices above read what they have a part in; it is written for those of the own tenant alone.
_TOLD = "told_street_id = app.tenant() or told_district_id = app.tenant()"
_OWN_OFFICES = (
    "tenant_id = app.tenant() and (told_street_id is null or told_street_id = app.street())"
    " and (told_district_id is null or told_district_id = app.district())"
)
# Only for posts of the tenant entered, and of the cases that are shared with it now.
_FUNCTION = """
create function app.let_whistles_wait(post uuid, answering uuid[], blowing uuid[]) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    insert into public.work_items (tenant_id, id, account_id, post_tenant_id, position_id, case_id, reason, number,
        title, status, due_at, due_order, made_at)
    select c.tenant_id, gen_random_uuid(), p.account_id, p.tenant_id, p.id, c.id, waiting.reason, c.number, s.title,
        c.status, coalesce(waiting.due_at, c.due_at), coalesce(waiting.due_at, c.due_at, '9999-01-01 00:00:00+00'),
        now()
    from public.positions p
    join public.case_shares s on s.receiver_tenant_id = p.tenant_id and s.ended_at is null
    join public.bodies receiver on receiver.id = s.receiver_body_id
        and (receiver.id = p.body_id or receiver.represents_tenant_id = p.tenant_id)
    join public.cases c on c.tenant_id = s.tenant_id and c.id = s.case_id
    join public.whistles w on w.tenant_id = c.tenant_id and w.case_id = c.id and w.ended_at is null
    left join public.whistle_callees k on k.tenant_id = w.tenant_id and k.whistle_id = w.id
    cross join lateral (
        select 'TO_WHISTLE', null::timestamptz
        where w.status = 'REQUESTED' and w.office_body_id = receiver.id and receiver.id = any(blowing)
        union all
        select 'TO_DECIDE', null
        where k.status = 'DECLINED' and k.decider_body_id = receiver.id and receiver.id = any(blowing)
        union all
        select 'TO_ANSWER_WHISTLE', k.respond_by
        where k.status = 'CALLED' and k.body_id = receiver.id and receiver.id = any(answering)
        union all
        select 'TO_ARRIVE', k.arrive_by
        where k.status = 'COMING' and k.body_id = receiver.id and receiver.id = any(answering)
    ) waiting (reason, due_at)
    where p.tenant_id = app.tenant() and p.id = post and p.account_id is not null
    order by waiting.due_at
    on conflict do nothing
$$
"""


def upgrade() -> None:
    """Make the tables anew, with their walls, and let cases be shared for whistles."""
    op.execute("set local lock_timeout = '3s'")
    op.drop_table("whistle_callees")
    op.drop_table("whistles")
    _whistles()
    _callees()
    _times()
    for table in ("whistles", "whistle_callees"):
        tenant_wall(table, gateway="select, insert, update", check=_OWN_OFFICES)
        also_read(table, by="told", where=_TOLD)
    tenant_wall("whistle_times", gateway="select, insert, update")
    _share_reasons(_MORE_SHARES)
    op.execute(_FUNCTION)
    op.execute("revoke all on function app.let_whistles_wait(uuid, uuid[], uuid[]) from public")
    op.execute(f"grant execute on function app.let_whistles_wait(uuid, uuid[], uuid[]) to {GATEWAY}")


def downgrade() -> None:
    """Forget all whistles and what was shared for them, and make room for whistles that are only read."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("drop function app.let_whistles_wait(uuid, uuid[], uuid[])")
    op.execute("delete from work_items where reason in ('TO_WHISTLE', 'TO_ANSWER_WHISTLE', 'TO_ARRIVE')")
    op.execute(f"delete from case_shares where reason not in ({_SHARES})")  # noqa: S608 - words of this file.
    _share_reasons(_SHARES)
    for table in ("whistle_times", "whistle_callees", "whistles"):
        op.drop_table(table)
    _whistles_as_before()


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _share_reasons(reasons: str) -> None:
    op.drop_constraint(op.f("ck_case_shares_reason"), "case_shares")
    op.create_check_constraint(op.f("ck_case_shares_reason"), "case_shares", f"reason in ({reasons})")


def _column(name: str, type_: TypeEngine[Any], *, is_null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=is_null)


def _key() -> list[sa.Column[Any]]:
    return [
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _told() -> list[sa.Column[Any]]:
    return [_column(f"told_{office}_id", sa.Integer(), is_null=True) for office in ("street", "district")]


def _rules(table: str, checks: dict[str, str], shared: dict[str, str], own: dict[str, str]) -> list[sa.Constraint]:
    """Make the checks of a table by name, its keys to shared tables and to the tenant's, by column."""
    return [
        *(sa.CheckConstraint(what, name=op.f(f"ck_{table}_{rule}")) for rule, what in checks.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, target in {"tenant_id": "tenants", **shared}.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}"),
            )
            for column, target in own.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


_OFFICES = {"told_street_id": "tenants", "told_district_id": "tenants"}


def _whistles() -> None:
    checks = {
        "reason": _REASONS,
        "status": "status in ('REQUESTED', 'CALLED', 'REFUSED', 'CONCLUDED', 'LAPSED')",
        "called_at": "status not in ('CALLED', 'CONCLUDED') or called_at is not null",
        "ended_at": "(status in ('REQUESTED', 'CALLED')) = (ended_at is null)",
        "outcome": "(status = 'CONCLUDED') = (outcome is not null)",
    }
    op.create_table(
        "whistles",
        *_key(),
        _column("case_id", sa.Uuid()),
        *_told(),
        *(_column(name, sa.Text()) for name in ("status", "reason", "summary")),
        *(_column(name, sa.Uuid()) for name in ("requester_body_id", "office_body_id")),
        _column("place_text", sa.Text()),
        _column("note", sa.Text(), is_null=True),
        _column("requested_at", _instant()),
        *(_column(name, _instant(), is_null=True) for name in ("called_at", "ended_at")),
        *(_column(name, sa.Text(), is_null=True) for name in ("refused_reason", "outcome")),
        *_rules(
            "whistles",
            checks,
            {"requester_body_id": "bodies", "office_body_id": "bodies", **_OFFICES},
            {"case_id": "cases"},
        ),
    )
    op.create_index("ix_whistles_case", "whistles", ["tenant_id", "case_id", "requested_at", "id"], unique=False)
    op.create_index(
        "ix_whistles_open",
        "whistles",
        ["tenant_id", "case_id"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )


def _callees() -> None:
    checks = {
        "status": "status in ('CALLED', 'COMING', 'DECLINED', 'EXCUSED', 'ARRIVED')",
        "times": "arrive_by >= respond_by",
        "answered_at": "(status = 'CALLED') = (answered_at is null)",
        "arrived_at": "(status = 'ARRIVED') = (arrived_at is not null)",
        "declined_reason": "status not in ('DECLINED', 'EXCUSED') or declined_reason is not null",
        "decider": "status <> 'DECLINED' or decider_body_id is not null",
        "department_score": "department_score between 1 and 5",
        "office_score": "office_score between 1 and 5",
    }
    op.create_table(
        "whistle_callees",
        *_key(),
        *(_column(name, sa.Uuid()) for name in ("whistle_id", "case_id")),
        *_told(),
        _column("body_id", sa.Uuid()),
        _column("status", sa.Text()),
        *(_column(name, _instant()) for name in ("respond_by", "arrive_by")),
        *(_column(name, _instant(), is_null=True) for name in ("answered_at", "arrived_at")),
        *(_column(name, sa.Text(), is_null=True) for name in ("arrived_place", "declined_reason")),
        _column("decider_body_id", sa.Uuid(), is_null=True),
        _column("insisted_at", _instant(), is_null=True),
        *(
            _column(f"{side}_{name}", type_, is_null=True)
            for side in ("department", "office")
            for name, type_ in (("score", sa.Integer()), ("comment", sa.Text()), ("rated_at", _instant()))
        ),
        *_rules(
            "whistle_callees",
            checks,
            {"body_id": "bodies", "decider_body_id": "bodies", **_OFFICES},
            {"whistle_id": "whistles", "case_id": "cases"},
        ),
        sa.UniqueConstraint(
            "tenant_id", "whistle_id", "body_id", name=op.f("uq_whistle_callees_tenant_id_whistle_id_body_id")
        ),
    )
    op.create_index("ix_whistle_callees_case", "whistle_callees", ["tenant_id", "case_id"], unique=False)


def _times() -> None:
    checks = {
        "reason": _REASONS,
        "respond_minutes": "respond_minutes > 0",
        "arrive_minutes": "arrive_minutes >= respond_minutes",
        "dates": "until >= since",
    }
    op.create_table(
        "whistle_times",
        *_key(),
        _column("reason", sa.Text()),
        *(_column(name, sa.Integer()) for name in ("respond_minutes", "arrive_minutes")),
        _column("basis", sa.Text()),
        _column("since", sa.Date()),
        _column("until", sa.Date(), is_null=True),
        *_rules("whistle_times", checks, {}, {}),
        sa.UniqueConstraint("tenant_id", "reason", "since", name=op.f("uq_whistle_times_tenant_id_reason_since")),
    )
    op.create_index("ix_whistle_times_since", "whistle_times", ["tenant_id", "since", "id"], unique=False)


def _whistles_as_before() -> None:
    op.create_table(
        "whistles",
        *_key(),
        _column("case_id", sa.Uuid()),
        _column("reason", sa.Text()),
        _column("called_at", _instant(), is_null=True),
        _column("outcome", sa.Text(), is_null=True),
        *_rules("whistles", {}, {}, {"case_id": "cases"}),
    )
    op.create_index("ix_whistles_case", "whistles", ["tenant_id", "case_id", "called_at"], unique=False)
    op.create_table(
        "whistle_callees",
        *_key(),
        *(_column(name, sa.Uuid()) for name in ("whistle_id", "body_id")),
        *(_column(name, _instant(), is_null=True) for name in ("arrive_by", "arrived_at")),
        _column("declined_reason", sa.Text(), is_null=True),
        *_rules("whistle_callees", {}, {"body_id": "bodies"}, {"whistle_id": "whistles"}),
    )
    op.create_index("ix_whistle_callees_whistle", "whistle_callees", ["tenant_id", "whistle_id", "id"], unique=False)
    for table in ("whistles", "whistle_callees"):
        tenant_wall(table, gateway="select")
