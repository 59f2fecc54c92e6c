"""Who sees which row and which field? Grant by grant, in Python, as the design tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from schema.compiler.declare import Column, FieldClass, Row, Source
from tenants.grants import Grant, Grants, Scope
from tests.schema.compiler.interpreter.rows import Found, Places, Rows


@dataclass(frozen=True, slots=True)
class Sights:
    """What one caller sees."""

    grants: Grants
    rows: Rows

    def is_shut(self, source: Source) -> bool:
        """Tell whether no grant could ever show a row of the source."""
        return source.permission is not None and not self.grants.of(source.permission)

    def showing(self, source: Source, column: Column) -> tuple[Grant, ...] | None:
        """List the grants that could show a field; None when it needs none beyond its row's."""
        permission = column.permission or source.permission
        if (column.field_class is FieldClass.PUBLIC and column.permission is None) or permission is None:
            return None
        return tuple(
            grant
            for grant in self.grants.of(permission)
            if grant.condition != "names"
            and (grant.rows == "all" or source.within is not None)
            and (not column.of_subtree or grant.tenants == "subtree")
        )

    async def sees(self, source: Source, row: Found) -> bool:
        """Tell whether the caller sees the row at all."""
        if source.permission is None:
            return True
        grants = self.grants.of(source.permission)
        for grant in grants:
            if await self._reaches(grant, source, row) and await self._has_place(grant, source, row, outlines=True):
                return True
        if source.public is None or not grants:
            return False
        return await self.rows.holds((id(source), "public"), row, source.public)

    async def shows(self, source: Source, row: Found, column: Column) -> bool:
        """Tell whether the caller sees a field of a row that is seen."""
        grants = self.showing(source, column)
        if grants is None:
            return True
        for grant in grants:
            if await self._reaches(grant, source, row) and await self._has_place(grant, source, row, outlines=False):
                return True
        return False

    async def _reaches(self, grant: Grant, source: Source, row: Found) -> bool:
        acting = self.grants.tenant
        if grant.tenants == "served" or acting is None:
            return False
        if source.tenant is None:
            return True
        if grant.tenants == "subtree" and acting.kind != "community" and f"{acting.kind}_id" in row.columns:
            return bool(row[f"{acting.kind}_id"] == acting.id)
        return bool(await self.rows.value((id(source), "tenant"), row, source.tenant) == acting.id)

    async def _has_place(self, grant: Grant, source: Source, row: Found, *, outlines: bool) -> bool:
        places = Places(self.grants.scopes.get(grant.permission, Scope()))
        if source.conditions and grant.condition:
            meets = source.conditions.get(grant.condition)
            if meets is None or not await self.rows.holds(
                (meets, grant.permission), row, partial(_test, meets, places)
            ):
                return False
        if grant.rows == "all":
            return True
        for test in (source.within, source.touches if outlines else None):
            what = (test, grant.permission)
            if test is not None and await self.rows.holds(what, row, partial(_test, test, places)):
                return True
        return False


def _test(test: Callable[[Row, Any], Any], places: Places, row: Row) -> Any:  # noqa: ANN401
    return test(row, places)
