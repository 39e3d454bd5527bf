"""Claiming expenses: the claim, and its lines with their receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.forms.renderers import get_default_renderer
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from approvals import attachments
from approvals.filetypes import ACCEPT
from approvals.formatting import money
from approvals.forms.base import PortalForm, date_field
from approvals.models import ExpenseCategory
from approvals.models.expenses import Currency
from approvals.policies import LARGEST_AMOUNT, MAX_EXPENSE_LINES, expense_problems
from workflows.errors import GoflowError


class ExpenseForm(PortalForm):
    title = forms.CharField(
        label=_("What for"), max_length=200, help_text=_('One line, e.g. "Customer visit in Lyon"')
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=Currency.choices,
        initial=Currency.EUR,
        help_text=_("All lines of a claim are in one currency."),
    )


class LineForm(PortalForm):
    """One line; `id` is the line that it changes."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    date = date_field(label=_("Date"))
    category = forms.ModelChoiceField(
        queryset=ExpenseCategory.objects.none(),
        to_field_name="code",
        label=_("Category"),
        empty_label=_("Choose"),
        error_messages={"invalid_choice": _("There is no such category. Choose one of the list.")},
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.01"),
        max_value=LARGEST_AMOUNT,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
        error_messages={
            "invalid": _("Enter an amount, e.g. 12.50."),
            "min_value": _("Enter an amount above zero."),
            "max_decimal_places": _("An amount has at most two decimal places."),
        },
    )
    description = forms.CharField(label=_("Description"), required=False, max_length=300)
    receipt = forms.FileField(
        label=_("Receipt"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )

    def __init__(
        self, *args: Any, categories: Sequence[tuple[str, str]] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        field = cast("forms.ModelChoiceField[ExpenseCategory]", self.fields["category"])
        field.queryset = ExpenseCategory.objects.filter(is_active=True)
        if categories:
            # Read once for all lines.
            field.choices = categories

    def clean_receipt(self) -> Any:
        """Refuse a receipt before anything is saved; the service checks again what it stores."""
        receipt = self.cleaned_data["receipt"]
        if receipt:
            try:
                attachments.check_file(receipt)
            except GoflowError as refusal:
                raise forms.ValidationError(refusal.message) from refusal
        return receipt


if TYPE_CHECKING:
    _Lines = forms.BaseFormSet[LineForm]
else:
    _Lines = forms.BaseFormSet


class LineFormSet(_Lines):
    """The lines. `currency` is set from the claim before the lines are checked.

    A blank line is no line. Lines that stood there before come back by their `id`, so none is
    "initial": Django takes an initial line that has not changed for one that says nothing.
    """

    form = LineForm
    renderer = get_default_renderer()
    extra = 0
    can_delete = True
    can_delete_extra = True
    can_order = False
    min_num = 0
    max_num = MAX_EXPENSE_LINES
    absolute_max = MAX_EXPENSE_LINES + 50
    validate_min = False
    validate_max = True
    currency = ""

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        lines: Sequence[Mapping[str, Any]] = (),
        categories: Sequence[tuple[str, str]],
        is_submitting: bool = False,
    ) -> None:
        self.is_submitting = is_submitting
        self.categories = categories
        initial = None if data is not None else [dict(line) for line in lines] or [{}]
        super().__init__(
            data,
            files,
            prefix="lines",
            initial=initial,
            form_kwargs={"categories": categories},
        )

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()

    def add_fields(self, form: LineForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")

    def clean(self) -> None:
        if any(self.errors):
            return
        if not self.is_submitting:
            return
        lines = self.filled()
        found = expense_problems(
            [(line["date"], line["amount"]) for line in lines],
            currency=self.currency,
            today=timezone.localdate(),
        )
        for problem in found:
            self._show(problem.path, problem.message)

    def filled(self) -> list[dict[str, Any]]:
        """Return the lines that say something and are not to be removed."""
        return [form.cleaned_data for form in self._filled_forms()]

    def remember(self, ids: Sequence[int]) -> None:
        """Let the lines name the rows that now stand, in case the form is shown again.

        Else the next save would take them for new lines, and drop the old ones with their receipts.
        """
        data = cast(dict[str, Any], self.data).copy()  # what is posted cannot be changed in place
        for form, line_id in zip(self._filled_forms(), ids, strict=True):
            data[form.add_prefix("id")] = line_id
        for form in self.forms:
            form.data = data
        self.data = data

    def total_text(self, currency: str) -> str:
        """Return the sum of all amounts that can be read."""
        total = Decimal(0)
        for form in self.forms:
            try:
                amount = form.fields["amount"].clean(form["amount"].value() or None)
            except forms.ValidationError:
                continue
            is_removed = form["DELETE"].value() in (True, "on", "true")
            total += Decimal(0) if is_removed else amount
        return money(total, currency)

    def _filled_forms(self) -> list[LineForm]:
        return [
            form
            for form in self.forms
            if form.cleaned_data.get("amount") is not None and not form.cleaned_data.get("DELETE")
        ]

    def _show(self, path: str, message: str) -> None:
        parts = path.split(".")
        if len(parts) == 3:
            self._filled_forms()[int(parts[1])].add_error(parts[2], message)
        else:
            raise forms.ValidationError(message)
