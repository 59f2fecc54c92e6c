"""What do clients see of exports: their own, and those that they may decide on?"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Text, and_, case, func, literal_column, null

from schema.compiler.context import ACCOUNT, ACTING_TENANT, NOW
from schema.compiler.declare import Reserved, Row, Source, column, reads, table_of, where
from schema.compiler.json_sql import global_id, quoted
from schema.node import NodeInterface
from services.exports.rules import APPROVE
from services.exports.tables import Export

_EVERY: Any = literal_column("true")


@strawberry.enum(name="ExportFormat", description="导出格式: what kind of file.")
class ExportFormat(Enum):
    """Kinds of file."""

    CSV = strawberry.enum_value("CSV", description="CSV 文件: UTF-8 with a byte order mark, RFC 4180.")
    XLSX = strawberry.enum_value("XLSX", description="Excel 工作簿: numbers as numbers, dates as dates.")


@strawberry.enum(name="ExportStatus", description="导出状态: how far it is.")
class ExportStatus(Enum):
    """How an export stands."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="待审批: holds personal data and waits for approval.")
    REFUSED = strawberry.enum_value("REFUSED", description="未批准: somebody refused it.")
    APPROVED = strawberry.enum_value("APPROVED", description="排队中: will be made.")
    RUNNING = strawberry.enum_value("RUNNING", description="导出中: is being made.")
    DONE = strawberry.enum_value("DONE", description="已完成: can be fetched.")
    FAILED = strawberry.enum_value("FAILED", description="失败: came to nothing; `fault` says why.")
    EXPIRED = strawberry.enum_value("EXPIRED", description="已过期: the file has been deleted.")


def _is_own(export: Row) -> Any:
    return export.c.account_id == ACCOUNT


def _is_own_here(export: Row, _: Any) -> Any:
    return and_(export.c.tenant_id == ACTING_TENANT, _is_own(export))


_TO_DECIDE = Source(table=table_of(Export), name="exports_to_decide", permission=APPROVE)
# Whoever has a post sees his own; those of others are seen by those who decide.
EXPORT = Source(
    table=table_of(Export),
    name="exports",
    prefix="exp",
    permission="place:read",
    within=_is_own_here,
    served=_is_own_here,
    reserved=Reserved(which=lambda _: _EVERY, own=_is_own, shown_by=(_TO_DECIDE,)),
)


def _status(export: Row) -> Any:
    is_gone = and_(export.c.status == quoted("DONE"), export.c.expires_at <= NOW)
    return case((is_gone, quoted("EXPIRED")), else_=export.c.status)


def _url(export: Row) -> Any:
    is_there = and_(export.c.status == quoted("DONE"), export.c.expires_at > NOW, _is_own(export))
    path = quoted("/files/").concat(global_id("fil", export.c.tenant_id, export.c.file_id))
    return case((is_there, path), else_=null())


@reads(EXPORT)
@strawberry.type(name="Export", description="导出: a list or sums as a file. Seen by its account and those who decide.")
class ExportType(NodeInterface):
    """An export."""

    title: str = column(lambda export: export.c.title, "名称")
    what: str = column(lambda export: export.c.what, "内容: the root field that is read.")
    columns: list[str] = column(
        lambda export: func.string_to_array(export.c.columns, quoted("\n")), "列: the headers of its columns."
    )
    format: ExportFormat = column(lambda export: export.c.format, "导出格式")
    status: ExportStatus = column(_status, "导出状态")
    is_personal: bool = column(
        lambda export: export.c.is_personal, "含个人信息: it waits for somebody else's approval."
    )
    reason: str | None = column(lambda export: export.c.reason, "用途: what it is needed for.")
    requested_at: datetime = column(lambda export: export.c.requested_at, "申请时间")
    requested_by: str | None = column(
        lambda export: export.c.account_name, "申请人: what the account was called then; null where it had no name."
    )
    requested_as: str | None = column(lambda export: export.c.position_name, "岗位: the post's public name then.")
    decided_at: datetime | None = column(lambda export: export.c.decided_at, "审批时间")
    decision: str | None = column(lambda export: export.c.decision, "审批意见: what was said with the decision.")
    row_count: int = column(lambda export: export.c.row_count, "行数: rows written so far.")
    total_count: int | None = column(
        lambda export: export.c.total_count, "总数: of the list's entries; null until it is known."
    )
    finished_at: datetime | None = column(lambda export: export.c.finished_at, "完成时间: made, or come to nothing.")
    fault: str | None = column(lambda export: export.c.fault, "失败原因: a refusal's code, INTERRUPTED or CANCELLED.")
    url: str | None = column(
        _url,
        "下载地址: to be fetched by whoever asked, with the same headers as this; null until it is made, after it has "
        "expired, and for everybody else. Gone, too, once that account's posts or grants have changed.",
    )
    expires_at: datetime | None = column(lambda export: export.c.expires_at, "过期时间: seven days after it was made.")


@strawberry.input(name="ExportFilter", description="导出筛选: every condition given must hold.")
class ExportFilter:
    """Which exports."""

    status: ExportStatus | None = where(
        lambda row, value: _status(row) == value.mapped(lambda choice, _: choice.name, Text())
    )
