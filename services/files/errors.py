"""Why may a file not be uploaded or not be read?"""

from __future__ import annotations

from tenants.errors import Refused


class FileTooLarge(Refused):
    """A file has its limit."""

    code = "FILE_TOO_LARGE"
    zh = "文件过大：上限为 {limit} MiB"
    en = "The file is too large: the limit is {limit} MiB"


class FileEmpty(Refused):
    """A file has something in it."""

    code = "FILE_EMPTY"
    zh = "文件是空的"
    en = "The file is empty"


class FileNameInvalid(Refused):
    """A file has a printable name."""

    code = "FILE_NAME_INVALID"
    zh = "文件名应为 1 到 {limit} 个字，不能有控制字符"
    en = "A file's name has 1 to {limit} characters, none of them control characters"


class FilePurposeUnknown(Refused):
    """A file is uploaded for something that is done here."""

    code = "FILE_PURPOSE_UNKNOWN"
    zh = "不能上传这种用途的文件；可用：{known}"
    en = "No files are uploaded for that; known are: {known}"


class TooManyFiles(Refused):
    """Nobody needs so many files at once."""

    code = "TOO_MANY_FILES"
    zh = "您上传而未处理的文件已有 {limit} 个，请先导入或等其过期"
    en = "{limit} files of yours wait to be used: use them first, or wait until they expire"
