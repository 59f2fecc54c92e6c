"""Who of the tenant's people called?"""

from __future__ import annotations

import uuid

from services.people.commands import find_or_add_person
from services.tickets.queries import people_by_phone
from services.tickets.rules import IMPORT, Caller
from tenants.audit.recording import AuditEntry
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork


async def find_or_add_caller(work: TenantWork, *, caller: Caller, sealer: TenantSealer) -> uuid.UUID:
    """Find whoever has the number and the name, or add them, sealed; the audit log tells of who was added.

    Who is called 张先生 or nothing at all is the only person that has the number, if there is just one.
    """
    if caller.phone is not None:
        index = sealer.index(caller.phone, purpose=Purpose.PHONE)
        known = (await work.session.execute(people_by_phone(work.tenant.id, phone_index=index))).all()
        name_index = sealer.index(caller.name, purpose=Purpose.NAME)
        fitting = [row.id for row in known if row.name_index == name_index]
        if not fitting and not caller.is_named and len(known) == 1:
            fitting = [known[0].id]
        if fitting:
            found: uuid.UUID = fitting[0]
            return found
    person = await find_or_add_person(work, name=caller.name, phone=caller.phone, sealer=sealer)
    await work.record(AuditEntry(IMPORT, "Person", person.id))
    return person.id
