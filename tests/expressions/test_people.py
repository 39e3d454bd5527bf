"""Who may act: functions on people, `|` and `-`."""

from __future__ import annotations

import pytest

from tests.expressions.world import (
    ADA,
    BEN,
    CARL,
    CLEO,
    DANA,
    EVE,
    Company,
    compiled,
    make_context,
    people_of,
    person,
    value_of,
)
from workflows.directory import PersonId
from workflows.errors import CyclicManagerChain
from workflows.expressions import PEOPLE, Candidates, ExpressionError, names_requester


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("requester", {ADA}),
        ("user('eve')", {EVE}),
        ("user('nobody')", set()),
        ("role('head')", {BEN, DANA}),
        ("manager(requester)", {BEN}),
        ("manager(requester, level=2)", {DANA}),
        ("manager(requester, 3)", set()),
        ("manager(manager(requester))", {DANA}),
        ("manager(user('nobody'))", set()),
        ("manager_chain(requester, up_to=2)", {BEN, DANA}),
        ("department_head(requester)", {BEN}),
        ("did('review')", {BEN}),
        ("did('pay')", set()),
        ("field('approver')", {DANA}),
        ("field('comment')", set()),
        ("none", set()),
        ("user('eve') | user('ada')", {ADA, EVE}),
        ("role('head') - did('review')", {DANA}),
        ("user('eve') if urgent else role('head')", {EVE}),
        ("user('eve') | requester - requester", {EVE}),
    ],
)
def test_people_are_found(source, expected):
    assert people_of(source) == Candidates(people=frozenset(expected))


def test_a_group_stays_a_group():
    assert people_of("group('finance') | user('eve')") == Candidates(
        frozenset({EVE}), frozenset({"finance"})
    )


def test_a_later_member_of_the_group_is_a_candidate():
    context = make_context()
    found = people_of("group('finance') - user('carl')", context)

    assert isinstance(context.directory, Company)
    context.directory.groups["finance"].add(EVE)

    assert found.present(context.directory) == {CLEO, EVE}


def test_an_excluded_person_stays_excluded():
    assert people_of("group('finance') - user('carl')") == Candidates(
        groups=frozenset({"finance"}), excluded=frozenset({CARL})
    )


@pytest.mark.parametrize(
    "source",
    [
        "(group('finance') - user('cleo')) | group('board')",
        "group('board') | (group('finance') - user('cleo'))",
        "(group('finance') - user('cleo')) | (group('board') - user('carl'))",
    ],
)
def test_one_side_of_a_union_excludes_nobody_from_the_other(source):
    context = make_context()

    assert people_of(source, context).present(context.directory) == {CARL, CLEO, DANA}


def test_a_person_named_beside_a_group_that_excludes_them_is_in():
    context = make_context()
    found = people_of("(group('finance') - user('carl')) | user('carl')", context)

    assert found.present(context.directory) == {CARL, CLEO}


def test_an_exclusion_of_both_sides_holds():
    context = make_context()
    found = people_of(
        "(group('finance') - user('cleo')) | (group('board') - user('cleo'))", context
    )

    assert found.present(context.directory) == {CARL, DANA}
    assert found.excluded == {CLEO}


def test_a_group_without_another_group_loses_their_common_members():
    context = make_context()
    found = people_of("group('finance') - group('board')", context)

    assert found == Candidates(groups=frozenset({"finance"}), excluded=frozenset({CLEO, DANA}))


def test_a_group_without_itself_is_nobody_for_good():
    assert people_of("group('finance') - group('finance')") == Candidates()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("requester", True),
        ("group('hr') | requester", True),
        ("(requester | group('hr')) - did('review')", True),
        ("requester if urgent else group('hr')", True),
        ("manager(requester)", False),
        ("group('hr') - requester", False),
        ("group('hr') if requester == user('ada') else user('eve')", False),
        ("group('hr')", False),
    ],
)
def test_it_is_known_whether_the_requester_is_named(source, expected):
    assert names_requester(compiled(source, PEOPLE)) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("requester == user('ada')", True),
        ("manager(requester) == did('review')", True),
        ("manager(user('dana')) == none", True),
        ("exists(manager(requester))", True),
        ("exists(manager(user('dana')))", False),
        ("did('review') in group('finance')", False),
        ("user('carl') in group('finance') - user('cleo')", True),
        ("user('nobody') in group('finance')", False),
        ("len(manager_chain(requester, up_to=5)) >= 2", True),
        ("len(group('finance') | user('carl'))", 2),
    ],
)
def test_people_can_be_asked_about_in_a_guard(source, expected):
    assert value_of(source) == expected


def test_without_an_expected_type_one_person_is_a_person():
    assert value_of("manager(requester)") == person(BEN)
    assert value_of("did('pay')") is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("'ada'", r'Write user\("ada"\)'),
        ("approver", r'Write field\("approver"\)'),
        ("amount", "must be people, not a number"),
        ("user(approver)", r'write field\("approver"\)'),
        ("group(category)", "in quotes"),
        ("group('a' if urgent else 'b')", "in quotes"),
        ("group(finance)", '"finance" is not a field'),
        ("did('reviw')", "Did you mean review"),
        ("field('aprover')", "Did you mean approver"),
        ("field('amount')", "must be a text field"),
        ("requester == 'ada'", r"Write user\('ada'\)"),
        ("group('a') == group('b')", "cannot be compared"),
        ("group('a') + group('b')", "must be a number"),
        ("group('a') | 'b'", "must be people or a person"),
        ("group('a') - 5", "must be people or a person"),
        ("manager_chain(requester)", "A value is missing"),
        ("manager('ada')", "must be a person"),
        ("requester.email", "has no fields"),
    ],
)
def test_a_mistake_with_people_names_the_way_out(source, message):
    with pytest.raises(ExpressionError, match=message):
        compiled(source, PEOPLE)


def test_fields_named_in_a_text_are_among_the_names():
    assert compiled("field('approver') | requester").names == {"approver", "requester"}


def test_a_refusal_of_the_directory_passes_through():
    class Circle(Company):
        def manager(self, person: PersonId, level: int = 1) -> PersonId | None:
            raise CyclicManagerChain("ada reports to ben, ben to ada")

    with pytest.raises(CyclicManagerChain):
        people_of("manager(requester) | group('hr')", make_context(directory=Circle()))
