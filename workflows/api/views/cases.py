"""Cases: start one, look at it, intervene."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workflows import engine
from workflows.api.base import APIView, one, show, show_all
from workflows.api.idempotency import idempotent
from workflows.api.pagination import NEWEST_FIRST, Order, PageQuery, page_schema, paginate
from workflows.api.renderers import ExactJSONRenderer, SVGRenderer
from workflows.api.schema import answers
from workflows.api.serializers.cases import (
    CaseQuery,
    CaseSerializer,
    CaseStart,
    CaseSummarySerializer,
    EventSerializer,
    Reason,
    for_show,
    show_case,
)
from workflows.drawings import draw_case
from workflows.models import Case
from workflows.visibility import hidden_fields

FILTERS = {"state": "state", "flow": "version__flow__key", "business_key": "business_key"}

# A diagram opened by its own address runs and loads nothing.
DIAGRAM_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class CaseList(APIView):
    query_serializer = CaseQuery

    @extend_schema(
        operation_id="cases_list",
        summary="The cases that the caller may see, newest first",
        responses=answers(200, page_schema("CasePage", CaseSummarySerializer)),
    )
    def get(self, request: Request) -> Response:
        cases = Case.objects.listed_for(self.caller).filter(**self.chosen(FILTERS))
        return paginate(
            request,
            for_show(cases),
            parameters=self.parameters,
            show=lambda rows: show_all(CaseSummarySerializer, rows),
            order=NEWEST_FIRST,
        )

    @extend_schema(
        operation_id="cases_start",
        summary="Start a case of a flow's published version",
        request=CaseStart,
        responses=answers(201, CaseSerializer, 404, 409),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = self.body(CaseStart)
        case = engine.start(
            body["flow"], by=self.caller, data=body["data"], business_key=body["business_key"]
        )
        location = reverse("api-case", args=[case.pk])
        return Response(show_case(case.pk, self.caller), status=201, headers={"Location": location})


class CaseView(APIView):
    def case(self, pk: int) -> Case:
        return one(Case.objects.visible_to(self.caller), pk=pk)


class CaseDetail(CaseView):
    @extend_schema(
        operation_id="cases_retrieve",
        summary="One case: marking, data, what is open and what may happen next",
        responses=answers(200, CaseSerializer),
    )
    def get(self, request: Request, pk: int) -> Response:
        case = one(for_show(Case.objects.visible_to(self.caller)), pk=pk)
        return Response(show(CaseSerializer, case, user=self.caller))


class CaseHistory(CaseView):
    query_serializer = PageQuery

    @extend_schema(
        operation_id="cases_history",
        summary="What happened in a case, oldest first",
        responses=answers(200, page_schema("EventPage", EventSerializer)),
    )
    def get(self, request: Request, pk: int) -> Response:
        case = self.case(pk)
        hidden = hidden_fields(case, self.caller)
        return paginate(
            request,
            case.history.for_history(),
            parameters=self.parameters,
            show=lambda events: show_all(EventSerializer, events, hidden=hidden),
            order=Order(column="sequence"),
        )


class CaseDiagram(CaseView):
    is_kept = True
    renderer_classes = [SVGRenderer, ExactJSONRenderer]

    @extend_schema(
        operation_id="cases_diagram",
        summary="The case's net with its tokens, as SVG",
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        drawing = draw_case(self.case(pk), standalone=True)
        headers = {"Content-Security-Policy": DIAGRAM_POLICY}
        return Response(drawing, content_type=SVGRenderer.media_type, headers=headers)


class CaseIntervention(CaseView):
    """What an operator does to a whole case; `command` is the engine's."""

    command: Callable[..., Case]

    def intervene(self, pk: int) -> Response:
        case = self.case(pk)
        reason = self.body(Reason)["reason"]
        type(self).command(case.pk, by=self.caller, reason=reason)
        return Response(show_case(case.pk, self.caller))


class CaseCancel(CaseIntervention):
    command = staticmethod(engine.cancel)

    @extend_schema(
        operation_id="cases_cancel",
        summary="End a case without an outcome",
        request=Reason,
        responses=answers(200, CaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.intervene(pk)


class CaseSuspend(CaseIntervention):
    command = staticmethod(engine.suspend)

    @extend_schema(
        operation_id="cases_suspend",
        summary="Let a case stand still",
        request=Reason,
        responses=answers(200, CaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.intervene(pk)


class CaseResume(CaseIntervention):
    command = staticmethod(engine.resume)

    @extend_schema(
        operation_id="cases_resume",
        summary="Let a suspended case go on",
        request=Reason,
        responses=answers(200, CaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        return self.intervene(pk)
