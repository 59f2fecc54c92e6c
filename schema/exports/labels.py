"""What are columns called? As the schema's own descriptions begin, or as labels.csv has it."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLEnumType, get_named_type

from schema.compiler.model import is_connection
from schema.exports.parts import Label

_TERM = re.compile(r"[^\s:：.,，;；(（]*[\u3400-\u9fff][^\s:：.,，;；(（]*")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def _listed() -> dict[str, str]:
    with (Path(__file__).parent / "labels.csv").open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row["zh"] for row in csv.DictReader(lines)}


def label_of(name: str, declared: Any) -> Label:
    """Tell what a field is called: the term its description begins with, else the list's, else its type's."""
    english = _WORDS.sub(" ", name).capitalize()
    type_: Any = get_named_type(declared.type)
    if is_connection(type_):
        type_ = get_named_type(type_.fields["nodes"].type)
    told = _term(declared.description) or _listed().get(name) or _term(type_.description)
    return Label(told or english, english)


def choice_of(type_: GraphQLEnumType, name: str, language: str) -> str:
    """Tell what one of an enum's values is called."""
    value = type_.values.get(name)
    return (language == "zh" and value is not None and _term(value.description)) or name


def _term(description: str | None) -> str | None:
    found = _TERM.match(description or "")
    return found[0] if found else None
