"""Do the commands of a first start work in the order in which deploy/README.md gives them?"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shlex
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from tests.architecture.sources import ROOT
from tests.fixtures.database import Database
from tests.tokens import TestIssuer

_DEMO = ROOT / "deploy" / "demo"
_ISSUER = "https://sso.example.gov"
# These do not end by themselves.
_RUNNING = {"jinlin serve": None, "jinlin worker": "jinlin worker --once"}


def _written() -> tuple[list[str], str]:
    """Read the commands, and the list of posts among them."""
    text = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    section = text.partition("## The first start in production\n")[2].partition("\n## ")[0]
    (commands,) = re.findall(r"^```sh\n(jinlin .*?)^```", section, re.DOTALL | re.MULTILINE)
    (posts,) = re.findall(r"^```csv\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    return commands.splitlines(), posts


@pytest.fixture
async def production(
    new_empty_database: Callable[[], Awaitable[Database]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Database:
    """An empty database, and the settings and files that the commands name."""
    database = await new_empty_database()
    issuer = TestIssuer(name=_ISSUER)
    trusted: dict[str, object] = {"issuer": _ISSUER, "audience": "jinlin", "algorithms": ["EdDSA"]}
    trusted |= {"keys": issuer.jwks(), "tenants": ["*"], "position_kinds": ["*"]}
    (tmp_path / "issuers.json").write_text(json.dumps({"issuers": [trusted]}))
    (tmp_path / "posts.csv").write_text(_written()[1], encoding="utf-8")
    shutil.copy(_DEMO / "divisions_demo.csv", tmp_path / "divisions.csv")
    shutil.copy(_DEMO / "rosters" / "qingcheng.xlsx", tmp_path / "roster.xlsx")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JINLIN_OWNER_URL", database.owner_url)
    monkeypatch.setenv("JINLIN_DATABASE_URL", database.gateway_url)
    monkeypatch.setenv("JINLIN_WORKER_URL", database.worker_url)
    monkeypatch.setenv("JINLIN_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    monkeypatch.setenv("JINLIN_ISSUERS", "issuers.json")
    return database


@pytest.mark.usefixtures("production")
async def test_leads_from_an_empty_database_to_the_first_administrator() -> None:
    told = {}
    for command in _written()[0]:
        line = _RUNNING.get(command, command)
        if line is None:
            continue
        ended = await asyncio.to_thread(CliRunner().invoke, app, shlex.split(line)[1:])
        assert ended.exit_code == 0, (line, ended.output, ended.exception)
        # Towards the end of each year nobody knows the next one's holidays.
        warned = [text for text in ended.stderr.splitlines() if "warning" in text and "working calendar" not in text]
        assert warned == [], line
        told[" ".join(shlex.split(line)[1:3])] = ended.stdout

    assert told["import roster"].splitlines()[-1].startswith("3773 rows read; created ")
    assert told["import positions"] == "3 posts given, 0 unchanged\n"
    assert "batches of the audit log chained" in told["worker --once"]
