"""Scenarios: a sample case goes as it should, or one reads at which step it went another way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.expressions.world import Company
from workflows import flowfile
from workflows.scenarios import ScenarioReport, ScenarioResult, run_scenarios

FLOW = """
flow: trip
title: Business trip
data:
  type: object
  properties:
    price: {type: number, x-type: decimal, title: Price}
    comment: {type: string, title: Comment}
    paid_on: {type: string, format: date, title: Paid on, readOnly: true}
    decision: {type: string, title: Decision, readOnly: true}
    by_head: {type: boolean, readOnly: true}
    at: {type: string, format: date-time, readOnly: true}
    ticket: {type: string, maxLength: 5}
  required: [price]
places: [start, asked, agreed, to_book, to_pay, free, end]
tasks:
  review:
    title: Decide on the trip
    assign: manager(requester)
    form: {fields: {comment: edit}}
  withdraw: {title: Withdraw, assign: requester, optional: true}
  late: {kind: timer, title: No answer, after: 3 working days}
  book: {kind: service, title: Book, topic: bookings}
  pay: {title: Pay, assign: group("finance") - did("review"), otherwise: group("board")}
transitions:
  submit: {title: Submit, from: start, to: [asked, free]}
  approve: {title: Approve, task: review, outcome: approve, from: asked, to: agreed,
    set: {at: now}}
  reject: {title: Refuse, task: review, outcome: reject, from: asked, to: end, resets: free,
    set: {decision: "'rejected'"}, guard: comment != none}
  withdrawn: {task: withdraw, outcome: withdraw, from: free, to: end, resets: [asked, agreed]}
  escalate: {task: late, outcome: due, from: asked, to: agreed}
  dear: {title: Over 100, from: agreed, to: to_book, resets: free, guard: price > 100}
  cheap: {title: Cheap, from: agreed, to: end, resets: free, guard: price < 50,
    set: {decision: "'approved'"}}
  booked: {task: book, outcome: done, from: to_book, to: to_pay}
  not_booked: {task: book, outcome: failed, from: to_book, to: end}
  paid: {title: Paid, task: pay, outcome: paid, from: to_pay, to: end,
    set: {paid_on: today, decision: "'paid'", by_head: did("pay") == user("cleo")}}
"""
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)


def played(scenario: str, *, flow: str = FLOW, company: Any = None) -> ScenarioResult:
    """Play the one scenario whose keys these are."""
    indented = "\n    ".join(scenario.strip().splitlines())
    definition = flowfile.read(f"{flow}scenarios:\n  - title: It\n    {indented}\n")
    report = run_scenarios(definition, at=NOON, company=company)
    (result,) = report.results
    return result


def failures(scenario: str, **more: Any) -> list[str]:
    return [failure.message for failure in played(scenario, **more).failures]


def test_a_case_that_goes_as_expected_passes():
    result = played("""
data: {price: 120}
steps: [{review: approve}, {book: done}, {pay: paid}]
expect: {end: true, data: {decision: paid}}
""")

    assert result.is_passed
    assert result.marking == {"end": 1}
    assert [step.title for step in result.steps] == [
        "Start",
        "'Decide on the trip': Approve",
        "'Book': done",
        "'Pay': Paid",
    ]
    assert result.steps[1].fired == ("Approve", "Over 100")
    assert result.steps[1].offered == ("Book",)


def test_guards_decide_on_the_data_of_the_scenario():
    assert not failures("""
data: {price: 20}
steps: [{review: approve}]
expect: {end: true, data: {decision: approved}, never: [book, pay]}
""")


def test_a_case_that_goes_on_where_it_should_end_tells_after_which_step_and_what_it_waits_for():
    assert failures("""
