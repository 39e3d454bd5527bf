"""The forms with which an operator intervenes in a request's case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from approvals.forms.base import PortalForm
from approvals.forms.task import TaskForm
from approvals.summary import properties
from workflows import store
from workflows.engine import Intervention, SetData, incidents
from workflows.models import Case, Job
from workflows.operating.forms import SetDataForm
from workflows.visibility import hidden_fields


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


class ReasonForm(PortalForm):
    reason = forms.CharField(
        label=_("Why you intervene"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes into the history, where whoever sees the request can read it."),
    )


class CorrectDataForm(SetDataForm):
    """The fields of the flow's schema, filled with what the case holds."""

    def __init__(self, data: Any = None, *, case: Case, by: User, **options: Any) -> None:
        schema = case.version.data_schema
        self.data_form = TaskForm(
            data,
            schema=schema,
            names=properties(schema).keys() - hidden_fields(case, by),
            values=store.values_of(case, store.load_flow(case.version_id)),
            prefix="data",
        )
        super().__init__(data, case=case, **options)

    def build(self) -> None:
        """The fields are those of `data_form`."""

    @property
    def wanted_fields(self) -> list[forms.BoundField]:
        return list(self.data_form)

    def is_valid(self) -> bool:
        return super().is_valid() & self.data_form.is_valid()

    def refuse(self, path: str, message: str) -> None:
        if path in self.data_form.fields:
            self.data_form.add_error(path, message)
        else:
            super().refuse(path, message)

    def intervention(self) -> Intervention:
        return SetData(self.data_form.changes)
