"""The work list says what `actionable_by` says, in pages, whatever became of the items."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import expense_data, grant, leave_data, open_item, publish_flow
from workflows import engine
from workflows.clock import database_now
from workflows.errors import GoflowError
from workflows.keyset import BY_DUE, Order, timestamp
from workflows.models import Candidate, Case, WorkItem
from workflows.worklist import MOST_COUNTED, WorkList, reach_of
from workflows.worklist.branches import MOST_BRANCHES

ORDERS = {
    "due": BY_DUE,
    "oldest": Order("opened_at", read=timestamp),
    "newest": Order("opened_at", is_descending=True, read=timestamp),
}

BOTH = """
flow: both
data: {type: object, properties: {}}
places: [start, waiting, end]
tasks:
  review: {kind: human, title: Review, assign: user("carl") | group("finance")}
transitions:
  submit: {from: start, to: waiting}
  done: {task: review, outcome: done, from: waiting, to: end}
"""


def pages_of(work: WorkList, order: Order, *, limit: int) -> list[int]:
    """Return the keys of all items, read page by page."""
    seen: list[int] = []
    after = None
    while page := work.page(order, after=after, limit=limit):
        seen += [item.pk for item in page]
        after = order.position_of(order.cursor(page[-1]))
    return seen


def actionable(user: User) -> set[int]:
    return set(WorkItem.objects.actionable_by(user).values_list("pk", flat=True))


@pytest.fixture
def make_expense(expense_flow, ada, ben) -> Callable[[], WorkItem]:
    """Start a claim that the pool of Finance has to check."""

    def make() -> WorkItem:
        case = engine.start("expense", by=ada, data=expense_data(total=2000))
        engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
        return open_item(case, "finance_check")

    return make


def test_a_list_holds_what_its_person_may_act_on_after_any_deeds(
    make_expense, leave_flow, ada, ben, carl, cleo, gina
):
    """The same as `actionable_by`, for each of them, in each order, after every deed."""
    gina = grant(gina, "view_all_cases", "intervene_case")
    chance = random.Random(7)  # noqa: S311  a repeatable sequence
    people = [ada, ben, carl, cleo, gina]
    for _ in range(3):
        make_expense()
        engine.start("leave", by=ada, data=leave_data())
    deeds = [
        lambda item, by: engine.claim(item.pk, by=by),
        lambda item, by: engine.release(item.pk, by=by),
        lambda item, by: engine.transfer(item.pk, by=by, to=chance.choice(people)),
        lambda item, by: engine.complete(item.pk, by=by, outcome="approve"),
        lambda item, by: engine.suspend(item.case_id, by=gina, reason="Wait"),
        lambda item, by: engine.resume(item.case_id, by=gina, reason="Go on"),
    ]
    done = 0
    for number in range(60):
        item = chance.choice(WorkItem.objects.open().order_by("pk"))
        try:
            chance.choice(deeds)(item, chance.choice(people))
        except GoflowError:
            continue
        done += 1
        person, order = people[number % 5], list(ORDERS.values())[number % 3]
        assert set(pages_of(WorkList(person), order, limit=2)) == actionable(person)
        assert WorkList(person).count() == len(actionable(person))
    assert done > 10


@pytest.mark.parametrize("order", ORDERS)
def test_pages_follow_each_other_without_a_gap_or_a_repetition(make_expense, carl, order):
    items = [make_expense() for _ in range(5)]
    now = database_now()
    for days, item in zip((3, None, 1, None, 3), items, strict=True):
        due_at = None if days is None else now + timedelta(days=days)
        WorkItem.objects.filter(pk=item.pk).update(due_at=due_at)
    keys = [item.pk for item in items]
    expected = {
        "due": [keys[n] for n in (2, 0, 4, 1, 3)],
        "oldest": keys,
        "newest": keys[::-1],
    }

    for limit in (1, 2, 3, 10):
        assert pages_of(WorkList(carl), ORDERS[order], limit=limit) == expected[order]


def test_an_item_that_reaches_me_in_two_ways_is_listed_once(leave_flow, ada, carl):
    publish_flow(BOTH)
    engine.start("both", by=ada, data={})

    assert len(WorkList(carl).page(BY_DUE, limit=10)) == 1
    assert WorkList(carl).count() == 1


def test_the_pool_holds_what_others_may_take_as_well(make_expense, leave_flow, ada, ben, carl):
    pooled, claimed = make_expense(), make_expense()
    engine.claim(claimed.pk, by=carl)
    engine.start("leave", by=ada, data=leave_data())

    assert pages_of(WorkList(carl, is_pool=True), BY_DUE, limit=5) == [pooled.pk]
    assert WorkList(carl, is_pool=True).count() == 1
    assert WorkList(ben, is_pool=True).count() == 0


def test_a_person_in_very_many_groups_has_one_list(make_expense, carl):
    """The groups beyond the branches share the last one."""
    item = make_expense()
    finance = carl.groups.get(name="finance")
    carl.groups.remove(finance)
    carl.groups.add(*Group.objects.bulk_create(Group(name=f"g{n}") for n in range(600)))
    late = Group.objects.get(name="g599")
    Candidate.objects.filter(work_item=item, group="finance").update(group=late.name)

    assert len(reach_of(carl).groups) > MOST_BRANCHES
    assert pages_of(WorkList(carl), BY_DUE, limit=5) == [item.pk]


def test_a_count_ends_where_it_says_nothing_more(leave_flow, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())
    item = open_item(case, "manager_review")
    items = WorkItem.objects.bulk_create(
        WorkItem(case=case, task_id=item.task_id, opened_at=item.opened_at)
        for _ in range(MOST_COUNTED + 5)
    )
    Candidate.objects.bulk_create(
        Candidate(work_item=each, user=ben, is_offered=True) for each in items
    )

    assert WorkList(ben).count() == MOST_COUNTED


def test_nobody_has_an_empty_list(db):
    from django.contrib.auth.models import AnonymousUser

    assert WorkList(AnonymousUser()).page(BY_DUE, limit=5) == []
    assert WorkList(AnonymousUser()).count() == 0


def test_a_page_costs_two_statements_and_a_count_one_whatever_lies_there(make_expense, carl):
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            work = WorkList(carl)
            work.page(BY_DUE, limit=26)
            work.count()
        return len(captured)

    make_expense()
    alone = statements()
    for _ in range(4):
        make_expense()

    assert statements() == alone == 4


def test_candidates_follow_an_item_that_is_changed_behind_the_engines_back(make_expense):
    """The database tells them, whoever writes."""
    item = make_expense()
    due_at = database_now() + timedelta(days=9)
    WorkItem.objects.filter(pk=item.pk).update(due_at=due_at)
    told = set(item.candidates.filter(is_excluded=False).values_list("is_offered", "due_at"))
    assert told == {(True, due_at)}

    WorkItem.objects.filter(pk=item.pk).update(state="withdrawn")
    assert not item.candidates.filter(is_offered=True).exists()


def test_who_is_excluded_is_offered_nothing(make_expense, carl):
    item = make_expense()
    item.candidates.create(user=carl, is_excluded=True)
    WorkItem.objects.filter(pk=item.pk).update(due_at=database_now())

    assert not item.candidates.get(user=carl).is_offered
    assert WorkList(carl).count() == 0


def test_a_standing_still_case_is_on_no_list(make_expense, carl, gina):
    item = make_expense()
    gina = grant(gina, "view_all_cases", "intervene_case")
    engine.suspend(item.case_id, by=gina, reason="Wait")

    assert Case.objects.get(pk=item.case_id).state == "suspended"
    assert WorkList(carl).count() == 0
