"""What a notice says: as a headline, as a sentence, and as the subject of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from approvals import formatting
from approvals.models import Notice, NoticeKind, RequestState

_DECIDED = {
    RequestState.APPROVED: ("approved", "success", "circle-check"),
    RequestState.REJECTED: ("rejected", "danger", "circle-x"),
    RequestState.WITHDRAWN: ("withdrawn", "neutral", "arrow-back-up"),
    RequestState.CANCELLED: ("cancelled", "neutral", "ban"),
}


@dataclass(frozen=True, slots=True)
class NoticeText:
    """`headline` says what to do or what happened, `sentence` who and what it is about.

    `tone` and `icon` are the portal's; `action` is the text of the mail's link.
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
    def about(self) -> str:
        return f"{self['title']} {self['number']}".strip()

    @property
    def whose(self) -> str:
        return _("%(about)s of %(requester)s") % {
            "about": self.about,
            "requester": self["requester"],
        }


def _offered(parts: _Parts) -> NoticeText:
    return NoticeText(parts["task"], f"{parts.whose}.", _("Look at it and decide"), "inbox")


def _transferred(parts: _Parts) -> NoticeText:
    sentence = _("%(by)s handed it to you: %(whose)s.") % {"by": parts.by, "whose": parts.whose}
    return NoticeText(parts["task"], sentence, _("Look at it and decide"), "user-share")


def _returned(parts: _Parts) -> NoticeText:
    sentence = _("%(by)s returned it to you: %(about)s.") % {"by": parts.by, "about": parts.about}
    return NoticeText(parts["task"], sentence, _("Correct it"), "arrow-back-up", "warning")


def _decided(parts: _Parts) -> NoticeText:
    word, tone, icon = _DECIDED.get(
        RequestState(parts["decision"]), ("closed", "neutral", "circle-check")
    )
    headline = _("%(title)s %(word)s") % {"title": parts["title"], "word": _(word)}
    sentence = _("%(by)s did so: %(about)s.") % {"by": parts.by, "about": parts.about}
    if not parts["by"]:
        sentence = f"{parts.about}."
    return NoticeText(headline, sentence, _("Look at it"), icon, tone)


def _finished(parts: _Parts) -> NoticeText:
    headline = _("%(title)s is done") % {"title": parts["title"]}
    sentence = _("%(by)s did the last of it: %(about)s.") % {"by": parts.by, "about": parts.about}
    return NoticeText(headline, sentence, _("Look at it"), "circle-check", "success")


def _escalated(parts: _Parts) -> NoticeText:
    headline = _("It took too long and goes to somebody else")
    sentence = _("“%(task)s” was not done in time; “%(next)s” follows: %(about)s.") % {
        "task": parts["task"],
        "next": parts["next"],
        "about": parts.about,
    }
    return NoticeText(headline, sentence, _("Look at it"), "flag", "warning")


def _reminded(parts: _Parts) -> NoticeText:
    sentence = f"{parts.whose}."
    if parts["due"]:
        due = formatting.moment(datetime.fromisoformat(parts["due"]))
        sentence = _("%(whose)s. Due %(due)s.") % {"whose": parts.whose, "due": due}
    headline = _("Still waiting: %(task)s") % {"task": parts["task"]}
    return NoticeText(headline, sentence, _("Look at it and decide"), "clock", "warning")


def _failed(parts: _Parts) -> NoticeText:
    what = parts["job"] or parts.about
    about = f"{parts.about}: " if parts["job"] and parts["number"] else ""
    headline = _("Stopped by an error: %(what)s") % {"what": what}
    return NoticeText(
        headline, f"{about}{parts['error']}", _("Look at it"), "alert-triangle", "danger"
    )


_TEXTS = {
    NoticeKind.OFFERED: _offered,
    NoticeKind.TRANSFERRED: _transferred,
    NoticeKind.RETURNED: _returned,
    NoticeKind.DECIDED: _decided,
    NoticeKind.FINISHED: _finished,
    NoticeKind.ESCALATED: _escalated,
    NoticeKind.REMINDED: _reminded,
    NoticeKind.FAILED: _failed,
}
