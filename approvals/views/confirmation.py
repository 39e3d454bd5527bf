"""The last question before an outcome: for the keyboard, without JavaScript, and where something is
missing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict

from approvals.display import TaskAction, request_page, task_action
from approvals.display.actions import OutcomeView
from approvals.models import Request
from workflows.errors import InvalidData, OutcomeNotEnabled
from workflows.models import WorkItem


class Confirmation:
    """One outcome of one open work item, with what was posted for it, if anything was."""

    def __init__(self, item: WorkItem, key: str, *, request: HttpRequest, user: User) -> None:
        self.posted: QueryDict | None = request.POST if request.method == "POST" else None
        self.action: TaskAction = task_action(
            item, viewer=user, data=self.posted, may_hand_on=False
        )
        self.outcome = self._outcome(item, key)
        self.comment = self.posted.get("comment", "") if self.posted is not None else ""
        self.comment_error = ""
        self._request = Request.objects.for_list().get(case=item.case_id)
        self._page = request_page(self._request, viewer=user)

    @property
    def is_ready(self) -> bool:
        """Say whether everything is there to decide: the confirmation, the comment, valid
        fields."""
        if self.posted is None:
            return False
        form = self.action.decision_form
        is_valid = form is None or form.is_valid()
        if self.outcome.comment_required and not self.comment.strip():
            return False
        is_confirmed = not self.outcome.needs_confirmation or "confirmed" in self.posted
        return is_valid and is_confirmed

    @property
    def changes(self) -> dict[str, Any]:
        form = self.action.decision_form
        return {} if form is None else form.changes

    def show(self, refusal: InvalidData) -> None:
        """Tie what the engine refused to its fields."""
        problems = refusal.facts["problems"]
        self.comment_error = " ".join(p["message"] for p in problems if p["path"] == "comment")
        if self.action.decision_form is not None:
            self.action.decision_form.add_problems(p for p in problems if p["path"] != "comment")

    @property
    def context(self) -> dict[str, Any]:
        return {
            "request_view": self._page.head,
            "key_fields": [field for section in self._page.sections for field in section.fields],
            "outcome": self.outcome,
            "task_title": self.action.task_title,
            "decision_form": self.action.decision_form,
            "comment": self.comment,
            "comment_error": self.comment_error,
            "back_url": self._request.get_absolute_url(),
        }

    def _outcome(self, item: WorkItem, key: str) -> OutcomeView:
        found = self.action.outcome(key)
        if found is None:
            possible = [outcome.key for outcome in self.action.outcomes]
            raise OutcomeNotEnabled(
                f"{str(item.task)!r} cannot end with {key!r} now. "
                f"Possible: {', '.join(possible) or 'none'}.",
                outcome=key,
                possible=possible,
            )
        return found
