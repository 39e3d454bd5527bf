"""What a file is, told by its bytes: the allow-list of what may be attached.

The name counts only in one direction: an ending that contradicts the content is refused. HTML, SVG
and scripts are on no list, so they are refused whatever they are called.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext_lazy as _

MAX_NAME_LENGTH = 200
_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class FileType:
    """`extensions`: the endings that a file of this type may carry, the usual one first."""

    content_type: str
    extensions: tuple[str, ...]


PDF = FileType("application/pdf", (".pdf",))
PNG = FileType("image/png", (".png",))
JPEG = FileType("image/jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"))
GIF = FileType("image/gif", (".gif",))
WEBP = FileType("image/webp", (".webp",))
HEIC = FileType("image/heic", (".heic", ".heif"))
TEXT = FileType("text/plain", (".txt", ".csv", ".md", ".log"))
CSV = FileType("text/csv", (".csv",))
_OOXML = "application/vnd.openxmlformats-officedocument"
DOCX = FileType(f"{_OOXML}.wordprocessingml.document", (".docx",))
XLSX = FileType(f"{_OOXML}.spreadsheetml.sheet", (".xlsx",))
ODT = FileType("application/vnd.oasis.opendocument.text", (".odt",))
ODS = FileType("application/vnd.oasis.opendocument.spreadsheet", (".ods",))

ACCEPTED_NAMES = _(
    "PDF, picture (PNG, JPEG, WebP, GIF, HEIC), text, CSV, Word, Excel or OpenDocument"
)
ACCEPT = ".pdf,.png,.jpg,.jpeg,.webp,.gif,.heic,.txt,.csv,.docx,.xlsx,.odt,.ods"
"""For the `accept` attribute of a file field."""

_MAGIC = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
_ZIP_MAGIC = b"PK\x03\x04"
_ZIP_MEMBERS = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX))
_MAX_MEMBERS = 5000
_MARKUP = re.compile(
    rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml|math|object|embed)", re.I
)
_RESERVED_NAME = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.I)


def detect(file: IO[bytes], name: str) -> FileType | None:
    """Return the type that the content of `file` has, or None where it is not accepted.

    `name` is a name from `clean_name`; its ending must fit the content.
    """
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    found = _by_magic(head) or (_by_zip(file) if head.startswith(_ZIP_MAGIC) else _by_text(file))
    file.seek(0)
    ending = PurePosixPath(name).suffix.lower()
    if found is None or (ending and ending not in found.extensions):
        return None
    return CSV if found is TEXT and ending == ".csv" else found


def clean_name(name: str) -> str:
    """Return a name without path, control, bidirectional and reserved characters; never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Categories C*: control and format characters; some of these turn the reading direction.
    kept = "".join(c for c in last if not unicodedata.category(c).startswith("C"))
    kept = re.sub(r'[<>:"|?*]', "_", kept)
    kept = re.sub(r"\s+", " ", kept).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        stem, ending = kept, ""
    if _RESERVED_NAME.match(stem) or not stem:
        stem = f"file_{stem}" if stem else "file"
    tail = f".{ending}"[:20] if ending else ""
    return f"{stem[: MAX_NAME_LENGTH - len(tail)]}{tail}"


def _by_magic(head: bytes) -> FileType | None:
    for magic, file_type in _MAGIC:
        if head.startswith(magic):
            return file_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    return None


def _by_zip(file: IO[bytes]) -> FileType | None:
    """Return the office format of a zip; unpacks one member of a few bytes at most."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if len(members) > _MAX_MEMBERS or any("vbaproject" in name.lower() for name in members):
                return None
            if "[Content_Types].xml" in members:
                return next((kind for member, kind in _ZIP_MEMBERS if member in members), None)
            mimetype = members.get("mimetype")
            if mimetype is None or mimetype.file_size > 100:
                return None
            declared = archive.read(mimetype).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        return None
    return next((kind for kind in (ODT, ODS) if kind.content_type == declared), None)


def _by_text(file: IO[bytes]) -> FileType | None:
    """Return TEXT for valid UTF-8 without control characters or markup that a browser would run."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    tail = b""
    try:
        while chunk := file.read(64 * 1024):
            text = decoder.decode(chunk)
            if any(ord(c) < 32 and c not in "\t\n\r\f" for c in text) or "\x7f" in text:
                return None
            # A tag may lie across two chunks.
            if _MARKUP.search(tail + chunk):
                return None
            tail = chunk[-64:]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return TEXT
