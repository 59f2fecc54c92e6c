"""What is answered while the database is out of reach?"""

from __future__ import annotations

import asyncio
import errno
import logging

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.app import FILES, GRAPHQL
from deploy.settings import sqlalchemy_url
from tenants.outages import is_outage
from tests.fixtures.database import Database, copy_template
from tests.fixtures.gateway import ISSUER, open_client
from tests.fixtures.server import temporary_server
from tests.make import make_world

_QUERY = {"query": "{ me { tenant { name } } }"}
_MUTATION = {"query": 'mutation { moveBuilding(buildingId: "x", gridId: "y") { errors { code } } }'}
_TEXTS = {"zh": "服务暂时不可用，请稍后再试", "en": "The service is unavailable for the moment: try again shortly"}


async def _fill(database: Database) -> None:
    engine = create_async_engine(sqlalchemy_url(database.owner_url))
    async with engine.connect() as connection:
        await make_world(connection)
        await connection.commit()
    await engine.dispose()


def _headers(account: str, language: str) -> dict[str, str]:
    bearer = f"Bearer {ISSUER.token(account).decode()}"
    return {"Authorization": bearer, "X-Tenant": "qingcheng", "Accept-Language": language}


async def test_says_that_it_is_worth_trying_again(caplog: pytest.LogCaptureFixture) -> None:
    known = _headers("worker", "zh")
    with temporary_server() as server:
        opened = open_client(await copy_template(server, "outage", fill=_fill))
        http = (await opened.__aenter__()).http
        before = await http.post(GRAPHQL, json=_QUERY, headers=known)

    # The server was stopped while nothing else ran: now the connections learn that they ended.
    await asyncio.sleep(0.2)
    with caplog.at_level(logging.WARNING, logger="jinlin"):
        answers = [
            await http.post(GRAPHQL, json=_QUERY, headers=known),
            await http.post(GRAPHQL, json=_QUERY, headers=_headers("officer", "en")),
            await http.post(GRAPHQL, json=_MUTATION, headers=known),
            await http.post(FILES, files={"file": ("a.csv", b"x")}, headers=known),
        ]
    await opened.__aexit__(None, None, None)

    assert before.json() == {"data": {"me": {"tenant": {"name": "庆城社区"}}}}
    assert [answer.status_code for answer in answers] == [503] * 4
    for answer, language in zip(answers, ("zh", "en", "zh", "zh"), strict=True):
        error = {"message": _TEXTS[language], "extensions": {"code": "UNAVAILABLE"}}
        assert answer.json() == {"errors": [error]}
    # One line each, without a traceback.
    told = [record for record in caplog.records if record.name == "jinlin"]
    assert [record.exc_info for record in told] == [None] * 4
    assert all(record.getMessage().startswith("the database is out of reach: ") for record in told)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(), True),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), True),
        (asyncpg.CannotConnectNowError("starting up"), True),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.InterfaceError("another operation is in progress"), False),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "roles.csv"), False),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (asyncpg.UndefinedTableError("no table"), False),
        (ValueError(), False),
    ],
    ids=repr,
)
def test_tells_an_outage_from_a_fault(error: Exception, *, expected: bool) -> None:
    wrapped = RuntimeError("outer")
    wrapped.__cause__ = error

    assert [is_outage(error), is_outage(wrapped)] == [expected, expected]
