"""Gaps, overlaps and dead branches of guards, each with data that show it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressions.strategies import many
from tests.expressions.test_ranges import SCHEMA as RECORD
from tests.expressions.test_ranges import answer, guards, records
from tests.factories import FLOWS
from workflows import data as case_data
from workflows import flowfile
from workflows.compiled import compile_flow
from workflows.definition import FlowDefinition, PlaceDefinition, TransitionDefinition
from workflows.net import Marking, enabled_transitions, fire
from workflows.proving import Finding, FindingKind, GuardReport, analyse_guards, prove
from workflows.proving.samples import results_on

HEAD = """
flow: sample
data:
  type: object
  properties:
    amount: {type: number, title: Amount, exclusiveMinimum: 0}
    category: {type: string, title: Category, enum: [travel, meals, other]}
    note: {type: string, title: Note}
    urgent: {type: boolean, title: Urgent}
    days: {type: integer, title: Days}
    first: {type: string, format: date, title: First day}
    last: {type: string, format: date, title: Last day}
    lines:
      type: array
      items: {type: object, properties: {price: {type: number}}, required: [price]}
    decision: {type: string, title: Decision, readOnly: true}
  required: [amount, category, urgent, days, first, last, lines]
"""
TOTAL = "sum(line.price for line in lines)"


def analysed(text: str, **options: Any) -> GuardReport:
    return analyse_guards(flowfile.read(HEAD + text), **options)


def decision(*branches: str) -> GuardReport:
    """Analyse a flow that is one decision; each branch as in the file, e.g. `guard: amount > 1`."""
    rows = "".join(f"  b{n}: {{from: start, to: end, {b}}}\n" for n, b in enumerate(branches))
    return analysed("places: [start, end]\ntransitions:\n" + rows)


def verdict_of(report: GuardReport) -> str:
    assert report.soundness is not None
    return report.soundness.verdict


def of_kind(report: GuardReport, kind: FindingKind) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind is kind]


@pytest.mark.parametrize("key", ["leave", "expense", "purchase"])
def test_a_shipped_flow_has_no_gap_and_is_proved_with_its_guards(key):
    definition = flowfile.read((FLOWS / f"{key}.yaml").read_text(encoding="utf-8"))

    report = analyse_guards(definition)

    assert report.findings == ()
    assert verdict_of(report) == "proved", report.soundness


def test_a_boundary_that_no_branch_takes_is_named():
    (gap,) = of_kind(decision("guard: amount < 1000", "guard: amount > 1000"), FindingKind.GAP)

    assert "No branch where Amount is exactly 1,000" in gap.message
    assert gap.example is not None
    assert gap.example["amount"] == 1000
    assert gap.is_certain


def test_branches_that_leave_nothing_out_need_no_default():
    assert decision("guard: amount < 1000", "guard: amount >= 1000").findings == ()


def test_what_the_schema_excludes_is_no_gap():
    report = decision("guard: amount > 0 and amount <= 10", "guard: amount > 10")
    assert of_kind(report, FindingKind.GAP) == []


def test_an_empty_optional_field_is_a_gap():
    branches = ("guard: exists(note) and note == 'a'", "guard: exists(note) and note != 'a'")
    (gap,) = of_kind(decision(*branches), FindingKind.GAP)
    assert gap.values == "Note is empty"


def test_neighbouring_gaps_are_told_as_one_range():
    (gap,) = of_kind(decision("guard: amount < 10", "guard: amount > 20"), FindingKind.GAP)
    assert gap.values == "Amount is from 10 and up to 20"


def test_two_gaps_of_one_field_are_told_in_order():
    (gap,) = of_kind(decision("guard: amount >= 10 and amount < 20"), FindingKind.GAP)
    assert gap.values == "Amount is over 0 and under 10 or from 20"


def test_days_that_no_branch_takes_are_named_by_their_order():
    report = decision("guard: first < last", "guard: first > last")

    (gap,) = of_kind(report, FindingKind.GAP)

    assert gap.values == "first == last"
    assert gap.example is not None
    assert gap.example["first"] == gap.example["last"]


def test_a_sum_is_shown_by_an_example():
    (gap,) = of_kind(decision(f"guard: {TOTAL} < 100", f"guard: {TOTAL} > 100"), FindingKind.GAP)
    assert gap.example is not None
    assert gap.example["lines"] == [{"price": 100}]


def test_a_gap_of_which_no_data_are_known_is_told_as_uncertain():
    report = decision("guard: requester in group('finance')")

    (gap,) = of_kind(report, FindingKind.GAP)

    assert not gap.is_certain
    assert gap.example is None
    assert "no example" in gap.message


def test_a_guard_that_fails_before_another_branch_is_told():
    (fails,) = of_kind(decision("guard: len(note) > 3", "default: true"), FindingKind.FAILS)
    assert "cannot be worked out where Note is empty" in fails.message


def test_a_division_by_zero_is_told_with_data_that_show_it():
    report = decision("guard: amount / (days - 2) > 3", "default: true")

    (fails,) = of_kind(report, FindingKind.FAILS)

    assert "cannot be worked out where Days is exactly 2" in fails.message
    assert fails.example is not None
    assert fails.example["days"] == 2


def test_a_division_that_is_kept_from_zero_is_no_finding():
    report = decision("guard: days != 2 and amount / (days - 2) > 3", "default: true")

    assert report.findings == ()
    assert verdict_of(report) == "proved"


def test_a_divisor_that_the_schema_keeps_from_zero_is_no_finding():
    assert decision("guard: days / amount > 3", "default: true").findings == ()


def test_a_divisor_that_is_computed_is_told_with_data_that_show_it():
    report = decision("guard: 'sum(1 / line.price for line in lines) > 3'", "default: true")

    (fails,) = of_kind(report, FindingKind.FAILS)

    assert fails.example is not None
    assert fails.example["lines"] == [{"price": 0}]


def test_a_step_that_is_refused_is_no_proof_that_a_case_gets_stuck():
    report = decision("guard: amount / (days - 2) > 3", "guard: amount / (days - 2) <= 3")
    assert verdict_of(report) == "undecided"


def test_a_branch_that_contradicts_the_schema_is_never_taken():
    (dead,) = of_kind(decision("guard: amount < -5", "default: true"), FindingKind.NEVER_TAKEN)
    assert dead.transitions == ("b0",)
    assert "never holds" in dead.message


def test_a_branch_behind_a_wider_one_is_never_taken():
    report = decision("guard: amount > 10", "guard: amount > 100", "default: true")
    (dead,) = of_kind(report, FindingKind.NEVER_TAKEN)
    assert dead.transitions == ("b1", "b0")


def test_a_default_that_is_never_needed_does_no_harm():
    report = decision("guard: amount > 10", "guard: amount <= 10", "default: true")

    (dead,) = of_kind(report, FindingKind.NEVER_TAKEN)

    assert dead.transitions[0] == "b2"
    assert not dead.is_warning
    assert verdict_of(report) == "proved"


def test_an_overlap_that_only_the_order_decides_is_no_warning():
    report = decision("guard: amount > 100", "guard: amount > 10", "default: true")

    (overlap,) = of_kind(report, FindingKind.OVERLAP)

    assert overlap.values == "Amount is over 100"
    assert not overlap.is_warning


def test_an_overlap_of_equal_priority_is_a_warning():
    report = decision("guard: amount > 100, priority: 1", "guard: amount > 10, priority: 1")
    (overlap,) = of_kind(report, FindingKind.OVERLAP)
    assert overlap.is_warning


def test_too_many_cases_are_told_and_nothing_is_claimed():
    branches = [f"guard: amount > {n}" for n in range(1, 30)]
    rows = "".join(f"  b{n}: {{from: start, to: end, {b}}}\n" for n, b in enumerate(branches))

    report = analysed("places: [start, end]\ntransitions:\n" + rows, at_most=10)

    assert report.findings[0].kind is FindingKind.UNDECIDED
    assert of_kind(report, FindingKind.NEVER_TAKEN) == []
    assert verdict_of(report) != "proved"


REVIEW = """
places: [start, review, end]
tasks: {{review: {{kind: human, title: Review, assign: group("hr"){form}}}}}
transitions:
  submit: {{from: start, to: review}}
  yes: {{task: review, outcome: yes, from: review, to: end, guard: amount > 5}}
  no: {{task: review, outcome: no, from: review, to: end, guard: amount > 9}}
