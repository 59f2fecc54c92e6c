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
    """What can be done with a case, a part of it, or one of its whistles."""

    ACCEPT = strawberry.enum_value("ACCEPT", description="受理: `acceptCase` by the community.")
    EXCLUDE = strawberry.enum_value("EXCLUDE", description="不予受理: `excludeCase`.")
    MERGE = strawberry.enum_value("MERGE", description="并案: `mergeCase`.")
    DISPATCH = strawberry.enum_value("DISPATCH", description="派单: `dispatchCase`.")
    ESCALATE = strawberry.enum_value("ESCALATE", description="上报上级: `escalateCase`.")
    HAND_BACK = strawberry.enum_value("HAND_BACK", description="退回下级: `handBackCase`.")
    REDISPATCH = strawberry.enum_value("REDISPATCH", description="改派: `dispatchCase`, to somebody else.")
    ASSIGN_TASK = strawberry.enum_value("ASSIGN_TASK", description="分派子任务: `assignTask`, to several.")
    SUSPEND = strawberry.enum_value("SUSPEND", description="暂停计时: `suspendCase`.")
    RESUME = strawberry.enum_value("RESUME", description="恢复计时: `resumeCase`.")
    HAND_ON = strawberry.enum_value("HAND_ON", description="转派: `handOnCase` within a company.")
    HANDLE = strawberry.enum_value("HANDLE", description="接单处置: `acceptCase` by the receiver.")
    OBJECT = strawberry.enum_value("OBJECT", description="派单异议: `objectToDispatch` by the receiver.")
    DECIDE_OBJECTION = strawberry.enum_value("DECIDE_OBJECTION", description="异议审核: `decideObjection`.")
    REQUEST_EXTENSION = strawberry.enum_value("REQUEST_EXTENSION", description="申请延期: `requestExtension`.")
    DECIDE_EXTENSION = strawberry.enum_value("DECIDE_EXTENSION", description="延期审核: `decideExtension`.")
    RETURN = strawberry.enum_value("RETURN", description="退单: `returnCase`.")
    RESOLVE = strawberry.enum_value("RESOLVE", description="办结: `resolveCase`.")
    VERIFY = strawberry.enum_value("VERIFY", description="核查: `verifyCase` by somebody who did not handle it.")
    RATE = strawberry.enum_value("RATE", description="评价: `rateCase` by the reporter.")
    REQUEST_RATES_EXCLUSION = strawberry.enum_value(
        "REQUEST_RATES_EXCLUSION", description="申请剔除: `requestRatesExclusion`."
    )
    DECIDE_RATES_EXCLUSION = strawberry.enum_value(
        "DECIDE_RATES_EXCLUSION", description="剔除审核: `decideRatesExclusion`."
    )
    CALL_BACK = strawberry.enum_value("CALL_BACK", description="回访: `callBackCase`.")
    CLOSE = strawberry.enum_value("CLOSE", description="结案: `closeCase`.")
    REOPEN = strawberry.enum_value("REOPEN", description="重新办理: `reopenCase`.")
    REQUEST_WHISTLE = strawberry.enum_value("REQUEST_WHISTLE", description="申请吹哨: `requestWhistle`.")
    URGE = strawberry.enum_value("URGE", description="催办: `urgeCase`.")
    SUPERVISE = strawberry.enum_value("SUPERVISE", description="督办: `superviseCase` by an office above.")
    FINISH_TASK = strawberry.enum_value("FINISH_TASK", description="完成子任务: `finishTask`.")
    DECLINE_TASK = strawberry.enum_value("DECLINE_TASK", description="拒绝子任务: `declineTask`.")
    CANCEL_TASK = strawberry.enum_value("CANCEL_TASK", description="取消子任务: `cancelTask` by the coordinator.")
    WHISTLE = strawberry.enum_value("WHISTLE", description="吹哨: `whistle` by the office that was asked.")
    REFUSE_WHISTLE = strawberry.enum_value("REFUSE_WHISTLE", description="不予吹哨: `refuseWhistle`.")
    CONCLUDE_WHISTLE = strawberry.enum_value("CONCLUDE_WHISTLE", description="吹哨办结: `concludeWhistle`.")
    COME_TO_WHISTLE = strawberry.enum_value(
        "COME_TO_WHISTLE", description="应哨: `answerWhistle` by the department that was called."
    )
    DECLINE_WHISTLE = strawberry.enum_value(
        "DECLINE_WHISTLE", description="说明不到场: `answerWhistle` by the department, with a reason."
    )
    ARRIVE_AT_WHISTLE = strawberry.enum_value("ARRIVE_AT_WHISTLE", description="报到: `arriveAtWhistle`.")
    INSIST_ON_WHISTLE = strawberry.enum_value(
        "INSIST_ON_WHISTLE", description="要求到场: `insistOnWhistle` by the office that a decline went to."
    )
    ACCEPT_DECLINE = strawberry.enum_value("ACCEPT_DECLINE", description="同意不到场: `acceptDecline`.")
    RATE_DEPARTMENT = strawberry.enum_value(
        "RATE_DEPARTMENT", description="评价部门: `rateWhistle` for whoever called the department."
    )
    RATE_OFFICE = strawberry.enum_value(
        "RATE_OFFICE", description="评价街道: `rateWhistle` by the department that was called."
    )


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
    REDISPATCH = strawberry.enum_value("REDISPATCH", description="改派: taken from one and handed to another.")
    ASSIGN_TASK = strawberry.enum_value("ASSIGN_TASK", description="分派子任务: a part of it was given to somebody.")
    FINISH_TASK = strawberry.enum_value("FINISH_TASK", description="完成子任务: a part of it was done.")
    DECLINE_TASK = strawberry.enum_value("DECLINE_TASK", description="拒绝子任务: a part of it was declined.")
    CANCEL_TASK = strawberry.enum_value("CANCEL_TASK", description="取消子任务: a part of it was taken back.")
    SUSPEND = strawberry.enum_value("SUSPEND", description="暂停计时: the clock was stopped.")
    RESUME = strawberry.enum_value("RESUME", description="恢复计时: the clock runs again.")
    HAND_ON = strawberry.enum_value("HAND_ON", description="转派: handed on within a company.")
    OBJECT = strawberry.enum_value("OBJECT", description="派单异议: the receiver objects to having been handed it.")
    UPHOLD_OBJECTION = strawberry.enum_value("UPHOLD_OBJECTION", description="异议成立: upheld, and given back.")
    REFUSE_OBJECTION = strawberry.enum_value("REFUSE_OBJECTION", description="异议不成立: refused.")
    REQUEST_EXTENSION = strawberry.enum_value("REQUEST_EXTENSION", description="申请延期: more time was asked for.")
    EXTEND = strawberry.enum_value("EXTEND", description="同意延期: more time was granted.")
    REFUSE_EXTENSION = strawberry.enum_value("REFUSE_EXTENSION", description="不同意延期: no more time was granted.")
    VERIFY = strawberry.enum_value("VERIFY", description="核查: looked at by somebody who did not handle it.")
    RATE = strawberry.enum_value("RATE", description="评价: rated by the reporter.")
    REQUEST_RATES_EXCLUSION = strawberry.enum_value(
        "REQUEST_RATES_EXCLUSION", description="申请剔除: asked to be left out of the rates."
    )
    LEAVE_OUT_OF_RATES = strawberry.enum_value("LEAVE_OUT_OF_RATES", description="同意剔除: left out of the rates.")
    COUNT_IN_RATES = strawberry.enum_value("COUNT_IN_RATES", description="不同意剔除: counted in the rates.")
    HANDLE = strawberry.enum_value("HANDLE", description="接单处置: taken up.")
    RETURN = strawberry.enum_value("RETURN", description="退单: returned.")
    RESOLVE = strawberry.enum_value("RESOLVE", description="办结: settled.")
    CALL_BACK = strawberry.enum_value("CALL_BACK", description="回访: called back.")
    CLOSE = strawberry.enum_value("CLOSE", description="结案: closed.")
    REOPEN = strawberry.enum_value("REOPEN", description="重新办理: taken up again.")
    REQUEST_WHISTLE = strawberry.enum_value("REQUEST_WHISTLE", description="申请吹哨: a whistle was asked for.")
    WHISTLE = strawberry.enum_value("WHISTLE", description="吹哨: departments were called to the place.")
    REFUSE_WHISTLE = strawberry.enum_value("REFUSE_WHISTLE", description="不予吹哨: nobody is called.")
    COME_TO_WHISTLE = strawberry.enum_value("COME_TO_WHISTLE", description="应哨: a department comes.")
    DECLINE_WHISTLE = strawberry.enum_value("DECLINE_WHISTLE", description="不到场: a department does not come.")
    INSIST_ON_WHISTLE = strawberry.enum_value("INSIST_ON_WHISTLE", description="要求到场: it has to come all the same.")
    ACCEPT_DECLINE = strawberry.enum_value("ACCEPT_DECLINE", description="同意不到场: it need not come.")
    ARRIVE_AT_WHISTLE = strawberry.enum_value("ARRIVE_AT_WHISTLE", description="报到: a department is there.")
    CONCLUDE_WHISTLE = strawberry.enum_value("CONCLUDE_WHISTLE", description="办结吹哨: ended with a joint result.")
    RATE_WHISTLE = strawberry.enum_value("RATE_WHISTLE", description="吹哨互评: one side rated the other.")
    SUPERVISE = strawberry.enum_value("SUPERVISE", description="督办: supervised by an office above.")
    URGE = strawberry.enum_value("URGE", description="催办: urged, by somebody or by the clock.")
    # What the clock does is told as a change, and is no step: nobody has taken it.
    YELLOW = strawberry.enum_value("YELLOW", description="黄灯: turned yellow, by the clock.")
    RED = strawberry.enum_value("RED", description="红灯: turned red, by the clock.")


