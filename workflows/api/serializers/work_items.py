"""Work items: what can be done now, by whom, with which outcomes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.fields import JSON_OBJECT, JSONObjectField, Strict, TextField, WholeNumberField
from workflows.api.pagination import PageQuery
from workflows.definition import FieldRight
from workflows.engine import rights
from workflows.engine.possible import editable_fields, possible_outcomes
from workflows.models import WorkItem, WorkItemState
from workflows.visibility import visible_data

LARGEST_ID = 2**63 - 1
LARGEST_STEP = 2**31 - 1

ORDERINGS = ("due_at", "opened_at", "-opened_at")


class Complete(Strict):
    outcome = TextField(max_length=80, help_text="One of the work item's `outcomes`.")
    data = JSONObjectField(  # type: ignore[assignment]  # a field, not `.data`
        default=dict, help_text="Fields that the task's form lets one edit."
    )
    comment = TextField(default="", allow_blank=True, max_length=4000)
    step = WholeNumberField(
        required=False,
        min_value=0,
        max_value=LARGEST_STEP,
        help_text="The case's `step` that the decision rests on; 409 if it has moved on.",
    )


class Transfer(Strict):
    to = TextField(max_length=150, help_text="The user name of who shall do it.")
    reason = TextField(default="", allow_blank=True, max_length=2000)


class WorkItemQuery(PageQuery):
    case = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
    flow = serializers.SlugField(required=False, help_text="The key of the flow.")
    task = serializers.CharField(required=False, max_length=80, help_text="The key of the task.")
    due_before = serializers.DateTimeField(required=False)
    ordering = serializers.ChoiceField(choices=ORDERINGS, default="due_at")


class OutcomeSerializer(serializers.Serializer[Any]):
    outcome = serializers.CharField(source="key")
    title = serializers.CharField()
    transition = serializers.CharField()


class WorkItemSerializer(serializers.Serializer[WorkItem]):
    id = serializers.IntegerField()
    case = serializers.IntegerField(source="case_id")
    flow = serializers.CharField(source="case.version.flow.key")
    business_key = serializers.CharField(source="case.business_key")
    requester = serializers.CharField(source="case.requester.username")
    task = serializers.CharField(source="task.key")
    title = serializers.CharField(source="task")
    state = serializers.ChoiceField(choices=WorkItemState.choices)
    claimed_by = serializers.CharField(source="claimed_by.username", default=None, allow_null=True)
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    can_act = serializers.SerializerMethodField()
    outcomes = serializers.SerializerMethodField()

    def get_can_act(self, item: WorkItem) -> bool:
        """Whether the caller may end it now."""
        return item.is_open and item.case.is_running and rights.may_act(item, self.context["user"])

    @extend_schema_field(OutcomeSerializer(many=True))
    def get_outcomes(self, item: WorkItem) -> Any:
        return OutcomeSerializer(possible_outcomes(item), many=True).data


class WorkItemDetailSerializer(WorkItemSerializer):
    outcome = serializers.CharField(help_text="With which it has ended.")
    completed_by = serializers.CharField(
        source="completed_by.username", default=None, allow_null=True
    )
    closed_at = serializers.DateTimeField(allow_null=True)
    form = serializers.SerializerMethodField(
        help_text="Field -> what one may do with it; else read."
    )
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # a field, not `.data`
        help_text="Of the case, as far as the caller may see it."
    )

    @extend_schema_field(
        {"type": "object", "additionalProperties": {"enum": [right.value for right in FieldRight]}}
    )
    def get_form(self, item: WorkItem) -> dict[str, str]:
        return {name: right.value for name, right in editable_fields(item).items()}

    @extend_schema_field(JSON_OBJECT)
    def get_data(self, item: WorkItem) -> Any:
        return visible_data(item.case, self.context["user"])
