"""Why may a roster file be refused as a whole?"""

from __future__ import annotations

from tenants.errors import Refused


class RosterTooLarge(Refused):
    """The file, or what it unpacks to, is larger than any roster."""

    code = "ROSTER_TOO_LARGE"
    zh = "文件太大：{what_zh}。请按小区或网格分成几个文件，删去表格下方和右侧的空白格后再导入"
    en = "The file is too large: {what_en}. Split it by estate or grid, and delete cells beside the table"


class RosterBroken(Refused):
    """The file cannot be read as what it says it is."""

    code = "ROSTER_BROKEN"
    zh = "文件打不开，可能已损坏。请用 Excel 或 WPS 打开后另存为 .xlsx 再导入"
    en = "The file cannot be opened and may be damaged. Open it in Excel or WPS and save it as .xlsx"


class RosterEncrypted(Refused):
    """The workbook asks for a password."""

    code = "ROSTER_ENCRYPTED"
    zh = "文件设有打开密码。请去掉密码另存后再导入"
    en = "The workbook is protected by a password. Save it without one and try again"


class RosterNotATable(Refused):
    """The file is of a kind that holds no table."""

    code = "ROSTER_NOT_A_TABLE"
    zh = "只能导入 .xlsx、.xls 和 .csv 文件，这个文件不是"
    en = "Only .xlsx, .xls and .csv files can be imported; this is none of them"


class RosterWithoutHeader(Refused):
    """No sheet has a row of column titles that can be understood."""

    code = "ROSTER_WITHOUT_HEADER"
    zh = "没有找到表头。表头一行至少要有“楼栋”“房号”（或“地址”），或“网格”“楼栋”及其负责人等列名"
    en = (
        "No row of column titles was found. It needs at least 楼栋 and 房号 (or 地址),"
        " or 网格, 楼栋 and those in charge of them"
    )


class RosterFullOfProblems(Refused):
    """So much is wrong with the file that it can be no roster, or that one column is wrong in every row."""

    code = "ROSTER_FULL_OF_PROBLEMS"
    zh = "问题超过 {limit} 个，没有导入。请看前几个问题：{first}"
    en = "More than {limit} problems, so nothing was imported. See the first ones: {first}"


class TooManyRosters(Refused):
    """Rosters take their time: one request is not for all of them."""

    code = "TOO_MANY_ROSTERS"
    zh = "一次请求最多导入 {limit} 个花名册，请分次提交"
    en = "One request imports {limit} rosters at most: send several"


class RosterNeedsCommunity(Refused):
    """Only a community keeps a roster."""

    code = "ROSTER_NEEDS_COMMUNITY"
    zh = "花名册只能导入社区，“{name}”不是社区"
    en = "Rosters are imported into communities; “{name}” is none"


class RosterHasBadRows(Refused):
    """Rows of the file cannot be imported, and the caller did not ask to leave them out."""

    code = "ROSTER_HAS_BAD_ROWS"
    zh = "有 {row_count} 行不能导入，整个文件都没有导入。请按问题清单改正，或选择跳过这些行"
    en = "{row_count} rows cannot be imported, so nothing was. Correct them as told, or skip them"
