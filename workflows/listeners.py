"""Who wants to know, inside the transaction, that a case began, was changed by a person, or ended.

The portal keeps its requests in step by this; what must happen outside the database is a job
instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from workflows.models import Case


class CaseListener(Protocol):
    """Each is called in the transaction of the step: an exception takes the step back.

    `values` is the case's data with its schema's types.
    """

    def case_started(self, case: Case, values: Mapping[str, object]) -> None: ...

    def data_given(self, case: Case, values: Mapping[str, object]) -> None:
        """A person has changed fields of the data while doing a task."""

    def case_ended(self, case: Case, values: Mapping[str, object]) -> None:
        """The case is completed or cancelled; `case.state` tells which."""


@cache
def case_listeners() -> tuple[CaseListener, ...]:
    names = getattr(settings, "GOFLOW_CASE_LISTENERS", ())
    return tuple(import_string(name)() for name in names)
