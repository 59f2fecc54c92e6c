"""Why may a file of tickets not be imported?"""

from __future__ import annotations

from tenants.errors import Refused


class TicketsWithoutHeader(Refused):
    """No sheet has a row of column titles that can be understood."""

    code = "TICKETS_WITHOUT_HEADER"
    zh = (
        "没有找到表头。表头一行至少要有“工单编号”和“诉求内容”，通常还有“诉求标题”“事项分类”“来电人”“联系电话”“诉求地址”"
    )
    en = (
        "No row of column titles was found. It needs at least 工单编号 and 诉求内容, and usually 诉求标题, 事项分类,"
        " 来电人, 联系电话 and 诉求地址"
    )


class TooManyTickets(Refused):
    """More than one transaction takes in."""

    code = "TOO_MANY_TICKETS"
    zh = "一个文件最多 {limit} 件工单，这个文件有 {count} 件，请分成几个文件"
    en = "A file has {limit} tickets at most, and this one has {count}: split it"


class TooManyTicketFiles(Refused):
    """Files take their time: one request is not for all of them."""

    code = "TOO_MANY_TICKET_FILES"
    zh = "一次请求最多导入 {limit} 个工单文件，请分次提交"
    en = "One request imports {limit} files of tickets at most: send several"


class TicketsHaveBadRows(Refused):
    """Rows of the file cannot be imported, and the caller did not ask to leave them out."""

    code = "TICKETS_HAVE_BAD_ROWS"
    zh = "有 {row_count} 行不能导入，整个文件都没有导入。请按问题清单改正，或选择跳过这些行"
    en = "{row_count} rows cannot be imported, so nothing was. Correct them as told, or skip them"
