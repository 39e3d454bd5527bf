"""Leave: from a first to a last day, counted in working days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from approvals import drafts, formatting
from approvals.attachments import NewFiles
from approvals.calendars import calendar_of
from approvals.forms import LeaveForm, RequestForm
from approvals.leave import overlap_problems
from approvals.models import LeaveType, Request
from approvals.policies import Problem, days_problems, leave_problems, text_problems
from approvals.summary import KeyField, Section, Titles, field_title, fields_of
from workflows.errors import InvalidData

from .base import LineTable, Schema, Values, requires

FIELDS = ("leave_type", "start", "end", "days", "reason")


class LeaveKind:
    icon = "beach"
    prefix = "LV"
    form_template = "approvals/leave_form.html"
    own_fields = frozenset(FIELDS)

    def fits(self, schema: Schema) -> bool:
        needed = {"leave_type": "string", "start": "date", "end": "date", "days": "number"}
        return requires(schema, needed)

    def form(
        self,
        *,
        user: User,
        schema: Schema,
        request: Request | None = None,
        data: Any = None,
        files: Any = None,
        is_submitting: bool = False,
        add_line: bool = False,
    ) -> RequestForm:
        initial: dict[str, Any] = {}
        if request is not None and hasattr(request, "leave"):
            leave = request.leave
            initial = {
                "leave_type": leave.leave_type.code,
                "start": leave.start,
                "end": leave.end,
                "reason": leave.reason,
            }
        form = LeaveForm(
            data, initial=initial, user=user, request=request, is_submitting=is_submitting
        )
        return RequestForm(form)

    def write(self, form: RequestForm, request: Request, *, by: User, files: NewFiles) -> None:
        drafts.write_leave(request, **form.form.cleaned_data)

    def case_data(self, request: Request) -> dict[str, object]:
        if not hasattr(request, "leave"):
            return {}
        leave = request.leave
        # The reason is told even where it is empty: a correction may have removed it.
        return {
            "leave_type": leave.leave_type.code,
            "start": leave.start,
            "end": leave.end,
            "days": leave.days,
            "reason": leave.reason,
        }

    def problems(self, request: Request, *, today: date) -> list[Problem]:
        if not hasattr(request, "leave"):
            return [Problem("start", "Say from when to when.")]
        start, end = request.leave.start, request.leave.end
        calendar = calendar_of(request.requester_id)
        found = leave_problems(start, end, today=today, calendar=calendar)
        return found or overlap_problems(request.requester, start, end, but=request)

    def apply(self, request: Request, values: Values) -> None:
        if values == self.case_data(request) | _others(values):
            return
        start, end, days = values["start"], values["end"], Decimal(values["days"])
        reason = str(values.get("reason") or "")
        calendar = calendar_of(request.requester_id)
        problems = days_problems(days, start, end, calendar=calendar)
        problems += text_problems(reason, path="reason", max_length=2000)
        if end < start:
            problems = [Problem("end", "The last day lies before the first day.")]
        leave_type = LeaveType.objects.filter(code=values["leave_type"]).first()
        if leave_type is None:
            known = ", ".join(
                LeaveType.objects.filter(is_active=True).values_list("code", flat=True)
            )
            message = f"There is no kind of leave {values['leave_type']!r}. Known: {known}."
            raise InvalidData([{"path": "leave_type", "message": message}])
        if problems:
            raise InvalidData([problem.as_dict() for problem in problems])
        drafts.write_leave(
            request, leave_type=leave_type, start=start, end=end, days=days, reason=reason
        )

    def titles(self) -> Titles:
        return {"leave_type": dict(LeaveType.objects.values_list("code", "title"))}

    def key_fields(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[KeyField]:
        shown = fields_of(schema, values, names=["leave_type"], titles=titles, hidden=hidden)
        start, end = values.get("start"), values.get("end")
        if start and end and not {"start", "end"} & set(hidden):
            shown.append(KeyField(_("Dates"), formatting.period(start, end)))
        if values.get("days") is not None and "days" not in hidden:
            label = field_title(schema, "days")
            shown.append(KeyField(label, formatting.number(values["days"])))
        return shown

    def sections(
        self, schema: Schema, values: Values, *, titles: Titles, hidden: Collection[str] = ()
    ) -> list[Section]:
        return [Section(_("Leave"), fields_of(schema, values, titles=titles, hidden=hidden))]

    def lines(
        self, request: Request, schema: Schema, values: Values, *, hidden: Collection[str] = ()
    ) -> LineTable | None:
        return None


def _others(values: Values) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in FIELDS}
