"""Whether somebody can always act is told for every possible requester, with names and reasons."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import Department, Employee
from tests.factories import expense_data, leave_data, open_item, publish_unproved
from workflows import engine, flowfile, publishing, store
from workflows.directory import get_directory
from workflows.errors import NotPublishable
from workflows.staffing import (
    Answer,
    PeopleReport,
    TaskPeople,
    check_definition,
    check_published,
    if_left,
    published_versions,
)

HEAD = """
flow: trip
title: Trip
data:
  type: object
  properties:
    amount: {type: number, maximum: 5000, title: Amount}
    days: {type: number, title: Days}
    approver: {type: string, title: Approver}
    area: {type: string, enum: [ada, zoe], title: Area}
  required: [amount, days]
"""


def flow(*assignments: str, head: str = HEAD, guard: str = "") -> str:
    """Return a flow whose tasks t1, t2, ... come one after the other."""
    count = len(assignments)
    tasks = "".join(f"  t{n}: {{title: Task {n}, {a}}}\n" for n, a in enumerate(assignments, 1))
    steps = "".join(
        f"  do{n}: {{task: t{n}, outcome: done, from: p{n}, to: {following}}}\n"
        for n, following in enumerate([*(f"p{n}" for n in range(2, count + 1)), "end"], 1)
    )
    places = ", ".join(f"p{n}" for n in range(1, count + 1))
    more = f"  skip: {{from: start, to: p2, guard: {guard}}}\n" if guard else ""
    return (
        f"{head}places: [start, {places}, end]\ntasks:\n{tasks}transitions:\n"
        f"  begin: {{from: start, to: p1, default: true}}\n{more}{steps}"
    )


def checked(*assignments: str, **options: Any) -> PeopleReport:
    return check_definition(flowfile.read(flow(*assignments, **options)))


def last(report: PeopleReport) -> TaskPeople:
    return report.tasks[-1]


def messages(report: PeopleReport) -> list[str]:
    return [problem.message for problem in report.problems]


def test_a_task_for_a_group_of_two_is_there_for_everybody(company):
    assert checked("assign: 'group(\"finance\")'").is_staffed


def test_who_has_no_manager_is_named(company):
    report = checked("assign: manager(requester)")

    assert messages(report) == [
        "'Task 1' finds nobody for a request of Dana Diaz or admin: they have no manager."
    ]


def test_a_manager_who_has_left_is_named(company, ben):
    User.objects.filter(pk=ben.pk).update(is_active=False)

    report = checked("assign: manager(requester)", "assign: 'manager(requester, 2)'")

    assert messages(report)[0] == (
        "'Task 1' finds nobody for a request of Abe Adler or Ada Archer: "
        "their manager, Ben Baker, has left."
    )


def test_the_only_member_of_a_group_who_asks_is_named(company):
    report = checked("assign: 'group(\"hr\")'")

    assert messages(report) == [
        "'Task 1' finds nobody for a request of Eve Ellis: "
        "the group “hr” has only Eve Ellis, who asks."
    ]


def test_otherwise_is_looked_at_too(company):
    assert checked("assign: 'group(\"hr\")', otherwise: manager(requester)").is_staffed


def test_who_did_an_earlier_task_is_told_where_that_excludes_them(company, carl):
    carl.groups.clear()
    report = checked(
        'assign: \'group("finance") | group("hr")\'', 'assign: \'group("finance") - did("t1")\''
    )

    assert (
        "'Task 2' finds nobody for a request of Abe Adler, Ada Archer, Ben Baker and 5 more "
        "if Cleo Clark does “Task 1”: the group “finance” has only Cleo Clark, who already did "
        "“Task 1”, which excludes them."
    ) in messages(report)
    assert (
        "'Task 2' finds nobody for a request of Cleo Clark whoever does “Task 1”: "
        "the group “finance” has only Cleo Clark, who asks."
    ) in messages(report)


def test_a_task_that_may_be_left_out_before_is_not_taken_for_done(company):
    """Whoever did it is nobody then; without guards on other ways this is certain."""
    report = checked("assign: 'group(\"finance\")'", "assign: 'did(\"t1\")'", guard="amount > 1000")

    assert last(report).answer is Answer.DEPENDS
    [gap] = last(report).gaps
    assert gap.condition == "where “Task 1” is left out"


def test_data_that_decide_who_may_act_come_with_an_example(company):
    report = checked('assign: \'role("cfo") if amount > 1000 else group("finance")\'')

    [problem] = report.problems
    assert "whoever asks, where Amount is over 1,000 and up to 5,000:" in problem.message
    assert "nobody active has the role “cfo”" in problem.message
    assert problem.example is not None
    assert problem.example["amount"] > 1000


def test_data_that_the_schema_does_not_allow_do_not_count(company):
    assert checked('assign: \'role("cfo") if amount > 9000 else group("finance")\'').is_staffed


def test_a_field_that_names_a_person_depends_on_the_data(company):
    report = checked("assign: 'field(\"approver\")'")

    assert last(report).answer is Answer.DEPENDS
    assert not report.problems
    assert not report.is_staffed


def test_a_field_with_a_group_behind_it_is_there_for_everybody(company):
    assert checked("assign: 'field(\"approver\")', otherwise: 'group(\"finance\")'").is_staffed


def test_a_field_whose_names_the_schema_lists_is_decided(company):
    report = checked("assign: 'field(\"area\")'", head=HEAD.replace("days]", "days, area]"))

    told = messages(report)
    assert any("where “area” is “zoe”: “Area” names nobody who is active" in text for text in told)
    assert any("for a request of Ada Archer where “area” is “ada”" in text for text in told)


def test_what_goes_by_the_day_depends(company):
    report = checked('assign: \'group("finance") if today > date("2020-01-01") else role("x")\'')

    assert last(report).answer is Answer.DEPENDS
    assert "goes by the day" in last(report).is_open


def test_a_level_that_the_data_give_depends(company):
    report = checked("assign: 'manager(requester, days)', otherwise: 'group(\"finance\")'")

    assert last(report).answer is Answer.DEPENDS


def test_a_circle_of_managers_is_told_and_ends(company, ada, ben):
    employee = Employee.objects.get(user=ben)
    employee.manager = Employee.objects.get(user=ada)
    employee.save()

    report = checked("assign: manager(requester)")

    assert any("the line of managers runs in a circle" in text for text in messages(report))


def test_a_task_that_may_be_done_by_who_asks_needs_nobody_else(company):
    assert checked("assign: requester").is_staffed


def test_a_round_that_somebody_else_has_to_do_is_looked_at(company):
    """Ada may do it the first time, and nobody the second."""
    loop = flow('assign: \'user("ada") - did("t1")\'').replace(
        "begin:", "again: {task: t1, outcome: again, from: p1, to: p1}\n  begin:"
    )

    report = check_definition(flowfile.read(loop))

    assert any("if Ada Archer does “Task 1”" in text for text in messages(report))


def test_past_its_time_it_claims_nothing(company):
    grow(300)

    report = check_definition(flowfile.read(flow("assign: manager(requester)")), seconds=-1)

    assert [task.answer for task in report.tasks] == [Answer.DEPENDS]
    assert not report.problems


# At publishing


def test_an_unfillable_task_has_to_be_confirmed(company, ada):
    version = store.save_draft(flowfile.read(flow("assign: 'group(\"hr\")'")), by=None)

    with pytest.raises(NotPublishable, match="has only Eve Ellis, who asks"):
        publishing.publish(version, by=None)

    assert publishing.publish(version, by=None, confirm_warnings=True).verdict["people"]["tasks"]


def test_a_task_that_nobody_at_all_can_do_is_not_confirmed_away(company):
    version = store.save_draft(flowfile.read(flow("assign: 'group(\"ghosts\")'")), by=None)

    with pytest.raises(NotPublishable, match="finds nobody, whoever asks") as refused:
        publishing.publish(version, by=None, confirm_warnings=True)

    assert [p["is_warning"] for p in refused.value.facts["problems"]] == [False]


def test_without_anybody_who_could_ask_nothing_stands_against_it(db):
    version = store.save_draft(flowfile.read(flow("assign: 'group(\"ghosts\")'")), by=None)

    assert publishing.publish(version, by=None).state == "published"


# After people leave, and before


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_people", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_is_content_where_somebody_can_always_act(purchase_flow):
    assert run() == (0, "Somebody can always act.\n")


def test_the_command_names_what_stands_empty(purchase_flow, carl):
    User.objects.filter(pk=carl.pk).update(is_active=False)

    code, told = run()

    assert code == 1
    assert "'Order it' finds nobody for a request of Cleo Clark" in told


def test_the_command_speaks_json(purchase_flow, carl):
    User.objects.filter(pk=carl.pk).update(is_active=False)

    code, told = run("--flow", "purchase", "--json")

    [flow_told] = json.loads(told)["flows"]
    order = next(task for task in flow_told["tasks"] if task["task"] == "order")
    assert (code, order["answer"], order["gaps"][0]["requesters"]) == (1, "some", ["cleo"])
    assert {"kind": "group", "subject": "finance"} in order["gaps"][0]["cures"]


def test_the_command_refuses_what_is_not_there(purchase_flow):
    with pytest.raises(CommandError, match="no published flow with the key 'trip'"):
        run("--flow", "trip")
    with pytest.raises(CommandError, match="no account 'zoe'"):
        run("--without", "zoe")


def test_what_would_stand_empty_without_somebody_is_told_before_they_leave(
    purchase_flow, leave_flow, ada, carl, ben
):
    engine.start("leave", by=ada, data=leave_data())

    code, told = run("--without", "ben")

    assert code == 1
    assert "Ben Baker is head of Engineering." in told
    assert "Ben Baker is manager of Abe Adler, Ada Archer." in told
    assert "Only Ben Baker can do “Decide on the leave” of" in told
    assert "'Order it'" not in told, "only what is new is told"


def test_leaving_changes_nothing(purchase_flow, carl):
    run("--without", "carl")

    assert User.objects.get(pk=carl.pk).is_active


def test_work_that_others_can_do_too_is_not_told(expense_flow, ada, ben, carl):
    case = engine.start("expense", by=ada, data=expense_data())
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")

    leaving = if_left(carl, published_versions(), get_directory().snapshot())

    assert leaving.items == []
    cleo_asks = {
        (task.key, leaving.flows[0].report.named(gap.requesters))
        for task in leaving.flows[0].report.findings
        for gap in task.certain_gaps
    }
    assert ("pay", "Cleo Clark") in cleo_asks


def test_work_that_they_hold_is_theirs_alone_until_it_goes_back(expense_flow, ada, ben, carl):
    case = engine.start("expense", by=ada, data=expense_data())
    engine.complete(open_item(case, "manager_review").pk, by=ben, outcome="approve")
    engine.claim(open_item(case, "pay").pk, by=carl)

    leaving = if_left(carl, published_versions(), get_directory().snapshot())

    assert [item.task.key for item in leaving.items] == ["pay"]


# Many people


def statements(versions: Any) -> int:
    with CaptureQueriesContext(connection) as sent:
        check_published(versions, get_directory().snapshot())
    return len(sent)


def test_the_number_of_statements_does_not_grow_with_the_people(
    company, leave_flow, expense_flow, purchase_flow
):
    versions = published_versions()
    for version in versions:
        store.load_flow(version.pk)

    assert statements(versions) == 3
    grow(60)
    assert statements(versions) == 3


def test_the_work_grows_no_faster_than_the_people(company, monkeypatch):
    publish_unproved(HARD)
    grow(100)
    few = asked(monkeypatch)
    grow(100, first=100)
    many = asked(monkeypatch)
    grow(200, first=200)
    more = asked(monkeypatch)

    assert more - many <= 2.2 * (many - few)


HARD = flow(
    "assign: 'group(\"finance\") | manager(requester)'",
    'assign: \'group("finance") - did("t1")\'',
    "assign: 'role(\"cfo\") if amount > 1000 else manager(manager(requester))', "
    'otherwise: \'group("all") - did("t1") - did("t2")\'',
    'assign: \'group("all") - did("t3")\'',
)


def asked(monkeypatch: Any) -> int:
    """Return how often the engine's function was asked."""
    from workflows.staffing import look

    count = 0

    def counted(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return look_for(*arguments)

    look_for = look.people_for
    with monkeypatch.context() as patch:
        patch.setattr(look, "people_for", counted)
        check_published(published_versions(), get_directory().snapshot())
    return count


def grow(count: int, first: int = 0) -> None:
    """Employ more people, in lines of managers of ten each, all of them in one group."""
    boss = Employee.objects.get(user__username="dana")
    department = Department.objects.get(name="Finance")
    users = [
        User(username=f"u{n}", first_name="N", last_name=str(n))
        for n in range(first, first + count)
    ]
    User.objects.bulk_create(users)
    users = list(User.objects.filter(username__in=[user.username for user in users]))
    Employee.objects.bulk_create(
        [Employee(user=user, department=department, manager=boss) for user in users]
    )
    group, _ = Group.objects.get_or_create(name="all")
    group.user_set.add(*users)
