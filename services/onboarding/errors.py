"""Why may a tenant not be opened, suspended, resumed or closed?"""

from __future__ import annotations

from tenants.errors import Refused


class SlugInvalid(Refused):
    """The short name cannot stand in a header and in account names."""

    code = "SLUG_INVALID"
    zh = "简称“{slug}”不合规：用 2–40 个小写字母、数字和连字符，以字母开头，不以连字符结尾"
    en = (
        "The slug '{slug}' will not do: use 2 to 40 small letters, digits and hyphens,"
        " beginning with a letter and not ending with a hyphen"
    )


class SlugTaken(Refused):
    """Another tenant has the short name, perhaps a closed one."""

    code = "SLUG_TAKEN"
    zh = "简称“{slug}”已被“{name}”使用"
    en = "The slug '{slug}' is taken by {name}"


class TenantNameInvalid(Refused):
    """The name is empty, too long or not printable."""

    code = "TENANT_NAME_INVALID"
    zh = "名称不能为空，最长 {limit} 字，不能有控制字符"
    en = "A name has 1 to {limit} characters, none of them control characters"


class TimeZoneUnknown(Refused):
    """The time zone is not in the time zone database."""

    code = "TIME_ZONE_UNKNOWN"
    zh = "没有时区“{time_zone}”，例如 Asia/Shanghai"
    en = "There is no time zone '{time_zone}'; Asia/Shanghai is one"


class ParentNotFound(Refused):
    """There is no open tenant of that short name to hang under."""

    code = "PARENT_NOT_FOUND"
    zh = "没有找到上级“{slug}”"
    en = "There is no parent '{slug}'"


class ParentOfWrongKind(Refused):
    """The tree is district, street, community."""

    code = "PARENT_OF_WRONG_KIND"
    zh = "{kind_zh}不能设在“{slug}”之下：街道只能在区之下，社区只能在街道之下，区没有上级"
    en = (
        "A {kind} cannot lie under '{slug}': a street lies under a district, a community under a street,"
        " and a district under nothing"
    )


class CodeSystemMissing(Refused):
    """A code says nothing without the system that gave it."""

    code = "CODE_SYSTEM_MISSING"
    zh = "没有代码体系“{system}”。代码 {division_code} 属于哪个体系？可用：{known}"
    en = "There is no code system '{system}'. Which gave the code {division_code}? Known are: {known}"


class CodeTaken(Refused):
    """Another tenant that is not closed has the code."""

    code = "CODE_TAKEN"
    zh = "区划代码 {division_code}（{system}）已被“{name}”（{slug}）使用"
    en = "The division code {division_code} ({system}) is taken by {name} ({slug})"


class TenantNotFound(Refused):
    """The operator named a tenant that does not exist."""

    code = "TENANT_NOT_FOUND"
    zh = "没有简称为“{slug}”的单位（见 jinlin tenant list）"
    en = "There is no tenant '{slug}' (see jinlin tenant list)"


class TenantNotInStatus(Refused):
    """The tenant is not in a status from which that can be done."""

    code = "TENANT_NOT_IN_STATUS"
    zh = "“{name}”现在的状态是{status_zh}，不能{action_zh}"
    en = "{name} is {status} and so cannot be {action}"


class TenantHasTenantsBelow(Refused):
    """An office is closed after those below it."""

    code = "TENANT_HAS_TENANTS_BELOW"
    zh = "“{name}”下面还有 {count} 个单位没有关闭：{slugs}"
    en = "{count} tenants below {name} are not closed: {slugs}"


class AlreadyThere(Refused):
    """A tenant is moved to where it is."""

    code = "ALREADY_THERE"
    zh = "“{slug}”已经在“{under}”之下"
    en = "'{slug}' lies under '{under}' already"


class ReasonMissing(Refused):
    """A move without what it was decided by."""

    code = "REASON_MISSING"
    zh = "请写明调整依据"
    en = "Say by what the move was decided"
