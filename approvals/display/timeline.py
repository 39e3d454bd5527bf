"""The history of a request as sentences: the case's events, comments and files, by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals import formatting
from approvals.attachments import visible_attachments
from approvals.display.people import PersonView, person_view
from approvals.models import Attachment, Comment, Request
from approvals.outcomes import traits_of
from workflows import store
from workflows.definition import FlowDefinition
from workflows.models import Case, Event, EventKind


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """`who` and `text` make a sentence; what the system does has nobody and a neutral `tone`."""

    icon: str
    tone: str
    who: PersonView | None
    text: str
    comment: str
    at: datetime
    at_text: str


def timeline(request: Request, *, viewer: User, now: datetime | None = None) -> list[TimelineEntry]:
    """Return the history of a request as `viewer` sees it, the newest first.

    It costs the same number of statements, however long it is.
    """
    at = now or timezone.now()
    entries = [
        *_event_entries(request.case, at),
        *(_comment_entry(comment, at) for comment in _comments(request)),
        *(_file_entry(attachment, at) for attachment in _files(request, viewer)),
    ]
    # Sorting is stable: the events of one moment stay as they happened.
    entries.sort(key=lambda entry: entry.at)
    return entries[::-1]


def _comments(request: Request) -> list[Comment]:
    return list(request.comments.select_related("author__employee__department"))


def _files(request: Request, viewer: User) -> list[Attachment]:
    visible = visible_attachments(request, viewer)
    added = visible.select_related("uploaded_by__employee__department")
    if request.submitted_at is None:
        return list(added)
    # What was attached to the draft came with the request.
    return list(added.filter(at__gt=request.submitted_at))


def _event_entries(case: Case | None, now: datetime) -> list[TimelineEntry]:
    if case is None:
        return []
    definition = store.load_flow(case.version_id).definition
    titles = {transition.key: transition.title for transition in definition.transitions}
    first = _first_transitions(definition)
    events = case.history.select_related("actor__employee__department", "work_item__task")
    return [
        _event_entry(event, titles, now)
        for event in events.order_by("sequence")
        if event.transition not in first
    ]


def _first_transitions(definition: FlowDefinition) -> frozenset[str]:
    """Return the automatic transitions out of the start: that somebody asked says as much."""
    filled = {place for transition in definition.transitions for place in transition.outputs}
    return frozenset(
        transition.key
        for transition in definition.transitions
        if transition.is_automatic and not filled & set(transition.inputs)
    )


def _event_entry(event: Event, titles: dict[str, str], now: datetime) -> TimelineEntry:
    if event.kind == EventKind.FIRED:
        return _fired(event, titles, now)
    icon, tone, text = _TOLD[EventKind(event.kind)]
    task = str(event.work_item.task) if event.work_item else ""
    if event.kind == EventKind.SKIPPED:
        task = f"{task} ({titles.get(event.transition) or event.transition})"
    return TimelineEntry(
        icon=icon,
        tone=tone,
        who=person_view(event.actor) if event.actor else None,
        text=f"{text} · {task}" if task else str(text),
        comment=str(event.payload.get("reason", "")),
        at=event.at,
        at_text=formatting.when(event.at, now=now),
    )


def _fired(event: Event, titles: dict[str, str], now: datetime) -> TimelineEntry:
    title = titles.get(event.transition) or event.transition
    traits = traits_of(event.payload.get("outcome", ""))
    if event.actor is None:
        text = _("Routed automatically: %(title)s") % {"title": title}
    else:
        told = str(traits.told) or _("chose %(title)s") % {"title": title}
        text = f"{told} · {event.work_item.task}" if event.work_item else told
    return TimelineEntry(
        icon=traits.icon if event.actor else "route",
        tone=traits.tone if event.actor else "neutral",
        who=person_view(event.actor) if event.actor else None,
        text=text,
        comment=str(event.payload.get("comment", "")),
        at=event.at,
        at_text=formatting.when(event.at, now=now),
    )


def _comment_entry(comment: Comment, now: datetime) -> TimelineEntry:
    return TimelineEntry(
        icon="message-circle",
        tone="neutral",
        who=person_view(comment.author),
        text=_("commented"),
        comment=comment.text,
        at=comment.at,
        at_text=formatting.when(comment.at, now=now),
    )


def _file_entry(attachment: Attachment, now: datetime) -> TimelineEntry:
    return TimelineEntry(
        icon="paperclip",
        tone="neutral",
        who=person_view(attachment.uploaded_by),
        text=_("attached %(name)s") % {"name": attachment.name},
        comment="",
        at=attachment.at,
        at_text=formatting.when(attachment.at, now=now),
    )


_TOLD: dict[EventKind, tuple[str, str, str | Promise]] = {
    EventKind.STARTED: ("send", "primary", gettext_lazy("asked for this")),
    EventKind.CLAIMED: ("hand-stop", "neutral", gettext_lazy("took this on")),
    EventKind.RELEASED: ("lock-open", "neutral", gettext_lazy("gave this back to the group")),
    EventKind.TRANSFERRED: ("user-share", "neutral", gettext_lazy("handed this on")),
    EventKind.COMPLETED: ("flag", "neutral", gettext_lazy("The request is closed")),
    EventKind.CANCELLED: ("ban", "danger", gettext_lazy("cancelled this")),
    EventKind.SUSPENDED: ("player-pause", "warning", gettext_lazy("put this on hold")),
    EventKind.RESUMED: ("refresh", "primary", gettext_lazy("let this go on")),
    EventKind.FAILED: (
        "alert-triangle",
        "danger",
        gettext_lazy("The request was stopped by an error"),
    ),
    EventKind.RETRIED: ("refresh", "warning", gettext_lazy("let the system try again")),
    EventKind.MOVED: ("route", "warning", gettext_lazy("moved this to another place by hand")),
    EventKind.SKIPPED: ("arrow-right", "warning", gettext_lazy("skipped a task")),
    EventKind.REPEATED: ("refresh", "warning", gettext_lazy("asked for a task to be done again")),
    EventKind.DATA_SET: ("edit", "warning", gettext_lazy("corrected the data by hand")),
    EventKind.BRANCH_CANCELLED: ("ban", "warning", gettext_lazy("cancelled a part of this")),
}
