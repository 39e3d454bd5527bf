"""Who is told of a step, a reminder, an incident. Nobody is told what they did themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.auth.models import User

from approvals.display.waiting import group_title
from approvals.models import Notice, NoticeKind
from workflows import store
from workflows.clock import database_now
from workflows.models import Candidate, Case, Job, JobKind, WorkItem

from .audience import Audience, load_audience
from .step import LONGEST_COMMENT, Step, read_step
from .writing import Telling, write_notices

OPERATING = "workflows.intervene_case"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def tell_of_step(case_id: int, *, number: int, first: int, last: int) -> None:
    """Tell people of a committed step: its number, and those of its lines in the history.

    May run any number of times, at any time after the step: nobody is told twice, nor of work that
    is done by then.
    """
    step = read_step(case_id, number=number, first=first, last=last)
    Notice.objects.of_items(step.closed).mark_read(at=step.cause.at)
    audience = _audience_of(step)
    if audience is None:
        return
    parts = _about(step.case, audience)
    if step.failure:
        tellings = _to_operators({**parts, "error": step.failure})
    else:
        tellings = [
            *_to_workers(step, audience, parts),
            *_to_requester(step, audience, parts),
            *_to_overtaken(step, audience, parts),
        ]
    write_notices(
        [each for each in tellings if each.recipient_id != step.cause.actor_id],
        occasion=f"{step.case.pk}:{step.number}",
        case=step.case,
        audience=audience,
        at=step.cause.at,
    )
    # Who ended an item meanwhile marked what was there; the step that follows is told elsewhere.
    Notice.objects.of_items(step.offers).about_closed_work().mark_read(at=database_now())


def _audience_of(step: Step) -> Audience | None:
    """Return everybody whom the step may concern; None where it concerns nobody."""
    is_for_requester = bool(step.decision or step.has_ended or step.overtaken)
    if not (step.offers or step.handed or step.failure or is_for_requester):
        return None
    # Whom work is taken from hears who has it now.
    items = step.opened if step.overtaken else step.offers
    return load_audience(
        step.case,
        people=[
            step.case.requester_id,
            step.cause.actor_id,
            *_holder(step.handed),
            *(pk for item in step.overtaken for pk in _owners(item)),
        ],
        candidates=[each for item in items for each in item.candidates.all()],
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
    )


def _to_workers(step: Step, audience: Audience, common: Mapping[str, Any]) -> Iterator[Telling]:
    by = _actor(step, audience)
    for item in step.offers:
        # Who has taken it already knows of it.
        for pk in sorted(audience.reached_by(item.candidates.all()) - set(_holder(item))):
            is_returned = step.is_return and pk == step.case.requester_id
            kind = NoticeKind.RETURNED if is_returned else NoticeKind.OFFERED
            more = {
                "task": str(item.task),
                **by,
                **_due(item),
                **(step.said if is_returned else {}),
            }
            yield Telling(pk, kind, {**common, **more}, item)
    handed = step.handed
    if handed is not None and handed.claimed_by_id is not None:
        more = {"task": str(handed.task), **by, **_due(handed), **step.said}
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
        tasks = ", ".join(str(item.task) for item in step.overtaken)
        now_open = ", ".join(str(item.task) for item in step.opened)
        yield Telling(requester, NoticeKind.ESCALATED, {**parts, "task": tasks, "next": now_open})


def _to_overtaken(step: Step, audience: Audience, common: Mapping[str, Any]) -> Iterator[Telling]:
    """Tell those whose work a timer took away, but for who has it anew, or asked for it."""
    lost: dict[int, list[str]] = {}
    for item in step.overtaken:
        for pk in _owners(item):
            lost.setdefault(pk, []).append(str(item.task))
    now_with = [each for item in step.opened for each in item.candidates.all()]
    spared = audience.reached_by(now_with) | {step.case.requester_id}
    parts = {**common, "to": _names(now_with, audience)}
    for pk, tasks in sorted(lost.items()):
        if pk not in spared and audience.people[pk].is_active:
            yield Telling(pk, NoticeKind.PASSED_ON, {**parts, "task": ", ".join(tasks)})


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


def _owners(item: WorkItem) -> list[int]:
    """Return whose work an item was: who held it, or else who was asked by name."""
    rows = item.candidates.all()
    named = [row.user_id for row in rows if row.user_id is not None and not row.is_excluded]
    return _holder(item) or named


def _names(candidates: Iterable[Candidate], audience: Audience) -> str:
    """Return people and groups by name."""
    rows = [row for row in candidates if not row.is_excluded]
    names = [group_title(row.group) if row.group else audience.name_of(row.user_id) for row in rows]
    return ", ".join(dict.fromkeys(filter(None, names)))


def _about(case: Case, audience: Audience) -> dict[str, Any]:
    """Return what every text about a case names."""
    return {
        "number": audience.number,
        "title": store.load_flow(case.version_id).title,
        "requester": audience.name_of(case.requester_id),
    }
