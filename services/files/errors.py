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
    zh = "您上传而未使用的文件已有 {limit} 个，请先使用或等其过期"
    en = "{limit} files of yours wait to be used: use them first, or wait until they expire"


class FileKindRefused(Refused):
    """A case gets photos and documents; what runs, moves or cannot be cleaned does not go with it."""

    code = "FILE_KIND_REFUSED"
    zh = "不能上传这种文件。可以上传：照片（JPEG、PNG、WebP、HEIC）和 PDF 文档；视频和动图暂不能上传"
    en = (
        "Files of this kind are not taken. Send photos (JPEG, PNG, WebP, HEIC) or PDF documents; "
        "videos and animations are not taken"
    )


class PhotoBroken(Refused):
    """A photo that cannot be decoded, or not to its end."""

    code = "PHOTO_BROKEN"
    zh = "照片打不开，可能已损坏或没有传完。可以上传：照片（JPEG、PNG、WebP、HEIC）和 PDF 文档"
    en = "The photo cannot be read: it is damaged or cut short. Send photos (JPEG, PNG, WebP, HEIC) or PDF documents"


class PhotoTooLarge(Refused):
    """A photo of more pixels than anybody needs, or that takes abnormally long."""

    code = "PHOTO_TOO_LARGE"
    zh = "照片尺寸过大：上限为 {limit} 百万像素"
    en = "The photo is too large: the limit is {limit} megapixels"
