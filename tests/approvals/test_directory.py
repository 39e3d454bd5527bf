"""Who the engine finds when it asks for people."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User

from approvals.directory import CompanyDirectory
from approvals.models import Department, Employee
from workflows.directory import PersonId
from workflows.errors import CyclicManagerChain

directory = CompanyDirectory()


def report_to(user: User, manager: User | None) -> None:
    boss = None if manager is None else Employee.objects.get(user=manager)
    Employee.objects.filter(user=user).update(manager=boss)


def leave_company(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def pid(user: User) -> PersonId:
    return PersonId(user.pk)


def test_the_direct_manager_is_level_one(ada: User, ben: User) -> None:
    assert directory.manager(pid(ada)) == ben.pk


def test_the_second_manager_is_level_two(ada: User, dana: User) -> None:
    assert directory.manager(pid(ada), 2) == dana.pk


@pytest.mark.parametrize("level", [0, -1, 3, 21, 1_000])
def test_a_level_that_nobody_holds_finds_nobody(ada: User, level: int) -> None:
    assert directory.manager(pid(ada), level) is None


def test_somebody_who_is_no_employee_has_no_manager(admin: User) -> None:
    assert directory.manager(pid(admin)) is None
    assert directory.manager_chain(pid(admin), 3) == []


def test_a_manager_who_has_left_is_not_replaced_by_the_next(ada: User, ben: User) -> None:
    leave_company(ben)
    assert directory.manager(pid(ada)) is None


def test_the_level_above_a_manager_who_has_left_is_still_found(
    ada: User, ben: User, dana: User
) -> None:
    leave_company(ben)
    assert directory.manager(pid(ada), 2) == dana.pk


def test_the_chain_leaves_out_who_has_left(ada: User, ben: User, dana: User) -> None:
    leave_company(ben)
    assert directory.manager_chain(pid(ada), 5) == [dana.pk]


def test_the_chain_is_no_longer_than_asked_for(ada: User, ben: User) -> None:
    assert directory.manager_chain(pid(ada), 1) == [ben.pk]


def test_a_long_chain_is_followed_to_its_top(company: SimpleNamespace) -> None:
    people = [
        company.ada,
        company.abe,
        company.ben,
        company.carl,
        company.cleo,
        company.eve,
        company.finn,
        company.gina,
        company.dana,
    ]
    for person, manager in zip(people, people[1:], strict=False):
        report_to(person, manager)
    assert directory.manager(pid(people[0]), 8) == company.dana.pk
    assert len(directory.manager_chain(pid(people[0]), 20)) == 8


def test_two_who_report_to_one_another_are_named(ada: User, ben: User) -> None:
    report_to(ben, ada)
    with pytest.raises(CyclicManagerChain, match="Ada Archer reports to Ben Baker") as refusal:
        directory.manager(pid(ada))
    assert refusal.value.facts["people"] == ["ada", "ben", "ada"]


def test_somebody_who_reports_to_themselves_is_named(ada: User) -> None:
    report_to(ada, ada)
    with pytest.raises(CyclicManagerChain, match="Ada Archer reports to Ada Archer"):
        directory.manager_chain(pid(ada), 3)


def test_a_circle_further_up_stops_nobody_below_it(ada: User, ben: User, dana: User) -> None:
    report_to(dana, ben)
    assert directory.manager(pid(ada)) == ben.pk


def test_a_circle_within_the_levels_asked_for_is_told(ada: User, ben: User, dana: User) -> None:
    report_to(dana, ben)
    with pytest.raises(CyclicManagerChain, match="Ben Baker reports to Dana Diaz"):
        directory.manager(pid(ada), 3)


def test_a_manager_costs_one_statement(ada: User, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        directory.manager(pid(ada), 2)


def test_the_head_of_a_department_is_found(ada: User, ben: User) -> None:
    assert directory.department_head(pid(ada)) == ben.pk


def test_a_department_without_a_head_has_none(ada: User) -> None:
    Department.objects.update(head=None)
    assert directory.department_head(pid(ada)) is None


def test_a_head_who_has_left_is_nobody(ada: User, ben: User) -> None:
    leave_company(ben)
    assert directory.department_head(pid(ada)) is None


def test_a_role_is_held_by_active_people_only(ben: User, gina: User) -> None:
    leave_company(gina)
    assert directory.with_role("head") == {ben.pk}


def test_no_role_is_held_by_nobody(ben: User) -> None:
    assert directory.with_role("") == frozenset()


def test_a_group_has_its_active_members(carl: User, cleo: User) -> None:
    leave_company(cleo)
    assert directory.members("finance") == {carl.pk}


def test_an_unknown_group_has_no_members(carl: User) -> None:
    assert directory.members("pilots") == frozenset()


def test_a_user_is_found_by_name_while_active(ada: User, ben: User) -> None:
    leave_company(ben)
    assert directory.user("ada") == ada.pk
    assert directory.user("ben") is None
    assert directory.user("nobody") is None


def test_those_who_can_act_are_the_active_ones(ada: User, ben: User) -> None:
    leave_company(ben)
    assert directory.active([pid(ada), pid(ben)]) == {ada.pk}
