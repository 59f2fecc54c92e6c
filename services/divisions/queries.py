"""What is asked of divisions: which are in force under some roots, and how new is what we know of them?"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from tenants.tables import Division


def is_one_of_codes(codes: Collection[str]) -> ColumnElement[bool]:
    """Ask whether a division's code is one of the given, as one array parameter however many they are."""
    return Division.code == any_(literal(list(codes), ARRAY(Text())))


def is_one_of_ids(division_ids: Collection[uuid.UUID]) -> ColumnElement[bool]:
    """Ask whether a division is one of the given, as one array parameter however many they are."""
    return Division.id == any_(literal(list(division_ids), ARRAY(Uuid())))


def codes_under(*, system: str, roots: Collection[str]) -> Select[str]:
    """Select the codes in force of the roots and of everything below them."""
    below = (
        select(Division.code)
        .where(Division.system == system, Division.valid_to.is_(None), is_one_of_codes(roots))
        .cte("below", recursive=True)
    )
    child = aliased(Division)
    below = below.union(
        select(child.code).join(
            below, and_(child.system == system, child.valid_to.is_(None), child.parent_code == below.c.code)
        )
    )
    return select(below.c.code)


def divisions_in_force(*, system: str, codes: Collection[str]) -> Select[Division]:
    """Select the divisions in force with the given codes."""
    return select(Division).where(Division.system == system, Division.valid_to.is_(None), is_one_of_codes(codes))


def count_in_force(*, system: str) -> Select[int]:
    """Count the divisions of a system that are in force."""
    return select(func.count()).select_from(Division).where(Division.system == system, Division.valid_to.is_(None))


def newest_knowledge(*, system: str, codes: Collection[str]) -> Select[date | None]:
    """Select the newest day as of which any of the codes was listed, or was found to have ended."""
    return select(func.max(func.greatest(Division.confirmed_on, Division.valid_to + 1))).where(
        Division.system == system, is_one_of_codes(codes)
    )
