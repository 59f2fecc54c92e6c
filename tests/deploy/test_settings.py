"""Are settings read as they are given, and wrong ones told so that they can be mended?"""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.settings import SettingsError, read_settings, sqlalchemy_url


def test_needs_nothing_for_the_demo() -> None:
    settings = read_settings({})

    assert (settings.host, settings.port, settings.is_production) == ("127.0.0.1", 8000, False)


def test_reads_what_production_says(tmp_path: Path) -> None:
    issuers = tmp_path / "issuers.json"
    issuers.write_text("[]")

    settings = read_settings(
        {
            "JINLIN_OWNER_URL": "postgresql://jinlin_owner:x@db/jinlin",
            "JINLIN_DATABASE_URL": "postgresql://jinlin_gateway:x@db/jinlin",
            "JINLIN_PORT": "8080",
            "JINLIN_ISSUERS": str(issuers),
        }
    )

    assert settings.is_production
    assert settings.need_owner_url() == "postgresql://jinlin_owner:x@db/jinlin"
    assert settings.port == 8080
    assert settings.issuers_file == issuers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JINLIN_PORT", "none"),
        ("JINLIN_PORT", "70000"),
        ("JINLIN_DATABASE_URL", "mysql://x@y/z"),
        ("JINLIN_DATABASE_URL", "postgresql://secret-password@db"),
        ("JINLIN_DATABASE_URL", "not an address"),
        ("JINLIN_DATABASE_URL", "postgresql://x:secret@y/z?sslrootcert=/etc/ca.pem"),
        ("JINLIN_ISSUERS", "/no/such/file"),
        ("JINLIN_DUE_TICK", "0"),
        ("JINLIN_DUE_TICK", "nan"),
        ("JINLIN_DUE_TICK", "soon"),
        ("JINLIN_WEBHOOKS_INSIDE", "1"),
    ],
)
def test_names_the_setting_that_cannot_be_used(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refusal:
        read_settings({name: value})

    assert "secret" not in str(refusal.value)


def test_gives_sqlalchemy_the_address_as_the_driver_takes_it() -> None:
    url = "postgresql://jinlin_owner:p%40s%2Fs%25@/jinlin?host=%2Frun%2Fpostgresql&port=5433&sslmode=require"

    read_settings({"JINLIN_OWNER_URL": url})
    given = sqlalchemy_url(url)

    assert given.password == "p@s/s%"
    assert dict(given.query) == {"host": "/run/postgresql", "port": "5433", "ssl": "require"}


def test_says_what_to_do_where_no_database_is_named() -> None:
    with pytest.raises(SettingsError, match="make demo"):
        read_settings({}).need_owner_url()


def test_lets_webhooks_go_into_private_networks_only_where_it_is_said() -> None:
    told = read_settings({"JINLIN_WEBHOOKS_INSIDE": "yes", "JINLIN_DUE_TICK": "2.5"})

    assert (told.may_call_inside, told.due_tick) == (True, 2.5)
    assert (read_settings({}).may_call_inside, read_settings({}).due_tick) == (False, 1.0)
