"""How does a document go wrong? Valid ones changed at random: letters, words, values, variables."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import Any

from tests.schema.documents.making import MadeDocument

_WORD = re.compile(r"\w+|\.\.\.|[^\s\w]")
_ODD_WORDS = (
    *("{", "}", "(", ")", "[", "]", ":", "$", "@", "!", "=", "|", "&", "...", "#", '"', '"""', "\\"),
    *("null", "true", "-1", "0", "2147483648", "1e999", "1.5", '"\\u0000"', '"\\ud800"', '"\\u{0}"', "''", "\ufeff"),
    *("on", "query", "mutation", "subscription", "fragment", "__typename", "__schema", "id", "nodes", "input"),
    *("@include(if: true)", "@skip(if: $v1)", "@deprecated", "@oneOf", "...F1", "... on Building", "first: -1"),
)
_ODD_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 2**31, 2**63, -(2**70), "", "\0", "x" * 5000, "grd_4_", "😀", "%", "'--", "\\"),
    *([], {}, [[[]]], {"a": {"b": {}}}, [None], {"gridId": 1}, {"phone": "\0"}, ["ADDRESS_ASC", "ADDRESS_DESC"]),
)


def mutate(made: MadeDocument, random: Random) -> MadeDocument:
    """Change a document or its variables in one to three places."""
    for _ in range(random.choice((1, 1, 2, 3))):
        if made.variables and random.random() < 0.3:
            made = _with_odd_variable(made, random)
        else:
            made = replace(made, text=random.choice((_odd_letter, _odd_word, _other_word))(made.text, random))
    return made


def _with_odd_variable(made: MadeDocument, random: Random) -> MadeDocument:
    name = random.choice(list(made.variables))
    variables = {**made.variables, name: random.choice(_ODD_VALUES)}
    if random.random() < 0.2:
        del variables[name]
    return replace(made, variables=variables)


def _odd_letter(text: str, random: Random) -> str:
    position = random.randrange(len(text))
    letter = random.choice((text[random.randrange(len(text))], "", "{", "}", "\0", "é", " "))
    return text[:position] + letter + text[position + random.choice((0, 1, 1, 3)) :]


def _odd_word(text: str, random: Random) -> str:
    words = _WORD.findall(text)
    position = random.randrange(len(words))
    words[position : position + random.choice((0, 1, 2))] = [random.choice(_ODD_WORDS)]
    return " ".join(words)


def _other_word(text: str, random: Random) -> str:
    words = _WORD.findall(text)
    names = [position for position, word in enumerate(words) if word.isidentifier()]
    one, other = random.choice(names), random.choice(names)
    words[one], words[other] = words[other], words[one]
    return " ".join(words)