@strawberry.enum(name="CaseColor")
class CaseColor(Enum):
    """How near to its due time, or past it, a case has come."""

    GREEN = strawberry.enum_value("GREEN", description="绿灯: in time.")
    YELLOW = strawberry.enum_value("YELLOW", description="黄灯: nearly due, by the limit of its category.")
    RED = strawberry.enum_value("RED", description="红灯: past the red limit of its category.")


@strawberry.enum(name="SupervisionLevel")
class SupervisionLevel(Enum):
    """How strictly an office supervises."""

    ORDINARY = strawberry.enum_value("ORDINARY", description="普通督办: without a card.")
    YELLOW = strawberry.enum_value("YELLOW", description="黄牌督办: with a yellow card.")
    RED = strawberry.enum_value("RED", description="红牌督办: with a red card.")


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
    IN_PETITION = strawberry.enum_value("IN_PETITION", description="已进入信访程序: dealt with as a petition already.")
    DONE_BEFORE = strawberry.enum_value(
        "DONE_BEFORE", description="重复诉求无新情况: under way or done before, and nothing new is said."
    )
    SECRET = strawberry.enum_value("SECRET", description="涉密: a secret that is not to be dealt with here.")
    UNLAWFUL = strawberry.enum_value("UNLAWFUL", description="违法内容: unlawful in itself.")


