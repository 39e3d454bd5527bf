"""Notices to rows, and the jobs that mail them: a transaction for each 500 people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals.models import Notice, NoticeKind
from workflows.models import Case, Job, WorkItem
from workflows.store.conflicts import again_after_conflict
from workflows.store.jobs import add_effects, effect

from .audience import Audience

MAIL_HANDLER = "portal.notice_mail"
PEOPLE_AT_ONCE = 500
MAIL_ATTEMPTS = 200
"""With the pauses between them about a day of a mail server that is down."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing to tell one person."""

    recipient_id: int
    kind: NoticeKind
    parts: Mapping[str, Any]
    work_item: WorkItem | None = None


def write_notices(
    tellings: Iterable[Telling],
    *,
    occasion: str,
    case: Case | None,
    audience: Audience,
    at: datetime,
) -> None:
    """Write a notice for each telling, and one mail for each person.

    `occasion` names what they are told of: a second call with it tells nobody again. A person's
    notices and mail are written in one transaction, those of many people in several: somebody who
    acts on the case meanwhile waits for one of them at most.
    """
    of_person: dict[int, list[Notice]] = defaultdict(list)
    for telling in tellings:
        of_person[telling.recipient_id].append(_notice(telling, occasion, case, at))
    people = list(of_person)
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        some = {pk: of_person[pk] for pk in people[start : start + PEOPLE_AT_ONCE]}
        notices = [notice for told in some.values() for notice in told]
        _write(notices, _mails(some, occasion, case, audience, at))


@again_after_conflict
@transaction.atomic
def _write(notices: Sequence[Notice], mails: Sequence[Job]) -> None:
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if mails:
        add_effects(mails)


def _notice(telling: Telling, occasion: str, case: Case | None, at: datetime) -> Notice:
    item = telling.work_item.pk if telling.work_item else "-"
    return Notice(
        key=f"{occasion}/{telling.kind}/{item}/{telling.recipient_id}",
        recipient_id=telling.recipient_id,
        kind=telling.kind,
        case=case,
        work_item=telling.work_item,
        parts=dict(telling.parts),
        created_at=at,
    )


def _mails(
    of_person: Mapping[int, Sequence[Notice]],
    occasion: str,
    case: Case | None,
    audience: Audience,
    at: datetime,
) -> list[Job]:
    mails = []
    for pk, notices in of_person.items():
        person = audience.people.get(pk)
        told = [each.key for each in notices if person and person.gets_mail(each.kind)]
        if told:
            mails.append(
                effect(
                    handler=MAIL_HANDLER,
                    key=f"notice:{occasion}:{pk}",
                    payload={"notices": told},
                    case=case,
                    due_at=at,
                    max_attempts=MAIL_ATTEMPTS,
                )
            )
    return mails
