"""The form of a request as one thing: its fields, and its lines where it has lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from approvals.forms.base import PortalForm
from approvals.forms.expense import ExpenseForm, LineFormSet
from approvals.policies import Problem


class RequestForm:
    """`form` and, for some kinds, `formset`: valid together, refused together."""

    def __init__(self, form: PortalForm, formset: LineFormSet | None = None) -> None:
        self.form = form
        self.formset = formset

    def is_valid(self) -> bool:
        # Both are asked, so that all errors show at once.
        is_form_valid = self.form.is_valid()
        if self.formset is None:
            return is_form_valid
        self.formset.currency = self.form.cleaned_data.get("currency", "") if is_form_valid else ""
        return bool(self.formset.is_valid() and is_form_valid)

    @property
    def has_files(self) -> bool:
        """Whether any file was sent along."""
        return any(part is not None and part.files for part in (self.form, self.formset))

    @property
    def total_text(self) -> str:
        """The sum of the lines as the server sees it; empty without lines."""
        if self.formset is None or not isinstance(self.form, ExpenseForm):
            return ""
        return self.formset.total_text(str(self.form["currency"].value() or ""))

    def add_problems(self, problems: Iterable[Problem | Mapping[str, str]]) -> None:
        """Show the refusals of a service; those of a line above the lines' form."""
        self.form.add_problems(problems)
