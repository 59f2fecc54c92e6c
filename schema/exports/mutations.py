"""How does a client ask for an export, and who lets personal data leave?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import strawberry

from schema.context import GatewayContext, GatewayInfo
from schema.exports.asking import Question, asked_for, table_of
from schema.exports.types import ExportFormat, ExportType
from schema.mutation import WrittenPayload, perform, perform_sealed, row_id, written
from services.exports.commands import cancel_export, decide_export, request_export
from services.exports.errors import ExportQueryInvalid
from services.exports.rules import Asked
from tenants.grants import Grants
from tenants.sealing.values import TenantSealer
from tenants.work import TenantWork


@strawberry.input(
    name="RequestExportInput",
    description="导出申请: a query whose answer is a table. It has one root field and at most one list, whose rows "
    "may hold lists of their own, one in the other; each value selected is a column. Every page is read.",
)
class RequestExportInput:
    """What is to be exported."""

    query: str = strawberry.field(description="查询: a GraphQL document, for example that of the list on the screen.")
    operation_name: str | None = strawberry.field(default=None, description="操作名: where the document has several.")
    variables: str | None = strawberry.field(default=None, description="变量: the query's variables, as JSON text.")
    list: str | None = strawberry.field(
        default=None, description="列表: of several lists, which one, by its response keys: district.byMonth."
    )
    format: ExportFormat = strawberry.field(description="导出格式")
    title: str | None = strawberry.field(default=None, description="名称: also of the file, 1 to 80 characters.")
    reason: str | None = strawberry.field(
        default=None, description="用途: needed with personal data, up to 200 characters; whoever approves reads it."
    )

    def question(self) -> Question:
        """Say which query it is. Raises ExportQueryInvalid."""
        return Question(self.query, _variables(self.variables), self.operation_name, self.list)


@strawberry.type(name="RequestExportPayload")
class RequestExportPayload(WrittenPayload):
    """The export asked for, made already if that was quick; or why not."""

    export: ExportType | None = written("Export")


@strawberry.type(name="DecideExportPayload")
class DecideExportPayload(WrittenPayload):
    """The export decided, or why not."""

    export: ExportType | None = written("Export")


@strawberry.type(name="CancelExportPayload")
class CancelExportPayload(WrittenPayload):
    """The export cancelled, or why not."""

    export: ExportType | None = written("Export")


@strawberry.type
class ExportMutations:
    """Lists and sums as files."""

    @strawberry.mutation(
        description="申请导出: has any list or sums that the caller may read made into a file, in the language of the "
        "request, with the columns that he may see. Small ones are made when this answers; of others `status` and "
        "`rowCount` tell. Personal data (names and phones, masked ones too) waits for `decideExport`."
    )
    async def request_export(self, info: GatewayInfo, input: RequestExportInput) -> RequestExportPayload:
        """Ask for an export."""
        context, is_made_now = info.context, False

        async def write(work: TenantWork, sealer: TenantSealer) -> uuid.UUID:
            nonlocal is_made_now
            asked = _asked(context, work.grants, input)
            is_made_now = not asked.is_personal
            return await request_export(work, asked=asked, sealer=sealer)

        payload = await perform_sealed(info, RequestExportPayload, write)
        if payload.row is not None and is_made_now:
            await context.gateway.exports.make_soon(payload.row)
        return payload

    @strawberry.mutation(
        description="取消导出: takes back an export of one's own that is not made yet; its `fault` is CANCELLED."
    )
    async def cancel_export(self, info: GatewayInfo, export_id: strawberry.ID) -> CancelExportPayload:
        """Cancel an export."""
        return await perform(
            info, CancelExportPayload, lambda work: cancel_export(work, export_id=_export_id(export_id, work))
        )

    @strawberry.mutation(
        description="审批导出: lets an export of personal data be made, or not; by somebody else than who asked for it."
    )
    async def decide_export(
        self, info: GatewayInfo, export_id: strawberry.ID, *, is_granted: bool, reason: str | None = None
    ) -> DecideExportPayload:
        """Decide on an export."""
        payload = await perform(
            info,
            DecideExportPayload,
            lambda work: decide_export(work, export_id=_export_id(export_id, work), is_granted=is_granted, note=reason),
        )
        if payload.row is not None and is_granted:
            info.context.gateway.exports.start()
        return payload


def _export_id(global_id: str, work: TenantWork) -> uuid.UUID:
    return row_id(global_id, "exp", work)


def _asked(context: GatewayContext, grants: Grants, given: RequestExportInput) -> Asked:
    question = given.question()
    table = table_of(context.gateway.reader, grants, question)
    asked = asked_for(table, question, title=given.title, file_format=given.format.name, language=context.language)
    return replace(asked, reason=given.reason)


def _variables(text: str | None) -> Mapping[str, Any]:
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        raise ExportQueryInvalid(detail=str(error), field="input.variables") from error
    if not isinstance(found, dict):
        raise ExportQueryInvalid(detail="{ }", field="input.variables")
    return found
