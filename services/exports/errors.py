"""Why is an export not taken on, not decided or not made?"""

from __future__ import annotations

from tenants.errors import Refused


class ExportQueryInvalid(Refused):
    """What is exported is one valid query with its variables."""

    code = "EXPORT_QUERY_INVALID"
    zh = "导出的查询无效：{detail}"
    en = "The query to export is not valid: {detail}"


class ExportNotATable(Refused):
    """A query whose answer is no table."""

    code = "EXPORT_NOT_A_TABLE"
    zh = "查询结果不是一张表：只能有一个根字段，每一层最多一个列表，并且至少选一列（{where}）"
    en = "That is no table: ask one root field, at most one list at each level, and one column at least ({where})"


class ExportTitleInvalid(Refused):
    """A file has a printable name."""

    code = "EXPORT_TITLE_INVALID"
    zh = "导出名称应为 1 到 {limit} 个字，不能有控制字符"
    en = "An export's title has 1 to {limit} characters, none of them control characters"


class ExportReasonMissing(Refused):
    """Personal data leaves for a reason."""

    code = "EXPORT_REASON_MISSING"
    zh = "导出含有个人信息，请说明用途（最多 {limit} 个字），并等待审批"
    en = "It holds personal data: say what it is needed for, in {limit} characters at most, and wait for approval"


class TooManyExports(Refused):
    """Nobody needs so many at once."""

    code = "TOO_MANY_EXPORTS"
    zh = "您还有 {limit} 个导出没有完成，请稍后再试"
    en = "{limit} exports of yours are not finished: try again later"


class ExportDecided(Refused):
    """It does not wait for a decision, or no longer."""

    code = "EXPORT_DECIDED"
    zh = "该导出不在等待审批"
    en = "The export does not wait for a decision"


class ExportOwn(Refused):
    """Somebody else decides."""

    code = "EXPORT_OWN"
    zh = "不能审批自己申请的导出"
    en = "Nobody decides on an export of their own"


class ExportTooLong(Refused):
    """A sheet has its limit."""

    code = "EXPORT_TOO_LONG"
    zh = "导出超过 {limit} 行，请缩小范围"
    en = "The export has more than {limit} rows: narrow it"


class ExportIncomplete(Refused):
    """A list that has come to its limit, so that there may be more of it."""

    code = "EXPORT_INCOMPLETE"
    zh = "列表 {where} 达到 {limit} 项的上限，导出可能不全，请缩小范围或单独导出它"
    en = "The list {where} has come to its limit of {limit}: narrow it, or export it by itself"


class ExportEnded(Refused):
    """It is made already, or has come to nothing."""

    code = "EXPORT_ENDED"
    zh = "该导出已经结束"
    en = "The export has ended"
