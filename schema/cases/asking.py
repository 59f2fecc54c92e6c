"""How do clients ask for something about a case, and decide what others asked?"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime

import strawberry

from schema.cases.enums import ObjectionBasis
from schema.cases.payloads import CasePayload, named_case, perform_on_case
from schema.cases.requests import CaseExtensionType, DispatchObjectionType, RatesExclusionType
from schema.compiler.values import GlobalIdValue, decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform_shared, written
from services.cases.commands.asking import (
    Decision,
    Objection,
    decide_extension,
    decide_objection,
    decide_rates_exclusion,
    object_to_dispatch,
    request_extension,
    request_rates_exclusion,
)
from services.cases.commands.clock import resume_case, suspend_case
from tenants.work import TenantWork

_OTHERS = "Not by whoever asked. A refusal takes a reason."


@strawberry.type(name="ExtensionPayload")
class ExtensionPayload(WrittenPayload):
    """The request as it is now, or why not."""

    extension: CaseExtensionType | None = written("CaseExtension")


@strawberry.type(name="ObjectionPayload")
class ObjectionPayload(WrittenPayload):
    """The objection as it is now, or why not."""

    objection: DispatchObjectionType | None = written("DispatchObjection")


@strawberry.type(name="RatesExclusionPayload")
class RatesExclusionPayload(WrittenPayload):
    """The request as it is now, or why not."""

    exclusion: RatesExclusionType | None = written("RatesExclusion")


@strawberry.input(name="ObjectToDispatchInput", description="派单异议: why a case is not the receiver's.")
class ObjectToDispatchInput:
    """An objection."""

    basis: ObjectionBasis
    citation: str = strawberry.field(description="The item of the contract, duty list or law, 500 characters at most.")
    reason: str

    def objection(self) -> Objection:
        """Say it in the command's words."""
        return Objection(self.basis.name, self.citation, self.reason)


def _named(request_id: str, prefix: str) -> GlobalIdValue | None:
    found = decode_id(request_id)
    return found if found is not None and found.prefix == prefix else None


def _deciding(
    decide: Callable[..., Awaitable[uuid.UUID]], decision: Decision
) -> Callable[[TenantWork, uuid.UUID], Awaitable[uuid.UUID]]:
    return lambda work, request_id: decide(work, request_id=request_id, decision=decision)


@strawberry.type
class CaseAskingMutations:
    """Asking and deciding."""

    @strawberry.mutation(description="申请延期: asks, as the receiver, for more time.")
    async def request_extension(
        self, info: GatewayInfo, case_id: strawberry.ID, until: datetime, reason: str
    ) -> ExtensionPayload:
        """Ask for more time."""
        return await perform_shared(
            info,
            ExtensionPayload,
            named_case(case_id),
            lambda work, case: request_extension(work, case_id=case, until=until, reason=reason),
        )

    @strawberry.mutation(description=f"延期审核: grants or refuses more time, as the coordinator. {_OTHERS}")
    async def decide_extension(
        self, info: GatewayInfo, extension_id: strawberry.ID, *, is_granted: bool, reason: str | None = None
    ) -> ExtensionPayload:
        """Decide about more time."""
        decide = _deciding(decide_extension, Decision(is_granted, reason))
        return await perform_shared(info, ExtensionPayload, _named(extension_id, "ext"), decide)

    @strawberry.mutation(description="派单异议: objects, as the receiver, who goes on answering until it is decided.")
    async def object_to_dispatch(
        self, info: GatewayInfo, case_id: strawberry.ID, input: ObjectToDispatchInput
    ) -> ObjectionPayload:
        """Object."""
        return await perform_shared(
            info,
            ObjectionPayload,
            named_case(case_id),
            lambda work, case: object_to_dispatch(work, case_id=case, objection=input.objection()),
        )

    @strawberry.mutation(
        description=f"异议审核: upholds an objection, so that the case comes back, or refuses it. {_OTHERS}"
    )
    async def decide_objection(
        self, info: GatewayInfo, objection_id: strawberry.ID, *, is_upheld: bool, reason: str | None = None
    ) -> ObjectionPayload:
        """Decide about an objection."""
        decide = _deciding(decide_objection, Decision(is_upheld, reason))
        return await perform_shared(info, ObjectionPayload, _named(objection_id, "obj"), decide)

    @strawberry.mutation(description="申请剔除: asks that a call-back does not count in rates.")
    async def request_rates_exclusion(
        self, info: GatewayInfo, case_id: strawberry.ID, reason: str
    ) -> RatesExclusionPayload:
        """Ask to leave it out of rates."""
        return await perform_shared(
            info,
            RatesExclusionPayload,
            named_case(case_id),
            lambda work, case: request_rates_exclusion(work, case_id=case, reason=reason),
        )

    @strawberry.mutation(description=f"剔除审核: approves that a call-back does not count, or not. {_OTHERS}")
    async def decide_rates_exclusion(
        self, info: GatewayInfo, exclusion_id: strawberry.ID, *, is_granted: bool, reason: str | None = None
    ) -> RatesExclusionPayload:
        """Decide whether it counts."""
        decide = _deciding(decide_rates_exclusion, Decision(is_granted, reason))
        return await perform_shared(info, RatesExclusionPayload, _named(exclusion_id, "rex"), decide)

    @strawberry.mutation(
        description="暂停计时: stops the clock for a recorded reason until an instant, when it runs again by itself. "
        "The reporter reads the reason."
    )
    async def suspend_case(
        self, info: GatewayInfo, case_id: strawberry.ID, reason: str, until: datetime
    ) -> CasePayload:
        """Stop the clock."""
        return await perform_on_case(
            info, case_id, lambda work, case: suspend_case(work, case_id=case, reason=reason, until=until)
        )

    @strawberry.mutation(description="恢复计时: lets the clock run again before that.")
    async def resume_case(self, info: GatewayInfo, case_id: strawberry.ID, note: str | None = None) -> CasePayload:
        """Let the clock run."""
        return await perform_on_case(info, case_id, lambda work, case: resume_case(work, case_id=case, note=note))
