"""Which categories can there be, and where do they stand? Pure rules, no storage."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from services.categories.errors import CategoryInUse, CategoryInvalid

MOST_CATEGORIES = 500
DEEPEST = 4
LONGEST_NAME = 40
LONGEST_TEXT = 500
# As many units as no office sets: a slip of the keyboard.
LARGEST_LIMIT = 9999
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,19}")
_PHONE = re.compile(r"[0-9+-]{3,20}")
# Before all that codes are made of, so that nothing comes between a group and what is in it.
_SEPARATOR = " "


@dataclass(frozen=True, slots=True)
class Terms:
    """What a category is to be, as a whole."""

    code: str
    name: str
    parent_code: str | None = None
    # Both for a category to file cases under, neither for one that groups others.
    limit_amount: int | None = None
    limit_unit: str | None = None
    basis: str | None = None
    is_photo_required: bool = False
    is_evidence_required: bool = False
    filing_condition: str | None = None
    closing_condition: str | None = None
    default_handler_kind: str | None = None
    code_system: str | None = None
    external_code: str | None = None
    referral_name: str | None = None
    referral_phone: str | None = None
    # Where it stands among its siblings; without one, by its code.
    sort: str | None = None

    @property
    def is_leaf(self) -> bool:
        """Tell whether cases can be filed under it."""
        return self.limit_amount is not None


@dataclass(frozen=True, slots=True)
class Known:
    """A category that there is, as far as others depend on it."""

    id: uuid.UUID
    parent_id: uuid.UUID | None
    is_leaf: bool
    is_active: bool
    sort_key: str


def check_terms(terms: Terms) -> None:
    """Go on only with terms that a category can have, wherever it stands. Raises CategoryInvalid."""
    texts = (
        ("name", terms.name, LONGEST_NAME),
        ("limit.basis", terms.basis, LONGEST_TEXT),
        ("filingCondition", terms.filing_condition, LONGEST_TEXT),
        ("closingCondition", terms.closing_condition, LONGEST_TEXT),
        ("external.system", terms.code_system, LONGEST_NAME),
        ("external.code", terms.external_code, LONGEST_NAME),
        ("referral.name", terms.referral_name, LONGEST_NAME),
    )
    for field, text, longest in texts:
        if text is not None and not (text.strip() and len(text) <= longest and text.isprintable()):
            raise _invalid(f"此项应为 1 到 {longest} 个字", f"this takes 1 to {longest} characters", field)
    faults = (
        (
            not _CODE.fullmatch(terms.code),
            "代码用字母和数字，最长 20",
            "a code has letters and digits, 20 at most",
            "code",
        ),
        (
            terms.sort is not None and not _CODE.fullmatch(terms.sort),
            "排序用字母和数字，最长 20",
            "an order has letters and digits, 20 at most",
            "sort",
        ),
        (
            terms.limit_amount is not None and not 0 < terms.limit_amount <= LARGEST_LIMIT,
            f"时限为 1 到 {LARGEST_LIMIT}",
            f"a limit is from 1 to {LARGEST_LIMIT}",
            "limit.amount",
        ),
        (
            terms.referral_phone is not None and not _PHONE.fullmatch(terms.referral_phone),
            "电话只能是数字",
            "a phone number has digits",
            "referral.phone",
        ),
    )
    for is_fault, zh, en, field in faults:
        if is_fault:
            raise _invalid(zh, en, field)


def check_group(terms: Terms, known: Mapping[str, Known]) -> None:
    """Go on only if what becomes a leaf holds no other category. Raises CategoryInUse."""
    own = known.get(terms.code)
    if own is not None and terms.is_leaf and any(other.parent_id == own.id for other in known.values()):
        raise CategoryInUse(reason_zh="它下面还有类别", reason_en="there are categories in it", field="limit")


def find_parent(terms: Terms, known: Mapping[str, Known]) -> Known | None:
    """Find the group that a category is to stand in; None at the top. Raises CategoryInvalid."""
    own = known.get(terms.code)
    if own is None and len(known) >= MOST_CATEGORIES:
        raise _invalid(f"最多 {MOST_CATEGORIES} 个类别", f"there can be {MOST_CATEGORIES} categories", "code")
    if terms.parent_code is None:
        return None
    parent = known.get(terms.parent_code)
    if parent is None or parent.is_leaf or not parent.is_active:
        raise _invalid("没有这个在用的上级分组", "there is no such group in use", "parentCode")
    if own is not None and _is_within(parent.sort_key, own.sort_key):
        raise _invalid("不能放在自己下面", "it cannot stand within itself", "parentCode")
    depth = len(parent.sort_key.split(_SEPARATOR)) + _height(own, known)
    if depth > DEEPEST:
        raise _invalid(f"最多 {DEEPEST} 级", f"there can be {DEEPEST} levels", "parentCode")
    return parent


def check_retirement(own: Known, known: Mapping[str, Known]) -> None:
    """Go on only if no category in it is in use. Raises CategoryInUse."""
    if any(other.is_active and other.parent_id == own.id for other in known.values()):
        raise CategoryInUse(
            reason_zh="请先停用它下面的类别", reason_en="retire the categories in it first", field="code"
        )


def sort_key_of(sort: str, parent: Known | None) -> str:
    """Write the key by which a category is listed: its own behind its group's."""
    return sort if parent is None else f"{parent.sort_key}{_SEPARATOR}{sort}"


def moved_keys(known: Mapping[str, Known], *, before: str, after: str) -> dict[uuid.UUID, str]:
    """Tell the new keys of all that stands within a category whose own key changes."""
    return {
        one.id: after + one.sort_key[len(before) :]
        for one in known.values()
        if _is_within(one.sort_key, before, strictly=True)
    }


def _is_within(key: str, above: str, *, strictly: bool = False) -> bool:
    return key.startswith(above + _SEPARATOR) or (key == above and not strictly)


def _height(own: Known | None, known: Mapping[str, Known]) -> int:
    """Tell how many levels a category and all within it take up."""
    if own is None:
        return 1
    within = [one.sort_key for one in known.values() if _is_within(one.sort_key, own.sort_key)]
    return max(key.count(_SEPARATOR) for key in within) - own.sort_key.count(_SEPARATOR) + 1


def _invalid(zh: str, en: str, field: str) -> CategoryInvalid:
    return CategoryInvalid(reason_zh=zh, reason_en=en, field=field)
