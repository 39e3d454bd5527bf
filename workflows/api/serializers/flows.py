"""Flows and their versions, in and out."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows import flowfile, store
from workflows.api.fields import JSON_OBJECT, FlagField, Strict
from workflows.models import Flow, FlowVersion, VersionState

_TOLD = {
    "type": "object",
    "description": "What stands against publishing: a path in the flow file, data that show it.",
    "properties": {
        "path": {"type": "string"},
        "message": {"type": "string"},
        "is_warning": {"type": "boolean"},
        "example": {**JSON_OBJECT, "nullable": True},
        "firing_sequence": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["path", "message", "is_warning"],
    "additionalProperties": True,
}
_GUARDS = {
    "type": "object",
    "description": "The second verdict, which obeys the guards; null where they cannot be read.",
    "nullable": True,
    "properties": {
        "verdict": {"type": "string", "enum": ["proved", "refuted", "undecided"]},
        "problems": {"type": "array", "items": JSON_OBJECT},
        "findings": {"type": "array", "items": JSON_OBJECT},
    },
    "required": ["verdict", "problems", "findings"],
    "additionalProperties": True,
}
VERDICT = {
    "type": "object",
    "description": (
        "What is proved of a version. At the top the classical verdict, in which guards may fall "
        "either way; a problem's firing sequence leads to its marking. Further checks have a key "
        "each. Versions verified by an older Goflow have the verdict alone."
    ),
    "properties": {
        "verdict": {"type": "string", "enum": ["sound", "unsound", "undecided"]},
        "workflow_net": {"type": "boolean"},
        "problems": {"type": "array", "items": JSON_OBJECT},
        "can_be_published": {"type": "boolean"},
        "guards": _GUARDS,
        "errors": {"type": "array", "items": _TOLD},
        "warnings": {"type": "array", "items": _TOLD},
    },
    "required": ["verdict", "problems"],
    "additionalProperties": True,
}
FLOW_FILE = {
    "type": "object",
    "description": "A flow file as JSON; docs/flow-file.md describes it.",
    "properties": {
        "flow": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "data": JSON_OBJECT,
        "places": {},
        "tasks": JSON_OBJECT,
        "transitions": JSON_OBJECT,
        "scenarios": {"type": "array", "items": JSON_OBJECT},
    },
    "required": ["flow", "places", "transitions"],
    "additionalProperties": False,
}


class Publish(Strict):
    confirm_warnings = FlagField(
        default=False, help_text="Publish although the flow has warnings, which the 409 lists."
    )


class FlowSerializer(serializers.Serializer[Flow]):
    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    version = serializers.IntegerField(
        source="published_number", allow_null=True, help_text="The one that new cases take."
    )


class VersionSummarySerializer(serializers.Serializer[FlowVersion]):
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=VersionState.choices)
    title = serializers.CharField()
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)


class FlowDetailSerializer(FlowSerializer):
    data_schema = serializers.SerializerMethodField(
        help_text="JSON Schema of a case's data; null without a published version."
    )
    versions = serializers.SerializerMethodField()

    @extend_schema_field({**JSON_OBJECT, "nullable": True})
    def get_data_schema(self, flow: Flow) -> Any:
        published = [v for v in self.context["versions"] if v.state == VersionState.PUBLISHED]
        return published[0].data_schema if published else None

    @extend_schema_field(VersionSummarySerializer(many=True))
    def get_versions(self, flow: Flow) -> Any:
        return VersionSummarySerializer(self.context["versions"], many=True).data


class VersionSerializer(VersionSummarySerializer):
    flow = serializers.CharField(source="flow.key")
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    published_by = serializers.CharField(
        source="published_by.username", default=None, allow_null=True
    )
    verdict = serializers.SerializerMethodField()
    verified_at = serializers.DateTimeField(allow_null=True)
    definition = serializers.SerializerMethodField()

    @extend_schema_field({**VERDICT, "nullable": True})
    def get_verdict(self, version: FlowVersion) -> Any:
        return version.verdict

    @extend_schema_field(FLOW_FILE)
    def get_definition(self, version: FlowVersion) -> Any:
        return flowfile.to_mapping(store.definition_of(version))
