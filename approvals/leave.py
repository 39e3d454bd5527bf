"""Leave beside other leave of the same person."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import User

from approvals.formatting import period
from approvals.models import LeaveRequest, Request
from approvals.policies import Problem


def overlap_problems(
    user: User, start: date, end: date, *, but: Request | None = None
) -> list[Problem]:
    """Return a problem that names the person's other leave, asked for or granted, on these days."""
    found = LeaveRequest.objects.overlapping(user, start=start, end=end).select_related("request")
    others = found if but is None else found.exclude(request=but)
    earliest = others.order_by("start").first()
    if earliest is None:
        return []
    state = earliest.request.get_state_display().lower()
    told = f"{earliest.request.number} ({period(earliest.start, earliest.end)}, {state})"
    return [Problem("start", f"You have asked for leave on some of these days already: {told}.")]
