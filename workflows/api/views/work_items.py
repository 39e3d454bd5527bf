"""Work items: what waits for the caller, and what they do with it."""

from __future__ import annotations

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workflows import engine
from workflows.api.base import APIView, one, show_all
from workflows.api.errors import NoSuchMember
from workflows.api.fields import Nothing
from workflows.api.idempotency import idempotent
from workflows.api.pagination import BY_DUE, Order, page_schema, paginate, timestamp
from workflows.api.schema import answers
from workflows.api.serializers.cases import CaseSerializer, show_case
from workflows.api.serializers.work_items import (
    Complete,
    Transfer,
    WorkItemDetailSerializer,
    WorkItemQuery,
    WorkItemSerializer,
)
from workflows.models import WorkItem
from workflows.worklist import WorkList

FILTERS = {
    "case": "case",
    "flow": "case__version__flow__key",
    "task": "task__key",
}
ORDERS = {
    "due_at": BY_DUE,
    "opened_at": Order("opened_at", read=timestamp),
    "-opened_at": Order("opened_at", is_descending=True, read=timestamp),
}


class WorkItemList(APIView):
    query_serializer = WorkItemQuery

    @extend_schema(
        operation_id="work_items_list",
        summary="What the caller may act on now, by default the most urgent first",
        responses=answers(200, page_schema("WorkItemPage", WorkItemSerializer)),
    )
    def get(self, request: Request) -> Response:
        chosen = self.chosen(FILTERS)
        items = WorkItem.objects.filter(**chosen) if chosen else None
        return paginate(
            request,
            WorkList(
                self.caller,
                items,
                due_before=self.parameters.get("due_before"),
                load=WorkItem.objects.for_list().with_eligibility(self.caller),
            ),
            parameters=self.parameters,
            show=lambda rows: show_all(WorkItemSerializer, rows, user=self.caller),
            order=ORDERS[self.parameters["ordering"]],
        )


class WorkItemView(APIView):
    def item(self, pk: int) -> WorkItem:
        items = WorkItem.objects.visible_to(self.caller).with_eligibility(self.caller)
        return one(items.for_list(), pk=pk)


class WorkItemDetail(WorkItemView):
    @extend_schema(
        operation_id="work_items_retrieve",
        summary="One work item, open or ended, with the data to decide on",
        responses=answers(200, WorkItemDetailSerializer),
    )
    def get(self, request: Request, pk: int) -> Response:
        context = {"user": self.caller}
        return Response(WorkItemDetailSerializer(self.item(pk), context=context).data)


class WorkItemClaim(WorkItemView):
    @extend_schema(
        operation_id="work_items_claim",
        summary="Take an offered item, so that no other candidate can end it",
        request=Nothing,
        responses=answers(200, CaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        item = self.item(pk)
        self.body(Nothing)
        case = engine.claim(item.pk, by=self.caller)
        return Response(show_case(case.pk, self.caller))


class WorkItemRelease(WorkItemView):
    @extend_schema(
        operation_id="work_items_release",
        summary="Give a claimed item back to all its candidates",
        request=Nothing,
        responses=answers(200, CaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        item = self.item(pk)
        self.body(Nothing)
        case = engine.release(item.pk, by=self.caller)
        return Response(show_case(case.pk, self.caller))


class WorkItemComplete(WorkItemView):
    @extend_schema(
        operation_id="work_items_complete",
        summary="End an item with an outcome: the transition behind it fires",
        request=Complete,
        responses=answers(200, CaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        item = self.item(pk)
        body = self.body(Complete)
        case = engine.complete(
            item.pk,
            by=self.caller,
            outcome=body["outcome"],
            data=body["data"],
            comment=body["comment"],
            expected_version=body.get("step"),
        )
        return Response(show_case(case.pk, self.caller))


class WorkItemTransfer(WorkItemView):
    @extend_schema(
        operation_id="work_items_transfer",
        summary="Hand an item to one person, who then holds it",
        request=Transfer,
        responses=answers(200, CaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        item = self.item(pk)
        body = self.body(Transfer)
        to = User.objects.filter(username=body["to"], is_active=True).first()
        if to is None:
            raise NoSuchMember("to", f"There is no active person {body['to']!r}.")
        case = engine.transfer(item.pk, by=self.caller, to=to, reason=body["reason"])
        return Response(show_case(case.pk, self.caller))
