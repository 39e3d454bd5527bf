"""The forms with which an operator intervenes in a request's case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from approvals.forms.base import PortalForm
from approvals.forms.task import TaskForm
from approvals.summary import properties
from workflows import store
from workflows.engine import Intervention, SetData
from workflows.models import Case
from workflows.operating.forms import SetDataForm
from workflows.visibility import hidden_fields


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
