"""When are two names, phone numbers or identity numbers the same, however they were written?"""

from __future__ import annotations

import re
import unicodedata

_NOT_DIGITS = re.compile(r"\D+", re.ASCII)
_NOT_LETTERS_OR_DIGITS = re.compile(r"[\W_]+", re.ASCII)
_BLANKS = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
# The dot within a name of many peoples (阿依古丽·买买提) is typed in many ways.
_NAME_DOTS = re.compile(r"[•‧∙⋅・.]")
_COUNTRY_AND_MOBILE = re.compile(r"(?:00)?86(1\d{10})")


def normalize_text(text: str) -> str:
    """Bring full-width and other compatible forms of characters to one."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def normalize_name(name: str) -> str:
    """Give a name without blanks, in one form of its characters, its dots and its case."""
    compact = normalize_text(name)
    # Most names are letters and nothing else.
    if not compact.isalpha():
        compact = _NAME_DOTS.sub("·", _BLANKS.sub("", compact))
    return compact.casefold()


def normalize_phone(phone: str) -> str:
    """Give a phone number's digits, a mobile number's without the country's +86.

    What holds no digit stays as it is, lest all such entries be one number.
    """
    if len(phone) == len("13800000000") and phone.isascii() and phone.isdecimal():
        return phone
    digits = _NOT_DIGITS.sub("", normalize_text(phone))
    with_country = _COUNTRY_AND_MOBILE.fullmatch(digits)
    return with_country[1] if with_country else digits or normalize_name(phone)


def normalize_identity_number(number: str) -> str:
    """Give the letters and digits of an identity number, letters as capitals."""
    if number.isascii() and number.isalnum():
        return number.upper()
    return _NOT_LETTERS_OR_DIGITS.sub("", normalize_text(number)).upper() or normalize_name(number)
