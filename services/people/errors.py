"""Why may a household not be corrected, or a contact not be revealed?"""

from __future__ import annotations

from tenants.errors import Refused


class HouseholdDatesInvalid(Refused):
    """A household has lived there from a day to a day, neither of them to come."""

    code = "HOUSEHOLD_DATES_INVALID"
    zh = "入住、迁出日期不能晚于今天，迁出不能早于入住"
    en = "A household's days cannot lie in the future, nor its last before its first"


class HeadCountInvalid(Refused):
    """At least one lives in a household."""

    code = "HEAD_COUNT_INVALID"
    zh = "人数应为 1 到 {limit}"
    en = "A household counts 1 to {limit} people"


class NameInvalid(Refused):
    """A name is short and printable."""

    code = "NAME_INVALID"
    zh = "姓名应为 1 到 {limit} 个字，不能有控制字符"
    en = "A name has 1 to {limit} characters, none of them control characters"


class PhoneInvalid(Refused):
    """A phone number is digits, perhaps with signs between them."""

    code = "PHONE_INVALID"
    zh = "电话号码应为 3 到 20 位数字，可带 + - ( ) 和空格"
    en = "A phone number has 3 to 20 digits, with + - ( ) and blanks between them"


class PurposeNeedsNote(Refused):
    """Another purpose than those listed has to be told in words."""

    code = "PURPOSE_NEEDS_NOTE"
    zh = "用途选“其他”时，请写明具体用途"
    en = "When the purpose is OTHER, say in the note what it is"


class RevealNoteInvalid(Refused):
    """A note is a sentence or two."""

    code = "REVEAL_NOTE_INVALID"
    zh = "说明最多 {limit} 个字"
    en = "A note has at most {limit} characters"
