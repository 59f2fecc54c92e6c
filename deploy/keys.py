"""Where does a command line get the master key that tenants' data keys are wrapped with?"""

from __future__ import annotations

from deploy.settings import Settings, SettingsError
from tenants.sealing.master_key import KeyService, ensure_master_key_file, read_master_keys


def open_key_service(settings: Settings, *, is_demo: bool) -> KeyService:
    """Take JINLIN_MASTER_KEY or, for the demo alone, the key of its own. Raises SettingsError, MasterKeyError."""
    if settings.master_key is not None:
        return read_master_keys(settings.master_key)
    if is_demo:
        return ensure_master_key_file(settings.home / "master.key")
    raise SettingsError("JINLIN_MASTER_KEY is not set. Make a key with: openssl rand -base64 32")
