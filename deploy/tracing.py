"""Where did a request's time go? Spans for the collector that OTEL_EXPORTER_OTLP_ENDPOINT names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deploy.telemetry import SERVER_FAULT, method_of, route_of


@contextmanager
def exporting() -> Iterator[TracerProvider]:
    """Send spans to the collector while the block runs, and what is left of them at its end."""
    name = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "jinlin"}
    provider = TracerProvider(resource=Resource.create(name))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield provider
    finally:
        provider.shutdown()


class Traced:
    """Opens one span for every HTTP request of the application inside, as part of the caller's trace."""

    def __init__(self, app: ASGIApp, provider: TracerProvider) -> None:
        self._app = app
        self._tracer = provider.get_tracer("jinlin")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route, method = route_of(scope["path"]), method_of(scope["method"])
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with self._tracer.start_as_current_span(
            f"{method} {route}",
            context=extract(carrier),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": route},
        ) as span:

            async def note_status(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= SERVER_FAULT:
                        span.set_status(Status(StatusCode.ERROR))
                await send(message)

            await self._app(scope, receive, note_status)
