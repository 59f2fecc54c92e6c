"""Find the deadlines that are due by indexes alone, whatever the planner knows of the tables and however many wait.

A look was planned by statistics: of a table that had just filled there are none, and a worker that had started with an
empty one kept the plan it made then. With ten thousand due, fifty took most of a second, so what was late got later.
"""

from alembic import op

revision = "0045"
down_revision = "0044"

# In the order of the index, of which as much is read as is fired; of each mark its case and those before it by their
# keys. Any other way reads all that waits.
_WAYS = """
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_sort = off
"""
_DUE = """
    select m.tenant_id, m.id, m.case_id, m.mark
    from public.case_marks m
    join public.cases c on c.tenant_id = m.tenant_id and c.id = m.case_id
    where m.fired_at is null and m.at <= {present}
        and m.due_at = c.due_at and c.status not in ('CLOSED', 'EXCLUDED', 'MERGED')
        and coalesce(c.stopped_until <= {present}, true)
        and not exists (
            select from public.case_marks earlier
            where earlier.tenant_id = m.tenant_id and earlier.case_id = m.case_id {same}and earlier.fired_at is null
                and (earlier.at, array_position(array['URGE', 'YELLOW', 'RED'], earlier.mark), earlier.id)
                    < (m.at, array_position(array['URGE', 'YELLOW', 'RED'], m.mark), m.id)
        )
    order by m.at, m.tenant_id, m.case_id
    limit {most}
    for no key update of m, c skip locked
"""
# The marks and their cases are locked together and without waiting: whoever takes a step with a case holds it, and has
# written its marks anew by the time that it lets go; what another worker holds is being fired. What was changed between
# the look and the lock is looked at again, so nothing fires twice, and nothing of a due time that has moved.
_FIRE_DUE = """
create or replace function app.fire_due(present timestamptz, most integer) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp {ways} as $$
declare
    due record;
    was json;
    fired integer := 0;
begin
    for due in {due}
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
    """Let each look be planned anew, in the order of what waits."""
    op.execute("set local lock_timeout = '3s'")
    look = _DUE.format(present="$1", most="$2", same="and earlier.due_at = m.due_at\n                ")
    op.execute(_FIRE_DUE.format(ways=_WAYS, due=f"execute $look${look}$look$ using present, most"))


def downgrade() -> None:
    """Let the planner choose, once for many looks."""
    op.execute("set local lock_timeout = '3s'")
    op.execute(_FIRE_DUE.format(ways="", due=_DUE.format(present="present", most="most", same="")))
