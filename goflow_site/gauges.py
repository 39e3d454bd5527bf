"""What there is to do and what stands still, counted in the database when somebody asks.

Five statements, none of which reads what has ended; every process gives the same answer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Count, Min
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from workflows.clock import database_now
from workflows.models import (
    Case,
    CaseState,
    Job,
    JobKind,
    JobState,
    WorkerBeat,
    WorkItem,
)

logger = logging.getLogger("goflow.metrics")

WORKER_SEEN_WITHIN = timedelta(seconds=60)
JOB_STATES = (JobState.DUE, JobState.RUNNING, JobState.INCIDENT)
CASE_STATES = (CaseState.RUNNING, CaseState.SUSPENDED, CaseState.FAILED)


class DatabaseGauges(Collector):
    """Gauges of jobs, cases, work items and workers, and whether the database answers at all."""

    def describe(self) -> list[Metric]:
        """Name nothing beforehand: to be registered must not cost the statements."""
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            found = [*_jobs(), *_due(), *_cases(), _work_items(), _workers()]
        except DatabaseError as error:
            logger.warning("The database does not answer: %s", error)
            found = []
        yield _gauge("database_up", "1 if the database answers.", float(bool(found)))
        yield from found


def workers_seen() -> int:
    """Return how many workers have shown lately that they live."""
    return WorkerBeat.objects.filter(seen_at__gte=database_now() - WORKER_SEEN_WITHIN).count()


def _jobs() -> list[Metric]:
    jobs = GaugeMetricFamily(
        "goflow_jobs", "Jobs that have not ended.", labels=["state", "kind", "queue"]
    )
    incidents = 0
    rows = Job.objects.filter(state__in=JOB_STATES).order_by()
    for state, kind, queue, count in rows.values_list("state", "kind", "queue").annotate(
        count=Count("pk")
    ):
        jobs.add_metric([state, kind, queue], count)
        incidents += count if state == JobState.INCIDENT else 0
    return [jobs, _gauge("incidents", "Jobs that an operator has to look at.", incidents)]


def _due() -> list[Metric]:
    """Return what could be done now: the jobs of cases that stand still are not late."""
    labels = ["kind", "queue"]
    due = GaugeMetricFamily("goflow_jobs_due", "Jobs that wait for a worker.", labels=labels)
    late = GaugeMetricFamily(
        "goflow_job_lateness_seconds", "How late the oldest due job is.", labels=labels
    )
    now = database_now()
    timers, latest = 0, 0.0
    rows = Job.objects.takeable().order_by().values_list("kind", "queue")
    for kind, queue, count, oldest in rows.annotate(count=Count("pk"), oldest=Min("due_at")):
        lateness = max(0.0, (now - oldest).total_seconds())
        due.add_metric([kind, queue], count)
        late.add_metric([kind, queue], lateness)
        timers += count if kind == JobKind.TIMER else 0
        latest = max(latest, lateness)
    return [
        due,
        late,
        _gauge("timers_due", "Timers that should have rung.", timers),
        _gauge("oldest_due_job_lateness_seconds", "The same over all queues.", latest),
    ]


def _cases() -> list[Metric]:
    cases = GaugeMetricFamily("goflow_cases", "Cases that have not ended well.", labels=["state"])
    counted = dict.fromkeys(map(str, CASE_STATES), 0)
    rows = Case.objects.filter(state__in=CASE_STATES).order_by()
    counted |= dict(rows.values_list("state").annotate(count=Count("pk")))
    for state, count in counted.items():
        cases.add_metric([state], count)
    return [cases]


def _work_items() -> Metric:
    return _gauge(
        "open_work_items", "Work items that somebody may do.", WorkItem.objects.open().count()
    )


def _workers() -> Metric:
    return _gauge("workers_seen", "Workers that were seen in the last minute.", workers_seen())


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(f"goflow_{name}", documentation, value=value)
