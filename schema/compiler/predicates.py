"""Which rows and fields may this caller see? Grants become conditions of the statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, not_, or_, true

from schema.compiler.context import ACTING_TENANT, SCOPE_LISTS, ScopeBinds
from schema.compiler.declare import FieldClass

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from schema.compiler.declare import Reserved, Row, Source
    from tenants.grants import Grant, Grants

_ALL_BUT_PUBLIC = frozenset({FieldClass.INTERNAL, FieldClass.PERSONAL, FieldClass.SENSITIVE})
# What a grant under a condition keeps back of the rows that it shows. Other conditions are for commands to look at.
HIDDEN_BY: Mapping[str, frozenset[FieldClass]] = {
    "names": _ALL_BUT_PUBLIC,
    "index": _ALL_BUT_PUBLIC,
    "reporter_hidden": frozenset({FieldClass.PERSONAL}),
    "as_reporter": frozenset({FieldClass.SENSITIVE}),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller sees: nothing ever, everything (no condition), or what meets a condition."""

    is_forbidden: bool = False
    condition: ColumnElement[bool] | None = None


FORBIDDEN = Sight(is_forbidden=True)
EVERYTHING = Sight()


class Sights:
    """The conditions of one caller's grants."""

    def __init__(self, grants: Grants) -> None:
        """Take the caller's grants; only what is in their outline shapes a condition."""
        self._grants = grants
        self._tenant_kind = grants.tenant.kind if grants.tenant else None
        # The permissions that were looked up: nothing of any other one shapes a condition.
        self.asked: set[str] = set()

    def is_forbidden(self, source: Source) -> bool:
        """Tell whether the caller can see no row of a source whatever."""
        return source.permission is not None and not self._granted(source)

    def of_row(self, source: Source, row: Row) -> Sight:
        """Tell which rows of a source the caller sees."""
        if source.permission is None:
            return EVERYTHING
        if self.is_forbidden(source):
            return FORBIDDEN
        grants = self._without_inner(_widest(self._granted(source), source), row)
        alternatives = [self._rows(grant, source, row, outlines=True) for grant in grants]
        if source.public is not None:
            alternatives.append(source.public(row))
        sight = _any_of(alternatives)
        if source.reserved is None:
            return sight
        open_to_all = not_(source.reserved.which(row))
        return Sight(condition=_all_of(sight.condition, or_(open_to_all, self._let_in(source, source.reserved, row))))

    def _of(self, permission: str) -> tuple[Grant, ...]:
        self.asked.add(permission)
        return self._grants.of(permission)

    def _granted(self, source: Source) -> tuple[Grant, ...]:
        grants = self._of(source.permission or "")
        return tuple(grant for grant in grants if grant.condition not in source.never_under)

    def _let_in(self, source: Source, reserved: Reserved, row: Row) -> ColumnElement[bool]:
        """Ask of a reserved row that it is the caller's own, or seen through another source; never from above."""
        sights = [self.of_row(other, row) for other in reserved.shown_by]
        shown = [true() if sight.condition is None else sight.condition for sight in sights if not sight.is_forbidden]
        here = None if source.tenant is None else source.tenant(row) == ACTING_TENANT
        return _all_of(here, or_(reserved.own(row), *shown))

    def of_field(
        self,
        source: Source,
        row: Row,
        permission: str | None,
        *,
        field_class: FieldClass = FieldClass.INTERNAL,
        of_subtree: bool = False,
    ) -> Sight:
        """Tell on which of the rows that are seen a field that is not public is seen, too."""
        asked = permission or source.permission
        if asked is None:
            return EVERYTHING
        granted = self._granted(source) if asked == source.permission else self._of(asked)
        grants = tuple(grant for grant in granted if _may_show(grant, source, field_class))
        if of_subtree:
            grants = tuple(grant for grant in grants if grant.tenants == "subtree")
        if not grants:
            return FORBIDDEN
        if asked == source.permission and self._is_covered(source, grants):
            return EVERYTHING
        return _any_of([self._rows(grant, source, row, outlines=False) for grant in _widest(grants, source)])

    def _is_covered(self, source: Source, grants: tuple[Grant, ...]) -> bool:
        """Tell whether whoever sees the row sees its internal fields."""
        everybody = self._granted(source)
        return source.public is None and source.touches is None and len(grants) == len(everybody)

    def _rows(self, grant: Grant, source: Source, row: Row, *, outlines: bool) -> ColumnElement[bool] | None:
        if grant.tenants == "served":
            served: Any = source.served
            return false() if served is None else served(row, self._binds(grant.permission))
        reach = self._reach(grant, source, row)
        if source.conditions and grant.condition:
            meets = source.conditions.get(grant.condition)
            reach = _all_of(reach, false() if meets is None else meets(row, self._binds(grant.permission)))
        if grant.rows == "all":
            return reach
        return _all_of(reach, self._scope(grant.permission, source, row, outlines=outlines))

    def _reach(self, grant: Grant, source: Source, row: Row) -> ColumnElement[bool] | None:
        if source.tenant is None:
            return None
        office = self._office_column(row) if grant.tenants == "subtree" else None
        if office is not None:
            return office == ACTING_TENANT  # type: ignore[no-any-return]
        return source.tenant(row) == ACTING_TENANT  # type: ignore[no-any-return]

    def _office_column(self, row: Row) -> Any:
        return row.c.get(f"{self._tenant_kind}_id") if self._tenant_kind in ("street", "district") else None

    def _without_inner(self, grants: list[Grant], row: Row) -> list[Grant]:
        """Leave an office with its whole subtree alone: what is its own or handed up to it lies inside.

        One condition is one index, where an "or" of them is none.
        """
        whole = [grant for grant in grants if (grant.tenants, grant.rows) == ("subtree", "all")]
        return whole if whole and self._office_column(row) is not None else grants

    def _scope(self, permission: str, source: Source, row: Row, *, outlines: bool) -> ColumnElement[bool]:
        binds = self._binds(permission)
        tests: list[Any] = [source.within] + ([source.touches] if outlines else [])
        return or_(false(), *(test(row, binds) for test in tests if test is not None))

    def _binds(self, permission: str) -> ScopeBinds:
        self.asked.add(permission)
        scope = self._grants.scopes.get(permission)
        return ScopeBinds(permission, frozenset(name for name in SCOPE_LISTS if scope and getattr(scope, name)))


def _may_show(grant: Grant, source: Source, field_class: FieldClass) -> bool:
    if field_class in HIDDEN_BY.get(grant.condition, ()):
        return False
    if grant.tenants == "served":
        return source.served is not None
    return grant.rows == "all" or source.within is not None


def _widest(grants: tuple[Grant, ...], source: Source) -> list[Grant]:
    """Leave out the grants that another one includes, in a settled order."""
    asked = {grant: grant.condition if source.conditions else "" for grant in grants}
    everywhere = {grant.tenants for grant in grants if grant.rows == "all" and not asked[grant]}
    kept = {
        (grant.tenants, grant.rows, asked[grant]): grant
        for grant in grants
        if (grant.rows == "all" and not asked[grant]) or grant.tenants not in everywhere
    }
    return [kept[key] for key in sorted(kept)]


def _all_of(*conditions: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return and_(*(condition for condition in conditions if condition is not None))


def _any_of(alternatives: list[ColumnElement[bool] | None]) -> Sight:
    asked = [alternative for alternative in alternatives if alternative is not None]
    if len(asked) < len(alternatives):
        return EVERYTHING
    return Sight(condition=or_(*asked))
