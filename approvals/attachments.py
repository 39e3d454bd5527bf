"""Files of a request: checked, stored under a random name, gone again if the transaction fails."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet, Sum

from approvals.errors import FileTooLarge, FileTypeRefused
from approvals.filetypes import ACCEPTED_NAMES, FileType, clean_name, detect
from approvals.formatting import file_size
from approvals.models import Attachment, ExpenseLine, Request
from workflows.errors import InvalidData
from workflows.visibility import hidden_fields


def visible_attachments(request: Request, viewer: User) -> QuerySet[Attachment]:
    """Return the files of a request that `viewer` may see: a receipt says what its line says."""
    files = request.attachments.all()
    if request.case is not None and "lines" in hidden_fields(request.case, viewer):
        return files.filter(line=None)
    return files


@dataclass
class NewFiles:
    """The files that a service has put into the storage but not yet committed the rows of."""

    names: list[str] = field(default_factory=list)


@contextmanager
def new_files() -> Iterator[NewFiles]:
    """Run a transaction that may store files; a failure removes them from the storage again."""
    files = NewFiles()
    try:
        with transaction.atomic():
            yield files
    except BaseException:
        for name in files.names:
            default_storage.delete(name)
        raise


def store(
    files: NewFiles,
    *,
    request: Request,
    by: User,
    file: UploadedFile[bytes],
    line: ExpenseLine | None = None,
    path: str = "file",
) -> Attachment:
    """Check `file`, write it and add its row.

    Raises:
        InvalidData: it is empty, at `path`.
        FileTooLarge: it, or all files of the request together, exceed the limit.
        FileTypeRefused: its content is not accepted, or is not what its name says.
    """
    name = clean_name(file.name or "")
    file_type = check_file(file, path=path)
    _refuse_too_many(request, size_bytes=file.size or 0)
    if not PurePosixPath(name).suffix:
        name += file_type.extensions[0]
    attachment = Attachment(
        request=request,
        line=line,
        name=name,
        content_type=file_type.content_type,
        size_bytes=file.size or 0,
        sha256=_digest(file),
        uploaded_by=by,
    )
    # The file comes first: a row without its file would be worse than a file without its row.
    attachment.file.save(name, file, save=False)
    files.names.append(str(attachment.file.name))
    attachment.save()
    return attachment


def check_file(file: UploadedFile[bytes], *, path: str = "file") -> FileType:
    """Return the type of an uploaded file.

    Raises:
        InvalidData, FileTooLarge, FileTypeRefused: as `store`.
    """
    name = clean_name(file.name or "")
    size_bytes = file.size or 0
    if size_bytes == 0:
        raise InvalidData([{"path": path, "message": f"{name} is empty."}])
    limit = settings.GOFLOW_MAX_FILE_BYTES
    if size_bytes > limit:
        raise FileTooLarge(
            f"{name} has {file_size(size_bytes)}; a file may have at most {file_size(limit)}.",
            path=path,
            size_bytes=size_bytes,
            limit_bytes=limit,
        )
    file_type = detect(file, name)
    if file_type is None:
        raise FileTypeRefused(
            f"{name} is not accepted: it must be a {ACCEPTED_NAMES}, and its name must say which.",
            path=path,
        )
    return file_type


def delete(attachments: list[Attachment]) -> None:
    """Delete rows and, once that is committed, their files."""
    names = [str(attachment.file.name) for attachment in attachments]
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in attachments]).delete()
    transaction.on_commit(lambda: _delete_files(names))


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _refuse_too_many(request: Request, *, size_bytes: int) -> None:
    total = request.attachments.aggregate(total=Sum("size_bytes"))["total"] or 0
    limit = settings.GOFLOW_MAX_REQUEST_BYTES
    if total + size_bytes > limit:
        raise FileTooLarge(
            f"The files of {request} would have {file_size(total + size_bytes)} together; "
            f"at most {file_size(limit)} are allowed.",
            size_bytes=total + size_bytes,
            limit_bytes=limit,
        )


def _digest(file: UploadedFile[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