data: {price: 120}
steps: [{review: approve}]
expect: {end: true}
""") == [
        "After step 1 ('Decide on the trip': Approve), it should have ended, but waits for 'Book'."
    ]


def test_a_case_that_ends_where_it_should_go_on_is_told():
    assert failures("data: {price: 1}\nsteps: [{review: approve}]\nexpect: {end: false}") == [
        "After step 1 ('Decide on the trip': Approve), it has ended, and should not."
    ]


def test_a_step_that_is_not_on_offer_tells_what_is():
    result = played("data: {price: 120}\nsteps: [{pay: paid}]\nexpect: {end: true}")

    assert [failure.as_dict() for failure in result.failures] == [
        {
            "step": 1,
            "path": "steps[0]",
            "message": "Step 1 ('Pay': Paid) is not possible: 'Pay' is not on offer here. "
            "On offer are: 'Decide on the trip', 'Withdraw', 'No answer'.",
        }
    ]


def test_a_step_after_the_end_is_told():
    assert failures("""
data: {price: 1}
steps: [{review: approve}, {withdraw: withdraw}]
expect: {end: true}
""") == [
        "Step 2 ('Withdraw': withdraw) is not possible: 'Withdraw' is not on offer here. "
        "The case has ended."
    ]


def test_an_outcome_whose_guard_does_not_hold_is_refused():
    assert failures("data: {price: 1}\nsteps: [{review: reject}]\nexpect: {end: true}") == [
        "Step 1 ('Decide on the trip': Refuse) is not possible: 'Decide on the trip' cannot end "
        "with 'reject' now. Possible: approve."
    ]


def test_a_person_gives_data_with_an_outcome():
    assert not failures("""
data: {price: 1}
steps: [{task: review, outcome: reject, data: {comment: Too far}}]
expect: {end: true, data: {comment: Too far, decision: rejected}}
""")


def test_a_person_cannot_change_a_field_that_the_form_does_not_give():
    assert failures("""
data: {price: 1}
steps: [{task: review, outcome: approve, data: {price: 2}}]
expect: {end: true}
""") == [
        "Step 1 ('Decide on the trip': Approve) is not possible: price cannot be changed in "
        "'Decide on the trip'."
    ]


def test_a_service_answers_with_any_data_that_the_schema_takes():
    scenario = """
data: {price: 120}
steps: [{review: approve}, {task: book, outcome: done, data: {ticket: A1}}]
expect: {offered: pay, data: {ticket: A1}}
"""
    assert not failures(scenario)
    assert failures(scenario.replace("A1", "A12345"))[0].startswith(
        "Step 2 ('Book': done) is not possible:"
    )


def test_data_that_the_flow_refuses_keep_a_scenario_from_starting():
    assert failures("data: {}\nexpect: {end: true}") == ["It cannot start: Price is missing"]


def test_a_field_that_only_the_flow_sets_cannot_be_given():
    (told,) = failures("data: {price: 1, decision: approved}\nexpect: {end: true}")

    assert told == "It cannot start: decision is set by the flow itself and cannot be given."


def test_data_that_strand_the_case_are_told():
    (told,) = failures("data: {price: 70}\nsteps: [{review: approve}]\nexpect: {end: true}")

    assert told.startswith(
        "Step 1 ('Decide on the trip': Approve) is not possible: The case could not go on from "
        "here: 'Over 100' wants price > 100; 'Cheap' wants price < 50."
    )


def test_a_timer_rings_when_the_scenario_says_so():
    assert not failures("""
data: {price: 20}
steps: [{timer: late}]
expect: {end: true}
""")


def test_a_field_that_is_not_as_expected_tells_both_values():
    assert failures("""
data: {price: 20}
steps: [{review: approve}]
expect: {data: {decision: rejected, price: 20.00, comment: null, paid_on: 2026-01-05}}
""") == [
        "After step 1 ('Decide on the trip': Approve), 'Decision' should be \"rejected\", "
        'but is "approved".',
        "After step 1 ('Decide on the trip': Approve), 'Paid on' should be \"2026-01-05\", "
        "but is empty.",
    ]


def test_all_that_people_wait_for_has_to_be_named_among_what_is_on_offer():
    assert not failures("data: {price: 1}\nexpect: {offered: review}")
    assert not failures("data: {price: 1}\nexpect: {offered: [review, withdraw, late]}")
    assert failures("data: {price: 1}\nexpect: {offered: [pay]}") == [
        "After the start, 'Pay' should be on offer, but is not.",
        "After the start, 'Decide on the trip' is on offer too, and should not be.",
    ]


def test_what_nobody_waits_for_may_be_wanted_away():
    assert not failures("data: {price: 1}\nexpect: {offered: review, not_offered: pay}")
    assert failures("data: {price: 1}\nexpect: {not_offered: [withdraw, pay]}") == [
        "After the start, 'Withdraw' is on offer, and should not be."
    ]


def test_a_task_that_should_never_have_been_on_offer_tells_when_it_was():
    result = played("""
