"""Why may a property contract not start or end?"""

from __future__ import annotations

from tenants.errors import Refused


class NotAPropertyCompany(Refused):
    """Property contracts are made with property companies."""

    code = "NOT_A_PROPERTY_COMPANY"
    zh = "“{name}”不是物业公司"
    en = "{name} is not a property company"


class EstateUnderContract(Refused):
    """An estate has one property company at a time (物业管理条例, art. 33)."""

    code = "ESTATE_UNDER_CONTRACT"
    zh = "“{estate}”在该时段已有合同（{since} 起）：请先终止"
    en = "{estate} has a contract at that time (from {since}): end that one first"


class ContractDatesInvalid(Refused):
    """A contract ends no earlier than it starts, and is not made longer by being ended."""

    code = "CONTRACT_DATES_INVALID"
    zh = "合同的最后一天不能早于第一天，也不能晚于原定的最后一天"
    en = "A contract's last day cannot be before its first, nor after the last day that it had"


class ContractEnded(Refused):
    """What has ended cannot be ended once more."""

    code = "CONTRACT_ENDED"
    zh = "合同已于 {until} 终止"
    en = "The contract ended on {until}"


class BodyInvalid(Refused):
    """A body is of a kind that the tenant can be home to, with a name and what its kind needs."""

    code = "BODY_INVALID"
    zh = "组织信息有误：{reason_zh}"
    en = "The organisation will not do: {reason_en}"


class BodyExists(Refused):
    """The directory has one of that kind and name in this tenant."""

    code = "BODY_EXISTS"
    zh = "本单位已有同类组织“{name}”"
    en = "This tenant has an organisation of that kind called {name}"