@strawberry.enum(name="CaseRequestStatus")
class CaseRequestStatus(Enum):
    """What became of something that was asked."""

    REQUESTED = strawberry.enum_value("REQUESTED", description="待审核: waits for a decision.")
    GRANTED = strawberry.enum_value("GRANTED", description="已同意: granted; of an objection, upheld.")
    REFUSED = strawberry.enum_value("REFUSED", description="不同意: refused.")
    LAPSED = strawberry.enum_value("LAPSED", description="已失效: the case went another way before a decision.")


@strawberry.enum(name="CaseTaskStatus")
class CaseTaskStatus(Enum):
    """What became of a part of a case."""

    OPEN = strawberry.enum_value("OPEN", description="待完成: to be done.")
    DONE = strawberry.enum_value("DONE", description="已完成: done.")
    DECLINED = strawberry.enum_value("DECLINED", description="已拒绝: whoever was given it declined.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="已取消: taken back, or the case ended.")


@strawberry.enum(name="ObjectionBasis")
class ObjectionBasis(Enum):
    """What an objection to a dispatch goes by."""

    CONTRACT = strawberry.enum_value("CONTRACT", description="合同条款: an item of a contract.")
    DUTY_LIST = strawberry.enum_value("DUTY_LIST", description="职责清单: an item of a list of duties.")
    LAW = strawberry.enum_value("LAW", description="法律法规: a law or rule.")
    OTHER = strawberry.enum_value("OTHER", description="其他依据: something else.")
