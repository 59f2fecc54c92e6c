"""Which files may be uploaded, by whom are they read, and how long are they kept? Pure rules."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta

from services.files.errors import FileNameInvalid, FilePurposeUnknown
from services.files.tables import FILE_PURPOSES
from tenants.grants import Grants

MIB = 1024 * 1024
# As large as a roster may be (services/roster/reading.py).
LARGEST_FILE = 32 * MIB
LONGEST_NAME = 200
MOST_FILES = 20
KEPT_FOR = timedelta(days=7)
# An upload that is not complete by then never will be.
UPLOADED_WITHIN = timedelta(hours=1)

PERMISSIONS = {"ROSTER": "roster:import"}


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody wants to upload, before its content."""

    name: str
    purpose: str = "ROSTER"


def clean_name(name: str) -> str:
    """Give a file's name without the folders that some browsers send.

    Raises FileNameInvalid.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].strip()
    if not last or len(last) > LONGEST_NAME or not last.isprintable():
        raise FileNameInvalid(limit=LONGEST_NAME, field="file")
    return last


def permission_for(purpose: str) -> str:
    """Name the permission that uploading and reading files of a purpose needs.

    Raises FilePurposeUnknown.
    """
    if purpose not in PERMISSIONS:
        raise FilePurposeUnknown(known=", ".join(FILE_PURPOSES), field="purpose")
    return PERMISSIONS[purpose]


def may_read(grants: Grants, *, purpose: str, account_id: uuid.UUID) -> bool:
    """Tell whether a caller may read a file of a purpose that an account uploaded."""
    return account_id == grants.account_id or grants.covers_all(permission_for(purpose))
