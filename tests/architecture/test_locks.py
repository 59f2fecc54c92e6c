"""Do the lock files fix every package, and say nothing about where to get it?"""

from __future__ import annotations

import json
import re
from operator import attrgetter
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

_LOCKS = sorted((ROOT / "deploy" / "requirements").glob("*.txt"))
_WEB_LOCK = ROOT / "deploy" / "web" / "package-lock.json"


@pytest.mark.parametrize("lock", _LOCKS, ids=attrgetter("stem"))
def test_pins_versions_and_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()

    pins = re.findall(r"^[a-z0-9._-]+==[^ ]+ \\\n    --hash=sha256:", text, flags=re.MULTILINE)

    assert len(pins) == text.count("==")
    assert "://" not in text
    assert not re.search(r"^ *(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)


def test_pins_the_page_without_addresses() -> None:
    packages = json.loads(_WEB_LOCK.read_text())["packages"]

    del packages[""]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
