"""Rows <-> flow and case: the only place that knows how a step is read and written."""

from .conflicts import again_after_conflict
from .drafts import save_draft
from .flows import (
    definition_of,
    forget_flows,
    load_flow,
    published_version,
    task_ids,
    task_keys,
    version_and_moment,
)
from .jobs import (
    add_effect,
    add_effects,
    anything_due,
    beat,
    effect,
    end_job,
    end_try,
    extend_lease,
    forget_beats,
    free_expired,
    free_leases,
    keep_result,
    mark_dispatched,
    owns,
    setting_of,
    unmark_dispatched,
    wake_workers,
)
from .kept import KeptQuery, forget_answers, prove_claims, with_kept_answers
from .others import OpenItems, OtherItems
from .reading import completed_by, lock_case, lock_case_of, open_work_items, values_of
from .sql import new
from .taking import take_jobs
from .writing import insert_case, write_step

__all__ = [
    "KeptQuery",
    "OpenItems",
    "OtherItems",
    "add_effect",
    "add_effects",
    "again_after_conflict",
    "anything_due",
    "beat",
    "completed_by",
    "definition_of",
    "effect",
    "end_job",
    "end_try",
    "extend_lease",
    "forget_answers",
    "forget_beats",
    "forget_flows",
    "free_expired",
    "free_leases",
    "insert_case",
    "keep_result",
    "load_flow",
    "lock_case",
    "lock_case_of",
    "mark_dispatched",
    "new",
    "open_work_items",
    "owns",
    "prove_claims",
    "published_version",
    "save_draft",
    "setting_of",
    "take_jobs",
    "task_ids",
    "task_keys",
    "unmark_dispatched",
    "values_of",
    "version_and_moment",
    "wake_workers",
    "with_kept_answers",
    "write_step",
]
