"""What becomes of an uploaded file: stored sealed, read by those who may, used, expired and swept?"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from deploy.settings import sqlalchemy_url
from services.files.commands import delete_file, load_file, sweep_files
from services.files.desk import FileDesk
from services.files.errors import (
    FileEmpty,
    FileNameInvalid,
    FilePurposeUnknown,
    FileTooLarge,
    TooManyFiles,
)
from services.files.rules import LARGEST_FILE, MIB, MOST_FILES, Upload, clean_name
from services.files.sealing import CHUNK
from services.files.store import PostgresFileStore
from services.files.tables import FileChunk, StoredFile
from tenants.audit.tables import AuditRecord
from tenants.errors import Forbidden, NotFound
from tenants.grants import Grants
from tenants.sealing.algorithms import SealBroken
from tenants.sealing.keyring import rotate_data_key
from tenants.work import Workshop
from tests.fixtures.database import Database
from tests.neighbours import Neighbour, acting_in, make_neighbours

pytestmark = pytest.mark.usefixtures("database")

STORE = PostgresFileStore()
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
WHOLE_SIZES = (1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 4 * CHUNK + 1, 9 * CHUNK + 17)


@pytest.fixture
async def neighbours(owner_engine: AsyncEngine, gateway_engine: AsyncEngine) -> tuple[Neighbour, Neighbour]:
    """Two tenants."""
    return await make_neighbours(owner_engine, gateway_engine)


def desk(neighbour: Neighbour, grants: Grants | None = None, *, now: datetime | None = None) -> FileDesk:
    async def renew() -> Grants:
        raise AssertionError

    workshop = Workshop(neighbour.workshop.engine, clock=lambda: now) if now else neighbour.workshop
    return FileDesk(workshop, STORE, grants or neighbour.grants, renew)


async def parts(*content: bytes) -> AsyncIterator[bytes]:
    for part in content:
        yield part


def cut(content: bytes, size: int) -> Iterable[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


async def upload(
    neighbour: Neighbour, content: bytes = b"content", *, name: str = "名册.xlsx", now: datetime | None = None
) -> uuid.UUID:
    sealer = await neighbour.sealer()
    return await desk(neighbour, now=now).receive(Upload(name), sealer=sealer, content=parts(*cut(content, 65_536)))


async def read(neighbour: Neighbour, file_id: uuid.UUID, grants: Grants | None = None) -> tuple[str, bytes]:
    sealer, at = await neighbour.sealer(), desk(neighbour, grants)
    head = await at.open(file_id, sealer=sealer)
    content = b"".join([part async for part in at.give(head, sealer=sealer)])
    assert len(content) == head.byte_count
    return head.name, content


async def count(engine: AsyncEngine) -> tuple[int, int]:
    async with engine.connect() as connection:
        files = await connection.scalar(select(func.count()).select_from(StoredFile))
        chunks = await connection.scalar(select(func.count()).select_from(FileChunk))
    return files or 0, chunks or 0


@pytest.mark.parametrize("size", WHOLE_SIZES)
async def test_gives_back_what_was_uploaded(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine, size: int
) -> None:
    ours, _ = neighbours
    content = os.urandom(size)

    file_id = await upload(ours, content)

    assert await read(ours, file_id) == ("名册.xlsx", content)
    assert await count(owner_engine) == (1, -(-size // CHUNK))
    async with ours.workshop.work(ours.grants) as work:
        loaded = await load_file(work, file_id=file_id, sealer=await ours.sealer(), store=STORE)
    assert loaded.content == content


async def test_neither_name_nor_content_can_be_read_in_the_database(
    neighbours: tuple[Neighbour, Neighbour], database: Database
) -> None:
    ours, _ = neighbours
    await upload(ours, "张三,13800000000".encode() * 1000, name="张三家.csv")

    connection = await asyncpg.connect(database.superuser_url)
    rows = await connection.fetch(
        "select f.name_sealed, c.content from files f join file_chunks c using (tenant_id, id)"
    )
    await connection.close()

    assert rows
    for row in rows:
        assert "张三".encode() not in row["name_sealed"] + row["content"]
        assert b"13800000000" not in row["content"]


async def test_the_uploader_reads_it_and_those_who_import_rosters(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, _ = neighbours
    file_id = await upload(ours)
    uploader = ours.may(["place:read"])
    importer = replace(ours.may(["roster:import"]), account_id=uuid.uuid4())
    somebody = replace(ours.may(["place:read", "resident:read"]), account_id=uuid.uuid4())

    assert (await read(ours, file_id, uploader))[1] == b"content"
    assert (await read(ours, file_id, importer))[1] == b"content"
    with pytest.raises(NotFound):
        await read(ours, file_id, somebody)


async def test_who_may_not_read_a_file_does_not_use_it_either(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    file_id, sealer = await upload(ours), await ours.sealer()
    somebody = replace(ours.may(["place:read", "resident:read"]), account_id=uuid.uuid4())

    with pytest.raises(NotFound):
        await desk(ours, somebody).open(file_id, sealer=sealer)
    async with ours.workshop.work(somebody) as work:
        with pytest.raises(NotFound):
            await load_file(work, file_id=file_id, sealer=sealer, store=STORE)

    async with owner_engine.connect() as connection:
        assert (await connection.scalars(select(AuditRecord.action))).all() == ["file:upload"]


async def test_another_tenants_file_is_not_there(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, theirs = neighbours
    file_id = await upload(ours)

    with pytest.raises(NotFound) as strange:
        await read(theirs, file_id)
    with pytest.raises(NotFound) as missing:
        await read(theirs, uuid.uuid4())
    async with theirs.workshop.work(theirs.grants) as work:
        with pytest.raises(NotFound):
            await load_file(work, file_id=file_id, sealer=await theirs.sealer(), store=STORE)
        await delete_file(work, file_id=file_id)

    assert strange.value.text("zh") == missing.value.text("zh")
    assert (await read(ours, file_id))[1] == b"content"


async def test_refuses_who_may_not_upload_and_stores_nothing(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    sealer = await ours.sealer()

    with pytest.raises(Forbidden):
        await desk(ours, ours.may(["place:read"])).receive(Upload("a.csv"), sealer=sealer, content=parts(b"1"))
    with pytest.raises(FilePurposeUnknown):
        await desk(ours).receive(Upload("a.csv", "PHOTO"), sealer=sealer, content=parts(b"1"))
    with pytest.raises(FileEmpty):
        await desk(ours).receive(Upload("a.csv"), sealer=sealer, content=parts())

    assert await count(owner_engine) == (0, 0)


async def test_stops_at_the_limit_and_leaves_nothing(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += MIB
            yield bytes(MIB)

    with pytest.raises(FileTooLarge):
        await desk(ours).receive(Upload("a.csv"), sealer=await ours.sealer(), content=endless())

    assert sent == LARGEST_FILE + MIB
    assert await count(owner_engine) == (0, 0)


async def test_leaves_nothing_when_the_client_goes_away(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours

    async def broken() -> AsyncIterator[bytes]:
        yield bytes(3 * MIB)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await desk(ours).receive(Upload("a.csv"), sealer=await ours.sealer(), content=broken())

    assert await count(owner_engine) == (0, 0)


async def test_nobody_reads_a_file_before_it_is_whole(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    seen: list[uuid.UUID] = []

    async def slow() -> AsyncIterator[bytes]:
        yield bytes(3 * MIB)
        async with owner_engine.connect() as connection:
            seen.append(await connection.scalar(select(StoredFile.id)) or uuid.uuid4())
        with pytest.raises(NotFound):
            await read(ours, seen[0])
        yield b"end"

    file_id = await desk(ours).receive(Upload("a.csv"), sealer=await ours.sealer(), content=slow())

    assert seen == [file_id]
    assert len((await read(ours, file_id))[1]) == 3 * MIB + 3


async def test_bounds_how_many_files_wait(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, _ = neighbours
    first = [await upload(ours) for _ in range(MOST_FILES)]

    with pytest.raises(TooManyFiles):
        await upload(ours)
    async with ours.workshop.work(ours.grants) as work:
        await delete_file(work, file_id=first[0])

    assert await upload(ours) not in first


async def test_expires_after_a_week_and_is_swept_with_its_content(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine, database: Database
) -> None:
    ours, theirs = neighbours
    worker = create_async_engine(sqlalchemy_url(database.worker_url))
    old = await upload(ours, bytes(2 * MIB), now=NOON)
    kept = await upload(theirs, now=NOON + timedelta(hours=1))
    week_later = NOON + timedelta(days=7)

    async with worker.begin() as connection:
        early = await sweep_files(connection, now=week_later - timedelta(seconds=1))
    async with worker.begin() as connection:
        swept = await sweep_files(connection, now=week_later)
    await worker.dispose()

    assert (early, swept) == (0, 1)
    async with owner_engine.connect() as connection:
        assert (await connection.scalars(select(StoredFile.id))).all() == [kept]
        assert set((await connection.scalars(select(FileChunk.id))).all()) == {kept}
    assert old != kept


async def test_an_expired_file_is_not_there_even_before_the_sweep(neighbours: tuple[Neighbour, Neighbour]) -> None:
    ours, _ = neighbours
    file_id = await upload(ours, now=NOON - timedelta(days=3650))

    with pytest.raises(NotFound):
        await read(ours, file_id)


@pytest.mark.parametrize(
    "meddling",
    [
        "update file_chunks set content = set_byte(content, 5, get_byte(content, 5) # 1) where ordinal = 1",
        "delete from file_chunks where ordinal = 2",
        "update file_chunks set ordinal = ordinal + 7; update file_chunks set ordinal = 9 - ordinal",
        "delete from file_chunks where ordinal = 2; update files set chunk_count = 2",
    ],
)
async def test_notices_whatever_is_done_to_its_chunks(
    neighbours: tuple[Neighbour, Neighbour], database: Database, meddling: str
) -> None:
    ours, _ = neighbours
    file_id = await upload(ours, os.urandom(3 * CHUNK))
    connection = await asyncpg.connect(database.superuser_url)
    await connection.execute(meddling)
    await connection.close()

    with pytest.raises((SealBroken, NotFound)):
        await read(ours, file_id)


async def test_opens_what_was_uploaded_before_the_key_changed(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    file_id = await upload(ours)
    async with owner_engine.begin() as connection:
        await rotate_data_key(connection, keyring=ours.keyring, tenant_id=ours.tenant_id)
        tenant = await acting_in(connection, "qingcheng")

    assert (await read(replace(ours, grants=replace(ours.grants, tenant=tenant)), file_id))[1] == b"content"


async def test_goes_on_when_grants_change_while_it_is_uploaded(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    renewed: list[Grants] = []

    async def renew() -> Grants:
        async with owner_engine.connect() as connection:
            renewed.append(replace(ours.grants, tenant=await acting_in(connection, "qingcheng")))
        return renewed[-1]

    async def slow() -> AsyncIterator[bytes]:
        yield bytes(3 * MIB)
        async with owner_engine.begin() as connection:
            await connection.execute(text("update tenants set grants_version = grants_version + 1"))
        yield bytes(3 * MIB)

    at = FileDesk(ours.workshop, STORE, ours.grants, renew)
    file_id = await at.receive(Upload("a.csv"), sealer=await ours.sealer(), content=slow())

    assert len(renewed) == 1
    assert (await read(replace(ours, grants=renewed[0]), file_id))[1] == bytes(6 * MIB)


async def test_gives_no_more_of_a_cases_file_to_who_may_read_the_case_no_longer(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    grants = ours.may(["case:report"])
    answers = iter(["20260601-0001-1.pdf", "20260601-0001-1.pdf", None])

    async def door(_: AsyncConnection, __: Grants, ___: uuid.UUID) -> str | None:
        return next(answers)

    sealer, at = await ours.sealer(), replace(desk(ours, grants), door=door)
    content = b"%PDF-1.7" + os.urandom(3 * MIB)
    file_id = await at.receive(Upload("a.pdf", "CASE"), sealer=sealer, content=parts(content))
    async with owner_engine.begin() as connection:
        await connection.execute(text("update files set expires_at = null"))

    head = await at.open(file_id, sealer=sealer)
    given = at.give(head, sealer=sealer)

    assert (head.name, head.is_attached, head.byte_count) == ("20260601-0001-1.pdf", True, len(content))
    assert await anext(given) == content[:MIB]
    with pytest.raises(NotFound):
        await anext(given)


async def test_shows_a_cases_file_to_nobody_where_nobody_asks_of_cases(
    neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine
) -> None:
    ours, _ = neighbours
    at, sealer = desk(ours, ours.may(["case:report", "roster:import"])), await ours.sealer()
    file_id = await at.receive(Upload("a.pdf", "CASE"), sealer=sealer, content=parts(b"%PDF-1.7"))
    async with ours.workshop.work(ours.grants) as work:
        with pytest.raises(NotFound):
            await load_file(work, file_id=file_id, sealer=sealer, store=STORE)
    async with owner_engine.begin() as connection:
        await connection.execute(text("update files set expires_at = null"))

    with pytest.raises(NotFound):
        await at.open(file_id, sealer=sealer)


async def test_is_in_the_audit_log(neighbours: tuple[Neighbour, Neighbour], owner_engine: AsyncEngine) -> None:
    ours, _ = neighbours
    file_id = await upload(ours)
    await read(ours, file_id)

    async with owner_engine.connect() as connection:
        log = (await connection.execute(select(AuditRecord.action, AuditRecord.subject_id).order_by("at", "id"))).all()
    assert log == [("file:upload", file_id), ("file:read", file_id)]


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("名册.xlsx", "名册.xlsx"),
        ("C:\\fakepath\\名册.xlsx", "名册.xlsx"),
        ("../../etc/passwd", "passwd"),
        (" a ", "a"),
    ],
)
def test_takes_a_files_name_without_folders(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@pytest.mark.parametrize("name", ["", " ", "/", "a\x00b", "a\r\nSet-Cookie: b", "长" * 201])
def test_refuses_what_is_no_files_name(name: str) -> None:
    with pytest.raises(FileNameInvalid):
        clean_name(name)
