"""Expense claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from approvals import services
from approvals.api.base import (
    RequestCommandView,
    RequestDetailView,
    RequestListView,
    RequestView,
)
from approvals.api.choices import categories_of
from approvals.api.serializers import ClaimBody, ClaimSerializer, NewClaim, Withdrawal
from approvals.models import Request
from workflows.api.fields import Nothing
from workflows.api.idempotency import idempotent
from workflows.api.pagination import page_schema
from workflows.api.schema import answers
from workflows.models import Flow


class ClaimView(RequestView):
    flow_key = "expense"
    relation = "expense"
    loaded = ("expense__lines__category",)
    serializer = ClaimSerializer
    new_body = NewClaim
    change_body = ClaimBody
    address = "api-expense-claim"

    def save(
        self, *, by: User, flow: Flow, fields: Mapping[str, Any], request: Request | None
    ) -> Request:
        present = list(request.expense.lines.select_related("category")) if request else []
        kept = {line.category.code for line in present}
        categories = categories_of([line["category"] for line in fields["lines"]], kept=kept)
        lines = [
            services.LineDraft(
                date=line["date"],
                category=categories[line["category"]],
                amount=line["amount"],
                description=line["description"],
                # A line takes over the row at its place, and so its receipts.
                id=present[index].pk if index < len(present) else None,
            )
            for index, line in enumerate(fields["lines"])
        ]
        return services.save_expense(
            by=by,
            flow=flow,
            title=fields["title"],
            currency=fields["currency"],
            lines=lines,
            request=request,
        )

    def present_fields(self, request: Request) -> dict[str, Any]:
        lines = [
            {
                "date": line.date,
                "category": line.category.code,
                "amount": line.amount,
                "description": line.description,
            }
            for line in request.expense.lines.all()
        ]
        claim = request.expense
        return {"title": claim.title, "currency": claim.currency, "lines": lines}


class ClaimList(ClaimView, RequestListView):
    @extend_schema(
        operation_id="expense_claims_list",
        summary="The expense claims that the caller may see, newest first",
        responses=answers(200, page_schema("ClaimPage", ClaimSerializer)),
    )
    def get(self, request: ApiRequest) -> Response:
        return self.page(request)

    @extend_schema(
        operation_id="expense_claims_create",
        summary="Claim expenses: a draft, or submitted at once",
        request=NewClaim,
        responses=answers(201, ClaimSerializer, 404, 409),
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        return self.create()


class ClaimDetail(ClaimView, RequestDetailView):
    @extend_schema(
        operation_id="expense_claims_retrieve",
        summary="One expense claim",
        responses=answers(200, ClaimSerializer),
    )
    def get(self, request: ApiRequest, number: str) -> Response:
        return Response(self.shown(number))

    @extend_schema(
        operation_id="expense_claims_update",
        summary="Change a draft; `lines` replace all lines",
        request=ClaimBody,
        responses=answers(200, ClaimSerializer, 409),
    )
    def patch(self, request: ApiRequest, number: str) -> Response:
        return self.change(number)


class ClaimSubmit(ClaimView, RequestCommandView):
    @extend_schema(
        operation_id="expense_claims_submit",
        summary="Submit a draft: its case starts",
        request=Nothing,
        responses=answers(200, ClaimSerializer, 409),
    )
    @idempotent
    def post(self, request: ApiRequest, number: str) -> Response:
        return self.submit(number)


class ClaimWithdraw(ClaimView, RequestCommandView):
    @extend_schema(
        operation_id="expense_claims_withdraw",
        summary="Take a claim back that is not decided yet",
        request=Withdrawal,
        responses=answers(200, ClaimSerializer, 409),
    )
    @idempotent
    def post(self, request: ApiRequest, number: str) -> Response:
        return self.withdraw(number)
