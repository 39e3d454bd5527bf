"""The check of the people says nobody exactly where the engine finds nobody: random companies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from approvals.models import Department, Employee
from tests.factories import make_user, publish_unproved
from workflows import engine, flowfile, store
from workflows.compiled import CompiledFlow, compile_flow
from workflows.directory import Directory, PersonId, get_directory
from workflows.errors import GoflowError
from workflows.models import Case
from workflows.scenarios import Play
from workflows.scenarios.people import Cast
from workflows.staffing import Answer, PeopleReport, check_definition

NAMES = ("ann", "bob", "cid", "dot", "eli", "fay")
AMOUNTS = (10, 500, 1000, 2000)

PEOPLE = st.sampled_from(
    [
        "manager(requester)",
        "manager(requester, 2)",
        "manager_chain(requester, 2)",
        "manager(manager(requester))",
        "department_head(requester)",
        "requester",
        'group("g")',
        'group("g")',
        'group("h")',
        'group("none")',
        'role("head")',
        'user("ann")',
        'user("fay")',
        'user("nobody")',
    ]
)
DID = st.sampled_from(['did("t1")', 'did("t2")', 'manager(did("t1"))'])
CONDITIONS = st.sampled_from(
    [
        "amount > 1000",
        "amount == 10",
        "urgent or amount >= 1000",
        'requester in group("g")',
        'requester == did("t1")',
        'did("t1") in group("h") and amount > 1000',
    ]
)


def assignments(*, with_did: bool) -> st.SearchStrategy[str]:
    leaf = st.one_of(PEOPLE, PEOPLE, DID) if with_did else PEOPLE
    conditions = CONDITIONS if with_did else CONDITIONS.filter(lambda c: "did" not in c)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("({} | {})".format, inner, inner),
            st.builds("({} - {})".format, inner, inner),
            st.builds("({} if {} else {})".format, inner, conditions, inner),
        ),
        max_leaves=4,
    )


@st.composite
def flows(draw: st.DrawFn) -> dict[str, Any]:
    """Return a line of tasks, of which one may be left out where the amount is small."""
    count = draw(st.integers(1, 3))
    tasks = {
        f"t{n}": {
            "title": f"Task {n}",
            "assign": draw(assignments(with_did=n > 1)),
            **draw(st.one_of(st.just({}), st.fixed_dictionaries({"otherwise": PEOPLE}))),
        }
        for n in range(1, count + 1)
    }
    # Nobody can have done what does not come before.
    text = {
        key: {k: v.replace("t2", "t1") if key == "t2" else v for k, v in t.items()}
        for key, t in tasks.items()
    }
    places = [f"p{n}" for n in range(1, count + 1)]
    steps = {
        f"do{n}": {
            "task": f"t{n}",
            "outcome": "done",
            "from": f"p{n}",
            "to": f"p{n + 1}" if n < count else "end",
        }
        for n in range(1, count + 1)
    }
    return {
        "flow": "random",
        "data": {
            "type": "object",
            "properties": {
                "amount": {"type": "number", "minimum": 10, "maximum": 2000},
                "urgent": {"type": "boolean"},
            },
            "required": ["amount", "urgent"],
        },
        "places": ["start", *places, "end"],
        "tasks": text,
        "transitions": {"begin": {"from": "start", "to": "p1"}, **steps},
    }


companies = st.fixed_dictionaries(
    {
        "managers": st.lists(st.sampled_from([None, *range(6)]), min_size=6, max_size=6),
        "active": st.lists(st.sampled_from([True, True, True, False]), min_size=6, max_size=6),
        "g": st.sets(st.integers(0, 5), max_size=3),
        "h": st.sets(st.integers(0, 5), max_size=2),
        "heads": st.sets(st.integers(0, 5), max_size=2),
        "head": st.sampled_from([None, *range(6)]),
    }
)


@pytest.fixture
def staff(db: Any) -> list[Employee]:
    department = Department.objects.create(name="All")
    return [Employee.objects.create(user=make_user(name), department=department) for name in NAMES]


def move(staff: list[Employee], company: dict[str, Any]) -> None:
    """Put everybody where the random company has them."""
    for n, employee in enumerate(staff):
        manager = company["managers"][n]
        employee.manager = None if manager is None else staff[manager]
        employee.role = "head" if n in company["heads"] else ""
        employee.save()
        User.objects.filter(pk=employee.user_id).update(is_active=company["active"][n])
    head = company["head"]
    Department.objects.update(head=None if head is None else staff[head])
    for name in ("g", "h"):
        group, _ = Group.objects.get_or_create(name=name)
        group.user_set.set([staff[n].user for n in company[name]])


def plays(
    flow: CompiledFlow, people: Directory, requester: PersonId, data: dict[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Play every way on which people can go, and yield each task that opens: for nobody or not."""

    def started(choices: tuple[PersonId, ...]) -> tuple[Play, str]:
        """Play from the start; who does each task is said. Return the task that would not open."""
        cast = Cast(people, requester, {}, is_company=True)
        play = Play(flow, cast, timezone.now())
        try:
            play.start(data)
            for n, person in enumerate(choices, 1):
                play.end(f"t{n}", "done", data={}, by=person)
        except GoflowError:
            return play, f"t{len(choices) + 1}"
        return play, ""

    pending: list[tuple[PersonId, ...]] = [()]
    while pending:
        choices = pending.pop()
        play, refused = started(choices)
        if refused:
            yield refused, True
        elif not play.is_ended:
            key = f"t{len(choices) + 1}"
            yield key, False
            found = play.offered[key]
            assert found is not None
            pending += [(*choices, person) for person in found.present(people)]


