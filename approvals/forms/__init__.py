"""The forms of the portal."""

from .base import PortalForm
from .comment import CommentForm, TransferForm, UploadForm
from .expense import ExpenseForm, LineForm, LineFormSet
from .leave import LeaveForm
from .request import RequestForm
from .schema import SchemaForm
from .task import TaskForm

__all__ = [
    "CommentForm",
    "ExpenseForm",
    "LeaveForm",
    "LineForm",
    "LineFormSet",
    "PortalForm",
    "RequestForm",
    "SchemaForm",
    "TaskForm",
    "TransferForm",
    "UploadForm",
]