data: {price: 120}
steps: [{review: approve}, {book: done}, {pay: paid}]
expect: {end: true, never: book}
""")

    assert [(f.step, f.message) for f in result.failures] == [
        (
            1,
            "After step 1 ('Decide on the trip': Approve), 'Book' was on offer, and never should "
            "be.",
        )
    ]


PAID = """
data: {price: 120}
steps: [{review: approve}, {book: done}, {pay: paid}]
expect: {data: {paid_on: 2026-03-02}}
"""


def test_a_scenario_may_fix_the_day():
    assert not failures(f"today: 2026-03-02\n{PAID}")


def test_a_scenario_may_fix_the_moment():
    assert not failures(
        "now: 2026-03-02T23:30:00+01:00\ndata: {price: 20}\nsteps: [{review: approve}]\n"
        'expect: {data: {at: "2026-03-02T22:30:00+00:00"}}'
    )


def test_the_clock_goes_on_where_a_step_says_so():
    assert not failures(
        f"today: 2026-02-27\n{PAID}".replace(
            "{pay: paid}", "{task: pay, outcome: paid, today: 2026-03-02}"
        )
    )


def test_without_a_clock_of_its_own_it_is_now():
    assert not failures(PAID.replace("2026-03-02", "2026-11-19"))


def test_a_scenario_without_a_requester_is_played_by_sample_people():
    result = played("data: {price: 1}\nexpect: {offered: review}", company=Company())

    assert result.is_passed
    assert result.people == "sample"


def test_the_company_acts_where_it_knows_everybody_who_is_named():
    result = played(
        "requester: ada\ndata: {price: 120}\n"
        "steps: [{task: review, outcome: approve, by: ben}, {book: done}, "
        "{task: pay, outcome: paid, by: cleo}]\n"
        "expect: {end: true, data: {by_head: true}}",
        company=Company(),
    )

    assert result.is_passed, result.failures
    assert result.people == "company"


def test_somebody_of_the_company_who_may_not_act_is_refused():
    assert failures(
        "requester: ada\ndata: {price: 1}\n"
        "steps: [{task: review, outcome: approve, by: carl}]\nexpect: {end: true}",
        company=Company(),
    ) == [
        "Step 1 ('Decide on the trip': Approve, by carl) is not possible: "
        "'Decide on the trip' is not for them to do."
    ]


def test_a_task_that_would_open_for_nobody_of_the_company_is_told():
    # Nobody stands above Dana.
    (told,) = failures("requester: dana\ndata: {price: 1}\nexpect: {end: true}", company=Company())

    assert told.startswith("It cannot start: 'Decide on the trip' would open for nobody")


def test_somebody_unknown_makes_all_of_them_sample_people():
    result = played(
        "requester: ada\ndata: {price: 1}\n"
        "steps: [{task: review, outcome: approve, by: somebody}]\nexpect: {end: true}",
        company=Company(),
    )

    assert (result.people, result.is_passed) == ("sample", True)


def test_nobody_decides_on_their_own_request_among_sample_people_too():
    (told,) = failures(
        "requester: zoe\ndata: {price: 1}\n"
        "steps: [{task: review, outcome: approve, by: zoe}]\nexpect: {end: true}"
    )

    assert told.endswith("'Decide on the trip' is not for them to do.")


def test_who_did_a_task_is_known_to_the_steps_after_it():
    group = FLOW.replace("assign: manager(requester)", 'assign: group("finance")')

    def by(reviewer: str) -> list[str]:
        return failures(
            "requester: ada\ndata: {price: 120}\n"
            f"steps: [{{task: review, outcome: approve, by: {reviewer}}}, {{book: done}}, "
            "{task: pay, outcome: paid, by: carl}]\n"
            "expect: {end: true}",
            flow=group,
            company=Company(),
        )

    assert by("cleo") == []
    assert by("carl")[0].endswith("'Pay' is not for them to do.")


CIRCLE = """
flow: circle
data: {type: object, properties: {n: {type: number}}}
places: [start, a, b, end]
tasks: {go: {assign: requester}}
transitions:
  begin: {task: go, outcome: on, from: start, to: a}
  there: {from: a, to: b}
  back: {from: b, to: a, guard: "true"}
  out: {from: b, to: end, default: true}
