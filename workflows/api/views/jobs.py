"""Jobs: external workers fetch and end those of a topic, operators mend those given up."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.api.base import APIView, one, show, show_all
from workflows.api.idempotency import idempotent
from workflows.api.pagination import NEWEST_FIRST, page_schema, paginate
from workflows.api.schema import answers
from workflows.api.serializers.jobs import (
    CancelJob,
    CompleteJob,
    EndedTrySerializer,
    EndJob,
    ExtendJob,
    FailJob,
    FetchedJobSerializer,
    FetchJobs,
    JobDetailSerializer,
    JobQuery,
    JobSerializer,
    LeaseSerializer,
    Mend,
)
from workflows.engine import incidents
from workflows.jobs import topics
from workflows.models import Job
from workflows.querysets import JobQuerySet
from workflows.visibility import hidden_fields

WORK = "workflows.work_jobs"
INTERVENE = "workflows.intervene_case"
TOO_MANY_WAIT = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    response=[200],
    description="With an empty list: too many wait already; ask again after so many seconds.",
)
FILTERS = {"state": "state", "topic": "topic", "queue": "queue", "case": "case"}


class JobView(APIView):
    def jobs(self) -> JobQuerySet:
        rows = Job.objects.visible_to(self.caller)
        return rows.select_related("case", "work_item__task")

    def job(self, pk: int, *permissions: str) -> Job:
        """Return the job; raise NotFound where the caller may not know of it, NotAllowed where
        they may, and have none of the permissions."""
        job = one(self.jobs(), pk=pk)
        if permissions:
            self.require(*permissions)
        return job

    def shown(self, pk: int) -> Response:
        job = one(self.jobs(), pk=pk)
        hidden = _hidden_from(self.caller, job)
        return Response(show(JobDetailSerializer, job, hidden=hidden))


def _hidden_from(user: Any, job: Job) -> frozenset[str]:
    """Return the fields of the case's data that `user` must not see; who works on the job's topic
    sees all of them."""
    if job.case is None or (job.topic and user.has_perm(WORK)):
        return frozenset()
    return hidden_fields(job.case, user)


def _has_hung_up(request: Request) -> bool:
    """Say whether the caller is known to have gone: a job would be leased to nobody."""
    line = request.META.get("gunicorn.socket")
    if line is None:
        return False
    try:
        return not line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except ConnectionError:
        return True
    # Nothing to read; or the line is encrypted, where nobody can peek.
    except (OSError, ValueError):
        return False


class JobList(JobView):
    query_serializer = JobQuery

    @extend_schema(
        operation_id="jobs_list",
        summary="The jobs that the caller may see, newest first",
        responses=answers(200, page_schema("JobPage", JobSerializer)),
    )
    def get(self, request: Request) -> Response:
        return paginate(
            request,
            self.jobs().filter(**self.chosen(FILTERS)),
            parameters=self.parameters,
            show=lambda rows: show_all(JobSerializer, rows),
            order=NEWEST_FIRST,
        )


class JobDetail(JobView):
    @extend_schema(
        operation_id="jobs_retrieve",
        summary="One job, with what it was given and what it brought",
        responses=answers(200, JobDetailSerializer),
    )
    def get(self, request: Request, pk: int) -> Response:
        return self.shown(pk)


class JobFetch(JobView):
    @extend_schema(
        operation_id="jobs_fetch",
        summary="Lease due jobs of a topic, to work on them outside",
        request=FetchJobs,
        parameters=[TOO_MANY_WAIT],
        responses=answers(200, FetchedJobSerializer(many=True)),
    )
    def post(self, request: Request) -> Response:
        self.require(WORK)
        body = self.body(FetchJobs)
        # Before the record of an Idempotency-Key, which is written in a transaction.
        has_waited = topics.wait(
            body["topic"], seconds=body["wait_seconds"], is_over=lambda: _has_hung_up(request)
        )
        if body["wait_seconds"] and _has_hung_up(request):
            return Response([])
        response = self.fetch(request)
        if not has_waited and not response.data:
            response.headers["Retry-After"] = "1"
        return response

    post.is_idempotent = True  # type: ignore[attr-defined]  # by `fetch`; for the description

    @idempotent
    def fetch(self, request: Request) -> Response:
        body = self.body(FetchJobs)
        jobs = topics.fetch(
            body["topic"],
            worker=body["worker"],
            limit=body["max"],
            lease=timedelta(seconds=body["lease_seconds"]),
        )
        return Response(show_all(FetchedJobSerializer, jobs))


class JobComplete(JobView):
    @extend_schema(
        operation_id="jobs_complete",
        summary="End the task of a fetched job with what the work brought",
        request=CompleteJob,
        responses=answers(200, EndedTrySerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.job(pk, WORK)
        body = self.body(CompleteJob)
        job = topics.complete(pk, lease=body["lease"], outcome=body["outcome"], data=body["data"])
        return Response(show(EndedTrySerializer, job))


class JobFail(JobView):
    @extend_schema(
        operation_id="jobs_fail",
        summary="Say that the work on a fetched job has failed",
        request=FailJob,
        responses=answers(200, EndedTrySerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.job(pk, WORK)
        body = self.body(FailJob)
        pause = timedelta(seconds=body["retry_in"]) if "retry_in" in body else None
        job = topics.fail(
            pk, lease=body["lease"], error=body["error"], retry_in=pause, is_final=body["final"]
        )
        return Response(show(EndedTrySerializer, job))


class JobExtend(JobView):
    @extend_schema(
        operation_id="jobs_extend",
        summary="Keep a fetched job for longer",
        request=ExtendJob,
        responses=answers(200, LeaseSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.job(pk, WORK)
        body = self.body(ExtendJob)
        job = topics.extend(pk, lease=body["lease"], by=timedelta(seconds=body["seconds"]))
        return Response(show(LeaseSerializer, job))


class JobRetry(JobView):
    @extend_schema(
        operation_id="jobs_retry",
        summary="Try a given-up job again, with all its attempts",
        request=Mend,
        responses=answers(200, JobDetailSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.job(pk, INTERVENE)
        body = self.body(Mend)
        incidents.retry_job(pk, by=self.caller, reason=body["reason"])
        return self.shown(pk)


class JobEnd(JobView):
    @extend_schema(
        operation_id="jobs_end",
        summary="End the task of a given-up job with an outcome",
        request=EndJob,
        responses=answers(200, JobDetailSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.job(pk, INTERVENE)
        body = self.body(EndJob)
        incidents.end_job(
            pk,
            by=self.caller,
            outcome=body["outcome"],
            reason=body["reason"],
            force=body["force"],
        )
        return self.shown(pk)


class JobCancel(JobView):
    @extend_schema(
        operation_id="jobs_cancel",
        summary="Drop a given-up job, and with it the branch that waits for it",
        request=CancelJob,
        responses=answers(200, JobDetailSerializer, 409),
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        self.job(pk, INTERVENE)
        body = self.body(CancelJob)
        incidents.cancel_job(pk, by=self.caller, reason=body["reason"], force=body["force"])
        return self.shown(pk)
