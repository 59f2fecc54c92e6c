"""How does a test have something exported, and read the file?"""

from __future__ import annotations

import asyncio
import csv
import io
import json
from dataclasses import dataclass
from typing import Any

import openpyxl

from tests.fixtures.demo import Demo

_SHOWN = """id title what columns format status isPersonal reason requestedBy requestedAs decision rowCount totalCount
  fault url expiresAt"""
_REQUEST = f"""mutation($input: RequestExportInput!, $key: String) {{
  requestExport(input: $input, idempotencyKey: $key) {{ export {{ {_SHOWN} }} errors {{ code message field }} }} }}"""
_DECIDE = f"""mutation($id: ID!, $isGranted: Boolean!, $reason: String) {{
  decideExport(exportId: $id, isGranted: $isGranted, reason: $reason) {{
    export {{ {_SHOWN} }} errors {{ code message field }} }} }}"""
_LIST = f"query($filter: ExportFilter) {{ exports(filter: $filter, first: 100) {{ nodes {{ {_SHOWN} }} }} }}"
_BY_ID = f"query($id: ID!) {{ node(id: $id) {{ ... on Export {{ {_SHOWN} }} }} }}"
Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exporting:
    """An account of the demo that has things exported."""

    demo: Demo
    account: str

    async def send(self, query: str, variables: object = None, **given: object) -> Payload:
        """Ask for an export and give the payload."""
        key = given.pop("key", None)
        told = {"query": query, "variables": json.dumps(variables or {}), "format": "CSV", **given}
        return await self._payload(_REQUEST, input=told, key=key)

    async def request(self, query: str, variables: object = None, **given: object) -> Payload:
        """Ask for an export, which is taken on."""
        payload = await self.send(query, variables, **given)
        assert payload["errors"] == [], payload
        export: Payload = payload["export"]
        return export

    async def refused(self, query: str, variables: object = None, **given: object) -> str:
        """Ask for an export, which is refused; give the code."""
        payload = await self.send(query, variables, **given)
        assert payload["export"] is None, payload
        (error,) = payload["errors"]
        return str(error["code"])

    async def decide(self, export_id: str, *, is_granted: bool, reason: str | None = None) -> Payload:
        """Decide on an export and give the payload."""
        return await self._payload(_DECIDE, id=export_id, isGranted=is_granted, reason=reason)

    async def listed(self, **conditions: object) -> list[Payload]:
        """List the exports that are seen."""
        answer = (await self.demo.ask(self.account, _LIST, {"filter": conditions})).json()
        nodes: list[Payload] = answer["data"]["exports"]["nodes"]
        return nodes

    async def find(self, export_id: str) -> Payload | None:
        """Find an export by its id."""
        found: Payload | None = (await self.demo.ask(self.account, _BY_ID, {"id": export_id})).json()["data"]["node"]
        return found

    async def until_ended(self, export_id: str) -> Payload:
        """Wait until it is made, or has come to nothing."""
        for _ in range(200):
            found = await self.find(export_id)
            assert found is not None
            if found["status"] not in ("APPROVED", "RUNNING"):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(export_id)

    async def status_of(self, url: str) -> int:
        """Fetch a file and give the status of the answer."""
        return (await self.demo.fetch(self.account, url)).status_code

    async def table(self, export: Payload) -> tuple[list[list[Any]], list[list[Any]]]:
        """Fetch a file and read it: what stands above the table, and the table with its headers."""
        answer = await self.demo.fetch(self.account, export["url"])
        assert answer.status_code == 200, answer.text
        rows = _csv(answer.content) if export["format"] == "CSV" else _xlsx(answer.content)
        empty = next(at for at, row in enumerate(rows) if not any(row))
        return rows[:empty], rows[empty + 1 :]

    async def _payload(self, document: str, **variables: object) -> Payload:
        answer = await self.demo.ask(self.account, document, variables)
        assert answer.status_code == 200, answer.text
        (payload,) = answer.json()["data"].values()
        found: Payload = payload
        return found


def _csv(content: bytes) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _xlsx(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active is not None
    return [list(row) for row in book.active.iter_rows(values_only=True)]