"""


def test_a_flow_that_goes_round_for_ever_fails_its_scenario():
    (told,) = failures("steps: [{go: on}]\nexpect: {end: true}", flow=CIRCLE)

    assert told.startswith("Step 1 ('go': on) is not possible: After 1000 firings in one step")


LEFTOVER = """
flow: leftover
places: [start, a, b, end]
tasks: {go: {assign: requester}, other: {assign: requester}}
transitions:
  split: {from: start, to: [a, b]}
  one: {task: go, outcome: on, from: a, to: end}
  two: {task: other, outcome: on, from: b, to: end}
"""


def test_an_end_with_tokens_left_behind_fails_the_scenario():
    (told,) = failures("steps: [{go: on}]\nexpect: {end: true}", flow=LEFTOVER)

    assert told == (
        "Step 1 ('go': on) is not possible: The case reached its end with tokens left behind: "
        "{'b': 1}."
    )


def report(scenarios: str, **more: Any) -> ScenarioReport:
    return run_scenarios(flowfile.read(f"{FLOW}scenarios:\n{scenarios}"), at=NOON, **more)


ONE = "  - {title: One, data: {price: 1}, expect: {offered: review}}\n"
TWO = "  - {title: Two, data: {price: 1}, expect: {offered: pay}}\n"


def test_a_failing_scenario_stands_against_publishing_with_its_place():
    found = report(ONE + TWO)

    assert (found.passed, found.is_passed) == (1, False)
    assert [(p.where, p.is_warning) for p in found.problems] == [
        ("scenarios[1].expect.offered", False),
        ("scenarios[1].expect.offered", False),
    ]
    assert found.problems[0].message == (
        "The scenario 'Two' goes another way. After the start, 'Pay' should be on offer, but is "
        "not."
    )


def test_a_report_as_json_has_every_scenario_with_its_steps():
    (one,) = report(ONE).as_dict()["scenarios"]

    assert one == {
        "title": "One",
        "passed": True,
        "failures": [],
        "steps": [
            {
                "step": 0,
                "title": "Start",
                "fired": ["Submit"],
                "offered": ["review", "withdraw", "late"],
                "ended": False,
            }
        ],
        "ended": False,
        "marking": {"asked": 1, "free": 1},
        "data": {"price": 1},
        "people": "sample",
    }


def test_scenarios_that_there_is_no_time_for_count_as_failed():
    found = report(ONE + TWO.replace("pay", "review"), seconds=0)

    assert found.left_out == ("Two",)
    assert not found.is_passed
    assert "the others took all the time" in found.problems[0].message


def test_scenarios_of_what_is_no_net_are_not_played():
    definition = flowfile.read(
        "flow: f\nplaces: [start, end, end2]\ntasks: {go: {assign: requester}}\n"
        "transitions:\n  a: {task: go, outcome: a, from: start, to: end}\n"
        "  b: {task: go, outcome: b, from: start, to: end2}\n"
        "scenarios: [{title: One, expect: {end: true}}]\n"
    )

    assert run_scenarios(definition, at=NOON).left_out == ("One",)


def test_a_flow_without_scenarios_passes():
    assert run_scenarios(flowfile.read(FLOW), at=NOON).is_passed


@pytest.mark.django_db
def test_playing_asks_the_database_nothing_and_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        played(PAID)
