"""What do clients see of an import of tickets: what became of them, and what was wrong with the file?"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import case, func

from schema.compiler.context import LANGUAGE
from schema.compiler.declare import Column, Connection, Order, Row, Source, column, connection, read, reads, table_of
from schema.compiler.json_sql import quoted
from schema.node import NodeInterface
from schema.paging import ConnectionType
from services.tickets.rules import IMPORT as IMPORT_PERMISSION
from services.tickets.tables import TicketImport, TicketProblem

IMPORT = Source(table=table_of(TicketImport), name="ticket_imports", prefix="tim", permission=IMPORT_PERMISSION)
PROBLEM = Source(table=table_of(TicketProblem), name="ticket_problems", prefix="tpr", permission=IMPORT_PERMISSION)


@strawberry.enum(name="TicketImportStatus")
class TicketImportStatus(Enum):
    """How an import ended."""

    DONE = strawberry.enum_value("DONE", description="已导入: new tickets became cases.")
    CHECKED = strawberry.enum_value("CHECKED", description="已试算: a dry run; nothing was changed.")
    REFUSED = strawberry.enum_value("REFUSED", description="未导入: bad rows stopped it; nothing was changed.")


def _message(problem: Row) -> Any:
    return case((quoted("en") == LANGUAGE, problem.c.message_en), else_=problem.c.message_zh)


@reads(PROBLEM)
@strawberry.type(name="TicketProblem", description="问题: something wrong with one cell or row of the file.")
class TicketProblemType(NodeInterface):
    """A problem."""

    sheet: str = column(lambda problem: problem.c.sheet, "The sheet's name; of a CSV, the file's.")
    row: int = column(lambda problem: problem.c.row_number, "From 1, as a spreadsheet shows it.")
    letter: str | None = read(
        Column(lambda problem: func.nullif(problem.c.column_letter, quoted(""))),
        "The column's letter; null when the file has no such column.",
        name="column",
    )
    header: str | None = column(
        lambda problem: func.nullif(problem.c.header, quoted("")), "The column's title in the file."
    )
    code: str = column(lambda problem: problem.c.code, "Stable, for example CATEGORY_UNKNOWN.")
    message: str = column(_message, "What is wrong and what to do about it.")
    value: str = column(lambda problem: problem.c.value, "What the cell holds; masked where it is personal.")


@reads(IMPORT)
@strawberry.type(name="TicketImport", description="工单导入: one import of a hotline's tickets, or a dry run of it.")
class TicketImportType(NodeInterface):
    """An import."""

    at: datetime = column(lambda one: one.c.at)
    system: str = column(lambda one: one.c.system, "Whose tickets they are, for example 12345.")
    status: TicketImportStatus = column(lambda one: one.c.status)
    rows_read: int = column(lambda one: one.c.rows_read, "Tickets in the file.")
    created_count: int = column(
        lambda one: one.c.created_count, "Tickets that became cases; in a dry run, those that would."
    )
    known_count: int = column(lambda one: one.c.known_count, "Tickets that had come in before, and were left alone.")
    bad_row_count: int = column(lambda one: one.c.bad_row_count, "Rows that cannot be imported.")
    problems: ConnectionType[TicketProblemType] | None = connection(
        Connection(
            on=lambda one, problem: (problem.c.tenant_id == one.c.tenant_id) & (problem.c.import_id == one.c.id),
            order=Order(lambda problem: problem.c.ordinal),
        ),
        "In the order of the file.",
    )
