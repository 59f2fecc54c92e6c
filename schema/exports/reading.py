"""How is a table read as its caller, a page at a time, into the bytes of a file?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson

from schema.exports.asking import Question, Table, table_of
from schema.exports.cells import Cells, Rows, check_whole, list_in, names_on_the_way
from schema.exports.heading import Heading
from schema.exports.pacing import a_few
from schema.exports.parts import headers
from services.exports.csv_writing import CsvTable
from services.exports.errors import ExportReasonMissing, ExportTooLong
from services.exports.jobs import Made, ReachChanged
from services.exports.rules import LONGEST_REASON, MOST_ROWS
from services.exports.xlsx_writing import XlsxTable
from tenants.errors import NotFound
from tenants.renewing import renewing

if TYPE_CHECKING:
    from uuid import UUID

    from schema.context import Gateway
    from services.exports.cells import Cell
    from services.exports.jobs import Order
    from services.files.commands import Content
    from tenants.grants import Grants

Tell = Callable[[int, int | None], Awaitable[None]]


@dataclass(slots=True)
class TableReading:
    """Reads one export's table with whatever its account may read now."""

    gateway: Gateway
    grants: Grants
    renew: Callable[[], Awaitable[Grants]]
    order: Order
    row_count: int = 0
    _total: int | None = None
    _reach: str = ""
    _index: Any = None
    # For which grants the table was found.
    _found: tuple[Grants, Table] | None = None
    _question: Question = field(init=False)

    def __post_init__(self) -> None:
        """Read the question once."""
        self._question = Question.read(self.order.request)

    def made(self, file_id: UUID, content: Content) -> Made:
        """Say what has been read."""
        return Made(file_id, content, self.row_count, self._total, self._reach)

    async def content(self, now: datetime, tell: Tell) -> AsyncIterator[bytes]:
        """Give the file's content as it is read, telling how far it is. Raises Refused."""
        table = self._table(self.grants)
        if table.is_personal and not self.order.is_personal:
            # What was not personal when it was asked for, by an earlier version: nobody has agreed to that.
            raise ExportReasonMissing(limit=LONGEST_REASON)
        with closing(CsvTable() if self.order.format == "CSV" else XlsxTable()) as writer:
            async for part in self._parts(table, writer, now, tell):
                yield part

    async def _parts(
        self, table: Table, writer: CsvTable | XlsxTable, now: datetime, tell: Tell
    ) -> AsyncIterator[bytes]:
        answer = await self._page(None, is_first=True)
        tenant = self.grants.tenant
        zone = ZoneInfo(tenant.time_zone if tenant else "UTC")
        rows = Rows.of(table.columns, Cells(self.gateway.reader.model.schema, self.order.language, zone))
        places = names_on_the_way(self._named(table), answer)
        lines = Heading(self.order, table, zone, now).lines(tenant.name if tenant else "", places)
        yield writer.head(lines, headers(table.columns, self.order.language))
        while True:
            found = list_in(table.shape.path, table.shape.rows, answer)
            for cells in a_few(self._rows(table, rows, found)):
                self.row_count += len(cells)
                if self.row_count > MOST_ROWS:
                    raise ExportTooLong(limit=MOST_ROWS)
                yield writer.rows(cells)
            if not table.shape.rows.is_connection or not found["pageInfo"]["hasNextPage"]:
                break
            await tell(self.row_count, self._total)
            answer = await self._page(found["pageInfo"]["endCursor"])
        yield writer.end()

    def _check_reach(self, held: Grants) -> None:
        # Half a file by the one and half by the other is neither's.
        self._reach = self._reach or held.reach
        if held.reach != self._reach:
            raise ReachChanged

    def _table(self, held: Grants) -> Table:
        """Find the table as he may see it now: with fewer grants there are fewer columns, or none."""
        if self._found is None or self._found[0] is not held:
            self._found = (held, table_of(self.gateway.reader, held, self._question))
        return self._found[1]

    def _named(self, table: Table) -> tuple[Any, ...]:
        shape = table.shape
        return shape.path if shape.rows.is_list else (*shape.path, shape.rows)

    def _rows(self, table: Table, rows: Rows, found: Any) -> Iterator[list[Cell]]:
        part = table.shape.rows
        if found is None:
            raise NotFound
        if not part.is_list:
            yield from rows.of_object(part, found)
            return
        if part.is_connection:
            if "totalCount" in found:
                self._total = found["totalCount"]
            found = found["nodes"]
        check_whole(part, found)
        for item in found:
            yield from rows.of_object(part, item)

    async def _page(self, after: str | None, *, is_first: bool = False) -> Any:
        async def read(held: Grants) -> bytes | None:
            self._check_reach(held)
            self.grants = held
            table = self._table(held)
            variables = table.variables(after, counts=is_first)
            plan = table.plan(self.gateway.reader, held, variables)
            context = self.gateway.request(held, self.order.language)
            if plan.audits:
                self._index = self._index or await self.gateway.searches.opened(held, plan.audits)
                context = replace(context, blind_index=self._index)
            return await self.gateway.reader.run(plan, variables, context)

        found = await renewing(read, self.grants, self.renew)
        return orjson.loads(found or b"{}")
