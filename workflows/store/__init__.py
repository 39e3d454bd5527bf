"""Rows <-> flow and case: the only place that knows how a step is read and written."""

from .cases import (
    completed_by,
    insert_case,
    lock_case,
    lock_case_of,
    lock_case_of_job,
    open_work_items,
    stop_jobs_of,
    values_of,
    write_step,
)
from .drafts import save_draft
from .flows import definition_of, forget_flows, load_flow, published_version, task_ids

__all__ = [
    "completed_by",
    "definition_of",
    "forget_flows",
    "insert_case",
    "load_flow",
    "lock_case",
    "lock_case_of",
    "lock_case_of_job",
    "open_work_items",
    "published_version",
    "save_draft",
    "stop_jobs_of",
    "task_ids",
    "values_of",
    "write_step",
]
