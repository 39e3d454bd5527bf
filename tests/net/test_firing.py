"""The token game."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import nets
from tests.net.naive import successors
from tests.net.strategies import any_nets
from workflows.net import ArcKind, Marking, blockers, enabled_transitions, fire, is_enabled
from workflows.net.errors import TransitionNotEnabled, UnknownNode
from workflows.net.firing import fire_sequence

MARKINGS = st.lists(st.integers(0, 4), min_size=9, max_size=9)


def marked(net, counts):
    places = [place.key for place in net.places]
    return Marking(dict(zip(places, counts, strict=False)))


def test_firing_takes_and_puts_by_weight():
    net = nets.net("t: 2*p -> 3*q")

    assert fire(net, {"p": 5}, "t") == {"p": 3, "q": 3}


def test_a_transition_that_lacks_a_token_is_refused_with_the_reason():
    net = nets.parallel()

    with pytest.raises(TransitionNotEnabled, match=r"'join' is not enabled: s \(short by 1\)"):
        fire(net, {"q": 1}, "join")


def test_a_read_arc_needs_its_token_and_leaves_it():
    net = nets.milestone()

    assert not is_enabled(net, {"b": 1}, "cancel")
    assert fire(net, {"b": 1, "paid": 1}, "cancel") == {"paid": 1, "done": 1}


def test_an_inhibitor_arc_holds_back_from_its_weight_on():
    net = nets.net("t: p -> o; inhibit 2*q")

    assert is_enabled(net, {"p": 1, "q": 1}, "t")
    assert not is_enabled(net, {"p": 1, "q": 2}, "t")


def test_a_reset_arc_empties_its_place_and_asks_for_nothing():
    net = nets.net("t: p -> o; reset q")

    assert fire(net, {"p": 1, "q": 7}, "t") == {"o": 1}
    assert fire(net, {"p": 1}, "t") == {"o": 1}


def test_a_place_that_is_emptied_and_put_to_holds_what_is_put():
    net = nets.net("t: p -> 2*q; reset p q")

    assert fire(net, {"p": 5, "q": 5}, "t") == {"q": 2}


def test_every_reason_against_is_told():
    net = nets.net("t: 2*p q -> o; read r; inhibit 1*s")

    told = blockers(net, {"p": 1, "q": 1, "s": 2}, "t")

    assert [(b.place, b.kind, b.short_by) for b in told] == [
        ("p", ArcKind.INPUT, 1),
        ("r", ArcKind.READ, 1),
        ("s", ArcKind.INHIBITOR, 0),
    ]
    assert [str(b) for b in told] == [
        "p (short by 1)",
        "r (short by 1)",
        "s (must hold fewer than 1, holds 2)",
    ]


def test_enabled_transitions_come_in_the_order_of_the_net():
    net = nets.net("z: p -> o", "a: p -> o", "m: q -> o")

    assert enabled_transitions(net, {"p": 1}) == ["z", "a"]


def test_an_unknown_transition_is_no_refusal_but_a_mistake():
    with pytest.raises(UnknownNode):
        fire(nets.sequence(), {"i": 1}, "nope")


def test_a_sequence_stops_at_the_first_that_may_not_fire():
    with pytest.raises(TransitionNotEnabled, match="'a'"):
        fire_sequence(nets.sequence(), {"i": 1}, ["a", "a"])


def test_the_milestone_passes_until_it_is_used_up():
    net = nets.milestone()

    assert fire_sequence(net, {"i": 1}, ["start", "pay", "cancel", "ship"]) == {"o": 1}


@settings(max_examples=60, deadline=None)
@given(any_nets(), MARKINGS)
def test_what_is_enabled_and_what_follows_is_as_defined(net, counts):
    marking = marked(net, counts)
    expected = successors(net, frozenset(marking.items()))

    assert enabled_transitions(net, marking) == list(expected)
    for transition, after in expected.items():
        assert fire(net, marking, transition) == dict(after)


@settings(max_examples=60, deadline=None)
@given(any_nets(), MARKINGS)
def test_enabled_means_no_blocker(net, counts):
    marking = marked(net, counts)

    for transition in net.transitions:
        assert is_enabled(net, marking, transition.key) != bool(
            blockers(net, marking, transition.key)
        )


@settings(max_examples=60, deadline=None)
@given(any_nets(), MARKINGS)
def test_firing_changes_each_place_by_its_arcs_and_no_other_marking(net, counts):
    marking = marked(net, counts)
    before = marking.as_dict()

    for transition in enabled_transitions(net, marking):
        after = fire(net, marking, transition)
        inputs, outputs = net.inputs(transition), net.outputs(transition)
        for place in (place.key for place in net.places):
            kept = 0 if place in net.resets(transition) else marking[place] - inputs.get(place, 0)
            assert after[place] == kept + outputs.get(place, 0)
    assert marking.as_dict() == before
