"""What can the parts of a case be? Values are contract; each description begins with its Chinese label."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(name="CaseStatus")
class CaseStatus(Enum):
    """Where a case stands."""

    REPORTED = strawberry.enum_value("REPORTED", description="已上报: reported, nobody has accepted it yet.")
    ACCEPTED = strawberry.enum_value("ACCEPTED", description="已受理: accepted, not yet handed to anybody.")
    DISPATCHED = strawberry.enum_value("DISPATCHED", description="已派单: handed to whoever is to handle it.")
    HANDLING = strawberry.enum_value("HANDLING", description="处置中: being handled.")
    RESOLVED = strawberry.enum_value("RESOLVED", description="已办结: settled, to be verified and called back.")
    CLOSED = strawberry.enum_value("CLOSED", description="已结案: closed.")
    EXCLUDED = strawberry.enum_value("EXCLUDED", description="不予受理: not taken on, with a reply.")
    MERGED = strawberry.enum_value("MERGED", description="已并案: settled with another case about the same.")


@strawberry.enum(name="CaseKind")
class CaseKind(Enum):
    """What the reporter wants."""

    INQUIRY = strawberry.enum_value("INQUIRY", description="咨询: asks something.")
    HELP = strawberry.enum_value("HELP", description="求助: asks for help.")
    COMPLAINT = strawberry.enum_value("COMPLAINT", description="投诉: complains.")
    TIP_OFF = strawberry.enum_value("TIP_OFF", description="举报: reports a wrong.")
    SUGGESTION = strawberry.enum_value("SUGGESTION", description="建议: suggests something.")


@strawberry.enum(name="CaseSource")
class CaseSource(Enum):
    """How a case came in."""

    SNAPSHOT = strawberry.enum_value("SNAPSHOT", description="随手拍: by a resident's phone.")
    VISIT = strawberry.enum_value("VISIT", description="走访: on a visit.")
    PATROL = strawberry.enum_value("PATROL", description="巡查: on a round.")
    HOTLINE = strawberry.enum_value("HOTLINE", description="热线: by the hotline.")
    WINDOW = strawberry.enum_value("WINDOW", description="窗口: at the service window.")
    MEETING = strawberry.enum_value("MEETING", description="会议: from a meeting.")
    PROPERTY = strawberry.enum_value("PROPERTY", description="物业: by a property company.")


@strawberry.enum(name="CaseOrder")
class CaseOrder(Enum):
    """How cases are ordered."""

    REPORTED_AT_DESC = strawberry.enum_value("REPORTED_AT_DESC", description="按上报时间倒序: the newest first.")
    REPORTED_AT_ASC = strawberry.enum_value("REPORTED_AT_ASC", description="按上报时间: the oldest first.")
    DUE_AT_ASC = strawberry.enum_value("DUE_AT_ASC", description="按到期时间: open ones by due time, ended ones last.")
    DUE_AT_DESC = strawberry.enum_value("DUE_AT_DESC", description="按到期时间倒序: ended ones first.")


@strawberry.enum(name="CaseActionKind")
class CaseActionKind(Enum):
    """What can be done with a case."""

    ACCEPT = strawberry.enum_value("ACCEPT", description="受理: `acceptCase` by the community.")
    EXCLUDE = strawberry.enum_value("EXCLUDE", description="不予受理: `excludeCase`.")
    MERGE = strawberry.enum_value("MERGE", description="并案: `mergeCase`.")
    DISPATCH = strawberry.enum_value("DISPATCH", description="派单: `dispatchCase`.")
    ESCALATE = strawberry.enum_value("ESCALATE", description="上报上级: `escalateCase`.")
    HAND_BACK = strawberry.enum_value("HAND_BACK", description="退回下级: `handBackCase`.")
    HAND_ON = strawberry.enum_value("HAND_ON", description="转派: `handOnCase` within a company.")
    HANDLE = strawberry.enum_value("HANDLE", description="接单处置: `acceptCase` by the receiver.")
    RETURN = strawberry.enum_value("RETURN", description="退单: `returnCase`.")
    RESOLVE = strawberry.enum_value("RESOLVE", description="办结: `resolveCase`.")
    CALL_BACK = strawberry.enum_value("CALL_BACK", description="回访: `callBackCase`.")
    CLOSE = strawberry.enum_value("CLOSE", description="结案: `closeCase`.")
    REOPEN = strawberry.enum_value("REOPEN", description="重新办理: `reopenCase`.")


@strawberry.enum(name="CaseStepKind")
class CaseStepKind(Enum):
    """What has been done with a case."""

    REPORT = strawberry.enum_value("REPORT", description="上报: reported.")
    HANDLE_ON_SPOT = strawberry.enum_value("HANDLE_ON_SPOT", description="即报即结: found and fixed on the spot.")
    ACCEPT = strawberry.enum_value("ACCEPT", description="受理: accepted.")
    EXCLUDE = strawberry.enum_value("EXCLUDE", description="不予受理: not taken on.")
    MERGE = strawberry.enum_value("MERGE", description="并案: merged into another.")
    DISPATCH = strawberry.enum_value("DISPATCH", description="派单: handed to whoever is to handle it.")
    ESCALATE = strawberry.enum_value("ESCALATE", description="上报上级: handed up.")
    HAND_BACK = strawberry.enum_value("HAND_BACK", description="退回下级: handed back.")
    HAND_ON = strawberry.enum_value("HAND_ON", description="转派: handed on within a company.")
    HANDLE = strawberry.enum_value("HANDLE", description="接单处置: taken up.")
    RETURN = strawberry.enum_value("RETURN", description="退单: returned.")
    RESOLVE = strawberry.enum_value("RESOLVE", description="办结: settled.")
    CALL_BACK = strawberry.enum_value("CALL_BACK", description="回访: called back.")
    CLOSE = strawberry.enum_value("CLOSE", description="结案: closed.")
    REOPEN = strawberry.enum_value("REOPEN", description="重新办理: taken up again.")


@strawberry.enum(name="ClockState")
class ClockState(Enum):
    """Whether time counts."""

    RUNNING = strawberry.enum_value("RUNNING", description="计时中: the time limit runs.")
    STOPPED = strawberry.enum_value("STOPPED", description="已停止: it has ended, or stands still for a reason.")


@strawberry.enum(name="Satisfaction")
class Satisfaction(Enum):
    """What the reporter says."""

    SATISFIED = strawberry.enum_value("SATISFIED", description="满意: satisfied.")
    NEUTRAL = strawberry.enum_value("NEUTRAL", description="一般: neither.")
    DISSATISFIED = strawberry.enum_value("DISSATISFIED", description="不满意: dissatisfied.")


@strawberry.enum(name="CoordinateSystem")
class CoordinateSystem(Enum):
    """Which map a point is on."""

    GCJ02 = strawberry.enum_value("GCJ02", description="火星坐标: as Chinese maps and phones have it.")
    WGS84 = strawberry.enum_value("WGS84", description="GPS坐标: as satellites have it.")
    CGCS2000 = strawberry.enum_value("CGCS2000", description="国家大地坐标: as surveyors have it.")


@strawberry.enum(name="ExclusionReason")
class ExclusionReasonKind(Enum):
    """Why a case is not taken on."""

    NOT_OUR_DUTY = strawberry.enum_value("NOT_OUR_DUTY", description="非职责范围: nobody here is responsible.")
    IN_COURT = strawberry.enum_value("IN_COURT", description="已进入司法程序: in court already.")
    EMERGENCY = strawberry.enum_value("EMERGENCY", description="紧急情况: to be called in at once.")
    NOT_CLEAR = strawberry.enum_value("NOT_CLEAR", description="信息不明: it is not clear what is meant.")
    WITHDRAWN = strawberry.enum_value("WITHDRAWN", description="反映人撤回: the reporter withdrew it.")
