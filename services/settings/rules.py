"""Which settings are there, what do they mean, and what do they start with? Pure rules, no storage.

What burdens those who do the work (points, cards, rankings, where somebody stood, photos that have to be taken) is off
unless a tenant sets it, says by which rule and what for, and until when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.settings.errors import SettingInvalid

LONGEST_TEXT = 300
# A setting is looked at again after two years at the latest.
MOST_DAYS = 731


@dataclass(frozen=True, slots=True)
class Kind:
    """What a setting can be, and what holds without one."""

    most: int
    default: int = 0


# Of on or off, 1 is on.
KINDS: Mapping[str, Kind] = {
    # How many of a hundred cases that were fixed on the spot somebody else verifies.
    "SPOT_CHECK_PERCENT": Kind(most=100, default=10),
    "SUPERVISION_CARDS": Kind(most=1),
    # Points taken for a card.
    "POINTS_YELLOW": Kind(most=100),
    "POINTS_RED": Kind(most=100),
    "RANKINGS": Kind(most=1),
    "ARRIVAL_POSITIONS": Kind(most=1),
    "COMPULSORY_PHOTOS": Kind(most=1),
}
NAMES = tuple(KINDS)


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as it is to be."""

    name: str
    value: int
    basis: str
    purpose: str
    until: date


def check_setting(setting: Setting, *, today: date) -> None:
    """Go on only with a setting that has a value, a basis, a purpose and an end. Raises SettingInvalid."""
    most = KINDS[setting.name].most
    if not 0 <= setting.value <= most:
        raise SettingInvalid(
            reason_zh=f"取值应为 0 到 {most}", reason_en=f"its value is 0 to {most}", field="input.value"
        )
    for field, text in (("basis", setting.basis), ("purpose", setting.purpose)):
        if not 1 <= len(text.strip()) <= LONGEST_TEXT:
            raise SettingInvalid(
                reason_zh=f"依据和目的各为 1 到 {LONGEST_TEXT} 个字",
                reason_en=f"basis and purpose take 1 to {LONGEST_TEXT} characters each",
                field=f"input.{field}",
            )
    if not 0 <= (setting.until - today).days <= MOST_DAYS:
        raise SettingInvalid(
            reason_zh="截止日期应在今天到两年之内", reason_en="it ends within two years from today", field="input.until"
        )


def is_drawn(number: int, *, percent: int) -> bool:
    """Tell whether a case, by a number that nobody chose, is one of those drawn for verification."""
    return number % 100 < percent
