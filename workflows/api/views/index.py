"""The way in: where the collections are."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.api.base import APIView
from workflows.api.schema import answers


class IndexSerializer(serializers.Serializer[Any]):
    flows = serializers.CharField()
    cases = serializers.CharField()
    work_items = serializers.CharField()
    jobs = serializers.CharField()
    schema = serializers.CharField()
    docs = serializers.CharField()


class Index(APIView):
    @extend_schema(
        operation_id="index",
        summary="Where to go from here",
        responses=answers(200, IndexSerializer),
    )
    def get(self, request: Request) -> Response:
        names = {
            "flows": "api-flows",
            "cases": "api-cases",
            "work_items": "api-work-items",
            "jobs": "api-jobs",
            "schema": "api-schema",
            "docs": "api-docs",
        }
        return Response({key: reverse(name) for key, name in names.items()})
