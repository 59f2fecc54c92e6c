"""What does a workbook contain? Run as a process of its own, so that a hostile file harms nothing but itself.

Workbook bytes come in by stdin; one JSON line a sheet goes out by stdout. A refusal is exit code 3 and one
word on stderr. The library allocates a dense block between the first and the last cell of a sheet and aborts
the process when memory runs out, so no check inside the gateway's own process could bound it: the limits of
the operating system do. This file is started by its path and imports nothing of ours.
"""

from __future__ import annotations

import io
import resource
import sys
import zipfile
from typing import NoReturn

MIB = 1 << 20
MEMORY_BYTES = 320 * MIB
CPU_SECONDS = 20
ENTRY_LIMIT = 2_000
UNPACKED_LIMIT = 200 * MIB
SHARED_STRINGS_LIMIT = 64 * MIB
# Sheet XML rarely shrinks by more than 40 times; small entries are left out, since they may.
RATIO_LIMIT = 150
RATIO_FLOOR = 4 * MIB
SHEET_LIMIT = 200
# In all sheets together: twice the largest roster there is to be.
ROW_LIMIT = 120_000
COLUMN_LIMIT = 256
CELL_LIMIT = 1_500_000
MERGE_LIMIT = 100_000
OUTPUT_LIMIT = 48 * MIB
REFUSED = 3


def refuse(word: str) -> NoReturn:
    """End the process with one word for the parent."""
    sys.stderr.write(word)
    sys.exit(REFUSED)


def check_archive(content: bytes) -> None:
    """Refuse a zip archive by what it declares, before anything in it is unpacked."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        refuse("broken")
    if len(entries) > ENTRY_LIMIT or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        refuse("unpacked")
    if any(entry.flag_bits & 1 for entry in entries):
        refuse("encrypted")
    if not any(entry.filename.replace("\\", "/").lower() == "xl/workbook.xml" for entry in entries):
        refuse("kind")
    for entry in entries:
        if entry.filename.lower().endswith("sharedstrings.xml") and entry.file_size > SHARED_STRINGS_LIMIT:
            refuse("unpacked")
        if entry.file_size > RATIO_FLOOR and entry.file_size > RATIO_LIMIT * max(entry.compress_size, 1):
            refuse("unpacked")


def write_sheets(content: bytes) -> None:
    """Write every sheet as one JSON line: name, whether it is hidden, merged ranges, rows from row 1 on."""
    # Imported here, under the limits.
    import orjson  # noqa: PLC0415
    import python_calamine as calamine  # noqa: PLC0415

    try:
        workbook = calamine.load_workbook(io.BytesIO(content))
        if len(workbook.sheets_metadata) > SHEET_LIMIT:
            refuse("sheets")
        cells = rows_seen = written = 0
        for at, about in enumerate(workbook.sheets_metadata):
            if about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_index(at)
            cells += sheet.total_height * sheet.total_width
            rows_seen += sheet.total_height
            if rows_seen > ROW_LIMIT or sheet.total_width > COLUMN_LIMIT or cells > CELL_LIMIT:
                refuse("cells")
            merged = sheet.merged_cell_ranges or []
            if len(merged) > MERGE_LIMIT:
                refuse("cells")
            is_hidden = about.visible != calamine.SheetVisibleEnum.Visible
            rows = sheet.to_python(skip_empty_area=False)
            line = orjson.dumps([about.name, is_hidden, merged, rows], default=str)
            written += len(line)
            if written > OUTPUT_LIMIT:
                refuse("cells")
            sys.stdout.buffer.write(line + b"\n")
    except calamine.PasswordError:
        refuse("encrypted")
    except (calamine.CalamineError, OSError, ValueError):
        refuse("broken")


def main() -> None:
    """Read a workbook from stdin under limits of memory and processor time."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        content = sys.stdin.buffer.read()
        if content.startswith(b"PK"):
            check_archive(content)
        write_sheets(content)
    except MemoryError:
        refuse("unpacked")


if __name__ == "__main__":
    main()
