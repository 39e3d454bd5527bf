"""What leave requests and expense claims have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from rest_framework.request import Request as ApiRequest
from rest_framework.response import Response

from approvals import services
from approvals.api.serializers import RequestQuery, RequestSerializer, Withdrawal, show_requests
from approvals.models import Request
from approvals.services.access import lock
from workflows import store
from workflows.api.base import APIView, one
from workflows.api.fields import Nothing, Strict
from workflows.api.pagination import NEWEST_FIRST, paginate
from workflows.errors import UnknownFlow
from workflows.models import Flow

FILTERS = {"state": "state", "requester": "requester__username"}


class RequestView(APIView):
    """One kind of typed request: `relation` is the row that makes a request one of this kind."""

    flow_key: ClassVar[str]
    relation: ClassVar[str]
    loaded: ClassVar[tuple[str, ...]]
    serializer: ClassVar[type[RequestSerializer]]
    new_body: ClassVar[type[Strict]]
    change_body: ClassVar[type[Strict]]
    address: ClassVar[str]

    def save(
        self, *, by: User, flow: Flow, fields: Mapping[str, Any], request: Request | None
    ) -> Request:
        """Keep `fields`, which are those of `change_body` and whole, as a draft."""
        raise NotImplementedError

    def present_fields(self, request: Request) -> dict[str, Any]:
        """Return what the rows of `request` say, as `change_body` has it."""
        raise NotImplementedError

    def rows(self, *, is_list: bool = False) -> QuerySet[Request]:
        requests = Request.objects.all()
        see = requests.listed_for if is_list else requests.visible_to
        visible = see(self.caller).filter(flow__key=self.flow_key)
        typed = visible.filter(**{f"{self.relation}__isnull": False})
        return typed.select_related("requester", "case").prefetch_related(*self.loaded)

    def shown(self, number: str) -> dict[str, Any]:
        return show_requests(self.serializer, [one(self.rows(), number=number)], self.caller)[0]

    def flow(self) -> Flow:
        flow = Flow.objects.filter(key=self.flow_key).first()
        if flow is None:
            raise UnknownFlow(self.flow_key)
        return flow


class RequestListView(RequestView):
    query_serializer = RequestQuery

    def page(self, request: ApiRequest) -> Response:
        return paginate(
            request,
            self.rows(is_list=True).filter(**self.chosen(FILTERS)),
            parameters=self.parameters,
            show=lambda rows: show_requests(self.serializer, rows, self.caller),
            order=NEWEST_FIRST,
        )

    def create(self) -> Response:
        fields = self.body(self.new_body)
        is_submitted = fields.pop("submit")

        # Refused on submission, the draft is not kept either: the caller has not asked for one.
        @store.again_after_conflict
        @transaction.atomic
        def make() -> Request:
            made = self.save(by=self.caller, flow=self.flow(), fields=fields, request=None)
            if is_submitted:
                services.submit(made, by=self.caller)
            return made

        made = make()
        headers = {"Location": reverse(self.address, args=[made.number])}
        return Response(self.shown(made.number), status=201, headers=headers)


class RequestDetailView(RequestView):
    def change(self, number: str) -> Response:
        """Change the draft: what the body does not name stays."""
        found = one(self.rows(), number=number)
        changes = self.body(self.change_body, partial=True)
        with transaction.atomic():
            # Two changes at once would each write back what the other has changed.
            lock(found)
            present = self.present_fields(one(self.rows(), number=number))
            fields = {**present, **changes}
            self.save(by=self.caller, flow=self.flow(), fields=fields, request=found)
        return Response(self.shown(number))


class RequestCommandView(RequestView):
    def submit(self, number: str) -> Response:
        found = one(self.rows(), number=number)
        self.body(Nothing)
        services.submit(found, by=self.caller)
        return Response(self.shown(number))

    def withdraw(self, number: str) -> Response:
        found = one(self.rows(), number=number)
        reason = self.body(Withdrawal)["reason"]
        services.withdraw(found, by=self.caller, reason=reason)
        return Response(self.shown(number))
