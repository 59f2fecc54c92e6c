"""What can be wrong with a request itself, before anything is read?"""

from __future__ import annotations

from tenants.errors import Refused

# PostgreSQL's own states, as far as a request can be at fault: character_not_in_repertoire, query_canceled.
BAD_CHARACTER = "22021"
CANCELLED = "57014"


class BadPage(Refused):
    """A page size or direction that cannot be served."""

    code = "BAD_PAGE"
    zh = "分页参数有误：first（与 after）或 last（与 before）取 0 到 100 之间的一个，不能混用"
    en = "Bad page: give either first (with after) or last (with before), between 0 and 100"


class BadCursor(Refused):
    """A cursor that this list, in this order, has not handed out."""

    code = "BAD_CURSOR"
    zh = "游标无效：请使用同一列表、同一排序给出的 cursor"
    en = "Bad cursor: use one that this list handed out in this order"


class CursorExpired(Refused):
    """A cursor from before what is kept of what has happened."""

    code = "CURSOR_EXPIRED"
    zh = "游标已过期：只保留 {hours} 小时内的变化。请重新查询列表，再从现在起订阅"
    en = "The cursor has expired: changes are kept for {hours} hours. Read the list anew and subscribe from now on"


class BadOrder(Refused):
    """More than one order key."""

    code = "BAD_ORDER"
    zh = "orderBy 只能给一个排序键"
    en = "orderBy takes one key"


class TooCostly(Refused):
    """The product of page sizes is beyond the limit."""

    code = "QUERY_TOO_COSTLY"
    zh = "查询过大：最多会返回 {cost} 个节点，上限为 {limit}。请减小 first"
    en = "The query is too costly: up to {cost} nodes, the limit is {limit}. Ask for smaller pages"


class TooDeep(Refused):
    """More levels than allowed."""

    code = "QUERY_TOO_DEEP"
    zh = "查询过深：有 {depth} 层，上限为 {limit}"
    en = "The query is too deep: {depth} levels, the limit is {limit}"


class TooManyAliases(Refused):
    """One field asked for under too many names."""

    code = "TOO_MANY_ALIASES"
    zh = "字段 {name} 的别名过多：{count} 个，上限为 {limit}"
    en = "Too many aliases of {name}: {count}, the limit is {limit}"


class AliasTooLong(Refused):
    """An alias that PostgreSQL would cut."""

    code = "ALIAS_TOO_LONG"
    zh = "别名 {name} 过长：上限为 63 个字符"
    en = "The alias {name} is too long: the limit is 63 characters"


class TooManyParts(Refused):
    """A document with more parts than anybody needs."""

    code = "DOCUMENT_TOO_LARGE"
    zh = "查询文档过大：{what} 有 {count} 个，上限为 {limit}"
    en = "The document is too large: {count} {what}, the limit is {limit}"


class NullGiven(Refused):
    """A null for a variable that has a default, where no null may stand."""

    code = "NULL_GIVEN"
    zh = "变量 {name} 在此处不能为 null"
    en = "The variable {name} must not be null where it is used"


class BadText(Refused):
    """A text that PostgreSQL cannot hold."""

    code = "BAD_TEXT"
    zh = "文本中含有不能使用的字符（U+0000）"
    en = "A text holds a character that cannot be used (U+0000)"


class SearchTooLong(Refused):
    """More to search for than anybody types."""

    code = "SEARCH_TOO_LONG"
    zh = "搜索文字过长：上限为 {letters} 个字符、{words} 个词"
    en = "The text to search for is too long: the limit is {letters} characters and {words} words"


class TooSlow(Refused):
    """A query that ran into the time limit."""

    code = "QUERY_TOO_SLOW"
    zh = "查询超时：请缩小范围或减小 first"
    en = "The query took too long: narrow it or ask for smaller pages"


class NoSuchOperation(Refused):
    """An operation name that the document does not have, or none where it has several."""

    code = "OPERATION_NOT_FOUND"
    zh = "文档中没有这个操作，或有多个操作而未指定 operationName"
    en = "The document has no such operation, or several and no operationName was given"
