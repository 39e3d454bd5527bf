"""What the templates show, as plain values: no template asks the database."""

from approvals.summary import KeyField, Section

from .actions import (
    OutcomeView,
    TaskAction,
    task_action,
    task_actions,
    task_form,
    transfer_form,
)
from .choices import Choice, new_request_choices
from .page import (
    CommentView,
    FileView,
    LinesView,
    LineView,
    RequestPage,
    RequestView,
    attachment_views,
    comment_views,
    request_page,
)
from .people import PersonView, person_view
from .rows import RequestRow, WorkItemRow, request_rows, with_what_rows_show, work_item_rows
from .status import DueView, StatusView, due_view, status_of
from .timeline import TimelineEntry, timeline
from .waiting import People, WaitingEntry, people_for

__all__ = [
    "Choice",
    "CommentView",
    "DueView",
    "FileView",
    "KeyField",
    "LineView",
    "LinesView",
    "OutcomeView",
    "People",
    "PersonView",
    "RequestPage",
    "RequestRow",
    "RequestView",
    "Section",
    "StatusView",
    "TaskAction",
    "TimelineEntry",
    "WaitingEntry",
    "WorkItemRow",
    "attachment_views",
    "comment_views",
    "due_view",
    "new_request_choices",
    "people_for",
    "person_view",
    "request_page",
    "request_rows",
    "status_of",
    "task_action",
    "task_actions",
    "task_form",
    "timeline",
    "transfer_form",
    "with_what_rows_show",
    "work_item_rows",
]
