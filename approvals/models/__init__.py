"""The portal's rows: people, requests, the two typed requests, and notices."""

from .expenses import ExpenseCategory, ExpenseClaim, ExpenseLine
from .leave import LeaveRequest, LeaveType
from .notice import Notice, NoticeKind, NoticeSettings
from .office import Office
from .people import Department, Employee
from .request import Attachment, Comment, NumberSeries, Request, RequestState

__all__ = [
    "Attachment",
    "Comment",
    "Department",
    "Employee",
    "ExpenseCategory",
    "ExpenseClaim",
    "ExpenseLine",
    "LeaveRequest",
    "LeaveType",
    "Notice",
    "NoticeKind",
    "NoticeSettings",
    "NumberSeries",
    "Office",
    "Request",
    "RequestState",
]
