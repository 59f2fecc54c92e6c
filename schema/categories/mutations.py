"""How do clients change the categories?"""

from __future__ import annotations

import strawberry

from schema.categories.marks import CaseMarkKind, CaseMarkSide
from schema.categories.types import CaseCategoryType
from schema.categories.units import LimitUnit
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, written
from services.categories.commands import retire_case_category, set_case_category
from services.categories.rules import Terms
from services.supervision.limits import set_category_marks
from services.supervision.rules import Limit


@strawberry.input(name="CaseLimitInput", description="办理时限: how long handling may take.")
class CaseLimitInput:
    """A time limit."""

    amount: int
    unit: LimitUnit
    basis: str | None = strawberry.field(default=None, description="依据: where the figure comes from.")


@strawberry.input(name="CategoryMarkInput", description="预警规则: one of them.")
class CategoryMarkInput:
    """A limit."""

    mark: CaseMarkKind
    side: CaseMarkSide
    amount: int = strawberry.field(description="So long before or after the due time; AFTER takes 0, too.")
    unit: LimitUnit

    def limit(self) -> Limit:
        """Say it in the command's words."""
        return Limit(self.mark.name, self.side.name, self.amount, self.unit.name)


@strawberry.input(name="CaseReferralInput", description="转办电话: whom to call instead; nothing is filed there then.")
class CaseReferralInput:
    """Whom to call instead."""

    name: str
    phone: str


@strawberry.input(name="ExternalCategoryInput", description="外部编码: the same category in another list of them.")
class ExternalCategoryInput:
    """A category elsewhere."""

    system: str = strawberry.field(description="Whose list, for example GB/T 30428.2.")
    code: str | None = None


@strawberry.input(
    name="SetCaseCategoryInput",
    description="设置类别: a category as a whole. What is left out is empty, also where there was something before.",
)
class SetCaseCategoryInput:
    """What a category is to be."""

    code: str = strawberry.field(description="A new one adds a category, one there is changes it.")
    name: str
    parent_code: str | None = strawberry.field(default=None, description="A group in use; without one, at the top.")
    limit: CaseLimitInput | None = strawberry.field(
        default=None, description="With it, cases can be filed here; without it, it groups others."
    )
    is_photo_required: bool = False
    is_evidence_required: bool = False
    filing_condition: str | None = None
    closing_condition: str | None = None
    default_handler_kind: str | None = strawberry.field(
        default=None, description="A kind of body (property_company, department …) or the code of a kind of post."
    )
    referral: CaseReferralInput | None = None
    external: ExternalCategoryInput | None = None
    sort: str | None = strawberry.field(default=None, description="Where it stands in its group; without it, by code.")

    def terms(self) -> Terms:
        """Say it in the command's words."""
        limit, referral, external = self.limit, self.referral, self.external
        return Terms(
            code=self.code,
            name=self.name,
            parent_code=self.parent_code,
            limit_amount=limit.amount if limit else None,
            limit_unit=limit.unit.name if limit else None,
            basis=limit.basis if limit else None,
            is_photo_required=self.is_photo_required,
            is_evidence_required=self.is_evidence_required,
            filing_condition=self.filing_condition,
            closing_condition=self.closing_condition,
            default_handler_kind=self.default_handler_kind,
            code_system=external.system if external else None,
            external_code=external.code if external else None,
            referral_name=referral.name if referral else None,
            referral_phone=referral.phone if referral else None,
            sort=self.sort,
        )


@strawberry.type(name="CaseCategoryPayload")
class CaseCategoryPayload(WrittenPayload):
    """The category as it is now, or why not."""

    category: CaseCategoryType | None = written("CaseCategory")


@strawberry.type
class CategoryMutations:
    """What cases are filed under. Due times that were given before stay as they are."""

    @strawberry.mutation(
        description="设置类别: adds a category or changes the one of that code; one that was retired is in use again."
    )
    async def set_case_category(self, info: GatewayInfo, input: SetCaseCategoryInput) -> CaseCategoryPayload:
        """Set a category."""
        return await perform(info, CaseCategoryPayload, lambda work: set_case_category(work, terms=input.terms()))

    @strawberry.mutation(description="停用类别: nothing more is filed under it; the cases that were stay there.")
    async def retire_case_category(self, info: GatewayInfo, code: str) -> CaseCategoryPayload:
        """Retire a category."""
        return await perform(info, CaseCategoryPayload, lambda work: retire_case_category(work, code=code))

    @strawberry.mutation(
        description="设置预警规则: when cases of a category are urged, or turn yellow or red, in place of what was; "
        "without a code, of all categories that say nothing of it. Deadlines that wait stay as they are."
    )
    async def set_category_marks(
        self, info: GatewayInfo, marks: list[CategoryMarkInput], basis: str, category_code: str | None = None
    ) -> CaseCategoryPayload:
        """Set the marks."""
        limits = [mark.limit() for mark in marks]
        return await perform(
            info,
            CaseCategoryPayload,
            lambda work: set_category_marks(work, code=category_code, limits=limits, basis=basis),
        )
