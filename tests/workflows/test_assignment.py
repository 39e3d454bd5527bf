"""For whom a task opens: people who are there today, and found with as few rows as can be."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user, open_item, publish_flow
from workflows import engine
from workflows.directory import get_directory
from workflows.models import Case

CORRECTED_BY_THE_SAME = """
flow: twice
data: {type: object, properties: {}}
places: [start, to_check, to_wait, to_recheck, end]
tasks:
  check: {title: Check, assign: 'group("finance")'}
  wait: {title: Wait, assign: 'role("director")'}
  recheck: {title: Check again, assign: 'did("check")', otherwise: 'group("hr")'}
transitions:
  begin: {from: start, to: to_check}
  checked: {task: check, outcome: checked, from: to_check, to: to_wait}
  waited: {task: wait, outcome: waited, from: to_wait, to: to_recheck}
  rechecked: {task: recheck, outcome: rechecked, from: to_recheck, to: end}
"""


@pytest.fixture
def checked_by_carl(company: SimpleNamespace) -> Case:
    publish_flow(CORRECTED_BY_THE_SAME)
    case = engine.start("twice", by=company.ada, data={})
    return engine.complete(open_item(case, "check").pk, by=company.carl, outcome="checked")


def test_a_task_for_whoever_did_another_opens_for_them(checked_by_carl: Case, dana, carl) -> None:
    engine.complete(open_item(checked_by_carl, "wait").pk, by=dana, outcome="waited")

    [candidate] = open_item(checked_by_carl, "recheck").candidates.filter(is_excluded=False)

    assert candidate.user == carl


def test_who_has_left_since_they_did_a_task_is_asked_no_more(
    checked_by_carl: Case, dana, carl
) -> None:
    User.objects.filter(pk=carl.pk).update(is_active=False)

    engine.complete(open_item(checked_by_carl, "wait").pk, by=dana, outcome="waited")

    [candidate] = open_item(checked_by_carl, "recheck").candidates.filter(is_excluded=False)
    assert candidate.group == "hr"


def test_no_more_members_are_read_than_decide_whether_there_is_one(
    company: SimpleNamespace,
) -> None:
    """Of a group that nobody but the requester is excluded from, two are enough."""
    finance = Group.objects.get(name="finance")
    finance.user_set.add(*(make_user(f"clerk{n}") for n in range(5)))
    publish_flow(CORRECTED_BY_THE_SAME)
    engine.start("twice", by=company.ada, data={})  # What is kept of a flow is kept from here on.

    with CaptureQueriesContext(
        connection,
    ) as sent:
        engine.start("twice", by=company.ada, data={})

    [asked] = [q["sql"] for q in sent if "auth_user_groups" in q["sql"] and "LIMIT" in q["sql"]]
    assert "LIMIT 2" in asked


@pytest.mark.parametrize("at_most", [1, 2, 3, None])
def test_a_group_tells_at_most_so_many_of_its_members(
    company: SimpleNamespace, at_most: int | None
) -> None:
    for directory in (get_directory(), get_directory().snapshot()):
        members = directory.members("finance", at_most)

        assert members <= {company.carl.pk, company.cleo.pk}
        assert len(members) == min(2, 2 if at_most is None else at_most)
