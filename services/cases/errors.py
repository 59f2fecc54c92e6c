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
