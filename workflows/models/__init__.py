"""The engine's rows: definitions, cases, jobs."""

from .case import (
    ArchivedEvent,
    Candidate,
    Case,
    CaseState,
    Event,
    EventKind,
    WorkItem,
    WorkItemState,
)
from .definition import Arc, Flow, FlowVersion, Place, Task, Transition, VersionState
from .idempotency import IdempotencyRecord
from .job import Job, JobKind, JobState, WorkerBeat

__all__ = [
    "Arc",
    "ArchivedEvent",
    "Candidate",
    "Case",
    "CaseState",
    "Event",
    "EventKind",
    "Flow",
    "FlowVersion",
    "IdempotencyRecord",
    "Job",
    "JobKind",
    "JobState",
    "Place",
    "Task",
    "Transition",
    "VersionState",
    "WorkItem",
    "WorkItemState",
    "WorkerBeat",
]
