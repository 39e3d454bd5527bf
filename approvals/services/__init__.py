"""What people do with requests. Each call is one transaction; a refusal leaves all as it was."""

from approvals.drafts import LineDraft
from approvals.numbers import take_number

from .conversation import attach, comment, may_attach, may_remove, remove_attachment
from .correct import correction_of, resubmit
from .decide import decide
from .draft import delete_draft, save_draft, save_expense, save_leave, submitted_with
from .submit import submit
from .withdraw import withdraw, withdrawable_item

__all__ = [
    "LineDraft",
    "attach",
    "comment",
    "correction_of",
    "decide",
    "delete_draft",
    "may_attach",
    "may_remove",
    "remove_attachment",
    "resubmit",
    "save_draft",
    "save_expense",
    "save_leave",
    "submit",
    "submitted_with",
    "take_number",
    "withdraw",
    "withdrawable_item",
]
