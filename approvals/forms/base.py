"""What all forms of the portal share.

Templates dress the widgets; Django ties help and errors to them by `aria-describedby`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.policies import Problem


class DateInput(forms.DateInput):
    """The browser's date picker; it wants ISO dates in every language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


def date_field(**options: Any) -> forms.DateField:
    messages = {"invalid": _("Enter a date, e.g. 2026-12-03."), **options.pop("error_messages", {})}
    return forms.DateField(widget=DateInput(), error_messages=messages, **options)


class PortalForm(forms.Form):
    """A form to which a refusal of a service can be tied."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)

    def add_problems(self, problems: Iterable[Problem | Mapping[str, str]]) -> None:
        """Show each problem at its field, or above the form where it has none here."""
        for problem in problems:
            path, message = _parts(problem)
            name = path.partition(".")[0]
            self.add_error(name if name in self.fields else None, message)


def _parts(problem: Problem | Mapping[str, str]) -> tuple[str, str]:
    if isinstance(problem, Problem):
        return problem.path, problem.message
    return problem.get("path", ""), problem["message"]
