"""What may be shown of a name, a phone number or an identity number to those who need not know it?

No national standard says how (GB/T 35273-2020 only that). These are the usual forms, on the sparing side: in
a community of a thousand households, the length of a name or a birthday may tell who is meant.
"""

from __future__ import annotations

import re

from tenants.sealing.normal_forms import normalize_identity_number, normalize_name, normalize_phone

_MOBILE = re.compile(r"1\d{10}")
# Area codes have three digits (010, 02x) or four.
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d\d)?\d{3,4}(\d{4})")
_RESIDENT_IDENTITY = re.compile(r"\d{17}[\dX]|\d{15}")
_LONG_ENOUGH = 7
_COMPOUND_SURNAMES = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
    "仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐"
    "段干百里呼延东郭南门羊舌微生梁丘左丘东门西门第五"
)
_HAS_COMPOUND_SURNAME = re.compile("|".join(re.findall("..", _COMPOUND_SURNAMES)))


def mask_name(name: str) -> str:
    """Show the surname alone, 张* or 欧阳*: how long the rest is does not show."""
    compact = normalize_name(name)
    if len(compact) > len("欧阳") and _HAS_COMPOUND_SURNAME.match(compact):
        return f"{compact[:2]}*"
    return f"{compact[:1].upper()}*" if len(compact) > 1 else "*"


def mask_phone(phone: str) -> str:
    """Show a mobile number as 138****0000, and of a landline the area code and the last four digits."""
    digits = normalize_phone(phone)
    if _MOBILE.fullmatch(digits):
        return f"{digits[:3]}****{digits[-4:]}"
    landline = _LANDLINE.fullmatch(digits)
    if landline:
        return f"{landline[1]}-****{landline[2]}" if landline[1] else f"****{landline[2]}"
    return f"****{digits[-2:]}" if len(digits) >= _LONG_ENOUGH else "****"


def mask_identity_number(number: str) -> str:
    """Show three first and two last digits of a resident's number, one and two of another document's.

    Six and four, as often seen, would tell the county and the sex.
    """
    compact = normalize_identity_number(number)
    if _RESIDENT_IDENTITY.fullmatch(compact):
        return f"{compact[:3]}{'*' * (len(compact) - 5)}{compact[-2:]}"
    return f"{compact[0]}****{compact[-2:]}" if len(compact) >= _LONG_ENOUGH else "****"
