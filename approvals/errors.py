"""The portal's own refusals; the engine's are in `workflows.errors`."""

from __future__ import annotations

from workflows.errors import Conflict, GoflowError, InvalidData


class FileTooLarge(GoflowError):
    code = "file_too_large"
    http_status = 413
    title = "This file is too large"


class FileTypeRefused(GoflowError):
    """The content is of no allowed type, or is not what the name says."""

    code = "file_type_refused"
    http_status = 415
    title = "This kind of file is not accepted"


class OverlappingLeave(InvalidData):
    """The person has asked for leave on some of these days already."""

    code = "overlapping_leave"
    title = "You have asked for leave on these days already"


class NotADraft(Conflict):
    """What is submitted is with the people who decide, and does not change under their eyes."""

    code = "not_a_draft"
    title = "This request has been submitted"


class NotToCorrect(Conflict):
    """The request is not back with the requester."""

    code = "not_to_correct"
    title = "This request is not with you for correction"


class CannotWithdraw(Conflict):
    code = "cannot_withdraw"
    title = "This request can no longer be withdrawn"
