"""Nets are values that check themselves."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given, settings

from tests import nets
from tests.net.strategies import any_nets
from workflows.net import Arc, ArcKind, Net, Place, Transition
from workflows.net.errors import NetError, UnknownNode

unpickled = pickle.loads


def make(*arcs, places=("p", "q"), transitions=("t",), initial=None):
    return Net("n", tuple(map(Place, places)), tuple(map(Transition, transitions)), arcs, initial)


def test_two_nodes_with_one_key_are_refused():
    with pytest.raises(NetError, match="'t'"):
        make(places=("p", "t"), transitions=("t",))


def test_an_arc_to_an_unknown_place_is_refused():
    with pytest.raises(UnknownNode, match="no place 'x'"):
        make(Arc("x", "t", ArcKind.INPUT))


def test_an_arc_to_an_unknown_transition_is_refused():
    with pytest.raises(UnknownNode, match="no transition 'x'"):
        make(Arc("p", "x", ArcKind.INPUT))


def test_an_arc_that_weighs_nothing_is_refused():
    with pytest.raises(NetError, match="weighs 0"):
        make(Arc("p", "t", ArcKind.INPUT, 0))


def test_an_initial_marking_of_an_unknown_place_is_refused():
    with pytest.raises(UnknownNode, match="no place 'x'"):
        make(initial={"x": 1})


def test_arcs_of_one_kind_between_two_nodes_count_as_one():
    net = make(
        Arc("p", "t", ArcKind.INPUT, 2),
        Arc("p", "t", ArcKind.INPUT),
        Arc("q", "t", ArcKind.READ, 2),
        Arc("q", "t", ArcKind.READ, 5),
        Arc("q", "t", ArcKind.INHIBITOR, 7),
        Arc("q", "t", ArcKind.INHIBITOR, 6),
    )

    assert net.inputs("t") == {"p": 3}
    assert net.reads("t") == {"q": 5}
    assert net.inhibitors("t") == {"q": 6}


def test_a_place_knows_the_transitions_around_it():
    net = nets.withdrawal()

    assert net.consumers("review") == ("approve", "ask")
    assert net.producers("review") == ("submit", "answer")
    assert net.resetters("review") == ("withdraw",)


def test_observers_are_those_whose_enabledness_a_place_decides():
    assert nets.batch().observers("busy") == ("take", "work")
    assert nets.milestone().observers("paid") == ("cancel", "ship")
    assert nets.withdrawal().observers("asked") == ("answer",)


def test_asking_for_an_unknown_node_names_it_and_the_net():
    net = nets.sequence()

    with pytest.raises(UnknownNode, match="no transition 'x' in the net 'net'"):
        net.inputs("x")
    with pytest.raises(UnknownNode, match="no place 'x'"):
        net.consumers("x")


def test_lookups_cannot_be_changed():
    with pytest.raises(TypeError):
        nets.sequence().inputs("a")["i"] = 2


@settings(max_examples=40, deadline=None)
@given(any_nets())
def test_a_net_survives_pickling_and_copying(net):
    assert unpickled(pickle.dumps(net)) == copy.deepcopy(net) == net
    assert hash(copy.copy(net)) == hash(net)
