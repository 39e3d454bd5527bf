"""Flows: what there is to start, and from a flow file to a published version."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workflows import flowfile, publishing, store
from workflows.api.base import APIView, one, show, show_all
from workflows.api.errors import BadRequest
from workflows.api.fields import Nothing
from workflows.api.idempotency import idempotent
from workflows.api.pagination import PageQuery, page_schema, paginate
from workflows.api.schema import answers
from workflows.api.serializers.flows import (
    FLOW_FILE,
    VERDICT,
    FlowDetailSerializer,
    FlowSerializer,
    Publish,
    VersionSerializer,
)
from workflows.models import Flow, FlowVersion
from workflows.querysets import FlowQuerySet

ADD = "workflows.add_flowversion"
CHANGE = "workflows.change_flowversion"
PUBLISH = "workflows.publish_flowversion"


class FlowList(APIView):
    query_serializer = PageQuery

    @extend_schema(
        operation_id="flows_list",
        summary="The flows that there are",
        responses=answers(200, page_schema("FlowPage", FlowSerializer)),
    )
    def get(self, request: Request) -> Response:
        return paginate(
            request,
            _with_published_number(Flow.objects.visible_to(self.caller)),
            parameters=self.parameters,
            show=lambda flows: show_all(FlowSerializer, flows),
        )

    @extend_schema(
        operation_id="flows_create",
        summary="Read a flow file as a new draft version",
        request={"application/json": FLOW_FILE},
        responses=answers(201, VersionSerializer),
    )
    @idempotent
    def post(self, request: Request) -> Response:
        self.require(ADD)
        if not isinstance(request.data, dict):
            raise BadRequest("A flow file is an object that begins with `flow`.")
        version = store.save_draft(flowfile.from_mapping(request.data), by=self.caller)
        location = reverse("api-version", args=[version.flow.key, version.number])
        return Response(_show_version(version.pk), status=201, headers={"Location": location})


class FlowDetail(APIView):
    @extend_schema(
        operation_id="flows_retrieve",
        summary="One flow, its versions, and the data with which it starts",
        responses=answers(200, FlowDetailSerializer),
    )
    def get(self, request: Request, key: str) -> Response:
        flow = one(_with_published_number(Flow.objects.visible_to(self.caller)), key=key)
        versions = FlowVersion.objects.visible_to(self.caller).filter(flow=flow)
        context = {"versions": list(versions.order_by("-number"))}
        return Response(FlowDetailSerializer(flow, context=context).data)


class VersionView(APIView):
    def version(self, key: str, number: int) -> FlowVersion:
        versions = FlowVersion.objects.visible_to(self.caller).select_related("flow")
        return one(versions, flow__key=key, number=number)


class VersionDetail(VersionView):
    @extend_schema(
        operation_id="flow_versions_retrieve",
        summary="One version with its definition",
        responses=answers(200, VersionSerializer),
    )
    def get(self, request: Request, key: str, number: int) -> Response:
        return Response(_show_version(self.version(key, number).pk))


class VersionVerify(VersionView):
    @extend_schema(
        operation_id="flow_versions_verify",
        summary="Prove or refute the soundness of a version",
        request=Nothing,
        responses=answers(200, VERDICT, 409),
    )
    @idempotent
    def post(self, request: Request, key: str, number: int) -> Response:
        version = self.version(key, number)
        self.require(ADD, CHANGE, PUBLISH)
        self.body(Nothing)
        return Response(publishing.verify_version(version).as_dict())


class VersionPublish(VersionView):
    @extend_schema(
        operation_id="flow_versions_publish",
        summary="Publish a sound draft; the version published before is retired",
        request=Publish,
        responses=answers(200, VersionSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, key: str, number: int) -> Response:
        version = self.version(key, number)
        self.require(PUBLISH)
        confirmed = self.body(Publish)["confirm_warnings"]
        published = publishing.publish(version, by=self.caller, confirm_warnings=confirmed)
        return Response(_show_version(published.pk))


def _with_published_number(flows: FlowQuerySet) -> FlowQuerySet:
    published = FlowVersion.objects.published().filter(flow=OuterRef("pk")).order_by("-number")
    return flows.annotate(published_number=Subquery(published.values("number")[:1]))


def _show_version(version_id: int) -> dict[str, Any]:
    rows = FlowVersion.objects.with_net().select_related("created_by", "published_by")
    return show(VersionSerializer, rows.get(pk=version_id))
