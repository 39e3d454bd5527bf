"""Whether a case can end properly from any marking: yes, no with a run that shows it, undecided."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import nets
from tests.net.naive import reachable, reaching
from tests.net.strategies import any_nets, workflow_nets
from workflows.net import Marking, Net, fire_sequence
from workflows.net.completion import completion
from workflows.net.errors import NetError
from workflows.net.structure import sink


def test_from_every_marking_of_a_sound_net_the_case_can_end():
    found = completion(nets.parallel(), Marking({"p": 1, "s": 1}))

    assert (found.answer, found.can_end) == ("yes", True)
    assert fire_sequence(nets.parallel(), {"p": 1, "s": 1}, found.run) == {"o": 1}


def test_half_of_a_join_is_told_as_stuck_with_the_run_to_it():
    found = completion(nets.parallel(), Marking({"p": 1}))

    assert (found.answer, found.can_end, found.run) == ("no", False, ("a",))
    assert found.marking == {"q": 1}
    assert found.message.startswith("A case can get stuck. After “a”, there is a token in “q”.")


def test_what_is_left_over_at_the_end_is_named():
    found = completion(nets.sequence(), Marking({"i": 1, "p": 1}))

    assert found.answer == "no"
    assert "work is left" in found.message
    assert found.marking["o"] == 1


def test_a_case_that_may_end_but_may_also_get_stuck_is_a_no_that_can_end():
    net = nets.net("a: i -> p", "good: p -> o", "bad: p -> q", "join: q x -> o")

    found = completion(net, Marking({"p": 1}))

    assert (found.answer, found.can_end, found.run) == ("no", True, ("bad",))


def test_a_marking_that_is_stuck_itself_is_told_without_a_run():
    found = completion(nets.parallel(), Marking({"q": 1}))

    assert (found.answer, found.run) == ("no", ())
    assert found.message == "Tokens are in “q”, and nothing can fire from there."


def test_the_end_with_something_beside_it_is_no_proper_end():
    found = completion(nets.parallel(), Marking({"o": 1, "p": 1}))

    assert found.message == "The end “o” is reached at once, but tokens are left in “p”."


def test_an_empty_marking_has_no_end():
    assert completion(nets.parallel(), Marking()).message.startswith("No token is left")


def test_a_circle_without_a_way_out_is_no_end():
    found = completion(nets.endless_circle(), Marking({"p": 1}))

    assert (found.answer, found.can_end) == ("no", False)
    assert "the end “o” is out of reach" in found.message


def test_tokens_that_pile_up_are_left_over():
    net = nets.net("a: i -> p", "again: p -> p q", "b: p q -> o")

    found = completion(net, Marking({"p": 1}), max_states=200)

    assert (found.answer, found.can_end) == ("no", True)


def test_where_the_bounds_end_the_search_nothing_is_claimed():
    start = fire_sequence(nets.wide(12), {"i": 1}, [nets.wide(12).transitions[0].key])

    found = completion(nets.wide(12), start, max_states=50)

    assert (found.answer, found.can_end) == ("undecided", None)


def test_a_net_with_two_ends_is_refused():
    with pytest.raises(NetError, match="sink"):
        completion(nets.net("a: i -> x", "b: i -> y"), Marking({"i": 1}))


@st.composite
def markings(draw: st.DrawFn) -> tuple[Net, Marking]:
    net = draw(st.one_of(workflow_nets(6), any_nets()))
    counts = draw(st.lists(st.integers(0, 2), min_size=len(net.places), max_size=len(net.places)))
    places = [place.key for place in net.places]
    return net, Marking(dict(zip(places, counts, strict=True)))


@pytest.mark.slow
@given(markings())
@settings(max_examples=300, deadline=None)
def test_the_answer_agrees_with_the_definition(drawn):
    net, marking = drawn
    try:
        end = sink(net)
    except NetError:
        return
    found = completion(net, marking, max_states=2_000)
    graph = reachable(net, frozenset(marking.items()), cap=1_000)
    if graph is None:
        return
    final = frozenset({(end, 1)})
    good = reaching(graph, final)
    proper = all(state == final or end not in dict(state) for state in graph)

    assert found.answer == ("yes" if len(good) == len(graph) and proper else "no")
    assert found.can_end == (final in graph)
    if found.run:
        assert fire_sequence(net, marking, found.run) == found.marking
