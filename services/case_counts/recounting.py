"""How is everything that is counted of cases counted anew, from their steps? What `rules` does, once more and in SQL.

Each step says how its case stood after it, so the whole ledger follows from them, with what was taken back when.
"""

from __future__ import annotations

RECOUNT = """
with steps as (
    select s.tenant_id, s.case_id, s.ordinal, s.at, (s.at at time zone t.time_zone)::date as day, t.time_zone, s.action,
        s.to_status as status, s.accountable_body_id as body_id, s.due_at, s.rework_count,
        s.is_contacted, s.is_solved, s.satisfaction,
        lag(s.due_at) over w as was_due_at, lag(s.to_status) over w as was_status,
        lag(s.accountable_body_id) over w as was_body_id, lag(s.rework_count) over w as was_rework_count,
        -- Which acceptance it is, and since when it is closed.
        count(*) filter (where s.action = 'ACCEPT') over w as acceptances
    from case_steps s
    join tenants t on t.id = s.tenant_id
    where s.tenant_id = any(:tenants)
    window w as (partition by s.tenant_id, s.case_id order by s.ordinal)
),
marked as (
    select *,
        -- The last step that said who answers for it as it falls due, and the last one that closed it.
        max(ordinal) filter (where was_status is null or due_at is distinct from was_due_at or at <= was_due_at)
            over w as due_step,
        max(ordinal) filter (where status = 'CLOSED' and was_status is distinct from 'CLOSED') over w as closing_step,
        max(ordinal) filter (where action in ('CALL_BACK', 'RATE')) over w as verdict_step
    from steps
    window w as (partition by tenant_id, case_id order by ordinal)
),
stood as (
    select m.*, (m.due_at at time zone m.time_zone)::date as due_day, due.body_id as due_body_id,
        m.status not in ('EXCLUDED', 'MERGED') and m.due_at is not null as is_due,
        m.status = 'CLOSED' as is_closed, closing.day as closed_day, closing.body_id as closed_body_id,
        m.status = 'CLOSED' and closing.at <= m.due_at as is_on_time
    from marked m
    join steps due on due.tenant_id = m.tenant_id and due.case_id = m.case_id and due.ordinal = m.due_step
    left join steps closing on closing.tenant_id = m.tenant_id and closing.case_id = m.case_id
        and closing.ordinal = m.closing_step
),
-- What it counts as after a step, if that is another than before: as it stands from then on, and with the other sign as
-- it no longer stands from the next such step on.
compared as (
    select *, row(is_due, due_day, due_body_id, is_closed, closed_day, closed_body_id, is_on_time) is distinct from
        lag(row(is_due, due_day, due_body_id, is_closed, closed_day, closed_body_id, is_on_time)) over w as is_new
    from stood
    window w as (partition by tenant_id, case_id order by ordinal)
),
standing as (
    select s.*, sign.number, case sign.number when 1 then s.day else s.next_day end as recorded_on
    from (
        select *, lead(day) over (partition by tenant_id, case_id order by ordinal) as next_day
        from compared where is_new
    ) s
    cross join (values (1), (-1)) sign (number)
    where sign.number = 1 or s.next_day is not null
),
counted as (
    select tenant_id, case_id, day as happened_on, day as recorded_on, body_id, 'reported' as counter, 1 as number
    from steps where action = 'REPORT'
    union all
    select tenant_id, case_id, day, day, body_id, 'accepted', 1 from steps where action = 'ACCEPT' and acceptances = 1
    union all
    select tenant_id, case_id, day, day, body_id, 'dispatched', 1 from steps where action = 'DISPATCH'
    union all
    select tenant_id, case_id, day, day, body_id, 'handled_on_spot', 1 from steps where action = 'HANDLE_ON_SPOT'
    union all
    select tenant_id, case_id, day, day, body_id, 'extended', 1 from steps where action = 'EXTEND'
    union all
    select tenant_id, case_id, day, day, body_id, 'whistled', 1 from steps where action = 'WHISTLE'
    union all
    select tenant_id, case_id, day, day, was_body_id, 'reworked', rework_count - was_rework_count
    from steps where rework_count > was_rework_count
    union all
    select s.tenant_id, s.case_id, v.day, s.day, v.body_id, said.counter,
        case s.action when 'LEAVE_OUT_OF_RATES' then -1 else 1 end
    from marked s
    join steps v on v.tenant_id = s.tenant_id and v.case_id = s.case_id and v.ordinal = s.verdict_step
    cross join lateral (
        values ('called_back', true), ('contacted', v.is_contacted), ('solved', v.is_solved),
            ('satisfied', v.satisfaction = 'SATISFIED')
    ) said (counter, is_said)
    where s.action in ('CALL_BACK', 'RATE', 'LEAVE_OUT_OF_RATES') and said.is_said
    union all
    select tenant_id, case_id, closed_day, recorded_on, closed_body_id, 'closed', number from standing where is_closed
    union all
    select tenant_id, case_id, due_day, recorded_on, due_body_id, 'due_to_close', number from standing where is_due
    union all
    select tenant_id, case_id, due_day, recorded_on, due_body_id, 'closed_of_due', number
    from standing where is_due and is_closed
    union all
    select tenant_id, case_id, due_day, recorded_on, due_body_id, 'closed_on_time', number
    from standing where is_due and is_on_time
),
-- What a case that has gone out of the count had happened to it by then, but that it was reported and accepted.
gone as (
    select s.tenant_id, s.case_id, s.day from steps s
    where s.status in ('EXCLUDED', 'MERGED') and s.was_status not in ('EXCLUDED', 'MERGED')
),
complete as (
    select * from counted
    union all
    select c.tenant_id, c.case_id, c.happened_on, g.day, c.body_id, c.counter, -c.number
    from counted c
    join gone g on g.tenant_id = c.tenant_id and g.case_id = c.case_id
    where c.counter not in ('reported', 'accepted', 'due_to_close', 'closed', 'closed_of_due', 'closed_on_time')
)
select c.tenant_id, k.street_id, k.district_id, c.case_id as subject_id, c.happened_on, c.recorded_on,
    (k.reported_at at time zone t.time_zone)::date as opened_on, k.grid_id, g.code as category, k.source, c.body_id,
    c.counter, c.number
from complete c
join cases k on k.tenant_id = c.tenant_id and k.id = c.case_id
join tenants t on t.id = c.tenant_id
join case_categories g on g.tenant_id = k.tenant_id and g.id = k.category_id
"""
