"""Watch the deadlines of cases: limits by category, the marks that wait, the colour, and who is told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from deploy.migrations.walls import GATEWAY, OWNER, WORKER, office_wall, tenant_wall

revision = "0036"
down_revision = "0035"

# Fires marks whose instant has come, in the order of their instants, of a case one at a time, so that its events
# follow each other. The marks and their cases are locked together and without waiting: whoever takes a step with a case
# holds it, and has written its marks anew by the time that it lets go; what another worker holds is being fired. What
# was changed between the look and the lock is looked at again, so nothing fires twice, and nothing of a due time that
# has moved.
_FIRE_DUE = """
create function app.fire_due(present timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    due record;
    was json;
    fired integer := 0;
begin
    for due in
        select m.tenant_id, m.id, m.case_id, m.mark
        from public.case_marks m
        join public.cases c on c.tenant_id = m.tenant_id and c.id = m.case_id
        where m.fired_at is null and m.at <= present
            and m.due_at = c.due_at and c.status not in ('CLOSED', 'EXCLUDED', 'MERGED')
            and coalesce(c.stopped_until <= present, true)
            and not exists (
                select from public.case_marks earlier
                where earlier.tenant_id = m.tenant_id and earlier.case_id = m.case_id and earlier.fired_at is null
                    and (earlier.at, array_position(array['URGE', 'YELLOW', 'RED'], earlier.mark), earlier.id)
                        < (m.at, array_position(array['URGE', 'YELLOW', 'RED'], m.mark), m.id)
            )
        order by m.at, m.tenant_id, m.case_id
        limit most
        for no key update of m, c skip locked
    loop
        select row_to_json(c) into was from public.cases c where c.tenant_id = due.tenant_id and c.id = due.case_id;
        update public.case_marks m set fired_at = present where m.tenant_id = due.tenant_id and m.id = due.id;
        if due.mark <> 'URGE' then
            update public.cases c set color = due.mark where c.tenant_id = due.tenant_id and c.id = due.case_id;
        end if;
        insert into public.events (tenant_id, id, street_id, district_id, at, action, case_id, ordinal, before, after)
        select c.tenant_id, gen_random_uuid(), c.street_id, c.district_id, greatest(present, s.at), due.mark, c.id,
            coalesce(s.ordinal, 0), was, row_to_json(c)
        from public.cases c
        left join lateral (
            select l.at, l.ordinal from public.case_steps l
            where l.tenant_id = c.tenant_id and l.case_id = c.id order by l.ordinal desc limit 1
        ) s on true
        where c.tenant_id = due.tenant_id and c.id = due.case_id;
        insert into public.notifications (tenant_id, id, account_id, post_tenant_id, case_id, kind, number, subject,
            at)
        select distinct on (w.account_id) w.tenant_id, gen_random_uuid(), w.account_id, w.post_tenant_id, w.case_id,
            due.mark, w.number, w.title, present
        from public.work_items w
        join public.tenants t on t.id = w.post_tenant_id and t.status = 'open'
        join public.memberships p on p.account_id = w.account_id and p.tenant_id = w.post_tenant_id
            and p.position_id = w.position_id
        where w.tenant_id = due.tenant_id and w.case_id = due.case_id
            and (present at time zone t.time_zone)::date between p.since and coalesce(p.until, 'infinity'::date)
            and (present at time zone t.time_zone)::date <= coalesce(w.until, 'infinity'::date)
        -- Whoever waits for it in its own tenant, too, is told its own title.
        order by w.account_id, w.post_tenant_id <> w.tenant_id, w.id;
        fired := fired + 1;
    end loop;
    return fired;
end
$$
"""


def upgrade() -> None:
    """Make the tables and the door by which the worker fires what is due."""
    op.execute("set local lock_timeout = '3s'")
    op.add_column("cases", sa.Column("color", sa.Text(), server_default=sa.text("'GREEN'"), nullable=False))
    op.create_check_constraint(op.f("ck_cases_color"), "cases", "color in ('GREEN', 'YELLOW', 'RED')")
    op.create_index(
        "ix_cases_duplicates",
        "cases",
        ["tenant_id", "duplicate_of_id"],
        unique=False,
        postgresql_where=sa.text("duplicate_of_id is not null"),
    )
    _category_marks()
    _case_marks()
    _notifications()
    _supervisions()
    office_wall("case_supervisions", gateway="select, insert")
    tenant_wall("category_marks", gateway="select, insert, update, delete")
    tenant_wall("case_marks", gateway="select, insert, delete")
    _let_accounts_be_told()
    op.execute(_FIRE_DUE)
    op.execute("revoke all on function app.fire_due(timestamptz, integer) from public")
    op.execute(f"grant execute on function app.fire_due(timestamptz, integer) to {WORKER}")


def downgrade() -> None:
    """Drop them."""
    op.execute("set local lock_timeout = '3s'")
    op.execute("drop function app.fire_due(timestamptz, integer)")
    op.drop_table("case_supervisions")
    op.drop_table("notifications")
    op.execute("drop sequence notification_sequence")
    op.drop_table("case_marks")
    op.drop_table("category_marks")
    op.drop_index("ix_cases_duplicates", table_name="cases")
    op.drop_column("cases", "color")


def _instant() -> postgresql.TIMESTAMP:
    return postgresql.TIMESTAMP(timezone=True, precision=3)


def _category_marks() -> None:
    op.create_table(
        "category_marks",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_category_marks_amount")),
        sa.CheckConstraint("mark in ('URGE', 'YELLOW', 'RED')", name=op.f("ck_category_marks_mark")),
        sa.CheckConstraint("side in ('BEFORE', 'AFTER')", name=op.f("ck_category_marks_side")),
        sa.CheckConstraint(
            "unit in ('HOUR', 'DAY', 'WORKING_HOUR', 'WORKING_DAY')", name=op.f("ck_category_marks_unit")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["case_categories.tenant_id", "case_categories.id"],
            name=op.f("fk_category_marks_tenant_id_category_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_category_marks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_category_marks")),
        sa.UniqueConstraint(
            "tenant_id",
            "category_id",
            "mark",
            "side",
            "amount",
            "unit",
            name=op.f("uq_category_marks_tenant_id_category_id_mark_side_amount_unit"),
            postgresql_nulls_not_distinct=True,
        ),
    )


def _case_marks() -> None:
    op.create_table(
        "case_marks",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("due_at", _instant(), nullable=False),
        sa.Column("fired_at", _instant(), nullable=True),
        sa.CheckConstraint("mark in ('URGE', 'YELLOW', 'RED')", name=op.f("ck_case_marks_mark")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_case_marks_tenant_id_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_marks_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_marks")),
        sa.UniqueConstraint(
            "tenant_id",
            "case_id",
            "due_at",
            "mark",
            "at",
            name=op.f("uq_case_marks_tenant_id_case_id_due_at_mark_at"),
        ),
    )
    op.create_index(
        "ix_case_marks_waiting",
        "case_marks",
        ["at", "tenant_id", "case_id"],
        unique=False,
        postgresql_where=sa.text("fired_at is null"),
    )


def _supervisions() -> None:
    level = "level in ('ORDINARY', 'YELLOW', 'RED')"
    op.create_table(
        "case_supervisions",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Integer(), nullable=True),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("at", _instant(), nullable=False),
        sa.CheckConstraint(level, name=op.f("ck_case_supervisions_level")),
        sa.ForeignKeyConstraint(["body_id"], ["bodies.id"], name=op.f("fk_case_supervisions_body_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"],
            ["cases.tenant_id", "cases.id"],
            name=op.f("fk_case_supervisions_tenant_id_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["case_steps.tenant_id", "case_steps.id"],
            name=op.f("fk_case_supervisions_tenant_id_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_case_supervisions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_case_supervisions")),
    )
    op.create_index("ix_case_supervisions_case", "case_supervisions", ["tenant_id", "case_id", "at"], unique=False)


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post_tenant_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("read_at", _instant(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind in ('HANDED', 'ACCEPTED', 'EXCLUDED', 'RESOLVED', 'CLOSED', 'REOPENED', 'URGE', 'YELLOW', 'RED', "
            "'SUPERVISED')",
            name=op.f("ck_notifications_kind"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_notifications_account_id")),
        sa.ForeignKeyConstraint(["post_tenant_id"], ["tenants.id"], name=op.f("fk_notifications_post_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "case_id"], ["cases.tenant_id", "cases.id"], name=op.f("fk_notifications_tenant_id_case_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_notifications_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_account", "notifications", ["account_id", "at", "id"], unique=False)
    op.create_index("ix_notifications_at", "notifications", ["at"], unique=False)
    op.create_index("ix_notifications_feed", "notifications", ["account_id", "sequence"], unique=False)
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("read_at is null"),
    )
    op.create_index(
        "ix_notifications_waiting",
        "notifications",
        ["at", "id"],
        unique=False,
        postgresql_where=sa.text("sequence is null"),
    )


def _let_accounts_be_told() -> None:
    """Let a tenant tell anybody of its cases, and each account alone read it and say that it has; the worker orders."""
    op.execute("alter table notifications enable row level security")
    op.execute("alter table notifications force row level security")
    op.execute(f"create policy owner on notifications for all to {OWNER} using (true) with check (true)")
    mine = "account_id = app.account()"
    op.execute(f"create policy tenant on notifications for insert to {GATEWAY} with check (tenant_id = app.tenant())")
    op.execute(f"create policy account on notifications for select to {GATEWAY} using ({mine})")
    op.execute(f"create policy reader on notifications for update to {GATEWAY} using ({mine}) with check ({mine})")
    op.execute(f"grant select, insert, update (read_at) on notifications to {GATEWAY}")
    op.execute("create sequence notification_sequence")
    op.execute(f"grant usage on sequence notification_sequence to {WORKER}")
    for command, condition in (
        ("select", "using (true)"),
        ("update", "using (true) with check (true)"),
        ("delete", "using (true)"),
    ):
        op.execute(f"create policy worker_{command} on notifications for {command} to {WORKER} {condition}")
    op.execute(f"grant select, update (sequence), delete on notifications to {WORKER}")
