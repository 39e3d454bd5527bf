"""Comments and files beside a request."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from approvals import attachments
from approvals.attachments import new_files
from approvals.errors import NotADraft
from approvals.models import Attachment, Comment, ExpenseLine, Request, RequestState
from workflows import store
from workflows.errors import InvalidData, NotAllowed

from .access import lock, require_visible
from .correct import correction_of

MAX_COMMENT_LENGTH = 4000


def comment(request: Request, *, by: User, text: str) -> Comment:
    """Add a comment, which everybody who sees the request reads.

    Raises:
        NotFound: `by` may not know of the request.
        InvalidData: it is empty or too long.
    """
    require_visible(request, by)
    said = text.strip()
    if not said:
        raise InvalidData([{"path": "text", "message": "Write something first."}])
    if len(said) > MAX_COMMENT_LENGTH:
        message = (
            f"A comment has at most {MAX_COMMENT_LENGTH:,} characters; this one has {len(said):,}."
        )
        raise InvalidData([{"path": "text", "message": message}])
    return Comment.objects.create(request=request, author=by, text=said)


def may_attach(request: Request, by: User) -> bool:
    """Say whether somebody who sees the request may add a file.

    To a draft its requester may, to a running request everybody.
    """
    if request.state == RequestState.DRAFT:
        return request.requester_id == by.pk
    return bool(request.state == RequestState.RUNNING)


def attach(
    request: Request, *, by: User, file: UploadedFile[bytes], line: ExpenseLine | None = None
) -> Attachment:
    """Add a file, as the receipt of `line` where one is given.

    Raises:
        NotFound: `by` may not know of the request.
        NotAllowed: it is decided, or `line` is a line of another request.
        InvalidData, FileTooLarge, FileTypeRefused: the file is not accepted; nothing is kept of it.
    """
    require_visible(request, by)
    if line is not None and line.claim_id != request.pk:
        raise NotAllowed(f"This line is not one of {request.number}.")
    with new_files() as files:
        # Two uploads at once would each find room for themselves: the row is the lock.
        locked = lock(request)
        if not may_attach(locked, by):
            state = locked.get_state_display().lower()
            raise NotAllowed(f"{locked.number} is {state}: files can no longer be added.")
        return attachments.store(files, request=locked, by=by, file=file, line=line)


def may_remove(attachment: Attachment, by: User, *, is_correcting: bool) -> bool:
    """Say whether `by` may remove a file: their own, from their own draft or while they correct."""
    request = attachment.request
    is_own = attachment.uploaded_by_id == by.pk and request.requester_id == by.pk
    return is_own and (request.is_draft or is_correcting)


@store.again_after_conflict
@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User) -> None:
    """Remove a file from a draft, or from a request that is back for correction.

    Raises:
        NotFound: `by` may not know of the request.
        NotAllowed: the file is somebody else's.
        NotADraft: others decide on what is attached.
    """
    request = lock(attachment.request)
    require_visible(request, by)
    if request.requester_id != by.pk or attachment.uploaded_by_id != by.pk:
        raise NotAllowed("Only whoever asked can remove their own files.")
    is_correcting = correction_of(request, by=by) is not None
    if not request.is_draft and not is_correcting:
        raise NotADraft(f"{request.number} has been submitted with this file; it stays.")
    attachments.delete([attachment])
