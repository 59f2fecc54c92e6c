"""What can be said to `jinlin` on the command line?"""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer

from deploy.cli import audit, bench, demo, imports, migrate, rollup, schema, serve, simulate, tenant, token, worker
from deploy.cli.faults import telling
from deploy.garbage import look_seldom

app = typer.Typer(
    help="Jinlin 近邻: a multi-tenant GraphQL gateway for neighbourhoods and the offices above them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(serve.serve)
app.command()(migrate.migrate)
app.command()(demo.demo)
app.command("demo-reset")(demo.demo_reset)
app.add_typer(tenant.app, name="tenant")
app.add_typer(imports.app, name="import")
app.add_typer(audit.app, name="audit")
app.add_typer(rollup.app, name="rollup")
app.command()(worker.worker)
app.command()(token.token)
app.command()(simulate.simulate)
app.command()(bench.bench)
app.add_typer(schema.app, name="schema")


def main() -> None:
    """Run a command; what the user can mend is told in a sentence and ends with status 1."""
    # Unwinds what was begun (a server of our own, a progress line) instead of dropping dead.
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    look_seldom()
    with telling():
        app(prog_name="jinlin")


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
