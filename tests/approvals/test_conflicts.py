"""What people do with requests is done again where the database ended its transaction for another's
sake."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from approvals import services
from approvals.kinds import kind_of
from approvals.models import RequestState
from tests import factories
from tests.approvals.conftest import decide, make_leave
from workflows import history, store
from workflows.models import Case, FlowVersion

# MariaDB's number of a deadlock; tests/workflows/test_conflicts.py makes real ones.
DEADLOCK = 1213


@pytest.fixture
def company(transactional_db: None) -> SimpleNamespace:
    return factories.make_company()


def test_a_request_is_submitted_though_its_transaction_was_the_victim(
    leave_flow: FlowVersion, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_leave(ada, leave_flow)
    tries = _victim_once(monkeypatch)

    submitted = services.submit(draft, by=ada)

    assert len(tries) == 2
    assert submitted.state == RequestState.RUNNING
    assert Case.objects.count() == 1


def test_a_correction_is_sent_though_its_transaction_was_the_victim(
    leave_flow: FlowVersion, ada: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = services.submit(make_leave(ada, leave_flow), by=ada)
    decide(request, ben, "manager_review", "return", "A day less, please.")
    day = request.leave.start.isoformat()
    sent = {"leave_type": "annual", "start": day, "end": day, "reason": ""}
    form = kind_of(request).form(
        user=ada, schema=request.case.version.data_schema, request=request, data=sent
    )
    assert form.is_valid()
    tries = _victim_once(monkeypatch)

    again = services.resubmit(request, by=ada, form=form)

    assert len(tries) == 2
    assert again.leave.days == 1
    assert history.verify_case(Case.objects.get()) == []


def _victim_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the first step that is written end in a conflict; return the tries."""
    write = store.write_step
    tries: list[int] = []

    def write_or_lose(*args: Any, **kwargs: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError(DEADLOCK, "Deadlock found")
        write(*args, **kwargs)

    monkeypatch.setattr(store, "write_step", write_or_lose)
    return tries
