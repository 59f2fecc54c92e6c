"""Why may a list of posts not be imported?"""

from __future__ import annotations

from tenants.errors import Refused


class PositionsWithoutHeader(Refused):
    """No sheet has a row of column titles that can be understood."""

    code = "POSITIONS_WITHOUT_HEADER"
    zh = "没有找到表头。表头一行至少要有“姓名”和“岗位”，通常还有“电话”“地点”"
    en = "No row of column titles was found. It needs at least 姓名 and 岗位, and usually 电话 and 地点"


class PositionsHaveBadRows(Refused):
    """Rows cannot be imported; all or nothing, so nothing was."""

    code = "POSITIONS_HAVE_BAD_ROWS"
    zh = "有 {row_count} 行有误，整个文件都没有导入。请改正后再导入"
    en = "{row_count} rows are wrong, so nothing was imported. Correct them and try again"
