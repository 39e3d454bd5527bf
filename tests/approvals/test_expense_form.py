"""Claiming expenses in a form with lines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from approvals import services
from approvals.forms import RequestForm
from approvals.kinds import kind_for
from approvals.models import Request
from tests.approvals.conftest import line, make_claim, upload
from workflows.models import FlowVersion


def posted(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    data = {"title": "Trip", "currency": "EUR", "lines-TOTAL_FORMS": len(lines)}
    data["lines-INITIAL_FORMS"] = 0
    for index, entries in enumerate(lines):
        data |= {f"lines-{index}-{name}": value for name, value in entries.items()}
    return data | changes


def one(**changes: Any) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    return {"date": today, "category": "travel", "amount": "12.50", "description": "Bus"} | changes


def form_of(
    user: User,
    version: FlowVersion,
    data: Any,
    files: dict[str, SimpleUploadedFile] | None = None,
    request: Request | None = None,
    **options: Any,
) -> RequestForm:
    kind = kind_for("expense", version.data_schema)
    given = MultiValueDict({name: [file] for name, file in (files or {}).items()})
    return kind.form(
        user=user,
        schema=version.data_schema,
        request=request,
        data=data,
        files=given if data is not None else None,
        **options,
    )


def test_a_new_form_has_one_blank_line(ada: User, expense_flow: FlowVersion) -> None:
    form = form_of(ada, expense_flow, None)
    assert form.formset is not None
    assert len(form.formset.forms) == 1


def test_two_lines_make_a_claim(ada: User, expense_flow: FlowVersion) -> None:
    form = form_of(ada, expense_flow, posted(one(), one(amount="7.50")), is_submitting=True)
    assert form.is_valid()
    claim = services.save_draft(by=ada, flow=expense_flow.flow, form=form)
    assert claim.expense.total == Decimal("20.00")


def test_a_blank_line_is_no_line(ada: User, expense_flow: FlowVersion) -> None:
    blank = {"date": "", "category": "", "amount": "", "description": ""}
    form = form_of(ada, expense_flow, posted(one(), blank), is_submitting=True)
    assert form.is_valid()
    claim = services.save_draft(by=ada, flow=expense_flow.flow, form=form)
    assert claim.expense.lines.count() == 1


def test_a_claim_without_lines_can_be_kept_but_not_submitted(
    ada: User, expense_flow: FlowVersion
) -> None:
    assert form_of(ada, expense_flow, posted()).is_valid()
    submitting = form_of(ada, expense_flow, posted(), is_submitting=True)
    assert not submitting.is_valid()
    assert submitting.formset is not None
    assert submitting.formset.non_form_errors() == ["Add at least one line."]


def test_the_mistakes_of_a_line_stand_at_its_fields(ada: User, expense_flow: FlowVersion) -> None:
    wrong = one(amount="twelve", category="yachts", date="yesterday")
    form = form_of(ada, expense_flow, posted(one(), wrong))
    assert not form.is_valid()
    assert form.formset is not None
    assert set(form.formset.forms[1].errors) == {"amount", "category", "date"}


def test_a_date_years_away_stands_at_its_line(ada: User, expense_flow: FlowVersion) -> None:
    far = (timezone.localdate() + timedelta(days=900)).isoformat()
    form = form_of(ada, expense_flow, posted(one(), one(date=far)), is_submitting=True)
    assert not form.is_valid()
    assert form.formset is not None
    assert "year" in form.formset.forms[1].errors["date"][0]


def test_more_than_a_hundred_lines_are_refused(ada: User, expense_flow: FlowVersion) -> None:
    form = form_of(ada, expense_flow, posted(*[one()] * 101))
    assert not form.is_valid()


def test_forged_counts_of_lines_are_refused_without_an_exception(
    ada: User, expense_flow: FlowVersion
) -> None:
    forged = posted(one(), **{"lines-TOTAL_FORMS": "99999999", "lines-INITIAL_FORMS": "-3"})
    assert not form_of(ada, expense_flow, forged, is_submitting=True).is_valid()
    assert not form_of(ada, expense_flow, {"title": "Trip", "currency": "EUR"}).is_valid()


def test_an_unchanged_line_of_a_draft_stays(ada: User, expense_flow: FlowVersion) -> None:
    draft = make_claim(ada, expense_flow, line("12.50", description="Bus"))
    row = draft.expense.lines.get()
    data = posted(one(id=row.pk, date=row.date.isoformat()), **{"lines-INITIAL_FORMS": 1})
    form = form_of(ada, expense_flow, data, request=draft, is_submitting=True)
    assert form.is_valid()
    services.save_draft(by=ada, flow=expense_flow.flow, form=form, request=draft)
    assert draft.expense.lines.get() == row


def test_a_line_marked_for_removal_goes_with_its_receipt(
    ada: User, expense_flow: FlowVersion
) -> None:
    draft = make_claim(ada, expense_flow, line("5.00", receipt=upload()), line("6.00"))
    first, second = draft.expense.lines.all()
    data = posted(one(id=first.pk, DELETE="on"), one(id=second.pk, amount="6.00"))
    form = form_of(ada, expense_flow, data, request=draft)
    assert form.is_valid()
    services.save_draft(by=ada, flow=expense_flow.flow, form=form, request=draft)
    assert list(draft.expense.lines.values_list("pk", flat=True)) == [second.pk]
    assert not draft.attachments.exists()


def test_the_line_of_somebody_else_is_not_taken_over(
    ada: User, abe: User, expense_flow: FlowVersion
) -> None:
    theirs = make_claim(abe, expense_flow, line("50.00")).expense.lines.get()
    form = form_of(ada, expense_flow, posted(one(id=theirs.pk)))
    assert form.is_valid()
    mine = services.save_draft(by=ada, flow=expense_flow.flow, form=form)
    theirs.refresh_from_db()
    assert theirs.amount == Decimal("50.00")
    assert mine.expense.lines.get().pk != theirs.pk


def test_a_receipt_that_is_no_receipt_stands_at_its_line(
    ada: User, expense_flow: FlowVersion
) -> None:
    files = {"lines-0-receipt": upload("receipt.png", b"<html>hello</html>")}
    form = form_of(ada, expense_flow, posted(one()), files)
    assert not form.is_valid()
    assert form.formset is not None
    assert "receipt.png is not accepted" in form.formset.forms[0].errors["receipt"][0]


def test_an_added_line_keeps_what_was_typed(ada: User, expense_flow: FlowVersion) -> None:
    form = form_of(ada, expense_flow, posted(one(amount="abc")), add_line=True)
    assert form.formset is not None
    assert [f["amount"].value() for f in form.formset.forms] == ["abc", None]
    assert form.form["title"].value() == "Trip"
    assert not form.formset.is_bound


def test_the_total_counts_what_can_be_read(ada: User, expense_flow: FlowVersion) -> None:
    lines = [one(amount="1000.10"), one(amount="oops"), one(amount="5", DELETE="on")]
    form = form_of(ada, expense_flow, posted(*lines))
    assert form.total_text == "1,000.10 EUR"


def test_the_categories_of_many_lines_are_read_once(
    ada: User, expense_flow: FlowVersion, django_assert_max_num_queries: Any
) -> None:
    draft = make_claim(ada, expense_flow, *[line()] * 30)
    with django_assert_max_num_queries(4):
        form = form_of(ada, expense_flow, None, request=Request.objects.get(pk=draft.pk))
        assert form.formset is not None
        str(form.formset)


def test_a_form_shown_again_after_saving_names_its_lines(
    ada: User, expense_flow: FlowVersion
) -> None:
    form = form_of(ada, expense_flow, posted(one(), one()), {"lines-0-receipt": upload()})
    assert form.is_valid()
    draft = services.save_draft(by=ada, flow=expense_flow.flow, form=form)
    assert form.formset is not None
    shown = [f["id"].value() for f in form.formset.forms]
    assert shown == list(draft.expense.lines.values_list("pk", flat=True))
