"""How are people, streets and estates that do not exist called? Names are put together, numbers made up."""

from __future__ import annotations

from random import Random

_SURNAMES = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余")
_GIVEN = tuple("秀英华芳丽强军平红杰涛超明霞桂兰玉志勇艳娟磊洋静文雅思雨轩琳远海伟刚建国佳宁欣怡子涵")
_ESTATES_FIRST = tuple("汇锦金福安和瑞康宁翠碧望春秋江湖山泉榕桂枫柳梅兰")
_ESTATES_LAST = ("景苑", "园", "家园", "花苑", "新村", "里", "雅居", "华庭", "小区", "公寓")
_TWO_GIVEN_NAMES_IN_FIVE = 4


def invent_name(random: Random) -> str:
    """Put a person's name together from common characters."""
    given = random.choice(_GIVEN)
    if random.randrange(5) < _TWO_GIVEN_NAMES_IN_FIVE:
        given += random.choice(_GIVEN)
    return random.choice(_SURNAMES) + given


def invent_estate(random: Random, *, taken: set[str]) -> str:
    """Put an estate's name together that is not taken yet."""
    while True:
        name = "".join(random.sample(_ESTATES_FIRST, 2)) + random.choice(_ESTATES_LAST)
        if name not in taken:
            taken.add(name)
            return name


def invent_phone(number: int) -> str:
    """Make up the mobile number of the n-th person: of the right form, and all of one block."""
    return f"199{number % 100_000_000:08d}"
