"""Who is told of a step, a reminder, an incident. Nobody is told what they did themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.models import User

from approvals.models import Notice, NoticeKind
from workflows import store
from workflows.clock import database_now
from workflows.models import Case, Job, JobKind, WorkItem

from .audience import Audience, load_audience
from .step import LONGEST_COMMENT, Step
from .writing import Telling, write_notices

OPERATING = "workflows.intervene_case"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def tell_of_step(step: Step) -> None:
    """Write what the step means to people, in its transaction.

    At most five statements, whatever the number of people; none where the step means nothing to
    anybody.
    """
    case, at = step.case, step.case.changed_at
    if step.settled:
        Notice.objects.filter(work_item__in=[item.pk for item in step.settled]).mark_read(at=at)
    requester_is_told = bool(step.decision or step.has_ended or step.overtaken)
    if not (step.offers or step.transferred or step.has_failed or requester_is_told):
        return
    audience = load_audience(
        case,
        people=[case.requester_id, step.cause.actor_id, *_holder(step.transferred)],
        candidates=[each for _, _, candidates in step.offers for each in candidates],
    )
    parts = _about(case, audience)
    if step.has_failed:
        tellings = _to_operators({**parts, "error": case.failure})
    else:
        tellings = [*_to_workers(step, audience, parts), *_to_requester(step, audience, parts)]
    write_notices(
        [each for each in tellings if each.recipient_id != step.cause.actor_id],
        occasion=f"{case.pk}:{case.step_count}",
        case=case,
        audience=audience,
        at=at,
    )


def tell_of_reminder(case: Case, item: WorkItem, *, occasion: str) -> None:
    """Remind whoever may do the item now: its holder, or else all its candidates.

    A second call with the same occasion tells nobody again.
    """
    if not item.is_open:
        return
    candidates = [] if item.claimed_by_id else list(item.candidates.all())
    audience = load_audience(
        case, people=[case.requester_id, *_holder(item)], candidates=candidates
    )
    flow = store.load_flow(case.version_id)
    keys = {pk: key for key, pk in store.task_ids(case.version_id).items()}
    task = flow.tasks[keys[item.task_id]]
    parts = _about(case, audience) | _due(item) | {"task": task.title}
    reached = _holder(item) or audience.reached_by(candidates)
    write_notices(
        [Telling(pk, NoticeKind.REMINDED, parts, item) for pk in sorted(reached)],
        occasion=f"remind:{occasion}",
        case=case,
        audience=audience,
        at=database_now(),
        may_repeat=True,
    )


def tell_of_incident(job: Job) -> None:
    """Tell the operators that a job was given up; in the portal only: it may be the mail server.

    Effects that fail alike, e.g. all mails of a night, are told once a day.
    """
    at = database_now()
    is_effect = job.kind == JobKind.EFFECT
    which = f"{job.handler}:{at:%Y-%m-%d}" if is_effect else f"{job.pk}:{job.lease}"
    audience = load_audience(job.case, people=[job.case.requester_id]) if job.case else Audience()
    about = _about(job.case, audience) if job.case else {}
    write_notices(
        _to_operators({**about, "job": str(job), "error": job.last_error}),
        occasion=f"incident:{which}",
        case=job.case,
        audience=audience,
        at=at,
        may_repeat=True,
    )


def _to_workers(step: Step, audience: Audience, common: Mapping[str, Any]) -> Iterator[Telling]:
    by = _actor(step, audience)
    for item, task, candidates in step.offers:
        for pk in sorted(audience.reached_by(candidates)):
            is_returned = step.is_return and pk == step.case.requester_id
            kind = NoticeKind.RETURNED if is_returned else NoticeKind.OFFERED
            more = {"task": task.title, **by, **_due(item), **(step.said if is_returned else {})}
            yield Telling(pk, kind, {**common, **more}, item)
    handed = step.transferred
    if handed is not None and handed.claimed_by_id is not None:
        more = {"task": step.task_of(handed).title, **by, **_due(handed), **step.said}
        yield Telling(handed.claimed_by_id, NoticeKind.TRANSFERRED, {**common, **more}, handed)


def _to_requester(step: Step, audience: Audience, common: Mapping[str, Any]) -> Iterator[Telling]:
    requester = step.case.requester_id
    if not audience.people[requester].is_active:
        return
    parts = {**common, **_actor(step, audience), **step.said}
    if step.decision:
        yield Telling(requester, NoticeKind.DECIDED, {**parts, "decision": step.decision})
    elif step.has_ended:
        yield Telling(requester, NoticeKind.FINISHED, parts)
    elif step.overtaken:
        tasks = ", ".join(task.title for task in step.overtaken)
        now_open = ", ".join(task.title for _, task, _ in step.offers)
        yield Telling(requester, NoticeKind.ESCALATED, {**parts, "task": tasks, "next": now_open})


def _to_operators(parts: Mapping[str, Any]) -> list[Telling]:
    shown = {**parts, "error": str(parts.get("error", ""))[:LONGEST_COMMENT]}
    operators = User.objects.with_perm(OPERATING, backend=BACKEND).values_list("pk", flat=True)
    return [Telling(pk, NoticeKind.FAILED, shown) for pk in sorted(operators)]


def _actor(step: Step, audience: Audience) -> dict[str, Any]:
    """Return who caused the step, as parts of a text; nothing where the flow itself did."""
    actor = step.cause.actor_id
    return {"by": audience.name_of(actor), "by_id": actor} if actor else {}


def _due(item: WorkItem) -> dict[str, Any]:
    return {"due": item.due_at.isoformat()} if item.due_at else {}


def _holder(item: WorkItem | None) -> list[int]:
    return [item.claimed_by_id] if item is not None and item.claimed_by_id else []


def _about(case: Case, audience: Audience) -> dict[str, Any]:
    """Return what every text about a case names."""
    return {
        "number": audience.number,
        "title": store.load_flow(case.version_id).title,
        "requester": audience.name_of(case.requester_id),
    }
