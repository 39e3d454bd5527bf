"""Expense claims: lines in one currency, each with its receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from approvals import attachments, drafts, formatting
from approvals.attachments import NewFiles
from approvals.forms import ExpenseForm, RequestForm
from approvals.forms.expense import LineFormSet
from approvals.models import ExpenseCategory, ExpenseLine, Request
from approvals.models.expenses import Currency
from approvals.policies import (
    Problem,
    amount_problems,
    expense_problems,
    text_problems,
    total_problems,
)
from approvals.summary import KeyField, Section, Titles, fields_of, properties
from workflows.errors import InvalidData

from .base import LineRow, LineTable, Schema, Values, requires

FIELDS = ("title", "currency", "total", "lines")


class ExpenseKind:
    icon = "receipt"
    prefix = "EX"
    form_template = "approvals/expense_form.html"
    own_fields = frozenset(FIELDS)

    def fits(self, schema: Schema) -> bool:
        claim = {"title": "string", "currency": "string", "total": "number", "lines": "array"}
        if not requires(schema, claim):
            return False
        line = properties(schema)["lines"].get("items", {})
        return requires(line, {"date": "date", "category": "string", "amount": "number"})

    def form(
        self,
        *,
        user: User,
        schema: Schema,
        request: Request | None = None,
        data: Any = None,
        files: Any = None,
        is_submitting: bool = False,
        add_line: bool = False,
    ) -> RequestForm:
        claim = getattr(request, "expense", None)
        initial = {"title": claim.title, "currency": claim.currency} if claim else {}
        form = ExpenseForm(data, files, initial=initial)
        formset = LineFormSet(
            data,
            files,
            lines=_initial_lines(request),
            categories=_category_choices(),
            is_submitting=is_submitting,
        )
        if add_line and data is not None:
            return _with_another_line(form, formset)
        return RequestForm(form, formset)

    def write(self, form: RequestForm, request: Request, *, by: User, files: NewFiles) -> None:
        formset = cast(LineFormSet, form.formset)
        lines = [
            drafts.LineDraft(
                date=line["date"],
                category=line["category"],
                amount=line["amount"],
                description=line["description"],
                id=line["id"],
                receipt=line["receipt"] or None,
            )
            for line in formset.filled()
        ]
        rows = drafts.write_expense(
            request, by=by, lines=lines, files=files, **form.form.cleaned_data
        )
        formset.remember([row.pk for row in rows])

    def case_data(self, request: Request) -> dict[str, object]:
        if not hasattr(request, "expense"):
            return {}
        lines = [_line_data(line) for line in _lines(request)]
        return {
            "title": request.expense.title,
            "currency": request.expense.currency,
            "total": sum((line["amount"] for line in lines), Decimal(0)),
            "lines": lines,
        }

    def problems(self, request: Request, *, today: date) -> list[Problem]:
        if not hasattr(request, "expense"):
            return [Problem("lines", "Add at least one line.")]
        lines = [(line.date, line.amount) for line in _lines(request)]
        return expense_problems(lines, currency=request.expense.currency, today=today)

    def apply(self, request: Request, values: Values) -> None:
        if {name: values.get(name) for name in FIELDS} == self.case_data(request):
            return
        present = [line.pk for line in _lines(request)]
        lines = _drafts_of(values, present)
        with attachments.new_files() as files:
            drafts.write_expense(
                request,
                by=request.requester,
                title=values["title"],
                currency=values["currency"],
                lines=lines,
                files=files,
            )

    def titles(self) -> Titles:
        return {"category": dict(ExpenseCategory.objects.values_list("code", "title"))}

    def key_fields(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[KeyField]:
        names = ["title", "total", "currency"]
        return fields_of(schema, values, names=names, titles=titles, hidden=hidden)

    def sections(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[Section]:
        return [Section(_("Claim"), fields_of(schema, values, titles=titles, hidden=hidden))]

    def lines(
        self, request: Request, schema: Schema, values: Values, *, hidden: Collection[str] = ()
    ) -> LineTable | None:
        if "lines" in hidden:
            return None
        currency = str(values.get("currency", ""))
        titles = self.titles()["category"]
        # The rows follow the data line by line; only they know their receipts.
        keys = [line.pk for line in _lines(request)]
        rows = [
            LineRow(
                date=line["date"],
                category=titles.get(line["category"], line["category"]),
                description=line.get("description", ""),
                amount_text=formatting.money(line["amount"], currency),
                key=keys[index] if index < len(keys) else None,
            )
            for index, line in enumerate(values.get("lines", ()))
        ]
        return LineTable(rows, formatting.money(values.get("total") or Decimal(0), currency))


def _lines(request: Request) -> list[ExpenseLine]:
    if not hasattr(request, "expense"):
        return []
    # Lists have loaded the lines of all their claims already; this then asks nothing.
    lines = Prefetch("lines", ExpenseLine.objects.select_related("category"))
    prefetch_related_objects([request.expense], lines)
    return list(request.expense.lines.all())


def _line_data(line: ExpenseLine) -> dict[str, Any]:
    found = {"date": line.date, "category": line.category.code, "amount": line.amount}
    return found | {"description": line.description} if line.description else found


def _initial_lines(request: Request | None) -> list[dict[str, Any]]:
    if request is None:
        return []
    return [
        {
            "id": line.pk,
            "date": line.date,
            "category": line.category.code,
            "amount": line.amount,
            "description": line.description,
        }
        for line in _lines(request)
    ]


def _category_choices() -> list[tuple[str, str]]:
    offered = ExpenseCategory.objects.filter(is_active=True).values_list("code", "title")
    return [("", _("Choose")), *offered]


def _with_another_line(form: ExpenseForm, formset: LineFormSet) -> RequestForm:
    """Return the form as it was filled in, not checked, with one more line."""
    filled = [
        {name: line[name].value() for name in line.fields if name != "receipt"}
        for line in formset.forms
    ]
    longer = LineFormSet(lines=[*filled, {}], categories=formset.categories)
    typed = {name: form[name].value() for name in form.fields}
    return RequestForm(ExpenseForm(initial=typed), longer)


def _drafts_of(values: Values, present: list[int]) -> list[drafts.LineDraft]:
    """Return a case's lines as drafts; each takes over the row at its place, and so its receipts.

    Raises:
        InvalidData: the total is not that of the lines, or a category or the currency is unknown.
    """
    lines: list[Mapping[str, Any]] = values["lines"]
    currency = values["currency"]
    problems = total_problems(values["total"], [line["amount"] for line in lines])
    if currency not in Currency.values:
        known = ", ".join(Currency.values)
        problems.append(Problem("currency", f"{currency} is not a currency here. Known: {known}."))
    categories = {category.code: category for category in ExpenseCategory.objects.all()}
    problems += text_problems(values["title"], path="title", max_length=200)
    for index, line in enumerate(lines):
        path = f"lines.{index}"
        said = line.get("description") or ""
        problems += text_problems(said, path=f"{path}.description", max_length=300)
        problems += amount_problems(line["amount"], currency=currency, path=f"{path}.amount")
        if line["category"] not in categories:
            known = ", ".join(sorted(categories))
            message = f"There is no category {line['category']!r}. Known: {known}."
            problems.append(Problem(f"{path}.category", message))
    if problems:
        raise InvalidData([problem.as_dict() for problem in problems])
    return [
        drafts.LineDraft(
            date=line["date"],
            category=categories[line["category"]],
            amount=line["amount"],
            description=line.get("description") or "",
            id=present[index] if index < len(present) else None,
        )
        for index, line in enumerate(lines)
    ]
