"""Ask, foresee, confirm: nothing is done that was not shown first."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from workflows import engine
from workflows.data import canonical
from workflows.engine import Foresight, Intervention
from workflows.errors import GoflowError
from workflows.models import Case

from .forms import OperationForm
from .showing import ForesightShown, shown

SHOWN_REFUSALS = (409, 422)
"""What the engine refuses with these is shown on the form; the rest has a page of its own."""


@dataclass
class Question:
    """One intervention on its way. `done` is the case once it is done; until then the page asks.

    `seal` goes with the form as `foreseen`: with it comes back what was looked at. `refusal` is why
    it cannot even be asked for.
    """

    form: OperationForm
    may_force: bool
    foresight: ForesightShown | None = None
    seal: str = ""
    done: Case | None = None
    was_refused: bool = False
    refusal: str = ""

    @property
    def status(self) -> int:
        return 422 if self.was_refused else 200

    @property
    def can_be_done(self) -> bool:
        """Say whether the page offers to do it, and not just to look again."""
        if self.foresight is None:
            return False
        return self.foresight.tone != "bad" or (self.foresight.can_be_forced and self.may_force)

    @property
    def needs_force(self) -> bool:
        return self.foresight is not None and self.foresight.tone == "bad"


def ask(
    form: OperationForm, *, by: User, posted: Mapping[str, Any], idempotency_key: str = ""
) -> Question:
    """Take the question one step on: foresee what the form asks for, or do what was foreseen.

    Raises:
        workflows.errors.GoflowError: `by` may not, or may not know.
    """
    question = Question(form, may_force=engine.may_force(by))
    is_doing = posted.get("action") == "do"
    # Looking needs no reason; the page says all the same that doing does.
    form.fields["reason"].required = is_doing
    is_valid = form.is_valid()
    form.fields["reason"].required = True
    if not form.is_bound:
        if not form.asks:
            _foresee(question, form.intervention(), by=by)
        return question
    if not is_valid:
        question.was_refused = True
        # What can be looked at is looked at, also where only the reason is missing.
        if set(form.errors) <= {"reason"}:
            _foresee(question, form.intervention(), by=by)
        return question
    wanted = form.intervention()
    foresight = _foresee(question, wanted, by=by)
    if foresight is None or not is_doing or posted.get("foreseen") != question.seal:
        return question
    _do(question, wanted, foresight, by=by, key=idempotency_key)
    return question


def _foresee(question: Question, wanted: Intervention, *, by: User) -> Foresight | None:
    case = question.form.case
    try:
        foresight = engine.foresee(case.pk, wanted, by=by)
    except GoflowError as refusal:
        _show(question, refusal)
        return None
    question.foresight = shown(foresight, case)
    told = canonical({"wanted": {wanted.name: wanted.facts}, "step": foresight.step})
    question.seal = hashlib.sha256(told.encode()).hexdigest()
    return foresight


def _do(
    question: Question, wanted: Intervention, foresight: Foresight, *, by: User, key: str
) -> None:
    form = question.form
    try:
        question.done = engine.intervene(
            form.case.pk,
            wanted,
            by=by,
            reason=form.cleaned_data["reason"],
            force=question.may_force and form.cleaned_data["force"],
            expected_version=foresight.step,
            idempotency_key=key,
        )
    except GoflowError as refusal:
        _show(question, refusal)


def _show(question: Question, refusal: GoflowError) -> None:
    if refusal.http_status not in SHOWN_REFUSALS:
        raise refusal
    question.was_refused = True
    form = question.form
    if not form.is_bound:
        question.refusal = refusal.message
        return
    problems = refusal.facts.get("problems") or [{"path": "", "message": refusal.message}]
    for problem in problems:
        form.refuse(str(problem["path"]).partition(".")[0], problem["message"])