"""


def test_a_task_that_no_outcome_ends_is_a_gap():
    (gap,) = of_kind(analysed(REVIEW.format(form="")), FindingKind.GAP)
    assert "'Review' cannot be ended where Amount is over 0 and up to 5" in gap.message


def test_a_task_whose_form_lets_people_change_the_field_has_no_gap():
    report = analysed(REVIEW.format(form=", form: {fields: {amount: edit}}"))
    assert report.findings == ()


POST = """
places: [start, posting, end]
tasks: {{post: {{kind: service, title: Post, topic: post, outputs: {{{outputs}}}}}}}
transitions:
  submit: {{from: start, to: posting}}
  posted: {{task: post, outcome: done, from: posting, to: end, guard: amount < 10}}
  failed: {{task: post, outcome: failed, from: posting, to: end{guard}}}
"""


def test_the_result_of_a_service_that_leads_nowhere_is_a_gap_whatever_else_it_could_bring():
    report = analysed(POST.format(outputs="", guard=""))

    (gap,) = of_kind(report, FindingKind.GAP)

    assert "The result 'done' of 'Post' leads nowhere where Amount is from 10" in gap.message
    assert gap.example is not None
    assert gap.example["amount"] >= 10
    assert verdict_of(report) == "refuted"


def test_each_result_of_a_service_is_looked_at_by_itself():
    report = analysed(POST.format(outputs="", guard=", guard: amount >= 10"))
    assert [gap.transitions for gap in of_kind(report, FindingKind.GAP)] == [
        ("posted",),
        ("failed",),
    ]


def test_a_service_that_brings_what_its_guard_asks_refutes_nothing():
    report = analysed(POST.format(outputs="amount: cost", guard=""))

    assert of_kind(report, FindingKind.GAP)
    assert verdict_of(report) == "undecided"


def test_a_task_whose_end_a_division_by_zero_refuses_is_not_called_stuck():
    report = analysed("""
