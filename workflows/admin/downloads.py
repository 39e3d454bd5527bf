"""Versions as files to take away."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.http import HttpResponse

from workflows import exchange
from workflows.models import FlowVersion


def download(version: FlowVersion, fmt: str) -> HttpResponse:
    """Return a version as a file.

    Raises:
        workflows.errors.BadFlowFile: it cannot be written in this format.
    """
    exported = exchange.write_version(version, fmt)
    return _attachment(exported.text.encode(), exported.content_type, exported.filename)


def download_all(versions: Iterable[FlowVersion]) -> HttpResponse:
    """Return the flow files of several versions, packed into one."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for version in versions:
            exported = exchange.write_version(version, "yaml")
            archive.writestr(exported.filename, exported.text)
    return _attachment(packed.getvalue(), "application/zip", "flows.zip")


def _attachment(content: bytes, content_type: str, filename: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
