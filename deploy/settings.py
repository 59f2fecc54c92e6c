"""What does the operator say, and what do we tell them when it is missing or wrong?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_PROJECT = Path(__file__).parent.parent
_HIGHEST_PORT = 65535
_SHORTEST_TICK, _LONGEST_TICK = 0.1, 60
# What an address may say behind a question mark, the same to every command.
_PARAMETERS = frozenset({"host", "port", "sslmode"})


class SettingsError(Exception):
    """A setting is missing or cannot be used; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment, read and checked once."""

    # Where the demo keeps its server, its keys and its tokens' key.
    home: Path
    host: str
    port: int
    owner_url: str | None
    database_url: str | None
    worker_url: str | None
    demo_database_url: str | None
    master_key: str | None
    issuers_file: Path | None
    telemetry_endpoint: str | None
    # How late a deadline may fire while a worker runs, in seconds.
    due_tick: float = 1.0
    # Whether tenants' webhooks may lead to private addresses, and by plain http.
    may_call_inside: bool = False

    @property
    def is_production(self) -> bool:
        """Tell whether the operator named a database; otherwise there is only the demo's."""
        return bool(self.owner_url or self.database_url or self.worker_url)

    def need_owner_url(self) -> str:
        """Tell the address for migrations and other owner's work. Raises SettingsError."""
        return _need(self.owner_url, "JINLIN_OWNER_URL", "jinlin_owner")

    def need_database_url(self) -> str:
        """Tell the address that requests are served from. Raises SettingsError."""
        return _need(self.database_url, "JINLIN_DATABASE_URL", "jinlin_gateway")

    def need_worker_url(self) -> str:
        """Tell the address of the worker. Raises SettingsError."""
        return _need(self.worker_url, "JINLIN_WORKER_URL", "jinlin_worker")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment. Raises SettingsError."""
    issuers = environment.get("JINLIN_ISSUERS")
    return Settings(
        home=Path(environment.get("JINLIN_HOME") or _PROJECT / ".local"),
        host=environment.get("JINLIN_HOST") or "127.0.0.1",
        port=_port(environment.get("JINLIN_PORT") or "8000"),
        owner_url=_url(environment, "JINLIN_OWNER_URL"),
        database_url=_url(environment, "JINLIN_DATABASE_URL"),
        worker_url=_url(environment, "JINLIN_WORKER_URL"),
        demo_database_url=_url(environment, "JINLIN_DEMO_DATABASE_URL"),
        master_key=environment.get("JINLIN_MASTER_KEY") or None,
        issuers_file=_file(issuers, "JINLIN_ISSUERS") if issuers else None,
        telemetry_endpoint=environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None,
        due_tick=_seconds(environment.get("JINLIN_DUE_TICK") or "1", "JINLIN_DUE_TICK"),
        may_call_inside=_yes(environment.get("JINLIN_WEBHOOKS_INSIDE") or "no", "JINLIN_WEBHOOKS_INSIDE"),
    )


def sqlalchemy_url(url: str) -> URL:
    """Turn a PostgreSQL address into the one that SQLAlchemy reaches it by."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - `jinlin --help` and a roster's reading go without it.

    given = make_url(url)
    # The driver's own name for what everybody else calls sslmode.
    query = {"ssl" if name == "sslmode" else name: value for name, value in given.query.items()}
    return given.set(drivername="postgresql+asyncpg", query=query)


def _need(url: str | None, name: str, role: str) -> str:
    if url is None:
        raise SettingsError(
            f"{name} is not set. Set it to a PostgreSQL address such as "
            f"postgresql://{role}:PASSWORD@HOST/jinlin (deploy/README.md), "
            "or run `make demo` for a demo that needs no settings."
        )
    return url


def _url(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name)
    if not value:
        return None
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - likewise.
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - likewise.

    try:
        url = make_url(value)
    except ArgumentError:
        url = None
    # The value itself may hold a password, so it is not repeated.
    if url is None or url.drivername not in {"postgresql", "postgres"} or not url.database:
        raise SettingsError(
            f"{name} is not of the form postgresql://USER:PASSWORD@HOST/DATABASE. Write signs such as @, / and % in a "
            "password as %40, %2F and %25."
        )
    if unknown := sorted(set(url.query) - _PARAMETERS):
        raise SettingsError(
            f"{name} has the parameter {', '.join(unknown)}; known are {', '.join(sorted(_PARAMETERS))}. "
            "Certificates are named by PGSSLROOTCERT, PGSSLCERT and PGSSLKEY."
        )
    return value


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _HIGHEST_PORT:
        raise SettingsError(f"JINLIN_PORT is {text!r}: give a number from 1 to {_HIGHEST_PORT}.")
    return int(text)


def _yes(text: str, name: str) -> bool:
    if text not in ("yes", "no"):
        raise SettingsError(f"{name} is {text!r}: say yes or no.")
    return text == "yes"


def _seconds(text: str, name: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not _SHORTEST_TICK <= seconds <= _LONGEST_TICK:
        raise SettingsError(f"{name} is {text!r}: give seconds from {_SHORTEST_TICK} to {_LONGEST_TICK}.")
    return seconds


def _file(text: str, name: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise SettingsError(f"{name} names {text}, which is not a file.")
    return path
