"""How does anybody get the GraphQL schema as text?"""

from __future__ import annotations

import typer

app = typer.Typer(help="The GraphQL schema.", no_args_is_help=True)


@app.callback()
def _schema() -> None:
    """Keep `print` a command of its own, though it is the only one."""


@app.command("print")
def print_schema() -> None:
    """Print the schema as SDL, as schema/schema.graphql holds it."""
    from schema.root import build_schema

    typer.echo(build_schema().as_str())
