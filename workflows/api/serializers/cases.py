"""Cases, their work items and their history."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.base import show, show_all
from workflows.api.fields import JSON_OBJECT, JSONObjectField, Strict, TextField
from workflows.api.pagination import PageQuery
from workflows.api.serializers.work_items import WorkItemSerializer
from workflows.engine.possible import enabled_in
from workflows.models import Case, CaseState, Event, EventKind
from workflows.visibility import visible_data, without

MARKING = {
    "type": "object",
    "description": "Place -> tokens; places without any are left out.",
    "additionalProperties": {"type": "integer", "minimum": 1},
}


class CaseStart(Strict):
    flow = TextField(max_length=60, help_text="The key of a flow with a published version.")
    data = JSONObjectField(  # type: ignore[assignment]  # a field, not `.data`
        default=dict, help_text="What the flow's data schema asks for."
    )
    business_key = TextField(default="", allow_blank=True, max_length=120)


class Reason(Strict):
    reason = TextField(max_length=2000, help_text="Why; it goes into the case's history.")


class CaseQuery(PageQuery):
    state = serializers.ChoiceField(choices=CaseState.choices, required=False)
    flow = serializers.SlugField(required=False, help_text="The key of the flow.")
    business_key = serializers.CharField(required=False, max_length=120)


class CaseSummarySerializer(serializers.Serializer[Case]):
    id = serializers.IntegerField()
    flow = serializers.CharField(source="version.flow.key")
    version = serializers.IntegerField(source="version.number", help_text="Of the flow.")
    business_key = serializers.CharField()
    requester = serializers.CharField(source="requester.username")
    state = serializers.ChoiceField(choices=CaseState.choices)
    started_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class CaseSerializer(CaseSummarySerializer):
    step = serializers.IntegerField(
        source="step_count", help_text="Grows with every change; give it to `complete/`."
    )
    failure = serializers.CharField(help_text="Why the case has failed, if it has.")
    marking = serializers.SerializerMethodField()
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # a field, not `.data`
        help_text="Without the fields hidden from the caller."
    )
    enabled = serializers.SerializerMethodField()
    work_items = serializers.SerializerMethodField()

    @extend_schema_field(MARKING)
    def get_marking(self, case: Case) -> Any:
        return case.marking.as_dict()

    @extend_schema_field(JSON_OBJECT)
    def get_data(self, case: Case) -> Any:
        return visible_data(case, self.context["user"])

    def get_enabled(self, case: Case) -> list[str]:
        """Transitions that the net allows now."""
        return enabled_in(case)

    @extend_schema_field(WorkItemSerializer(many=True))
    def get_work_items(self, case: Case) -> Any:
        """Return what is open."""
        items = case.work_items.open().with_eligibility(self.context["user"])
        rows = list(items.select_related("task", "claimed_by", "completed_by").order_by("pk"))
        for row in rows:
            row.case = case
        return show_all(WorkItemSerializer, rows, **self.context)


class EventSerializer(serializers.Serializer[Event]):
    sequence = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=EventKind.choices)
    at = serializers.DateTimeField()
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    work_item = serializers.IntegerField(source="work_item_id", allow_null=True)
    task = serializers.CharField(source="work_item.task.key", default=None, allow_null=True)
    transition = serializers.CharField()
    payload = serializers.SerializerMethodField(
        help_text="What was said and what changed: outcome, comment, reason, data."
    )
    previous_hash = serializers.CharField()
    hash = serializers.CharField()

    @extend_schema_field(JSON_OBJECT)
    def get_payload(self, event: Event) -> Any:
        told = {name: value for name, value in event.payload.items() if name != "fingerprint"}
        if isinstance(told.get("data"), dict):
            told["data"] = without(told["data"], self.context["hidden"])
        return told


def show_case(case_id: int, user: User) -> dict[str, Any]:
    """Return the case as `user` may see it, freshly read: what every command on it answers."""
    return show(CaseSerializer, for_show(Case.objects.all()).get(pk=case_id), user=user)


def for_show(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Load what an answer tells of each case."""
    loaded = cases.select_related("version__flow", "requester")
    # Long, and no part of a case.
    return loaded.defer("version__scenarios", "version__verdict")