places: [start, review, checked, end]
tasks: {review: {kind: human, title: Review, assign: group("hr")}}
transitions:
  submit: {from: start, to: review}
  yes: {task: review, outcome: yes, from: review, to: checked}
  small: {from: checked, to: end, guard: amount / days < 10}
  large: {from: checked, to: end, default: true}
""")

    assert of_kind(report, FindingKind.FAILS)
    assert verdict_of(report) == "undecided"


def test_an_outcome_whose_guard_fails_is_told_though_others_are_left():
    review = REVIEW.replace("amount > 5", "amount / days > 5").replace(", guard: amount > 9", "")
    (fails,) = of_kind(analysed(review.format(form="")), FindingKind.FAILS)

    assert fails.transitions == ("yes",)
    assert "nobody is then offered this outcome" in fails.message


def test_an_outcome_whose_guard_fails_is_no_finding_where_the_form_can_mend_it():
    review = REVIEW.replace("amount > 5", "amount / days > 5").replace(", guard: amount > 9", "")
    assert analysed(review.format(form=", form: {fields: {days: edit}}")).findings == ()


def test_a_case_that_gets_stuck_is_refuted_with_a_run_and_data():
    definition = flowfile.read(
        HEAD
        + """
places: [start, mid, end]
transitions:
  go: {from: start, to: mid}
  low: {from: mid, to: end, guard: amount < 10}
  high: {from: mid, to: end, guard: amount > 10}
