"""What a process was told of people is kept, and proved by the statement that writes a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from approvals.models import Employee
from tests.factories import make_user, open_item, publish_flow
from workflows import engine
from workflows.errors import NobodyCanAct
from workflows.models import Candidate, Case, Event
from workflows.store import writing

pytestmark = pytest.mark.django_db(transaction=True)

LOOP = """
flow: {key}
data: {{type: object, properties: {{}}}}
places: [start, reviewing, end]
tasks:
  review: {{kind: human, title: Review, assign: '{assign}'}}
transitions:
  submit: {{from: start, to: reviewing}}
  again: {{task: review, outcome: again, from: reviewing, to: reviewing}}
  stop: {{task: review, outcome: stop, from: reviewing, to: end}}
"""

Again = Callable[[], Case]


@pytest.fixture(params=["at once", "in turn"])
def road(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large step is written in turn on PostgreSQL as well."""
    if request.param == "in turn":
        monkeypatch.setattr(writing, "write_at_once", writing.write_in_turn)
    elif connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL writes all at once")


def started(assign: str, *, by: Any) -> Case:
    publish_flow(LOOP.format(key="loop", assign=assign))
    return engine.start("loop", by=by, data={})


def decide(case: Case, *, by: Any) -> Case:
    return engine.complete(open_item(case, "review").pk, by=by, outcome="again")


def asked_of(case: Case) -> list[int | None]:
    """Return who the open item is offered to."""
    item = open_item(case, "review")
    offered = Candidate.objects.filter(work_item=item, is_excluded=False)
    return list(offered.values_list("user", flat=True))


def test_a_step_asks_the_manager_whom_somebody_else_has_just_named(road, company, ada, ben, dana):
    case = decide(started("manager(requester)", by=ada), by=ben)
    Employee.objects.filter(user=ada).update(manager=dana.employee)

    decide(case, by=ben)

    assert asked_of(case) == [dana.pk]


def test_a_step_asks_nobody_who_has_left(road, company, ada, ben, carl):
    case = decide(started('user("carl") | user("ben")', by=ada), by=ben)
    type(carl).objects.filter(pk=carl.pk).update(is_active=False)

    decide(case, by=ben)

    assert asked_of(case) == [ben.pk]


def test_a_step_that_finds_its_group_empty_is_refused_and_writes_nothing(road, company, ada, ben):
    group = _group("reviewers", ben)
    case = decide(started('group("reviewers")', by=ada), by=ben)
    item = open_item(case, "review")
    lines = Event.objects.filter(case=case).count()
    # Ben holds what is open, and has left the group since.
    Candidate.objects.create(work_item=item, user=ben, is_offered=True)
    group.user_set.clear()

    with pytest.raises(NobodyCanAct):
        engine.complete(item.pk, by=ben, outcome="again")

    assert Event.objects.filter(case=case).count() == lines
    assert open_item(case, "review") == item


def test_nobody_is_refused_because_of_what_was_true_before(company, ada, ben):
    publish_flow(LOOP.format(key="loop", assign="manager(requester)"))
    Employee.objects.filter(user=ada).update(manager=None)
    for _ in range(2):
        with pytest.raises(NobodyCanAct):
            engine.start("loop", by=ada, data={})
    Employee.objects.filter(user=ada).update(manager=ben.employee)

    case = engine.start("loop", by=ada, data={})

    assert asked_of(case) == [ben.pk]


def test_within_another_transaction_a_step_sees_what_that_has_changed(company, ada, ben, dana):
    case = decide(started("manager(requester)", by=ada), by=ben)

    with transaction.atomic():
        Employee.objects.filter(user=ada).update(manager=dana.employee)
        decide(case, by=ben)

    assert asked_of(case) == [dana.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere each step asks")
def test_who_was_asked_for_last_time_is_not_asked_for_by_a_statement_again(company, ada, ben):
    case = decide(started("manager(requester)", by=ada), by=ben)
    item = open_item(case, "review")

    with CaptureQueriesContext(connection) as captured:
        engine.complete(item.pk, by=ben, outcome="again")

    sent = [query["sql"] for query in captured if "workflows_" in query["sql"]]
    assert len(sent) == 2
    assert not [q for q in captured if q["sql"].startswith("SELECT") and q["sql"] not in sent]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere each step asks")
def test_an_answer_of_many_people_is_not_kept(company, ada, ben):
    _group("reviewers", ben, *(make_user(f"r{number}") for number in range(20)))
    excluded = " - ".join(['group("reviewers")', *(f'user("r{n}")' for n in range(12))])
    case = decide(started(excluded, by=ada), by=ben)

    decide(case, by=ben)

    assert asked_of(case) == [None]


def _group(name: str, *people: Any) -> Group:
    group, _ = Group.objects.get_or_create(name=name)
    group.user_set.add(*people)
    return group
