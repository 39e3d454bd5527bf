"""What may be asked for: kinds of leave, categories of expenses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from approvals.api.serializers import ChoiceSerializer
from approvals.models import ExpenseCategory, LeaveType
from workflows.api.base import APIView, show_all
from workflows.api.pagination import PageQuery, page_schema, paginate
from workflows.api.schema import answers
from workflows.errors import InvalidData


class LeaveTypeList(APIView):
    query_serializer = PageQuery
    is_kept = True

    @extend_schema(
        operation_id="leave_types_list",
        summary="The kinds of leave that may be asked for",
        responses=answers(200, page_schema("LeaveTypePage", ChoiceSerializer)),
    )
    def get(self, request: ApiRequest) -> Response:
        return paginate(
            request,
            LeaveType.objects.filter(is_active=True),
            parameters=self.parameters,
            show=lambda rows: show_all(ChoiceSerializer, rows, unit="days"),
        )


class ExpenseCategoryList(APIView):
    query_serializer = PageQuery
    is_kept = True

    @extend_schema(
        operation_id="expense_categories_list",
        summary="The categories of expenses",
        responses=answers(200, page_schema("ExpenseCategoryPage", ChoiceSerializer)),
    )
    def get(self, request: ApiRequest) -> Response:
        return paginate(
            request,
            ExpenseCategory.objects.filter(is_active=True),
            parameters=self.parameters,
            show=lambda rows: show_all(ChoiceSerializer, rows, unit="money"),
        )


def leave_type_of(code: str, *, kept: str | None = None) -> LeaveType:
    """Return a kind of leave that is offered, or the one that the draft has had all along.

    Raises:
        InvalidData: there is none with this code; names those that there are.
    """
    usable = {row.code: row for row in LeaveType.objects.filter(Q(is_active=True) | Q(code=kept))}
    if code not in usable:
        message = f"There is no kind of leave {code!r}. There are: {', '.join(sorted(usable))}."
        raise InvalidData([{"path": "leave_type", "message": message}])
    return usable[code]


def categories_of(
    codes: Sequence[str], *, kept: Collection[str] = ()
) -> Mapping[str, ExpenseCategory]:
    """Return categories by code: those that are offered, and those that the draft has had.

    Raises:
        InvalidData: `codes`, which are of the lines in their order, name one that there is not.
    """
    rows = ExpenseCategory.objects.filter(Q(is_active=True) | Q(code__in=kept))
    usable = {row.code: row for row in rows}
    known = ", ".join(sorted(usable))
    problems = [
        {
            "path": f"lines.{index}.category",
            "message": f"There is no category {code!r}. There are: {known}.",
        }
        for index, code in enumerate(codes)
        if code not in usable
    ]
    if problems:
        raise InvalidData(problems)
    return usable