"""
    )
    verdict = analyse_guards(definition).soundness
    assert verdict is not None
    assert verdict.verdict == "refuted"
    stuck = verdict.problems[0]
    net, marking = definition.net(), Marking({"start": 1})
    for key in stuck.firing_sequence:
        marking = fire(net, marking, key)
    flow = compile_flow(definition, version_id=0)

    assert enabled_transitions(net, marking) == ["low", "high"]
    assert results_on(tuple(t.guard for t in flow.decisions[1]), stuck.example) == (False, False)


def test_data_that_send_a_case_round_for_ever_refute_a_sound_net():
    report = analysed("""
places: [start, mid, end]
transitions:
  go: {from: start, to: mid}
  again: {from: mid, to: mid, guard: amount > 5}
  out: {from: mid, to: end, default: true}
""")
    assert report.findings == ()
    assert verdict_of(report) == "refuted"
    assert report.soundness is not None
    assert "round for ever" in report.soundness.problems[0].message


def test_a_task_beside_a_decision_that_goes_round_is_no_way_out():
    report = analysed("""
places: [start, mid, end]
tasks: {stop: {kind: human, title: Stop, assign: group("hr")}}
transitions:
  go: {from: start, to: mid}
  again: {from: mid, to: mid, guard: amount > 5 or requester in group("hr")}
  on: {from: mid, to: mid, default: true}
  stopped: {task: stop, outcome: stop, from: mid, to: end}
""")
    assert verdict_of(report) != "proved"


def test_a_field_that_the_flow_sets_is_not_taken_for_granted():
    report = analysed("""
places: [start, mid, end]
transitions:
  go: {from: start, to: mid, set: {decision: "'yes'"}}
  out: {from: mid, to: end, guard: decision == 'yes'}
