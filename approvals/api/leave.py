"""Leave requests."""

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
from approvals.api.choices import leave_type_of
from approvals.api.serializers import LeaveBody, LeaveSerializer, NewLeave, Withdrawal
from approvals.models import Request
from workflows.api.fields import Nothing
from workflows.api.idempotency import idempotent
from workflows.api.pagination import page_schema
from workflows.api.schema import answers
from workflows.errors import InvalidData
from workflows.models import Flow


class LeaveView(RequestView):
    flow_key = "leave"
    relation = "leave"
    loaded = ("leave__leave_type",)
    serializer = LeaveSerializer
    new_body = NewLeave
    change_body = LeaveBody
    address = "api-leave-request"

    def save(
        self, *, by: User, flow: Flow, fields: Mapping[str, Any], request: Request | None
    ) -> Request:
        if fields["end"] < fields["start"]:
            message = "The last day lies before the first day."
            raise InvalidData([{"path": "end", "message": message}])
        kept = self.present_fields(request).get("leave_type") if request else None
        leave_type = leave_type_of(fields["leave_type"], kept=kept)
        return services.save_leave(
            by=by,
            flow=flow,
            leave_type=leave_type,
            start=fields["start"],
            end=fields["end"],
            reason=fields["reason"],
            request=request,
        )

    def present_fields(self, request: Request) -> dict[str, Any]:
        leave = request.leave
        return {
            "leave_type": leave.leave_type.code,
            "start": leave.start,
            "end": leave.end,
            "reason": leave.reason,
        }


class LeaveList(LeaveView, RequestListView):
    @extend_schema(
        operation_id="leave_requests_list",
        summary="The leave requests that the caller may see, newest first",
        responses=answers(200, page_schema("LeavePage", LeaveSerializer)),
    )
    def get(self, request: ApiRequest) -> Response:
        return self.page(request)

    @extend_schema(
        operation_id="leave_requests_create",
        summary="Ask for leave: a draft, or submitted at once",
        request=NewLeave,
        responses=answers(201, LeaveSerializer, 404, 409),
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        return self.create()


class LeaveDetail(LeaveView, RequestDetailView):
    @extend_schema(
        operation_id="leave_requests_retrieve",
        summary="One leave request",
        responses=answers(200, LeaveSerializer),
    )
    def get(self, request: ApiRequest, number: str) -> Response:
        return Response(self.shown(number))

    @extend_schema(
        operation_id="leave_requests_update",
        summary="Change a draft",
        request=LeaveBody,
        responses=answers(200, LeaveSerializer, 409),
    )
    def patch(self, request: ApiRequest, number: str) -> Response:
        return self.change(number)


class LeaveSubmit(LeaveView, RequestCommandView):
    @extend_schema(
        operation_id="leave_requests_submit",
        summary="Submit a draft: its case starts",
        request=Nothing,
        responses=answers(200, LeaveSerializer, 409),
    )
    @idempotent
    def post(self, request: ApiRequest, number: str) -> Response:
        return self.submit(number)


class LeaveWithdraw(LeaveView, RequestCommandView):
    @extend_schema(
        operation_id="leave_requests_withdraw",
        summary="Take a request back that is not decided yet",
        request=Withdrawal,
        responses=answers(200, LeaveSerializer, 409),
    )
    @idempotent
    def post(self, request: ApiRequest, number: str) -> Response:
        return self.withdraw(number)
