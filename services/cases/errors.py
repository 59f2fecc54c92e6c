"""Why may something not be done with a case?"""

from __future__ import annotations

from tenants.errors import Refused


class CaseTextInvalid(Refused):
    """A title or text that is empty or too long."""

    code = "CASE_TEXT_INVALID"
    zh = "此项应为 1 到 {limit} 个字"
    en = "This takes 1 to {limit} characters"


class CategoryUnknown(Refused):
    """No such category, or one that only groups others."""

    code = "CATEGORY_UNKNOWN"
    zh = "没有代码为 {code} 的具体类别（见 caseCategories，isLeaf 为 true）"
    en = "There is no category {code} to file a case under (see caseCategories, isLeaf is true)"


class CallInstead(Refused):
    """An emergency is not reported here."""

    code = "CALL_INSTEAD"
    zh = "这类情况请立即拨打 {phone}（{name}）"
    en = "Call {phone} ({name}) at once for this"


class PhotoRequired(Refused):
    """The category asks for a photo."""

    code = "PHOTO_REQUIRED"
    zh = "这类诉求要附照片"
    en = "A photo is asked for in this category"


class EvidenceRequired(Refused):
    """The category asks to be shown what was done."""

    code = "EVIDENCE_REQUIRED"
    zh = "这类诉求办结时要附照片或文件"
    en = "A photo or file of what was done is asked for in this category"


class TooManyAttachments(Refused):
    """A step takes some files, not an archive."""

    code = "TOO_MANY_ATTACHMENTS"
    zh = "一次最多附 {limit} 个文件"
    en = "{limit} files at most go with one step"


class TicketKnown(Refused):
    """The ticket of another system has come in before."""

    code = "TICKET_KNOWN"
    zh = "该工单已登记，编号 {number}"
    en = "This ticket has come in already, as {number}"


class CaseNotInStatus(Refused):
    """The case stands where this cannot be done."""

    code = "CASE_NOT_IN_STATUS"
    zh = "诉求当前状态为“{status}”，不能这样办理"
    en = "The case is {status}: this cannot be done now"


class NotCoordinator(Refused):
    """Somebody else sees to it that the case goes on."""

    code = "NOT_COORDINATOR"
    zh = "该诉求目前由其他单位统筹"
    en = "Another office coordinates this case at present"


class HandedOutside(Refused):
    """The case is in the hands of somebody outside the community."""

    code = "HANDED_OUTSIDE"
    zh = "该诉求已交由外单位处置"
    en = "The case is in the hands of another office"


class OwnHandling(Refused):
    """Nobody verifies or calls back what he handled."""

    code = "OWN_HANDLING"
    zh = "经办人不能核查、回访自己办理的诉求"
    en = "Whoever handled a case neither verifies it nor calls back"


class CallBackMissing(Refused):
    """The reporter was not called yet."""

    code = "CALL_BACK_MISSING"
    zh = "结案前请先回访反映人"
    en = "Call the reporter back before closing the case"


class ReceiverUnfit(Refused):
    """Nobody to whom this case can be handed."""

    code = "RECEIVER_UNFIT"
    zh = "不能交给该对象：应为本单位在任岗位、服务该小区的物业企业，或本区、本街道的职能部门"
    en = (
        "The case cannot be handed there: name a post in force in this tenant, the company that serves the estate, "
        "or a department of the street or district"
    )


class NoOfficeAbove(Refused):
    """There is nobody above to hand a case up to."""

    code = "NO_OFFICE_ABOVE"
    zh = "上级没有开通的办公室，不能上报"
    en = "There is no office above to hand the case up to"


class CannotMerge(Refused):
    """A case that another one cannot be merged into."""

    code = "CANNOT_MERGE"
    zh = "只能并入本单位另一件未办结的诉求"
    en = "A case is merged into another open case of the same tenant"


class SatisfactionUnasked(Refused):
    """Who was not reached said nothing."""

    code = "SATISFACTION_UNASKED"
    zh = "未联系上反映人时，不能填写是否解决和满意度；联系上时须填写是否解决"
    en = "Whether it is solved and how satisfied the reporter is goes with a call-back that reached the reporter"


class NotReporter(Refused):
    """Only whoever reported it says how satisfied they are."""

    code = "NOT_REPORTER"
    zh = "只有反映人本人可以评价"
    en = "Only whoever reported the case rates it"


