"""Is there one span a request, with nothing in it that a client can choose?"""

from __future__ import annotations

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from deploy.tracing import Traced

_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def _client(app: ASGIApp, spans: InMemorySpanExporter) -> httpx.AsyncClient:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return httpx.AsyncClient(transport=httpx.ASGITransport(Traced(app, provider)), base_url="http://gateway")


async def test_joins_the_callers_trace(spans: InMemorySpanExporter) -> None:
    async with _client(PlainTextResponse("data"), spans) as client:
        await client.post("/graphql?secret=1", headers={"traceparent": f"00-{_TRACE}-00f067aa0ba902b7-01"})

    (span,) = spans.get_finished_spans()
    assert span.name == "POST /graphql"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == _TRACE
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
    }


async def test_marks_a_fault_and_names_no_path_of_the_clients(spans: InMemorySpanExporter) -> None:
    async with _client(PlainTextResponse("fault", 500), spans) as client:
        await client.request("BREW", "/made/up")

    (span,) = spans.get_finished_spans()
    assert span.name == "other other"
    assert span.status.status_code is StatusCode.ERROR
