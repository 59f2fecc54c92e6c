"""What can a body be, and when may a property contract start and end? Pure rules, no storage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from services.bodies.errors import BodyInvalid, ContractDatesInvalid, ContractEnded

LONGEST_NAME = 100
_HOMES = {
    "party_organization": ("district", "street", "community"),
    "residents_committee": ("community",),
    "property_company": ("district", "street", "community"),
    "owners_committee": ("community",),
    "department": ("district", "street"),
    "partner": ("district", "street", "community"),
    "volunteer_team": ("district", "street", "community"),
}
PARTY_LEVELS = ("党工委", "党委", "党总支", "党支部", "党小组")
# GB 32100. Early codes fail its check digit, so only the form is asked for.
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """A body as it is to stand in the directory."""

    kind: str
    name: str
    level: str | None
    credit_code: str | None
    # The kind of the place it hangs on and of the body above it; None without one.
    place_kind: str | None
    parent_kind: str | None


def check_body(body: BodyFacts, *, tenant_kind: str) -> None:
    """Go on only with a body that can be. Raises BodyInvalid."""
    is_party = body.kind == "party_organization"
    faults = (
        (
            tenant_kind not in _HOMES.get(body.kind, ()),
            "kind",
            "这类组织不能设在本单位",
            "no home for such a body here",
        ),
        (not _is_name(body.name), "name", "名称过长或为空", "its name is empty or too long"),
        (
            body.level is not None and not (is_party and body.level in PARTY_LEVELS),
            "level",
            f"只有党组织有层级：{'、'.join(PARTY_LEVELS)}",
            f"Party organisations alone have a level: {', '.join(PARTY_LEVELS)}",
        ),
        (
            body.credit_code is not None and not _CREDIT_CODE.fullmatch(body.credit_code),
            "creditCode",
            "统一社会信用代码为 18 位数字和大写字母",
            "a unified social credit code has 18 digits and capitals",
        ),
        (
            body.kind == "owners_committee" and body.place_kind != "estate",
            "placeId",
            "业委会要注明小区",
            "say of which estate an owners' committee is",
        ),
        (
            body.parent_kind is not None and not (is_party and body.parent_kind == "party_organization"),
            "parentId",
            "只有党组织有上级党组织",
            "a Party organisation alone lies under another one",
        ),
    )
    for is_fault, field, zh, en in faults:
        if is_fault:
            raise BodyInvalid(reason_zh=zh, reason_en=en, field=field)


def _is_name(name: str) -> bool:
    return bool(name.strip()) and len(name) <= LONGEST_NAME and name.isprintable()


def check_can_last(*, since: date, until: date | None) -> None:
    """Go on only with dates in their order. Raises ContractDatesInvalid."""
    if until is not None and until < since:
        raise ContractDatesInvalid(field="until")


def check_can_end(*, since: date, until: date | None, last_day: date, today: date) -> None:
    """Go on only with a contract that has not ended. Raises ContractEnded, ContractDatesInvalid."""
    if until is not None and until < today:
        raise ContractEnded(until=until)
    if until is not None and last_day > until:
        raise ContractDatesInvalid(field="until")
    check_can_last(since=since, until=last_day)
