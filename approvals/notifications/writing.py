"""Notices to rows, and the jobs that mail them: two statements for each 500 people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.models import Notice, NoticeKind
from workflows.models import Case, Job, WorkItem
from workflows.store.jobs import add_effects, effect

from .audience import Audience

MAIL_HANDLER = "portal.notice_mail"
BATCH_SIZE = 500
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
    may_repeat: bool = False,
) -> None:
    """Write a notice for each telling, and one mail for each person, into the caller's transaction.

    `occasion` is unlike that of any other call; where it `may_repeat`, a second call with it
    changes nothing.
    """
    notices = [_notice(telling, occasion, case, at) for telling in tellings]
    if not notices:
        return
    Notice.objects.bulk_create(notices, batch_size=BATCH_SIZE, ignore_conflicts=may_repeat)
    mails = _mails(notices, occasion, case, audience, at)
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
    notices: Sequence[Notice],
    occasion: str,
    case: Case | None,
    audience: Audience,
    at: datetime,
) -> list[Job]:
    keys: dict[int, list[str]] = defaultdict(list)
    for notice in notices:
        person = audience.people.get(notice.recipient_id)
        if person is not None and person.gets_mail(notice.kind):
            keys[notice.recipient_id].append(notice.key)
    return [
        effect(
            handler=MAIL_HANDLER,
            key=f"notice:{occasion}:{person}",
            payload={"notices": told},
            case=case,
            due_at=at,
            max_attempts=MAIL_ATTEMPTS,
        )
        for person, told in keys.items()
    ]
