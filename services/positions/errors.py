"""Why may a post not be given, ended or defined?"""

from __future__ import annotations

from tenants.errors import Refused


class PositionKindUnknown(Refused):
    """The tenant has no such kind of position."""

    code = "POSITION_KIND_UNKNOWN"
    zh = "本单位没有岗位类型“{kind:.40}”"
    en = "This tenant has no kind of position {kind:.40}"


class PositionPlaceUnfit(Refused):
    """Posts of this kind hang on other kinds of place."""

    code = "POSITION_PLACE_UNFIT"
    zh = "“{kind}”不能设在这类地点（可用：{place_kinds}）"
    en = "A post of the kind {kind} cannot hang on that kind of place (it can on: {place_kinds})"


class PositionBodyUnfit(Refused):
    """Posts of this kind belong to other kinds of body, or to none."""

    code = "POSITION_BODY_UNFIT"
    zh = "“{kind}”不能属于这类组织（可用：{body_kinds}）"
    en = "A post of the kind {kind} cannot belong to that kind of body (it can to: {body_kinds})"


class PositionBodyMissing(Refused):
    """Posts of this kind reach what their body was entrusted with, so the body must be named."""

    code = "POSITION_BODY_MISSING"
    zh = "“{kind}”必须注明所属组织"
    en = "Say to which body a post of the kind {kind} belongs"


class PositionDatesInvalid(Refused):
    """A post ends no earlier than it begins, and is not made longer by being ended."""

    code = "POSITION_DATES_INVALID"
    zh = "任期日期有误：最后一天不能早于第一天，也不能晚于原定的最后一天"
    en = "The last day of a post cannot be before its first, nor after the last day that it had"


class PositionEnded(Refused):
    """What has ended cannot be ended once more."""

    code = "POSITION_ENDED"
    zh = "该岗位已于 {until} 结束"
    en = "The post ended on {until}"


class PositionHasAccount(Refused):
    """Somebody signs in for the post: it goes to another account only as another post."""

    code = "POSITION_HAS_ACCOUNT"
    zh = "该岗位已关联账号。换人请先免去，再重新任命"
    en = "An account uses this post. To give it to somebody else, end it and appoint anew"


class AlreadyInPosition(Refused):
    """The person holds the same post in that time."""

    code = "ALREADY_IN_POSITION"
    zh = "此人在该时段已担任同一岗位（{since} 起）"
    en = "The person holds this post at that time (from {since})"


class AccountInvalid(Refused):
    """An account is named as tokens name it."""

    code = "ACCOUNT_INVALID"
    zh = "账号的 issuer 和 subject 应为 1 到 {limit} 个可见字符"
    en = "An account's issuer and subject have 1 to {limit} printable characters"


class SelfAppointment(Refused):
    """Nobody gives himself a post."""

    code = "SELF_APPOINTMENT"
    zh = "不能给自己任命岗位，请由他人办理"
    en = "Nobody appoints himself: ask somebody else to"


class PersonMissing(Refused):
    """A post is somebody's: one known already, or a name."""

    code = "PERSON_MISSING"
    zh = "请指明任职人：已有人员或姓名，二者取一"
    en = "Say who is appointed: somebody known already or a name, one of the two"


class PublicNameMissing(Refused):
    """A post on the duty board is published with a name, and the stored one is sealed."""

    code = "PUBLIC_NAME_MISSING"
    zh = "“{kind}”上公示牌，请填写公示姓名"
    en = "Posts of the kind {kind} stand on the duty board: say under which name"


class DutyPhoneUnpublished(Refused):
    """A phone is published with posts of the duty board; off it the holder's own number stays sealed."""

    code = "DUTY_PHONE_UNPUBLISHED"
    zh = "“{kind}”不上公示牌，不能填写公示电话；本人电话请填 phone，加密保存"
    en = "Posts of the kind {kind} are off the duty board: none is published; give the person's own, which is sealed"


class PositionKindInvalid(Refused):
    """A kind of the tenant's own is named in its own way and takes its grants from a starting kind."""

    code = "POSITION_KIND_INVALID"
    zh = "岗位类型有误：{reason_zh}"
    en = "The kind of position will not do: {reason_en}"


class OverrideInvalid(Refused):
    """A tenant changes grants among its own people, in known words, and never past its own walls."""

    code = "OVERRIDE_INVALID"
    zh = "权限调整有误：{reason_zh}"
    en = "The change of grants will not do: {reason_en}"


class OwnGrants(Refused):
    """Nobody changes what his own posts grant."""

    code = "OWN_GRANTS"
    zh = "不能调整自己所任岗位（{kind}）的权限，请由他人办理"
    en = "Nobody changes the grants of a kind of position that he holds ({kind}): ask somebody else to"