""")
    assert verdict_of(report) == "undecided"


def test_publishing_tells_of_gaps_only_where_there_is_one():
    text = "places: [start, end]\ntransitions:\n"
    low = "  low: {from: start, to: end, guard: amount < 10}\n"
    closed = low + "  high: {from: start, to: end, guard: amount >= 10}\n"
    open_ = low + "  high: {from: start, to: end, guard: amount > 10}\n"

    assert prove(flowfile.read(HEAD + text + closed)).problems == ()
    stuck, gap = prove(flowfile.read(HEAD + text + open_)).problems
    assert (stuck.is_warning, gap.is_warning) == (False, True)
    assert "exactly 10" in gap.message


def test_the_report_is_json():
    report = decision("guard: amount < 10", "guard: amount > 10").as_dict()
    assert case_data.canonical(report)
    assert report["clusters"][0]["findings"][0]["example"]["amount"] == 10  # type: ignore[index]


_computed = st.sampled_from(
    [
        "amount / days > 3",
        "100 / (days - 3) >= 50",
        "10 % (amount - 10) < 1",
        "amount // (5 - days) == 2",
        "amount / (score - 1) < 2",
        "score / amount >= 1",
        "days != 3 and 100 / (days - 3) < 50",
        "exists(score) and score != 0 and amount / score > 2",
        "(100 / (days - 1) if days > 1 else 0) > 40",
        "amount < days",
        "amount <= score",
        "len(note) > 0",
        "lower(note) == 'a'",
        "exists(note) and len(note) == 1",
    ]
)
computed_guards = st.one_of(
    _computed,
    st.builds(lambda a, b: f"({a}) and ({b})", _computed, guards),
    st.builds(lambda a, b: f"({a}) or ({b})", guards, _computed),
    st.builds(lambda a: f"not ({a})", _computed),
)


@st.composite
def decisions(
    draw: st.DrawFn, kind: st.SearchStrategy[str] = guards, most: int = 4
) -> FlowDefinition:
    sources = draw(st.lists(kind, min_size=1, max_size=most))
    ties = draw(st.booleans())
    branches = [
        TransitionDefinition(
            key=f"b{n}",
            inputs={"i": 1},
            outputs={"o": 1},
            guard=source,
            priority=1 if ties else None,
        )
        for n, source in enumerate(sources)
    ]
    if draw(st.booleans()):
        last = TransitionDefinition(key="d", inputs={"i": 1}, outputs={"o": 1}, is_default=True)
        branches.append(last)
    places = (PlaceDefinition("i"), PlaceDefinition("o"))
    return FlowDefinition("f", data=RECORD, places=places, transitions=tuple(branches))


@many(120)
@given(
    st.one_of(decisions(), decisions(st.one_of(guards, computed_guards), most=2)),
    st.lists(records, min_size=1, max_size=8),
)
def test_no_sampled_data_show_what_the_analysis_has_missed(definition, sampled):
    report = analyse_guards(definition)
    branches = definition.transitions
    dead = {f.transitions[0] for f in of_kind(report, FindingKind.NEVER_TAKEN)}
    overlaps = {f.transitions for f in of_kind(report, FindingKind.OVERLAP)}
    failing = {f.transitions[0] for f in of_kind(report, FindingKind.FAILS)}

    assert all(cluster.is_complete for cluster in report.clusters)
    for values in sampled:
        results = {t.key: answer(t.guard, values) if t.guard else True for t in branches}
        holding = [t.key for t in branches if results[t.key]]
        if not holding:
            assert of_kind(report, FindingKind.GAP)
            assert report.soundness is None or report.soundness.verdict != "proved"
        else:
            assert holding[0] not in dead
            first = [t.key for t in branches].index(holding[0])
            failed = {t.key for t in branches[:first] if results[t.key] is None}
            assert failed <= failing
        guarded = [key for key in holding if key != "d"]
        assert {(a, b) for a in guarded for b in guarded if a < b} <= overlaps


@many(100)
@given(decisions())
def test_each_example_does_what_is_told_of_it(definition):
    report = analyse_guards(definition)

    for finding in report.findings:
        if finding.kind is FindingKind.NEVER_TAKEN:
            continue
        # Nothing here is computed or asks for people, so all is decided.
        assert finding.example is not None
        assert finding.is_certain
        assert case_data.check(RECORD, finding.example) == []
        assert does_what_is_told(definition, finding)


WANTED: dict[FindingKind, list[bool | None]] = {
    FindingKind.GAP: [False, None],
    FindingKind.OVERLAP: [True],
    FindingKind.FAILS: [None],
}


def does_what_is_told(definition: FlowDefinition, finding: Finding) -> bool:
    """Ask the flow's own guards whether they do on the example what the finding says of them."""
    assert finding.example is not None
    sources = {t.key: t.guard for t in definition.transitions}
    results = [answer(sources[key], finding.example) for key in finding.transitions]
    return all(result in WANTED[finding.kind] for result in results)


@many(40)
@given(decisions(computed_guards, most=2))
def test_each_example_of_computed_guards_does_what_is_told_of_it(definition):
    report = analyse_guards(definition)

    for finding in report.findings:
        assert finding.kind in (FindingKind.NEVER_TAKEN, *WANTED)
        if finding.kind is not FindingKind.NEVER_TAKEN:
            # What is computed may depend on other values, so that there is no such case: it then
            # has no example, and nothing is claimed for certain.
            assert finding.is_certain == (finding.example is not None)
            assert finding.example is None or does_what_is_told(definition, finding)


@many(40)
@given(st.one_of(decisions(), decisions(computed_guards, most=2)))
def test_a_refutation_shows_data_with_which_no_branch_holds(definition):
    report = analyse_guards(definition)
    assert report.soundness is not None

    for problem in report.soundness.problems:
        if problem.example is not None:
            guarded = [answer(t.guard, problem.example) for t in definition.transitions if t.guard]
            assert guarded == [False] * len(definition.transitions)
