"""What a file is, told by its bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals import filetypes
from approvals.filetypes import clean_name, detect


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def ooxml(member: str, **others: bytes) -> bytes:
    return zipped(**{"[Content_Types].xml": b"<Types/>", member: b"<x/>", **others})


ODT = zipped(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<x/>"})
ACCEPTED = [
    ("scan.pdf", b"%PDF-1.7\n...", "application/pdf"),
    ("photo.png", b"\x89PNG\r\n\x1a\n....", "image/png"),
    ("photo.JPG", b"\xff\xd8\xff\xe0....", "image/jpeg"),
    ("photo.gif", b"GIF89a....", "image/gif"),
    ("photo.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
    ("photo.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic"),
    ("notes.txt", "Übernachtung: 3 Nächte\n".encode(), "text/plain"),
    ("lines.csv", b"date,amount\n2026-11-02,12.50\n", "text/csv"),
    ("letter.docx", ooxml("word/document.xml"), filetypes.DOCX.content_type),
    ("sums.xlsx", ooxml("xl/workbook.xml"), filetypes.XLSX.content_type),
    ("letter.odt", ODT, filetypes.ODT.content_type),
    ("no ending", b"%PDF-1.7\n...", "application/pdf"),
]
REFUSED = [
    ("page.html", b"<html><script>alert(1)</script></html>"),
    ("picture.png", b"<html><script>alert(1)</script></html>"),
    ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("notes.txt", b"  \n <!DOCTYPE html><p>hello"),
    ("notes.txt", b"a" * 65_530 + b"<script>alert(1)</script>"),
    ("notes.txt", b"text with a \x00 in it"),
    ("notes.txt", b"\xff\xfe\x00not utf-8\x80"),
    ("photo.html", b"\x89PNG\r\n\x1a\n...."),
    ("photo.png", b"%PDF-1.7\n..."),
    ("program.exe", b"MZ\x90\x00\x03"),
    ("archive.zip", zipped(**{"a.txt": b"hello"})),
    ("letter.docx", zipped(**{"a.txt": b"hello"})),
    ("letter.docx", ooxml("word/document.xml", **{"word/vbaProject.bin": b"macro"})),
    ("letter.docx", b"PK\x03\x04 and then no zip"),
    ("letter.odt", zipped(mimetype=b"application/vnd.oasis.opendocument.text" + b" " * 200)),
    ("run.sh", b"#!/bin/sh\nrm -rf /\n"),
]


@pytest.mark.parametrize(("name", "content", "expected"), ACCEPTED, ids=[a[0] for a in ACCEPTED])
def test_an_accepted_file_has_the_type_of_its_content(
    name: str, content: bytes, expected: str
) -> None:
    found = detect(io.BytesIO(content), name)
    assert found is not None
    assert found.content_type == expected


@pytest.mark.parametrize(("name", "content"), REFUSED)
def test_other_content_is_refused_whatever_its_name(name: str, content: bytes) -> None:
    assert detect(io.BytesIO(content), name) is None


@given(
    content=st.binary(max_size=500), name=st.sampled_from(["a.png", "a.txt", "a.docx", "a.heic"])
)
def test_any_bytes_are_either_accepted_or_refused(content: bytes, name: str) -> None:
    detect(io.BytesIO(content), name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\scan.pdf", "scan.pdf"),
        ("receipt\u202egnp.exe", "receiptgnp.exe"),
        ("a\x00b\r\nc.png", "abc.png"),
        ("CON.txt", "file_CON.txt"),
        ("   ..  ", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ('<img src="x">.png', "_img src=_x__.png"),
        ("Beleg März.pdf", "Beleg März.pdf"),
        ("发票.pdf", "发票.pdf"),
    ],
)
def test_a_name_keeps_what_is_harmless(name: str, expected: str) -> None:
    assert clean_name(name) == expected


def test_a_long_name_is_cut_before_its_ending() -> None:
    name = clean_name("x" * 500 + ".pdf")
    assert len(name) == filetypes.MAX_NAME_LENGTH
    assert name.endswith(".pdf")


@given(name=st.text(max_size=400))
def test_a_clean_name_is_clean_already(name: str) -> None:
    once = clean_name(name)
    assert clean_name(once) == once
    assert 0 < len(once) <= filetypes.MAX_NAME_LENGTH
    assert "/" not in once
    assert "\\" not in once
