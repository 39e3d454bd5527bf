"""Nets survive being written as PNML and read again."""

from __future__ import annotations

from hypothesis import given, settings
from lxml import etree

from tests import nets
from tests.net.strategies import any_nets
from workflows.net import Arc, ArcKind, Net, pnml


def meaning(arc: Arc) -> Arc:
    """Return the arc as it comes back: a reset has no weight."""
    weight = 1 if arc.kind is ArcKind.RESET else arc.weight
    return Arc(arc.place, arc.transition, arc.kind, weight, arc.bends)


@settings(max_examples=60, deadline=None)
@given(any_nets())
def test_a_net_comes_back_as_it_was(net):
    arcs = tuple(map(meaning, net.arcs))

    assert pnml.read(pnml.write(net)) == Net(
        net.key, net.places, net.transitions, arcs, net.initial
    )


def test_what_is_written_is_pnml_of_the_standard():
    root = etree.fromstring(pnml.write(nets.parallel()).encode())

    assert root.tag == "{http://www.pnml.org/version-2009/grammar/pnml}pnml"
    (net,) = root
    assert net.get("type") == "http://www.pnml.org/version-2009/grammar/ptnet"
    (page,) = net
    assert {etree.QName(child).localname for child in page} == {"place", "transition", "arc"}
    identifiers = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_arcs_that_the_standard_lacks_are_named_as_other_tools_name_them():
    text = pnml.write(nets.withdrawal())

    assert text.count("<arctype>") == 2
    assert "<text>reset</text>" in text


def test_identifiers_of_pages_and_arcs_keep_clear_of_the_nodes():
    net = nets.net("arc1: page -> arc2")

    assert pnml.read(pnml.write(net)) == Net("net", net.places, net.transitions, net.arcs)


def test_text_that_xml_cannot_hold_is_left_out():
    net = nets.with_titles(nets.sequence(), {"a": "x\x00y<&>"})

    assert pnml.read(pnml.write(net)).transitions[0].title == "xy<&>"
