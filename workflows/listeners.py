"""Who wants to know, inside the transaction, what becomes of a case.

The portal keeps its requests in step by this, and writes down whom it tells; what must happen
outside the database is a job instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
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
        values: Mapping[str, object],
        *,
        opened: Sequence[tuple[WorkItem, Sequence[Candidate]]],
        closed: Sequence[WorkItem],
        lines: Sequence[NewEvent],
    ) -> None:
        """A step is written: once for each, whoever caused it, failures and transfers included.

        `opened` are the items that it opened, for whom; `closed` those that it ended or changed;
        `lines` what it added to the history, what caused it first. `case.step_count` is its number.
        """

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
