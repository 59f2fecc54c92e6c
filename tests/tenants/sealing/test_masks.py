"""What is left of a name or a number for those who need not know it?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.sealing.masks import mask_identity_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张*"),
        ("欧阳娜娜", "欧阳*"),
        ("欧阳锋", "欧阳*"),
        # Two characters that happen to be a compound surname: 欧 is the surname, 阳 the name.
        ("欧阳", "欧*"),
        (" 李　四 ", "李*"),
        ("阿依古丽·买买提", "阿*"),
        ("Anna Smith", "A*"),
        ("anna", "A*"),
        ("王", "*"),
        ("", "*"),
    ],
)
def test_shows_the_surname_alone(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800000000", "138****0000"),
        ("+86 138 1234 5678", "138****5678"),
        ("１３８００００００００", "138****0000"),
        ("0591-87512345", "0591-****2345"),
        ("010-62345678", "010-****5678"),
        ("02087654321", "020-****4321"),
        ("87512345", "****2345"),
        ("7512345", "****2345"),
        ("0591-87512345-801", "****01"),
        ("110", "****"),
        ("无", "****"),
        ("", "****"),
    ],
)
def test_shows_the_start_and_the_end_of_a_phone_number(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("350102198001011234", "350*************34"),
        ("35010219800101123x", "350*************3X"),
        ("350102800101123", "350**********23"),
        ("E12345678", "E****78"),
        ("123456", "****"),
        ("", "****"),
    ],
)
def test_shows_neither_county_nor_birthday_of_an_identity_number(number: str, masked: str) -> None:
    assert mask_identity_number(number) == masked


@given(st.text(max_size=30))
def test_masks_whatever_is_written_and_hides_most_of_it(text: str) -> None:
    assert mask_name(text).endswith("*")
    assert len(mask_name(text)) <= 4
    assert "****" in mask_phone(text)
    assert "****" in mask_identity_number(text)
