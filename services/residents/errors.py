"""Why does a community not let somebody in, and why is a residency not asked for, decided or ended?"""

from __future__ import annotations

from tenants.errors import Refused


class CommunityNotOpen(Refused):
    """No such community, or none that lets this account in: one and the same answer."""

    code = "COMMUNITY_NOT_OPEN"
    zh = "没有这个社区，或它不接受您自行加入，请到社区办理"
    en = "There is no such community, or it does not let you in by yourself: ask at its office"


class DwellingUnclear(Refused):
    """A dwelling is named by its id, or by the building's code and the room."""

    code = "DWELLING_UNCLEAR"
    zh = "请指明房屋：房屋 id，或楼栋编码加房号，二者取一"
    en = "Say which dwelling: its id, or the building's code with the room number, one of the two"


class DwellingAmbiguous(Refused):
    """Several dwellings of the building have the room number."""

    code = "DWELLING_AMBIGUOUS"
    zh = "该楼有多套房屋是这个房号，请连单元一起填写（如“2单元101”），或直接选择房屋"
    en = "Several dwellings of the building have this number: give the unit, too (2单元101), or choose the dwelling"


class AlreadyAsked(Refused):
    """One account has one open residency in a dwelling."""

    code = "RESIDENCY_EXISTS"
    zh = "您已申请或已绑定该房屋"
    en = "You have asked for this dwelling already, or are bound to it"


class TooManyRequests(Refused):
    """Nobody tries one dwelling after the other."""

    code = "TOO_MANY_REQUESTS"
    zh = "申请过多：最多 {open_limit} 件待审核，每 24 小时最多 {daily_limit} 件"
    en = "Too many requests: at most {open_limit} may wait for a decision, and {daily_limit} be made within 24 hours"


class ResidencyNotInStatus(Refused):
    """It was decided before, or has ended."""

    code = "RESIDENCY_NOT_IN_STATUS"
    zh = "该申请当前状态为 {status}，不能这样办理"
    en = "The residency is {status}: this cannot be done now"


class OwnResidency(Refused):
    """Nobody decides about himself."""

    code = "OWN_RESIDENCY"
    zh = "不能审核自己的申请，请由他人办理"
    en = "Nobody decides about his own request: ask somebody else to"


class ReasonInvalid(Refused):
    """A reason is a sentence or two."""

    code = "REASON_INVALID"
    zh = "理由为 1 到 {limit} 个字"
    en = "A reason has 1 to {limit} characters"


class ResidencyLimitInvalid(Refused):
    """A limit of none would close what `takesVisitors` closes."""

    code = "RESIDENCY_LIMIT_INVALID"
    zh = "数量应为 1 到 {limit}"
    en = "A limit is 1 to {limit}"
