"""Does every command explain itself, and tell a fault that the user can mend in a sentence?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from deploy.cli import app
from deploy.cli.faults import explain
from deploy.settings import SettingsError
from tenants.errors import NotFound


def _commands(group: typer.core.TyperGroup, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if isinstance(command, typer.core.TyperGroup):
            yield from _commands(command, (*path, name))


def _every_command() -> list[tuple[str, ...]]:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return [(), *_commands(group, ())]


@pytest.mark.parametrize("command", _every_command(), ids=" ".join)
def test_explains_itself(command: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*command, "--help"], prog_name="jinlin")

    assert shown.exit_code == 0
    assert "Usage: jinlin" in shown.output


def test_tells_what_the_user_can_mend() -> None:
    refusal = NotFound()
    wrapped = RuntimeError("outer")
    wrapped.__cause__ = SettingsError("Set it.")

    assert explain(wrapped) == "Set it."
    assert refusal.text("zh") in (explain(refusal) or "")
    assert refusal.text("en") in (explain(refusal) or "")


def test_leaves_a_bug_its_traceback() -> None:
    assert explain(ZeroDivisionError("division by zero")) is None