def told(report: PeopleReport) -> set[tuple[str, PersonId]]:
    return {
        (task.key, person)
        for task in report.tasks
        for gap in task.certain_gaps
        for person in gap.requesters
    }


QUESTIONS = {
    "manager": lambda d, p: d.manager(p),
    "manager 2": lambda d, p: d.manager(p, 2),
    "manager 5": lambda d, p: d.manager(p, 5),
    "chain": lambda d, p: d.manager_chain(p, 3),
    "whole chain": lambda d, p: d.manager_chain(p, 50),
    "head": lambda d, p: d.department_head(p),
    "user": lambda d, p: d.user(User.objects.get(pk=p).username),
    "active": lambda d, p: d.active([p]),
    "members": lambda d, p: d.members("g"),
    "role": lambda d, p: d.with_role("head"),
    "no role": lambda d, p: d.with_role(""),
}


def answers(directory: Directory, person: PersonId) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, ask in QUESTIONS.items():
        try:
            found[name] = ask(directory, person)
        except GoflowError as error:
            found[name] = (error.message, error.facts)
    return found


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@given(company=companies)
def test_everybody_at_once_is_told_as_one_by_one(staff, company):
    move(staff, company)
    at_once = get_directory().snapshot()

    for employee in staff:
        person = PersonId(employee.user_id)
        assert answers(at_once, person) == answers(get_directory(), person)


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@given(company=companies, flow_file=flows())
def test_it_says_nobody_exactly_where_the_engine_finds_nobody(staff, company, flow_file):
    move(staff, company)
    definition = flowfile.from_mapping(flow_file)
    flow = compile_flow(definition, version_id=0)

    report = check_definition(definition)

    said, people = told(report), get_directory().snapshot()
    assert all(task.answer is not Answer.DEPENDS for task in report.tasks)
    for employee in staff:
        if not company["active"][staff.index(employee)]:
            assert all(person != employee.user_id for _, person in said)
            continue
        requester = PersonId(employee.user_id)
        opened = {
            found
            for amount in AMOUNTS
            for urgent in (True, False)
            for found in plays(flow, people, requester, {"amount": amount, "urgent": urgent})
        }
        first_empty = len(flow.tasks)
        for n, key in enumerate(flow.tasks):
            if (key, True) in opened:
                assert (key, requester) in said, f"{key} opens for nobody: {flow_file}"
                first_empty = min(first_empty, n)
            elif n < first_empty:
                # Behind a task that finds nobody the engine may never come to look.
                assert (key, requester) not in said, f"{key} finds somebody: {flow_file}"


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@given(company=companies, flow_file=flows(), amount=st.sampled_from(AMOUNTS))
def test_a_request_that_the_engine_refuses_at_its_start_was_told(staff, company, flow_file, amount):
    move(staff, company)
    flow_file["tasks"] = {"t1": flow_file["tasks"]["t1"]}
    flow_file["places"] = ["start", "p1", "end"]
    done = {"task": "t1", "outcome": "done", "from": "p1", "to": "end"}
    flow_file["transitions"] = {"begin": {"from": "start", "to": "p1"}, "do1": done}
    definition = flowfile.from_mapping(flow_file)
    publish_unproved(flowfile.write(definition))
    store.forget_flows()

    said = told(check_definition(definition))

    for employee in staff:
        user = User.objects.get(pk=employee.user_id)
        if not user.is_active:
            continue
        refused = [
            is_refused(user, {"amount": amount, "urgent": urgent})
            for amount in AMOUNTS
            for urgent in (True, False)
        ]
        assert any(refused) == (("t1", user.pk) in said)


def is_refused(user: User, data: dict[str, Any]) -> bool:
    try:
        case: Case = engine.start("random", by=user, data=data)
    except GoflowError:
        return True
    assert case.work_items.open().exists()
    return False
