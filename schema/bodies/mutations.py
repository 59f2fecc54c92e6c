"""What may clients add to the directory of organisations?"""

from __future__ import annotations

import strawberry

from schema.bodies.directory import BodyKind
from schema.bodies.sources import BODY
from schema.bodies.types import BodyInterface
from schema.compiler.values import decode_id
from schema.context import GatewayInfo
from schema.mutation import WrittenPayload, perform, place_row_id, written
from services.bodies.directory import NewBody, add_body
from tenants.errors import NotFound
from tenants.work import TenantWork


@strawberry.input(name="AddBodyInput", description="登记组织: an organisation whose home is the tenant acted in.")
class AddBodyInput:
    """A new organisation."""

    kind: BodyKind
    name: str
    level: str | None = strawberry.field(
        default=None, description="Of a Party organisation: 党工委, 党委, 党总支, 党支部 or 党小组."
    )
    credit_code: str | None = strawberry.field(default=None, description="统一社会信用代码")
    place_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where it is at home; an owners' committee needs its estate."
    )
    parent_id: strawberry.ID | None = strawberry.field(default=None, description="The Party organisation above it.")

    def body(self, work: TenantWork) -> NewBody:
        """Say it in the command's words."""
        parent = None if self.parent_id is None else decode_id(self.parent_id)
        if self.parent_id is not None and (parent is None or parent.prefix != "pty"):
            raise NotFound(field="parentId")
        return NewBody(
            kind=self.kind.name.lower(),
            name=self.name,
            level=self.level,
            credit_code=self.credit_code,
            place_id=None if self.place_id is None else place_row_id(self.place_id, work),
            parent_id=parent.row_id if parent else None,
        )


@strawberry.type(name="AddBodyPayload")
class AddBodyPayload(WrittenPayload):
    """The organisation added, or why not."""

    body: BodyInterface | None = written(*BODY.types.values())


@strawberry.type
class BodyMutations:
    """The directory."""

    @strawberry.mutation(description="登记组织: adds an organisation to the directory that all tenants share.")
    async def add_body(self, info: GatewayInfo, input: AddBodyInput) -> AddBodyPayload:
        """Add a body."""
        payload = await perform(info, AddBodyPayload, lambda work: add_body(work, new=input.body(work)))
        payload.type_name = BODY.types[input.kind.name.lower()]
        return payload
