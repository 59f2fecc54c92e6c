"""How does somebody become known to a tenant, once and not twice?"""

from __future__ import annotations

import uuid

from sqlalchemy import select

from services.people.reach import is_in_reach
from services.people.rules import check_name, check_phone
from services.people.tables import Person
from tenants.errors import NotFound
from tenants.sealing.values import Purpose, TenantSealer
from tenants.work import TenantWork


async def find_or_add_person(work: TenantWork, *, name: str, phone: str | None, sealer: TenantSealer) -> Person:
    """Find whoever has the name and the phone number, or add them; without a number they are somebody new.

    Raises NameInvalid, PhoneInvalid.
    """
    check_name(name)
    if phone is not None:
        check_phone(phone)
        known = await _find_person(work, name=name, phone=phone, sealer=sealer)
        if known is None:
            await work.take_turn("person")
            known = await _find_person(work, name=name, phone=phone, sealer=sealer)
        if known is not None:
            return known
    person = Person(tenant_id=work.tenant.id, id=work.new_id())
    person.name_sealed, person.name_masked, person.name_index = sealer.seal_text(name, purpose=Purpose.NAME)
    if phone is not None:
        sealed = sealer.seal_text(phone, purpose=Purpose.PHONE)
        person.phone_sealed, person.phone_masked, person.phone_index = sealed
    work.session.add(person)
    await work.session.flush()
    return person


async def _find_person(work: TenantWork, *, name: str, phone: str, sealer: TenantSealer) -> Person | None:
    return await work.session.scalar(
        select(Person)
        .where(
            Person.tenant_id == work.tenant.id,
            Person.name_index == sealer.index(name, purpose=Purpose.NAME),
            Person.phone_index == sealer.index(phone, purpose=Purpose.PHONE),
        )
        .order_by(Person.id)
        .limit(1)
    )


async def lock_known_person(work: TenantWork, *, person_id: uuid.UUID) -> Person:
    """Get a person whom the caller may see, as `lock_person` does. Raises NotFound."""
    reach = is_in_reach(work, permission="resident:read")
    mine = (Person.tenant_id == work.tenant.id, Person.id == person_id)
    if reach is None or await work.session.scalar(select(Person.id).where(*mine, reach)) is None:
        raise NotFound(field="personId")
    return await lock_person(work, person_id=person_id)


async def lock_person(work: TenantWork, *, person_id: uuid.UUID) -> Person:
    """Get a person, so that two changes of what hangs on them wait for each other. Raises NotFound."""
    person = await work.session.scalar(
        select(Person).where(Person.tenant_id == work.tenant.id, Person.id == person_id).with_for_update(key_share=True)
    )
    if person is None:
        raise NotFound(field="personId")
    return person
