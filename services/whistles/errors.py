"""Why may something not be done with a whistle?"""

from __future__ import annotations

from tenants.errors import Refused


class WhistleNotInStatus(Refused):
    """The whistle stands where this cannot be done."""

    code = "WHISTLE_NOT_IN_STATUS"
    zh = "吹哨当前状态为“{status}”，不能这样办理"
    en = "The whistle is {status}: this cannot be done now"


class CalleeNotInStatus(Refused):
    """The department that was called stands where this cannot be done."""

    code = "CALLEE_NOT_IN_STATUS"
    zh = "被吹哨单位当前状态为“{status}”，不能这样办理"
    en = "The department that was called is {status}: this cannot be done now"


class NotWhistlingOffice(Refused):
    """Another office was asked to whistle."""

    code = "NOT_WHISTLING_OFFICE"
    zh = "只有受理该吹哨请求的街道（区）才能办理"
    en = "Only the office that was asked to whistle does this"


class NotDecider(Refused):
    """A decline goes to another office."""

    code = "NOT_DECIDER"
    zh = "该单位的不到场说明由上级办公室审定"
    en = "Another office decides about this decline"


class NotCalled(Refused):
    """Only whoever was called answers and comes."""

    code = "NOT_CALLED"
    zh = "只有被吹哨的单位才能应哨、报到"
    en = "Only the department that was called answers and arrives"


class HasToCome(Refused):
    """The district said that they have to come all the same."""

    code = "HAS_TO_COME"
    zh = "上级已要求到场，不能再次说明不到场"
    en = "The office above decided that the department has to come"


class CalleeUnfit(Refused):
    """Nobody that this whistle can call."""

    code = "CALLEE_UNFIT"
    zh = "只能吹哨本街道、本区的职能部门、公用事业单位或派出所，同一单位不能重复"
    en = "A whistle calls departments of the street or the district, none of them twice"


class WhistleTimesInvalid(Refused):
    """Nobody answers before being called, nor arrives before answering."""

    code = "WHISTLE_TIMES_INVALID"
    zh = "应哨时限应晚于现在，报到时限不早于应哨时限"
    en = "The time to answer is after now, and the time to arrive is not before it"


class WhistleTimesMissing(Refused):
    """The tenant has no times of its own for such a call."""

    code = "WHISTLE_TIMES_MISSING"
    zh = "本单位没有设定这类吹哨的时限，请填写应哨、报到时限"
    en = "The tenant has set no times for such a whistle: say until when to answer and to arrive"


class AlreadyRated(Refused):
    """Each side rates the other once."""

    code = "ALREADY_RATED"
    zh = "已经评价过"
    en = "This was rated before"


class ScoreInvalid(Refused):
    """A score beyond the scale."""

    code = "SCORE_INVALID"
    zh = "评分为 1 到 5 分"
    en = "A score is 1 to 5"


class WhistleTimesWithoutBasis(Refused):
    """Times go by something."""

    code = "WHISTLE_TIMES_WITHOUT_BASIS"
    zh = "请写明时限依据，1 到 500 个字"
    en = "Say what the times go by, in 1 to 500 characters"