class AlreadyAsked(Refused):
    """The same was asked before, and is not decided."""

    code = "ALREADY_ASKED"
    zh = "已有同类申请待审核"
    en = "The same was asked before and waits for a decision"


class NothingAsked(Refused):
    """There is nothing to decide."""

    code = "NOTHING_ASKED"
    zh = "没有待审核的申请"
    en = "Nothing waits for a decision"


class OwnRequest(Refused):
    """Nobody decides what he asked for himself."""

    code = "OWN_REQUEST"
    zh = "不能审核自己提出的申请"
    en = "Whoever asked for it does not decide it"


class VerificationMissing(Refused):
    """Somebody else has to look at it first."""

    code = "VERIFICATION_MISSING"
    zh = "该诉求被抽中核查，结案前请先由他人核查"
    en = "This case was drawn for verification: somebody else has to verify it before it is closed"


class ExtensionTooShort(Refused):
    """An extension that extends nothing."""

    code = "EXTENSION_TOO_SHORT"
    zh = "延期应晚于当前到期时间（{due_at}）和当前时间"
    en = "An extension ends after the present due time ({due_at}) and after now"


class NotSuspended(Refused):
    """The clock runs."""

    code = "NOT_SUSPENDED"
    zh = "该诉求没有暂停计时"
    en = "The clock of this case is not stopped"


class SuspensionTooShort(Refused):
    """A stop of the clock that has ended before it began."""

    code = "SUSPENSION_TOO_SHORT"
    zh = "暂停计时应到将来的某一时刻为止"
    en = "The clock is stopped until an instant in the future"


class NotCalledBack(Refused):
    """What was not asked cannot be left out of the rates."""

    code = "NOT_CALLED_BACK"
    zh = "该诉求还没有回访"
    en = "The case was not called back yet"


class PhoneMissing(Refused):
    """An emergency is called in; nothing else is."""

    code = "PHONE_MISSING"
    zh = "紧急情况须告知应拨打的电话（如 110、119、120），其他原因不填"
    en = "An emergency takes the number to call (for example 110, 119, 120); other reasons take none"


class TasksOpen(Refused):
    """Parts of it are not done."""

    code = "TASKS_OPEN"
    zh = "还有子任务未完成，请先完成或取消"
    en = "Parts of the case are not done yet: end or cancel these tasks first"


class TaskEnded(Refused):
    """A part of a case that was done, declined or cancelled before."""

    code = "TASK_ENDED"
    zh = "该子任务已结束"
    en = "This task has ended already"


class TaskDueInvalid(Refused):
    """A part of a case that is due in the past."""

    code = "TASK_DUE_INVALID"
    zh = "子任务的期限应晚于当前时间"
    en = "A task is due in the future"


class CardsOff(Refused):
    """The office has not set that it shows cards."""

    code = "CARDS_OFF"
    zh = "本单位未启用黄牌、红牌督办（见单位设置 SUPERVISION_CARDS）"
    en = "This office has not set that it shows yellow and red cards (setting SUPERVISION_CARDS)"


class SourceNotYours(Refused):
    """A way to report that is for other posts."""

    code = "SOURCE_NOT_YOURS"
    zh = "您的岗位不能以这种来源上报，可用：{known}"
    en = "Your posts do not report in this way; open to you are {known}"


class NobodyElse(Refused):
    """What somebody finds himself is reported for nobody else."""

    code = "NOBODY_ELSE"
    zh = "只有走访、热线、窗口和会议来源可以代他人上报"
    en = "On behalf of somebody else one reports a visit, a call, at the window, or from a meeting"


class OnlyFromAbove(Refused):
    """Nobody supervises himself."""

    code = "ONLY_FROM_ABOVE"
    zh = "督办由上级街道或区发起"
    en = "Supervision comes from the street or the district above"


class VerdictStands(Refused):
    """What was said of an ended case, or approved not to count, is not said again."""

    code = "VERDICT_STANDS"
    zh = "该诉求已有回访结论，不能再评价；如问题重现请重新上报"
    en = "The call-back of this case stands and is not rated again; report anew what has come back"


class TooManyParts(Refused):
    """A case in more parts, or with more whistles, than anybody can keep in sight."""

    code = "TOO_MANY_PARTS"
    zh = "一件诉求同时最多 {limit} 个未结束的子任务或吹哨"
    en = "A case has at most {limit} parts, and as many whistles, that have not ended"
