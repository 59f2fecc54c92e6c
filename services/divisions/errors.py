"""Why may a file of divisions be refused as a whole?"""

from __future__ import annotations

from tenants.errors import Refused


class DivisionsNotReadable(Refused):
    """The file is not text in a known encoding, or not a table."""

    code = "DIVISIONS_NOT_READABLE"
    zh = "读不懂这个文件：应为 UTF-8 或 GB18030 编码的 CSV"
    en = "The file cannot be read: it should be CSV in UTF-8 or GB18030"


class DivisionsTooLarge(Refused):
    """The file is larger than any list of divisions."""

    code = "DIVISIONS_TOO_LARGE"
    zh = "文件超过 {limit_mib} MiB。全国的区划代码也没有这么多，请核对"
    en = "The file is larger than {limit_mib} MiB, more than the whole country's divisions. Check it"


class DivisionsWithoutColumn(Refused):
    """A column that every list of divisions needs is not there."""

    code = "DIVISIONS_WITHOUT_COLUMN"
    zh = "缺少列 {column}。第一行应为 code,level,name,parent_code"
    en = "The column {column} is missing. The first row should be code,level,name,parent_code"


class DivisionsEmpty(Refused):
    """The file has a header and no rows: importing it would end nothing and add nothing."""

    code = "DIVISIONS_EMPTY"
    zh = "文件中没有任何区划"
    en = "There are no divisions in the file"


class DivisionsHaveBadRows(Refused):
    """Rows cannot be imported; what they leave out would be ended by mistake, so nothing was imported."""

    code = "DIVISIONS_HAVE_BAD_ROWS"
    zh = "有 {row_count} 行有误，整个文件都没有导入。请改正后再导入"
    en = "{row_count} rows are wrong, so nothing was imported. Correct them and try again"


class DivisionsWouldEnd(Refused):
    """A list that ends a good part of what is known is more often cut short than true."""

    code = "DIVISIONS_WOULD_END"
    zh = "这份文件会使现有 {known_count} 个区划中的 {ended_count} 个失效，可能不完整，没有导入。确认无误后请加 --force"
    en = (
        "This list would end {ended_count} of the {known_count} divisions that are known: it may be cut short,"
        " so nothing was imported. If it is right, give --force"
    )


class DivisionsAreOlder(Refused):
    """A newer state of the same divisions is stored already."""

    code = "DIVISIONS_ARE_OLDER"
    zh = "这些区划已导入过 {stored} 的数据，不能再导入更早的 {as_of}"
    en = "These divisions were imported as of {stored} already; a list as of {as_of} is older"


class DivisionsOfTheFuture(Refused):
    """Nobody knows yet which divisions there will be."""

    code = "DIVISIONS_OF_THE_FUTURE"
    zh = "数据日期 {as_of} 在今天（{today}）之后"
    en = "The list is as of {as_of}, which is after today ({today})"


class UnknownCodeSystem(Refused):
    """A code system's name has a fixed form, so that one system does not get two names."""

    code = "UNKNOWN_CODE_SYSTEM"
    zh = "没有代码体系 {system}，可用：{known}"
    en = "There is no code system {system}; known are: {known}"
