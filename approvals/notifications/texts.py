"""What a notice says: as a headline, as a sentence, and as the subject of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from approvals import formatting
from approvals.models import Notice, NoticeKind, RequestState

_Text = str | Promise

# What happened to a request, as the end of its headline and in a sentence; then tone and icon.
_DECIDED: dict[str, tuple[_Text, _Text, str, str]] = {
    RequestState.APPROVED: (
        _lazy("%(title)s approved"),
        _lazy("%(by)s approved it."),
        "success",
        "circle-check",
    ),
    RequestState.REJECTED: (
        _lazy("%(title)s rejected"),
        _lazy("%(by)s rejected it."),
        "danger",
        "circle-x",
    ),
    RequestState.WITHDRAWN: (
        _lazy("%(title)s withdrawn"),
        _lazy("%(by)s withdrew it."),
        "neutral",
        "arrow-back-up",
    ),
    RequestState.CANCELLED: (
        _lazy("%(title)s cancelled"),
        _lazy("%(by)s cancelled it."),
        "neutral",
        "ban",
    ),
    RequestState.CLOSED: (
        _lazy("%(title)s closed"),
        _lazy("%(by)s did the last of it."),
        "neutral",
        "circle-check",
    ),
}


@dataclass(frozen=True, slots=True)
class NoticeText:
    """`headline` says what to do or what happened, `sentence` who and what it is about.

    The request's number stands beside them. `tone` and `icon` are the portal's, `action` is the
    text of the mail's link.
    """

    headline: str
    sentence: str
    action: str
    icon: str
    tone: str = "primary"


def text_of(notice: Notice) -> NoticeText:
    """Return what the notice says, in the language that is active."""
    return _TEXTS[NoticeKind(notice.kind)](_Parts(notice.parts))


class _Parts(dict[str, str]):
    """The parts of a text; what is missing is empty."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        super().__init__({name: str(value) for name, value in parts.items()})

    def __missing__(self, name: str) -> str:
        return ""

    @property
    def by(self) -> str:
        """Who did it; where nobody did, the flow did."""
        return self["by"] or _("The flow")

    @property
    def due(self) -> str:
        """A sentence more, where the work is due some day."""
        if not self["due"]:
            return ""
        due = formatting.moment(datetime.fromisoformat(self["due"]))
        return " " + _("Due %(due)s.") % {"due": due}

    @property
    def whose(self) -> str:
        return _("%(title)s of %(requester)s") % self


def _offered(parts: _Parts) -> NoticeText:
    return NoticeText(parts["task"], f"{parts.whose}.{parts.due}", _("Open the request"), "inbox")


def _transferred(parts: _Parts) -> NoticeText:
    sentence = _("%(by)s handed it to you: %(whose)s.") % {"by": parts.by, "whose": parts.whose}
    return NoticeText(parts["task"], f"{sentence}{parts.due}", _("Open the request"), "user-share")


def _returned(parts: _Parts) -> NoticeText:
    sentence = _("%(by)s returned it to you: %(title)s.") % {
        "by": parts.by,
        "title": parts["title"],
    }
    return NoticeText(parts["task"], sentence, _("Correct it"), "arrow-back-up", "warning")


def _decided(parts: _Parts) -> NoticeText:
    headline, sentence, tone, icon = _DECIDED[parts["decision"]]
    return NoticeText(
        str(headline) % parts, str(sentence) % {"by": parts.by}, _("Look at it"), icon, tone
    )


def _finished(parts: _Parts) -> NoticeText:
    sentence = _("%(by)s did the last of it.") % {"by": parts.by}
    headline = _("%(title)s is done") % parts
    return NoticeText(headline, sentence, _("Look at it"), "circle-check", "success")


def _escalated(parts: _Parts) -> NoticeText:
    headline = _("%(title)s goes to somebody else") % parts
    sentence = _("“%(task)s” was not done in time. “%(next)s” follows.") % parts
    return NoticeText(headline, sentence, _("Look at it"), "flag", "warning")


def _passed_on(parts: _Parts) -> NoticeText:
    headline = _("Passed on: %(task)s") % parts
    sentence = _("It was not done in time and is with %(to)s now: %(whose)s.") % {
        "to": parts["to"],
        "whose": parts.whose,
    }
    return NoticeText(headline, sentence, _("Look at it"), "user-share", "warning")


def _reminded(parts: _Parts) -> NoticeText:
    headline = _("Still waiting: %(task)s") % parts
    sentence = f"{parts.whose}.{parts.due}"
    return NoticeText(headline, sentence, _("Open the request"), "clock", "warning")


def _failed(parts: _Parts) -> NoticeText:
    headline = _("Stopped by an error: %(what)s") % {"what": parts["job"] or parts["title"]}
    return NoticeText(headline, parts["error"], _("Look at it"), "alert-triangle", "danger")


_TEXTS = {
    NoticeKind.OFFERED: _offered,
    NoticeKind.TRANSFERRED: _transferred,
    NoticeKind.RETURNED: _returned,
    NoticeKind.DECIDED: _decided,
    NoticeKind.FINISHED: _finished,
    NoticeKind.ESCALATED: _escalated,
    NoticeKind.PASSED_ON: _passed_on,
    NoticeKind.REMINDED: _reminded,
    NoticeKind.FAILED: _failed,
}
