"""What is done to a job that was given up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.engine import incidents
from workflows.models import Job


@dataclass(frozen=True, slots=True)
class JobCure:
    """What may be done to a job that was given up."""

    title: str | Promise
    effect: str | Promise
    command: Callable[..., Job]
    icon: str


JOBS = {
    "retry-job": JobCure(
        _("Try again"),
        _("The job is run again at once, with all its tries."),
        incidents.retry_job,
        "refresh",
    ),
    "drop-job": JobCure(
        _("Drop the job"),
        _("It is not run any more. The branch that waits for it is cancelled with it."),
        incidents.cancel_job,
        "x",
    ),
}
