"""The portal's rows: people, requests, and the two typed requests."""

from .expenses import ExpenseCategory, ExpenseClaim, ExpenseLine
from .leave import LeaveRequest, LeaveType
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
    "NumberSeries",
    "Request",
    "RequestState",
]
