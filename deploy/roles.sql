-- The three roles of the gateway, made by a superuser once for a server; running it again changes nothing.
-- psql -f deploy/roles.sql, then give each a password: \password jinlin_owner (jinlin_gateway, jinlin_worker).
do $$
declare
    name text;
begin
    foreach name in array array['jinlin_owner', 'jinlin_gateway', 'jinlin_worker'] loop
        if not exists (select from pg_roles where rolname = name) then
            execute format('create role %I', name);
        end if;
        execute format('alter role %I with login nosuperuser nobypassrls nocreatedb nocreaterole noreplication', name);
        -- Short statements many times a second: compiling one to machine code costs more than it saves.
        execute format('alter role %I set jit = off', name);
    end loop;
    -- A request that takes longer has been given up by its client; the owner's work may take its time.
    alter role jinlin_gateway set statement_timeout = '30s';
    alter role jinlin_gateway set idle_in_transaction_session_timeout = '60s';
    alter role jinlin_worker set idle_in_transaction_session_timeout = '60s';
end
$$;
