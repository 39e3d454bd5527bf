"""Who wants to know, inside the transaction, that a case began or ended.

The portal keeps its requests in step by this; what must happen outside the database is a job instead.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from workflows.models import Case


class CaseListener(Protocol):
    """Both are called in the transaction of the step: an exception takes the step back."""

    def case_started(self, case: Case) -> None: ...

    def case_ended(self, case: Case) -> None:
        """The case is completed or cancelled; `case.state` and `case.data` tell how."""


@cache
def case_listeners() -> tuple[CaseListener, ...]:
    names = getattr(settings, "GOFLOW_CASE_LISTENERS", ())
    return tuple(import_string(name)() for name in names)
