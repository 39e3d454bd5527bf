"""Flows: what there is to start, and from a flow file to a published version.

A proof may take seconds: it is made before the transaction in which an idempotent request runs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
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
from workflows.errors import GoflowError
from workflows.models import Flow, FlowVersion
from workflows.proving import Proof
from workflows.querysets import FlowQuerySet

ADD = "workflows.add_flowversion"
CHANGE = "workflows.change_flowversion"
PUBLISH = "workflows.publish_flowversion"


class FlowList(APIView):
    query_serializer = PageQuery
    is_kept = True

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
    def post(self, request: Request) -> Response:
        return self._save(request, _ahead(lambda: self._proved(request)))

    post.is_idempotent = True  # type: ignore[attr-defined]  # by `_save`; for the description

    def _proved(self, request: Request) -> Proof:
        self.require(ADD)
        if not isinstance(request.data, dict):
            raise BadRequest("A flow file is an object that begins with `flow`.")
        definition = flowfile.from_mapping(request.data)
        return publishing.prove_definition(definition, seconds=publishing.SECONDS_FOR_DRAFTS)

    @idempotent
    def _save(self, request: Request, proof: Proof | None) -> Response:
        proof = proof or self._proved(request)
        version = store.save_draft(proof.definition, by=self.caller)
        publishing.keep(version, proof)
        location = reverse("api-version", args=[version.flow.key, version.number])
        return Response(_show_version(version.pk), status=201, headers={"Location": location})


class FlowDetail(APIView):
    is_kept = True

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
    is_kept = True

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
        summary="Prove or refute a version: its net, its guards and all else that is checked",
        request=Nothing,
        responses=answers(200, VERDICT, 409),
    )
    def post(self, request: Request, key: str, number: int) -> Response:
        return self._keep(request, key, number, _ahead(lambda: self._proved(key, number)))

    post.is_idempotent = True  # type: ignore[attr-defined]  # by `_keep`; for the description

    def _proved(self, key: str, number: int) -> Proof:
        version = self.version(key, number)
        self.require(ADD, CHANGE, PUBLISH)
        self.body(Nothing)
        return publishing.prove_version(version)

    @idempotent
    def _keep(self, request: Request, key: str, number: int, proof: Proof | None) -> Response:
        proof = proof or self._proved(key, number)
        publishing.keep(self.version(key, number), proof)
        return Response(proof.as_dict())


class VersionPublish(VersionView):
    @extend_schema(
        operation_id="flow_versions_publish",
        summary="Publish a sound draft; the version published before is retired",
        request=Publish,
        responses=answers(200, VersionSerializer, 409),
    )
    def post(self, request: Request, key: str, number: int) -> Response:
        return self._publish(request, key, number, _ahead(lambda: self._proved(key, number)))

    post.is_idempotent = True  # type: ignore[attr-defined]  # by `_publish`; for the description

    def _proved(self, key: str, number: int) -> Proof | None:
        self.require(PUBLISH)
        version = self.version(key, number)
        return publishing.prove_version(version) if version.is_draft else None

    @idempotent
    def _publish(self, request: Request, key: str, number: int, proof: Proof | None) -> Response:
        version = self.version(key, number)
        self.require(PUBLISH)
        confirmed = self.body(Publish)["confirm_warnings"]
        published = publishing.publish(
            version, by=self.caller, confirm_warnings=confirmed, proof=proof
        )
        return Response(_show_version(published.pk))


_Made = TypeVar("_Made")


def _ahead(make: Callable[[], _Made]) -> _Made | None:
    """Return what is made before the transaction in which an idempotent request runs; None where
    the request is to be refused, which is left to the request itself."""
    try:
        return make()
    except (GoflowError, ValidationError):
        return None


def _with_published_number(flows: FlowQuerySet) -> FlowQuerySet:
    published = FlowVersion.objects.published().filter(flow=OuterRef("pk")).order_by("-number")
    return flows.annotate(published_number=Subquery(published.values("number")[:1]))


def _show_version(version_id: int) -> dict[str, Any]:
    rows = FlowVersion.objects.with_net().select_related("created_by", "published_by")
    return show(VersionSerializer, rows.get(pk=version_id))
