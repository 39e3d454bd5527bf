"""Who wants to know, inside the transaction, what becomes of a case.

The portal keeps its requests in step by this. What can wait, or must happen outside the database,
is a job instead: see `CaseListener.case_stepped`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.history import NewEvent
    from workflows.models import Candidate, Case, Job, WorkItem


class CaseListener(Protocol):
    """Each is called in the transaction of the step: an exception takes the step back.

    `values` is the case's data with its schema's types. A listener that subclasses this says only
    what it wants to know.
    """

    def case_started(self, case: Case, values: Mapping[str, object]) -> None:
        """The case has its row; nothing has fired yet."""

    def data_given(self, case: Case, values: Mapping[str, object]) -> None:
        """A person has changed fields of the data while doing a task."""

    def case_ended(self, case: Case, values: Mapping[str, object]) -> None:
        """The case is completed or cancelled; `case.state` tells which."""

    def case_stepped(
        self,
        case: Case,
        *,
        at: datetime,
        opened: Sequence[tuple[WorkItem, Sequence[Candidate]]],
        closed: Sequence[WorkItem],
        lines: Sequence[NewEvent],
    ) -> Sequence[Job]:
        """A step is about to be written: once for each, whoever caused it, failures and transfers
        included.

        `opened` are the items that it opens, for whom, none of them with a key yet; `closed` those
        that it ends or changes; `lines` what it adds to the history, what caused it first. The
        step's number will be `case.step_count + 1`, and its first line's `case.history_length + 1`.

        Returned are effects (see `store.effect`) that are written with the step, at no statement
        of their own where the step has jobs anyway. A worker runs them when the step is committed.
        """
        return ()

    def item_reminded(self, case: Case, item: WorkItem, *, occasion: str) -> None:
        """It is time to remind whoever may do an open item.

        `occasion` names this reminder: a second call with it is the same reminder again.
        """

    def job_given_up(self, job: Job) -> None:
        """A job has become an incident: an operator has to look."""


@cache
def case_listeners() -> tuple[CaseListener, ...]:
    names = getattr(settings, "GOFLOW_CASE_LISTENERS", ())
    return tuple(import_string(name)() for name in names)
