"""Jobs: what an external worker fetches and ends, and what an operator sees and mends."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.fields import (
    JSON_OBJECT,
    FlagField,
    JSONObjectField,
    Strict,
    TextField,
    WholeNumberField,
)
from workflows.api.pagination import PageQuery
from workflows.api.serializers.work_items import LARGEST_ID
from workflows.models import CaseState, Job, JobKind, JobState
from workflows.visibility import without

LARGEST_LEASE = 2**31 - 1
SHORTEST_LEASE_SECONDS = 5
LONGEST_LEASE_SECONDS = 3600
LONGEST_WAIT_SECONDS = 20
LONGEST_PAUSE_SECONDS = 30 * 24 * 3600
MOST_JOBS = 50


class FetchJobs(Strict):
    topic = TextField(max_length=80, help_text="As the flow's service task names it.")
    worker = TextField(max_length=120, help_text="Who works: a name by which an operator finds it.")
    max = WholeNumberField(default=1, min_value=1, max_value=MOST_JOBS)
    lease_seconds = WholeNumberField(
        default=60,
        min_value=SHORTEST_LEASE_SECONDS,
        max_value=LONGEST_LEASE_SECONDS,
        help_text="After so long others may fetch the job, unless it was extended.",
    )
    wait_seconds = WholeNumberField(
        default=0,
        min_value=0,
        max_value=LONGEST_WAIT_SECONDS,
        help_text="Where nothing is due, wait so long for it before answering an empty list.",
    )


class Leased(Strict):
    lease = WholeNumberField(
        min_value=1, max_value=LARGEST_LEASE, help_text="As `fetch/` has told it."
    )


class CompleteJob(Leased):
    outcome = TextField(default="done", max_length=80, help_text="An outcome of the task.")
    data = JSONObjectField(  # type: ignore[assignment]  # a field, not `.data`
        default=dict,
        help_text="What the work brought: the names of the task's `outputs`, or data fields.",
    )


class FailJob(Leased):
    error = TextField(max_length=4000, help_text="What went wrong; an operator reads it.")
    retry_in = WholeNumberField(
        required=False,
        min_value=0,
        max_value=LONGEST_PAUSE_SECONDS,
        help_text="Seconds until the next try; by default as the task's `retry` says.",
    )
    final = FlagField(default=False, help_text="There is no use in another try: an incident.")


class ExtendJob(Leased):
    seconds = WholeNumberField(
        min_value=SHORTEST_LEASE_SECONDS,
        max_value=LONGEST_LEASE_SECONDS,
        help_text="From now on.",
    )


class Mend(Strict):
    reason = TextField(max_length=2000, help_text="Why; it goes into the case's history.")


class CancelJob(Mend):
    force = FlagField(
        default=False,
        help_text="Although the case could then not end properly; needs a right of its own.",
    )


class EndJob(CancelJob):
    outcome = TextField(max_length=80, help_text="With which the task ends.")


class JobQuery(PageQuery):
    state = serializers.ChoiceField(choices=JobState.choices, required=False)
    topic = serializers.CharField(required=False, max_length=80)
    queue = serializers.CharField(required=False, max_length=80)
    case = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)


class FetchedJobSerializer(serializers.Serializer[Job]):
    """What a worker is told of a job that is now its own."""

    id = serializers.IntegerField()
    key = serializers.CharField(help_text="The same at every try.")
    idempotency_key = serializers.CharField(
        help_text="Give it to whatever you call for this job: it tells a repetition."
    )
    lease = serializers.IntegerField(help_text="Give it back with every call about this job.")
    leased_until = serializers.DateTimeField()
    topic = serializers.CharField()
    case = serializers.IntegerField(source="case_id")
    business_key = serializers.CharField(source="case.business_key")
    work_item = serializers.IntegerField(source="work_item_id")
    task = serializers.CharField(source="work_item.task.key")
    attempt = serializers.IntegerField(source="attempts")
    max_attempts = serializers.IntegerField()
    inputs = serializers.SerializerMethodField(help_text="As the task's `inputs` name them.")
    data = serializers.SerializerMethodField(help_text="All of the case.")  # type: ignore[assignment]  # a field, not `.data`

    @extend_schema_field(JSON_OBJECT)
    def get_inputs(self, job: Job) -> Any:
        return job.payload

    @extend_schema_field(JSON_OBJECT)
    def get_data(self, job: Job) -> Any:
        return job.case.data if job.case else {}


class EndedTrySerializer(serializers.Serializer[Job]):
    """How a job stands after its worker has ended it or a try of it."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(
        choices=JobState.choices,
        help_text="`due`: it is tried again at `due_at`, or its result waits for the case.",
    )
    outcome = serializers.CharField()
    attempts = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    case = serializers.IntegerField(source="case_id")
    case_state = serializers.ChoiceField(choices=CaseState.choices, source="case.state")


class LeaseSerializer(serializers.Serializer[Job]):
    leased_until = serializers.DateTimeField()


class JobSerializer(serializers.Serializer[Job]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    kind = serializers.ChoiceField(choices=JobKind.choices)
    state = serializers.ChoiceField(choices=JobState.choices)
    handler = serializers.CharField(help_text="What a worker of Goflow runs, if one does.")
    topic = serializers.CharField(help_text="By which an external worker fetches it, if one does.")
    queue = serializers.CharField()
    case = serializers.IntegerField(source="case_id", allow_null=True)
    business_key = serializers.CharField(source="case.business_key", default="")
    work_item = serializers.IntegerField(source="work_item_id", allow_null=True)
    task = serializers.CharField(source="work_item.task.key", default=None, allow_null=True)
    attempts = serializers.IntegerField()
    max_attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    leased_by = serializers.CharField(help_text="The worker that took it last.")
    leased_until = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField()
    outcome = serializers.CharField()


class JobDetailSerializer(JobSerializer):
    inputs = serializers.SerializerMethodField(help_text="Null where the caller may not see all.")
    result = serializers.SerializerMethodField(help_text="Without the fields that are hidden.")

    @extend_schema_field({**JSON_OBJECT, "nullable": True})
    def get_inputs(self, job: Job) -> Any:
        """Return them to whoever no field is hidden from: an input can be made of any."""
        return None if self.context["hidden"] else job.payload

    @extend_schema_field({**JSON_OBJECT, "nullable": True})
    def get_result(self, job: Job) -> Any:
        return None if job.result is None else without(job.result, self.context["hidden"])
