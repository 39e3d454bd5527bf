"""Requests and what may be asked for, in and out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from approvals.models import ExpenseLine, Request, RequestState
from approvals.models.expenses import Currency
from approvals.policies import MAX_EXPENSE_LINES
from workflows.api.fields import AmountField, FlagField, Strict, TextField
from workflows.api.pagination import PageQuery
from workflows.visibility import hidden_fields_of


class LeaveBody(Strict):
    leave_type = TextField(max_length=40, help_text="A code of `leave-types/`.")
    start = serializers.DateField(help_text="The first day.")
    end = serializers.DateField(help_text="The last day; it counts too.")
    reason = TextField(default="", allow_blank=True, max_length=2000)


class NewLeave(LeaveBody):
    submit = FlagField(default=False, help_text="Submit it at once instead of keeping a draft.")


class LineBody(Strict):
    date = serializers.DateField()
    category = TextField(max_length=40, help_text="A code of `expense-categories/`.")
    amount = AmountField(max_digits=12, decimal_places=2, min_value=Decimal("0.01"))
    description = TextField(default="", allow_blank=True, max_length=300)


class ClaimBody(Strict):
    title = TextField(max_length=200)
    currency = serializers.ChoiceField(choices=Currency.choices)
    lines = serializers.ListField(child=LineBody(), max_length=MAX_EXPENSE_LINES)


class NewClaim(ClaimBody):
    submit = FlagField(default=False, help_text="Submit it at once instead of keeping a draft.")


class Withdrawal(Strict):
    reason = TextField(default="", allow_blank=True, max_length=4000)


class RequestQuery(PageQuery):
    state = serializers.ChoiceField(choices=RequestState.choices, required=False)
    requester = serializers.CharField(required=False, max_length=150, help_text="A user name.")


class ChoiceSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.SerializerMethodField(help_text="What is counted: `days` or `money`.")

    def get_unit(self, choice: Any) -> str:
        return str(self.context["unit"])


class RequestSerializer(serializers.Serializer[Request]):
    """What all requests tell; a field that the caller must not see is null."""

    number = serializers.CharField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    case = serializers.IntegerField(source="case_id", allow_null=True)
    requester = serializers.CharField(source="requester.username")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, request: Request) -> dict[str, Any]:
        shown = dict(super().to_representation(request))
        hidden = self.context["hidden"].get(request.case_id, frozenset())
        return {name: None if name in hidden else value for name, value in shown.items()}


class LeaveSerializer(RequestSerializer):
    leave_type = serializers.CharField(source="leave.leave_type.code", allow_null=True)
    start = serializers.DateField(source="leave.start", allow_null=True)
    end = serializers.DateField(source="leave.end", allow_null=True)
    days = serializers.DecimalField(
        source="leave.days",
        max_digits=5,
        decimal_places=1,
        coerce_to_string=False,
        allow_null=True,
        help_text="Working days, counted when it is saved.",
    )
    reason = serializers.CharField(source="leave.reason", allow_null=True)


class LineSerializer(serializers.Serializer[ExpenseLine]):
    date = serializers.DateField()
    category = serializers.CharField(source="category.code")
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, coerce_to_string=False)
    description = serializers.CharField()


class ClaimSerializer(RequestSerializer):
    title = serializers.CharField(source="expense.title", allow_null=True)
    currency = serializers.CharField(source="expense.currency", allow_null=True)
    total = serializers.DecimalField(
        source="expense.total",
        max_digits=14,
        decimal_places=2,
        coerce_to_string=False,
        allow_null=True,
    )
    lines = LineSerializer(source="expense.lines", many=True, allow_null=True)


def show_requests(
    serializer: type[RequestSerializer], requests: Sequence[Request], user: User
) -> list[dict[str, Any]]:
    """Return the requests as `user` may see them; needs each one's case where it has one."""
    cases = [request.case for request in requests if request.case is not None]
    context = {"hidden": hidden_fields_of(cases, user)}
    return [serializer(request, context=context).data for request in requests]
