"""How does a database make a city's cases by itself? Set by set, a batch of tenants after the other.

What is drawn at random follows from the seed, the tenant's slug and the case's number by hashes, so that it does not
matter in which batches or in which order cases are made. Working days and hours count as so many days and hours by the
clock: holidays are not looked at.
"""

from __future__ import annotations

_BITS = 20
_RANGE = 1 << _BITS


def _drawn(what: str, of: str) -> str:
    """Write a whole number below a million or so, drawn for something."""
    return f"(hashint8extended({of}, hashtext('{what}')) & {_RANGE - 1})"


def _share(what: str, of: str) -> str:
    return f"({_drawn(what, of)} / {float(_RANGE)}::float8)"


def _uuid(instant: str, random: str) -> str:
    """Write a UUIDv7 of an instant, of random bits from a hash."""
    hashed = f"md5(({random})::text)"
    return f"""(lpad(to_hex((extract(epoch from {instant}) * 1000)::bigint), 12, '0') || '7' || substr({hashed}, 1, 3)
        || '8' || substr({hashed}, 4, 15))::uuid"""


# Of each tenant once: who takes part. The key is what all that is drawn for it begins with.
CAST = """
    create temp table city_cast on commit drop as
    select t.id as tenant_id, t.street_id, t.district_id, own.id as body_id, w.cases,
        hashtextextended(t.slug, {seed}) as key,
        -- As the others of its batch by the number of cases, so that no batch is much larger than another.
        (sum(w.cases) over (order by t.id) / {batch})::integer as batch,
        reporter.account_id as resident_account_id, reporter.person_id as resident_id, reporter.id as resident_post_id,
        worker.account_id as worker_account_id, worker.person_id as worker_id, worker.id as worker_post_id,
        worker.public_name as worker_name,
        settler.account_id as settler_account_id, settler.id as settler_post_id, settler.public_name as settler_name,
        handler.account_id as handler_account_id, handler.id as handler_post_id, handler.public_name as handler_name,
        receiver.account_id as receiver_account_id, receiver.id as receiver_post_id,
        (select array_agg(b.id order by b.sort_key, b.id) from bodies b
         where b.home_tenant_id = t.district_id and b.kind = 'department') as department_ids,
        (select count(*) from places p
         where p.tenant_id = t.id and p.kind in ('building', 'dwelling', 'site')) as place_count
    from city_wanted w
    join tenants t on t.slug = w.slug
    join bodies own on own.represents_tenant_id = t.id
    join positions reporter on reporter.tenant_id = t.id and reporter.kind_code = 'resident'
        and reporter.account_id is not null
    join positions worker on worker.tenant_id = t.id and worker.kind_code = 'worker' and worker.account_id is not null
    join positions settler on settler.tenant_id = t.id and settler.kind_code = 'committee-chair'
        and settler.account_id is not null
    join positions handler on handler.tenant_id = t.id and handler.kind_code = 'grid-worker'
        and handler.account_id is not null
    join positions receiver on receiver.tenant_id = t.district_id and receiver.kind_code = 'department-handler'
        and receiver.account_id is not null
"""
# Places that something can be about, numbered in each tenant.
PLACES = """
    create temp table city_places on commit drop as
    select p.tenant_id, p.id, p.address, p.grid_id, p.estate_id,
        case p.kind when 'building' then p.id else p.building_id end as building_id,
        (row_number() over w - 1)::integer as n
    from places p join city_cast c on c.tenant_id = p.tenant_id
    where p.kind in ('building', 'dwelling', 'site')
    window w as (partition by p.tenant_id order by p.id)
"""
# What is reported under which category of each tenant, with its time limit by the clock: a working day is seven fifths
# of a day, and of working hours a day has seven.
CATEGORIES = """
    create temp table city_categories on commit drop as
    select g.tenant_id, l.number as line, g.id, g.limit_amount * case g.limit_unit when 'HOUR' then interval '1 hour'
        when 'DAY' then interval '1 day' when 'WORKING_DAY' then interval '1 day' * 1.4
        else interval '1 day' / 7 end as time_limit
    from case_categories g
    join city_cast c on c.tenant_id = g.tenant_id
    join city_lines l on l.code = g.code
    where g.is_leaf and g.referral_phone is null
"""
# How many cases of which day: what a tenant has is dealt out by the days' weights, no case lost and none too many.
# Every tenant has days of its own on which more comes than on others.
_DAYS = f"""
    select w.tenant_id, w.day, floor(c.cases * w.until / w.whole + p.phase)::integer as until,
        floor(c.cases * lag(w.until, 1, 0) over (partition by w.tenant_id order by w.day) / w.whole + p.phase)::integer
            as begin
    from (
        select o.*, sum(weight) over (partition by tenant_id order by day) as until,
            sum(weight) over (partition by tenant_id order by day
                rows between unbounded preceding and unbounded following) as whole
        from (
            select c.tenant_id, d.day,
                d.weight * coalesce(s.factor, 1) * -ln(1 - {_share("day", "c.key + d.number")}) as weight
            from city_cast c cross join city_days d left join city_storms s using (street_id, day)
            where c.batch = $1
        ) o
    ) w
    join city_cast c using (tenant_id)
    cross join lateral (select {_share("phase", "c.key")} as phase) p
"""
# One row a case: the numbers that are drawn for it, each within what it is to choose from.
_EACH = "x.key + x.n"
DRAWN = f"""
    insert into city_drawn
    select x.tenant_id, x.n, x.day, x.ordinal, extract(month from x.day)::integer as month,
        ({_drawn("line", _EACH)} % 1000)::integer as line_slot, ({_drawn("way", _EACH)} % 100)::integer as way_slot,
        floor(power({_share("place", _EACH)}, 1.3) * x.place_count)::integer as place,
        -- So many thousandths of the day's cases have been reported by then.
        floor(y.moment)::integer as moment_slot, y.moment - floor(y.moment) as moment
    from (
        select d.tenant_id, c.key, c.place_count, d.day, k as ordinal, d.begin + k as n, d.until - d.begin as total
        from ({_DAYS}) d join city_cast c using (tenant_id) cross join lateral generate_series(1, d.until - d.begin) k
    ) x
    cross join lateral (select (x.ordinal - 1 + {_share("moment", _EACH)}) / x.total * 1000 as moment) y
"""
DRAWN_COLUMNS = """
    tenant_id integer, n integer, day date, ordinal integer, month integer, line_slot integer, way_slot integer,
    place integer, moment_slot integer, moment float
"""
# What that comes to: what the case is about, and which way it goes.
_KEY = "c.key + x.n"
# How long its way takes, and when a part of it is over.
_LEAD = f"g.time_limit * (0.6 + 0.4 * {_share('pace', _KEY)})"
_AT_PART = f"(x.reported_at + {_LEAD} * part)::timestamptz(3)"
MADE = f"""
    insert into city_made
    select x.tenant_id, x.n, {_uuid("x.reported_at", _KEY)} as id, x.day,
        to_char(x.day, 'YYYYMMDD') || '-' || to_char(x.ordinal, 'FM0000') as number, x.reported_at,
        l.kinds[1 + {_drawn("kind", _KEY)} % cardinality(l.kinds)] as kind,
        w.sources[1 + {_drawn("source", _KEY)} % cardinality(w.sources)] as source,
        g.id as category_id, l.number as line, g.time_limit,
        {_LEAD} as lead, w.number as way, w.calls_back,
        c.department_ids[1 + {_drawn("department", _KEY)} % cardinality(c.department_ids)] as department_id,
        {_drawn("verdict", _KEY)} % 100 as verdict, p.id as place_id, p.address, p.grid_id, p.building_id, p.estate_id,
        -- So many steps of its way have been taken.
        (select count(*) from unnest(w.parts) part where {_AT_PART} < $1) as taken
    from (
        select d.*, w.way, lag(w.way) over (partition by d.tenant_id order by d.n) as way_before,
            ((d.day::timestamp + make_interval(secs => m.second + m.seconds * d.moment))
                at time zone 'Asia/Shanghai')::timestamptz(3) as reported_at
        from city_drawn d
        join city_moments m on m.slot = d.moment_slot
        join city_way_slots w on w.slot = d.way_slot
    ) x
    join city_cast c using (tenant_id)
    join city_line_slots o on o.month = x.month and o.slot = x.line_slot
    join city_lines l on l.number = o.line
    join city_categories g on g.tenant_id = x.tenant_id and g.line = o.line
    -- Into a case that is merged itself, or into none, nothing is merged: it is not taken on.
    join city_ways w on w.number = case when x.way = {{merged}} and coalesce(x.way_before, x.way) = {{merged}}
        then {{excluded}} else x.way end
    join city_places p on p.tenant_id = x.tenant_id and p.n = x.place
"""
MADE_COLUMNS = """
    tenant_id integer, n integer, id uuid, day date, number text, reported_at timestamptz(3), kind text, source text,
    category_id uuid, line integer, time_limit interval, lead interval, way integer, calls_back boolean,
    department_id uuid, verdict integer, place_id uuid, address text, grid_id uuid, building_id uuid, estate_id uuid,
    taken integer
"""


