"""The mail about notices: one for all that a person is told at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.calendars import calendar_of
from approvals.display.facts import Facts, values_of
from approvals.models import Notice, NoticeKind
from approvals.models.notice import ABOUT_WORK, wants_mail
from approvals.summary import KeyField
from workflows.jobs.mailing import machine_headers, message_id
from workflows.models import WorkItem
from workflows.visibility import hidden_fields

from .texts import NoticeText, text_of

LONGEST_SUBJECT = 150
_ORDER = {kind: index for index, kind in enumerate(NoticeKind)}


def send_mail(keys: Sequence[str], *, idempotency_key: str) -> bool:
    """Send one mail about the notices with these keys; return whether there was one to send.

    What has become of no use since is left out: work that somebody else has done, a person who has
    left or wants no mails. The mail's Message-ID follows from the key, so that a mail that is sent
    twice is one to whoever receives it.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not take it.
    """
    found = Notice.objects.filter(key__in=keys).select_related(
        "recipient__notice_settings", "case__request", "case__requester", "case__version__flow"
    )
    notices = [notice for notice in found if _is_of_use(notice)]
    if not notices:
        return False
    notices.sort(key=lambda notice: (_ORDER[NoticeKind(notice.kind)], notice.pk))
    # Times are those of the reader's clock, as on their pages.
    with timezone.override(calendar_of(notices[0].recipient_id).zone):
        mail = _compose(notices, idempotency_key)
    mail.send()
    return True


def _is_of_use(notice: Notice) -> bool:
    person = notice.recipient
    choices = getattr(person, "notice_settings", None)
    if not (person.is_active and person.email):
        return False
    if not wants_mail(choices.mail if choices else None, notice.kind):
        return False
    if notice.work_item_id is None:
        return True
    waiting = WorkItem.objects.open().offered_to(person).filter(pk=notice.work_item_id)
    item = waiting.first()
    return item is not None and item.claimed_by_id in (None, person.pk)


def _compose(notices: Sequence[Notice], idempotency_key: str) -> EmailMultiAlternatives:
    first = notices[0]
    text = text_of(first)
    context = {
        "name": first.recipient.get_short_name() or first.recipient.get_username(),
        "text": text,
        "number": first.parts.get("number", ""),
        "comment": first.parts.get("comment", ""),
        "comment_by": first.parts.get("by", ""),
        "key_fields": _key_fields(first),
        "also": [text_of(notice) for notice in notices[1:]],
        "url": _url_of(first),
        "settings_url": public_url(reverse("settings")),
    }
    mail = EmailMultiAlternatives(
        subject=_subject(first, text),
        body=render_to_string("emails/notice.txt", context),
        to=[first.recipient.email],
        reply_to=_reply_to(first),
        headers={
            **machine_headers(idempotency_key),
            # One thread for each request.
            "References": message_id(f"goflow-case-{first.case_id}"),
        },
    )
    mail.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    return mail


def public_url(path: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def _subject(notice: Notice, text: NoticeText) -> str:
    """Return what to do and for which request, on one line whatever the titles hold."""
    number = notice.parts.get("number", "")
    subject = f"{number}: {text.headline}" if number else text.headline
    if notice.kind in ABOUT_WORK and notice.parts.get("requester"):
        subject = f"{subject} ({notice.parts['requester']})"
    told = " ".join("".join(c if c.isprintable() else " " for c in subject).split())
    return told if len(told) <= LONGEST_SUBJECT else f"{told[: LONGEST_SUBJECT - 1]}…"


def _reply_to(notice: Notice) -> list[str]:
    """Return who can answer a question about it: who asked for it, or who decided on it."""
    if notice.case is None:
        return []
    person: User | None = notice.case.requester
    if notice.kind not in ABOUT_WORK:
        person = User.objects.filter(pk=notice.parts.get("by_id"), is_active=True).first()
    if person is None or person.pk == notice.recipient_id or not person.email:
        return []
    return [person.email]


def _key_fields(notice: Notice) -> list[KeyField]:
    """Return what stands for the request, as far as the recipient may see it."""
    case = notice.case
    if case is None:
        return []
    fields = [KeyField(_("Requester"), notice.parts.get("requester", ""))]
    if notice.recipient_id == case.requester_id:
        fields = []
    facts = Facts()
    kind = facts.kind(case.version.flow.key, case.version_id)
    hidden = hidden_fields(case, notice.recipient)
    return fields + facts.key_fields(kind, case.version.data_schema, values_of(case), hidden=hidden)


def _url_of(notice: Notice) -> str:
    request = getattr(notice.case, "request", None)
    return public_url(request.get_absolute_url() if request else reverse("notices"))
