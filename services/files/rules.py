"""Which files may be uploaded, by whom are they read, and how long are they kept? Pure rules."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta

from services.files.errors import FileNameInvalid, FilePurposeUnknown
from services.files.tables import FILE_PURPOSES
from tenants.errors import Forbidden
from tenants.grants import Grants

MIB = 1024 * 1024
ROSTER, CASE, TICKETS, EXPORT = FILE_PURPOSES
# A roster as large as it may be (services/roster/reading.py); a photo as phones make them.
LARGEST_FILES = {ROSTER: 32 * MIB, CASE: 20 * MIB, TICKETS: 32 * MIB}
LARGEST_FILE = max(LARGEST_FILES.values())
LONGEST_NAME = 200
MOST_FILES = 20
KEPT_FOR = timedelta(days=7)
# An upload that is not complete by then never will be.
UPLOADED_WITHIN = timedelta(hours=1)

# Any of which lets upload; what is exported is made here and never uploaded.
PERMISSIONS = {ROSTER: ("roster:import",), CASE: ("case:report", "case:handle"), TICKETS: ("ticket:import",)}


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


def check_purpose(purpose: str) -> str:
    """Give a purpose that files are uploaded for. Raises FilePurposeUnknown."""
    if purpose not in PERMISSIONS:
        raise FilePurposeUnknown(known=", ".join(PERMISSIONS), field="purpose")
    return purpose


def check_may_upload(grants: Grants, purpose: str) -> None:
    """Go on only with who may upload files of a purpose. Raises Forbidden, FilePurposeUnknown."""
    permissions = PERMISSIONS[check_purpose(purpose)]
    if not any(grants.may(permission) for permission in permissions):
        raise Forbidden(permission=permissions[0])


def may_read(grants: Grants, *, purpose: str, account_id: uuid.UUID) -> bool:
    """Tell whether a caller may read a file of a purpose that an account of the tenant uploaded.

    What is uploaded for a case is the uploader's alone until it is with the case, whose readers then decide; of what
    was exported, the export.
    """
    if grants.served_from is not None:
        return False
    if account_id == grants.account_id:
        return True
    return purpose != CASE and any(grants.covers_all(permission) for permission in PERMISSIONS.get(purpose, ()))
