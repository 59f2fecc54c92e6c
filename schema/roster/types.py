"""What do clients see of an import of a roster: what it changed, and what was wrong with the file?"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import case, func

from schema.compiler.context import LANGUAGE
from schema.compiler.declare import (
    Column,
    Connection,
    One,
    Order,
    Row,
    Source,
    column,
    connection,
    read,
    reads,
    table_of,
)
from schema.compiler.json_sql import quoted
from schema.node import NodeInterface
from schema.paging import ConnectionType
from services.roster.rules import IMPORT as IMPORT_PERMISSION
from services.roster.tables import RosterCount, RosterImport, RosterProblem

IMPORT = Source(table=table_of(RosterImport), name="roster_imports", prefix="imp", permission=IMPORT_PERMISSION)
PROBLEM = Source(table=table_of(RosterProblem), name="roster_problems", prefix="prb", permission=IMPORT_PERMISSION)
COUNT = Source(table=table_of(RosterCount), name="roster_counts", permission=IMPORT_PERMISSION)


@strawberry.enum(name="RosterImportStatus")
class RosterImportStatus(Enum):
    """How an import ended."""

    DONE = strawberry.enum_value("DONE", description="已导入: the roster was taken in.")
    CHECKED = strawberry.enum_value("CHECKED", description="已试算: a dry run; nothing was changed.")
    REFUSED = strawberry.enum_value("REFUSED", description="未导入: bad rows stopped it; nothing was changed.")


@strawberry.enum(name="RosterProblemSeverity")
class RosterProblemSeverity(Enum):
    """How bad a problem is."""

    ERROR = strawberry.enum_value("ERROR", description="错误: its row cannot be imported.")
    WARNING = strawberry.enum_value("WARNING", description="提醒: its row can be imported; somebody should look.")


@reads(COUNT)
@strawberry.type(name="RosterCounts", description="数量: how many of each kind.")
class RosterCountsType:
    """How many of each kind."""

    estates: int = column(lambda count: count.c.estates, "小区")
    grids: int = column(lambda count: count.c.grids, "网格")
    buildings: int = column(lambda count: count.c.buildings, "楼栋")
    units: int = column(lambda count: count.c.units, "单元")
    dwellings: int = column(lambda count: count.c.dwellings, "房屋, also when only its owners or renters changed.")
    households: int = column(lambda count: count.c.households, "住户")
    people: int = column(lambda count: count.c.people, "人员")
    positions: int = column(lambda count: count.c.positions, "岗位")


def _message(problem: Row) -> Any:
    return case((quoted("en") == LANGUAGE, problem.c.message_en), else_=problem.c.message_zh)


@reads(PROBLEM)
@strawberry.type(name="RosterProblem", description="问题: something wrong with one cell or row of the file.")
class RosterProblemType(NodeInterface):
    """A problem."""

    sheet: str = column(lambda problem: problem.c.sheet, "The sheet's name; of a CSV, the file's.")
    row: int | None = column(
        lambda problem: func.nullif(problem.c.row_number, 0),
        "From 1, as a spreadsheet shows it; null for what is no single row's.",
    )
    letter: str | None = read(
        Column(lambda problem: func.nullif(problem.c.column_letter, quoted(""))),
        "The column's letter, for example H; null when the whole row is meant.",
        name="column",
    )
    header: str | None = column(
        lambda problem: func.nullif(problem.c.header, quoted("")), "The column's title in the file."
    )
    code: str = column(lambda problem: problem.c.code, "Stable, for example AREA_NOT_A_NUMBER.")
    severity: RosterProblemSeverity = column(lambda problem: problem.c.severity)
    message: str = column(_message, "What is wrong and what to do about it.")
    value: str = column(lambda problem: problem.c.value, "What the cell holds; masked where it is personal.")


def _counts(outcome: str) -> One:
    return One(
        on=lambda roster, count: (
            (count.c.tenant_id == roster.c.tenant_id)
            & (count.c.import_id == roster.c.id)
            & (count.c.outcome == quoted(outcome))
        )
    )


@reads(IMPORT)
@strawberry.type(name="RosterImport", description="花名册导入: one import of a roster, or a dry run of it.")
class RosterImportType(NodeInterface):
    """An import."""

    at: datetime = column(lambda roster: roster.c.at)
    status: RosterImportStatus = column(lambda roster: roster.c.status)
    rows_read: int = column(lambda roster: roster.c.rows_read, "Rows of lists; titles, totals and notes left out.")
    bad_row_count: int = column(lambda roster: roster.c.bad_row_count, "Rows that cannot be imported.")
    problem_count: int = column(
        lambda roster: roster.c.problem_count, "Of all problems; the first 5,000 are listed in `problems`."
    )
    created: RosterCountsType | None = read(_counts("created"), "What is new; in a dry run, what would be.")
    changed: RosterCountsType | None = read(_counts("changed"), "What differs from what was known.")
    unchanged: RosterCountsType | None = read(_counts("unchanged"), "What is as it was known.")
    problems: ConnectionType[RosterProblemType] | None = connection(
        Connection(
            on=lambda roster, problem: (
                (problem.c.tenant_id == roster.c.tenant_id) & (problem.c.import_id == roster.c.id)
            ),
            order=Order(lambda problem: problem.c.ordinal),
        ),
        "In the order of the file.",
    )
