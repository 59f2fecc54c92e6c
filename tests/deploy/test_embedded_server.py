"""Does our own server start beside what is left of another, and stop when nobody uses it?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.postmaster import find_postmaster
from deploy.embedded.server import EmbeddedServer, ServerError, delete_server, is_server_made, running_server


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    # The server of a run by root belongs to another user, to whom pytest's folders are closed.
    yield tmp_path
    delete_server(tmp_path)


async def _count_connections(server: EmbeddedServer) -> int:
    connection = await asyncpg.connect(server.url("postgres"))
    try:
        count: int = await connection.fetchval("select count(*) from pg_stat_activity where pid = pg_backend_pid()")
        return count
    finally:
        await connection.close()


async def test_keeps_its_data_from_one_start_to_the_next(home: Path) -> None:
    with running_server(home, durable=False) as server:
        connection = await asyncpg.connect(server.url("postgres"))
        await connection.execute("create table kept as select 7 as number")
        await connection.close()

    with running_server(home, durable=False) as server:
        connection = await asyncpg.connect(server.url("postgres"))
        assert await connection.fetchval("select number from kept") == 7
        await connection.close()


async def test_runs_until_the_last_user_leaves(home: Path) -> None:
    with running_server(home, durable=False) as first:
        with running_server(home, durable=False) as second:
            assert second == first
        assert await _count_connections(first) == 1
        assert find_postmaster(first.data) is not None

    assert find_postmaster(first.data) is None


async def test_starts_beside_the_pid_file_of_a_dead_server(home: Path) -> None:
    with running_server(home, durable=False) as server:
        note = (server.data / "postmaster.pid").read_text()
    # The number has gone to another program since: this one.
    (server.data / "postmaster.pid").write_text(note.replace(note.split("\n", 1)[0], str(os.getpid()), 1))

    with running_server(home, durable=False) as server:
        assert await _count_connections(server) == 1


def test_starts_over_after_an_interrupted_beginning(home: Path) -> None:
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "half").touch()
    (home / "postgres").mkdir()

    with running_server(home, durable=False) as server:
        assert (server.data / "PG_VERSION").exists()


def test_is_not_deleted_while_it_is_used(home: Path) -> None:
    with running_server(home, durable=False):
        with pytest.raises(ServerError, match="running"):
            delete_server(home)

        assert is_server_made(home)

    delete_server(home)
    assert not is_server_made(home)


def test_tells_why_it_does_not_start(home: Path) -> None:
    with running_server(home, durable=False) as server:
        pass
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(ServerError, match="no_such_setting"), running_server(home, durable=False):
        pass


def test_listens_on_a_path_that_is_short_enough(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)

    with running_server(home, durable=False) as server:
        assert len(os.fsencode(server.socket_directory / ".s.PGSQL.5432")) <= 103
        assert server.socket_directory.stat().st_mode & 0o077 == 0

    delete_server(home)
