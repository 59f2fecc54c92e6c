"""How do clients come by a resident's name and phone number in plain text? With a purpose, and on the record."""

from __future__ import annotations

import uuid
from enum import Enum

import strawberry

from schema.compiler.values import GlobalIdValue, decode_id
from schema.context import GatewayInfo
from schema.mutation import UserErrorType, run_each_time, sealer_for, tenant_elsewhere, user_error
from services.cases.contacts import reporters_in_reach
from services.people.contacts import Contact, RevealReason, reveal_contact
from services.people.contacts import RevealPurpose as Purpose
from tenants.errors import NotFound, Refused, TenantUnknown
from tenants.work import TenantWork


@strawberry.enum(name="RevealPurpose", description="用途: what a contact is needed for.")
class RevealPurpose(Enum):
    """What a contact is needed for."""

    CASE_HANDLING = strawberry.enum_value("CASE_HANDLING", description="办理诉求: to settle a case.")
    CASE_CALL_BACK = strawberry.enum_value("CASE_CALL_BACK", description="回访: to ask how a case was settled.")
    VISIT = strawberry.enum_value("VISIT", description="走访: to arrange or make a visit.")
    NOTICE = strawberry.enum_value("NOTICE", description="通知: to tell something that concerns the resident.")
    VERIFICATION = strawberry.enum_value("VERIFICATION", description="核实信息: to check what the register says.")
    EMERGENCY = strawberry.enum_value("EMERGENCY", description="应急: danger to people or property.")
    OTHER = strawberry.enum_value("OTHER", description="其他: anything else; the note has to say what.")


@strawberry.type(name="Contact", description="联系方式: in plain text. Do not store it.")
class ContactType:
    """A name and a phone number in plain text."""

    name: str
    phone: str | None = strawberry.field(description="Null when none is known.")


@strawberry.type(name="RevealContactPayload")
class RevealContactPayload:
    """The contact, or why not."""

    contact: ContactType | None
    errors: list[UserErrorType]


@strawberry.type
class ContactMutations:
    """The way to plain text."""

    @strawberry.mutation(
        description="查看联系方式: name and phone in plain text, for whoever's post allows it; always in the audit log."
    )
    async def reveal_contact(
        self, info: GatewayInfo, person_id: strawberry.ID, purpose: RevealPurpose, note: str | None = None
    ) -> RevealContactPayload:
        """Reveal a contact."""
        reason = RevealReason(Purpose[purpose.name], note)
        elsewhere = tenant_elsewhere(info.context.grants, _named(person_id))
        try:
            sealer = await sealer_for(info.context, tenant_id=elsewhere)

            async def reveal(work: TenantWork) -> Contact:
                also = await reporters_in_reach(work, purpose=reason.purpose)
                person = _person_of(person_id, work)
                return await reveal_contact(work, person_id=person, reason=reason, sealer=sealer, also=also)

            contact = await run_each_time(info.context, reveal, tenant_id=elsewhere)
        except TenantUnknown:
            return RevealContactPayload(contact=None, errors=[user_error(NotFound(), info.context.language)])
        except Refused as refused:
            return RevealContactPayload(contact=None, errors=[user_error(refused, info.context.language)])
        return RevealContactPayload(contact=ContactType(name=contact.name, phone=contact.phone), errors=[])


def _named(global_id: str) -> GlobalIdValue | None:
    found = decode_id(global_id)
    return found if found is not None and found.prefix == "per" else None


def _person_of(global_id: str, work: TenantWork) -> uuid.UUID | None:
    # An id that names no person of this tenant is refused by the command, so that the attempt is recorded.
    found = _named(global_id)
    return found.row_id if found is not None and found.tenant_id == work.tenant.id else None