def _at(part: str) -> str:
    return f"(m.reported_at + m.lead * {part})::timestamptz(3)"


def _due(clock: str) -> str:
    """Write what a case is due by: at first, extended by half its time, and anew since it was reopened."""
    return f"""(case {clock} when 0 then m.reported_at + m.time_limit when 1 then m.reported_at + m.time_limit * 1.5
        else {_at("1.2")} + m.time_limit end)::timestamptz(3)"""


def _heard(verdict: str) -> tuple[str, str, str]:
    """Write whether the reporter was reached, said that it is solved, and was satisfied."""
    is_contacted = f"case {verdict} when 'heard' then m.verdict >= 7 when 'unsolved' then true end"
    is_solved = (
        f"case {verdict} when 'heard' then case when m.verdict >= 7 then true end when 'unsolved' then false end"
    )
    satisfaction = f"""case {verdict} when 'unsolved' then 'DISSATISFIED' when 'heard' then
        case when m.verdict >= 26 then 'SATISFIED' when m.verdict >= 12 then 'NEUTRAL'
            when m.verdict >= 7 then 'DISSATISFIED' end end"""
    return is_contacted, is_solved, satisfaction


_WITH = "case when s.is_with_department then m.department_id else c.body_id end"
CASES = """
    insert into cases (tenant_id, id, street_id, district_id, number, kind, source, category_id, status, grid_id,
        coordinator_body_id, accountable_body_id, reported_at, accepted_at, dispatched_at, resolved_at, closed_at,
        due_at, due_body_id, rework_count, needs_call_back, called_back_at, is_contacted, is_solved, satisfaction,
        duplicate_of_id)
    select m.tenant_id, m.id, c.street_id, c.district_id, m.number, m.kind, m.source, m.category_id, s.to_status,
        m.grid_id, c.body_id, {answering}, m.reported_at, {moments}, {due}, {answering}, s.rework_count, m.calls_back,
        {heard_at}, {heard}, case when s.to_status = 'MERGED' then before.id end
    from city_made m
    join city_cast c using (tenant_id)
    join city_steps s on s.way = m.way and s.ordinal = m.taken
    left join city_made before on before.tenant_id = m.tenant_id and before.n = m.n - 1
    order by m.tenant_id, m.n
""".format(
    answering=_WITH,
    moments=", ".join(_at(f"s.{name}") for name in ("accepted", "dispatched", "resolved", "closed")),
    due=_due("s.clock"),
    heard_at=_at("s.heard"),
    heard=", ".join(_heard("s.heard_verdict")),
)
DETAILS = """
    insert into case_details (tenant_id, id, title, description, reported_at, place_id, building_id, estate_id,
        place_text, reporter_id, reporter_account_id, exclusion_reason, exclusion_reply)
    select m.tenant_id, m.id, l.title, replace(l.description, '{place}', m.address), m.reported_at,
        m.place_id, m.building_id, m.estate_id, m.address,
        case when m.source = 'SNAPSHOT' then c.resident_id else c.worker_id end,
        case when m.source = 'SNAPSHOT' then c.resident_account_id else c.worker_account_id end,
        case when s.to_status = 'EXCLUDED' then 'NOT_OUR_DUTY' end,
        case when s.to_status = 'EXCLUDED' then '此事由其他单位负责，已告知办理途径。' end
    from city_made m
    join city_cast c using (tenant_id)
    join city_lines l on l.number = m.line
    join city_steps s on s.way = m.way and s.ordinal = m.taken
    order by m.tenant_id, m.n
"""
_STEP_ID = _uuid(_at("s.part"), "c.key + m.n + (s.ordinal::bigint << 40)")
STEPS = f"""
    insert into case_steps (tenant_id, id, street_id, district_id, case_id, ordinal, at, action, from_status, to_status,
        actor_body_id, coordinator_body_id, accountable_body_id, due_at, rework_count, is_contacted, is_solved,
        satisfaction)
    select m.tenant_id, {_STEP_ID}, c.street_id, c.district_id, m.id, s.ordinal, {_at("s.part")}, s.action,
        s.from_status, s.to_status,
        case when s.actor = 'RECEIVER' then m.department_id
            when s.actor <> 'REPORTER' or m.source <> 'SNAPSHOT' then c.body_id end,
        c.body_id, {_WITH}, {_due("s.clock")}, s.rework_count, {", ".join(_heard("s.verdict"))}
    from city_made m join city_cast c using (tenant_id) join city_steps s on s.way = m.way and s.ordinal <= m.taken
    order by m.tenant_id, m.n, s.ordinal
"""
TEXTS = f"""
    insert into case_step_texts (tenant_id, id, case_id, author_tenant_id, account_id, position_id, public_name,
        is_handling, note)
    select m.tenant_id, {_STEP_ID}, m.id, case when who.is_receiver then c.district_id else m.tenant_id end,
        who.account_id, who.position_id, who.public_name, s.is_handling,
        case s.action when 'RESOLVE' then l.settled when 'HANDLE_ON_SPOT' then l.settled
            when 'RETURN' then '经现场核实，不属本单位职责，退回重新派单。'
            when 'REOPEN' then '反映人表示问题再次出现，重新办理。'
            when 'REQUEST_EXTENSION' then '需协调施工，申请延期。' end
    from city_made m
    join city_cast c using (tenant_id)
    join city_lines l on l.number = m.line
    join city_steps s on s.way = m.way and s.ordinal <= m.taken
    cross join lateral (
        select *, role = 'RECEIVER' as is_receiver from (values
            ('RESIDENT', c.resident_account_id, c.resident_post_id, null),
            ('WORKER', c.worker_account_id, c.worker_post_id, null),
            ('SETTLER', c.settler_account_id, c.settler_post_id, c.settler_name),
            ('HANDLER', c.handler_account_id, c.handler_post_id, c.handler_name),
            ('RECEIVER', c.receiver_account_id, c.receiver_post_id, null)
        ) taking (role, account_id, position_id, public_name)
        where role = case when s.actor <> 'REPORTER' then s.actor
            when m.source = 'SNAPSHOT' then 'RESIDENT' else 'WORKER' end
    ) who
    order by m.tenant_id, m.n, s.ordinal
"""
# What a department was handed, until it was given back or has ended.
SHARES = f"""
    insert into case_shares (tenant_id, id, case_id, receiver_tenant_id, receiver_body_id, reason, shared_at, ended_at,
        title, description, place_text, reported_at)
    select m.tenant_id, {_uuid(_at("s.part"), "c.key - m.n")}, m.id, c.district_id, m.department_id, 'DISPATCHED',
        {_at("s.part")}, ended.at, l.title, '请到现场处置。', m.address, m.reported_at
    from city_made m
    join city_cast c using (tenant_id)
    join city_lines l on l.number = m.line
    join city_steps s on s.way = m.way and s.action = 'DISPATCH' and s.is_with_department and s.ordinal <= m.taken
    left join lateral (
        select {_at("e.part")} as at from city_steps e
        where e.way = m.way and e.ordinal > s.ordinal and e.action in ('RETURN', 'CLOSE') and e.ordinal <= m.taken
        order by e.ordinal limit 1
    ) ended on true
    order by m.tenant_id, m.n
"""
# More time, granted a while after it was asked for.
REQUESTS = f"""
    insert into case_requests (tenant_id, id, street_id, district_id, case_id, kind, status, step_id,
        requester_account_id, requested_at, decision_step_id, decided_at, until)
    select m.tenant_id, {_uuid(_at("s.part"), "c.key - 1 - m.n")}, c.street_id, c.district_id, m.id, 'EXTENSION',
        case when granted.at is null then 'REQUESTED' else 'GRANTED' end, {_STEP_ID}, c.receiver_account_id,
        {_at("s.part")}, granted.id, granted.at, {_due("1")}
    from city_made m
    join city_cast c using (tenant_id)
    join city_steps s on s.way = m.way and s.action = 'REQUEST_EXTENSION' and s.ordinal <= m.taken
    left join lateral (
        select {_at("e.part")} as at, {_STEP_ID.replace("s.", "e.")} as id from city_steps e
        where e.way = m.way and e.action = 'EXTEND' and e.ordinal <= m.taken
    ) granted on true
    order by m.tenant_id, m.n
"""
DAYS = f"""
    insert into case_days (tenant_id, id, day, last_number)
    select m.tenant_id, {_uuid("min(m.reported_at)", "c.key # (m.day - date '2000-01-01')")}, m.day, count(*)
    from city_made m join city_cast c using (tenant_id) group by m.tenant_id, c.key, m.day order by m.tenant_id, m.day
"""
