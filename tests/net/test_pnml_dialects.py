"""PNML as tools write it."""

from __future__ import annotations

import pytest

from workflows.net import ArcKind, pnml, verify
from workflows.net.errors import NotANet

WOPED = """<?xml version="1.0" encoding="UTF-8"?>
<pnml>
 <net type="http://www.informatik.hu-berlin.de/top/pntd/ptNetb" id="noID">
  <place id="p1"><name><text>start</text><graphics><offset x="40" y="80"/></graphics></name>
   <graphics><position x="40" y="40"/><dimension x="40" y="40"/></graphics></place>
  <place id="p2"><name><text>end</text></name><initialMarking/></place>
  <transition id="t1_op_1"><name><text>decide</text></name>
   <toolspecific tool="WoPeD" version="1.0"><operator id="t1" type="104"/><time>0</time>
    <trigger id="" type="200"/><transitionResource roleName="clerk" organizationalUnitName="hr"/>
    <place id="p1"/></toolspecific></transition>
  <transition id="t1_op_2"><toolspecific tool="WoPeD" version="1.0">
    <operator id="t1" type="104"/></toolspecific></transition>
  <arc id="a1" source="p1" target="t1_op_1"><inscription><text>1</text></inscription>
   <toolspecific tool="WoPeD" version="1.0"><probability>1.0</probability></toolspecific></arc>
  <arc id="a2" source="p1" target="t1_op_2"><inscription><text>1</text></inscription></arc>
  <arc id="a3" source="t1_op_1" target="p2"/>
  <arc id="a4" source="t1_op_2" target="p2"/>
  <toolspecific tool="WoPeD" version="1.0"><bounds><position x="0" y="0"/></bounds>
   <resources><role Name="clerk"/></resources></toolspecific>
 </net>
</pnml>"""
WOPED_SUBPROCESS = """<page id="t1_op_2"><net>
  <place id="p1"/><transition id="t1_op_2_t1"/><place id="p2"/>
  <arc id="a1" source="p1" target="t1_op_2_t1"/><arc id="a2" source="t1_op_2_t1" target="p2"/>
</net></page>"""

PIPE = """<?xml version="1.0" encoding="ISO-8859-1"?>
<pnml><net id="Net-One" type="P/T net"><token id="Default" enabled="true" red="0"/>
 <labels x="15" y="15">a note</labels>
 <place id="P0"><graphics><position x="210.0" y="90.0"/></graphics>
  <name><value>P0</value><graphics/></name>
  <initialMarking><value>Default,1</value><graphics><offset x="0.0" y="0.0"/></graphics>
  </initialMarking><capacity><value>0</value></capacity></place>
 <place id="P1"><name><value>P1</value></name>
  <initialMarking><value>0</value></initialMarking></place>
 <place id="P2"><name><value>P2</value></name></place>
 <transition id="T0"><name><value>T0</value></name><timed><value>false</value></timed>
  <priority><value>1</value></priority></transition>
 <transition id="T1"><name><value>T1</value></name></transition>
 <arc id="P0 to T0" source="P0" target="T0"><graphics/><inscription><value>Default,1</value>
  </inscription><arcpath id="000" x="1" y="2" curvePoint="false"/><type value="normal"/></arc>
 <arc id="T0 to P1" source="T0" target="P1"><inscription><value>Default,2</value></inscription>
  <type value="normal"/></arc>
 <arc id="P1 to T1" source="P1" target="T1"><inscription><value>2</value></inscription></arc>
 <arc id="T1 to P2" source="T1" target="P2"/>
 <arc id="P2 to T0" source="P2" target="T0"><inscription><value>1</value></inscription>
  <type value="inhibitor"/></arc>
</net></pnml>"""

PM4PY = """<?xml version='1.0' encoding='UTF-8'?>
<pnml>
  <net id="net1" type="http://www.pnml.org/version-2009/grammar/pnmlcoremodel">
    <name><text>imported</text></name>
    <page id="n0">
      <place id="source"><name><text>source</text></name>
        <initialMarking><text>1</text></initialMarking></place>
      <place id="work"/><place id="sink"/>
      <transition id="tau"><name><text>skip</text></name>
        <toolspecific tool="ProM" version="6.4" activity="$invisible$"/></transition>
      <transition id="end"><name><text>end</text></name></transition>
      <arc id="1" source="source" target="tau"/><arc id="2" source="tau" target="work"/>
      <arc id="3" source="source" target="end"><arctype><text>inhibitor</text></arctype></arc>
      <arc id="4" source="work" target="end"><arctype><text>reset</text></arctype></arc>
      <arc id="5" source="work" target="end"><arctype><text>normal</text></arctype></arc>
      <arc id="6" source="end" target="sink"/>
    </page>
    <finalmarkings><marking><place idref="sink"><text>1</text></place></marking></finalmarkings>
  </net>
</pnml>"""

TAPAAL = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<pnml xmlns="http://www.informatik.hu-berlin.de/top/pnml/ptNetb">
 <net active="true" id="TAPN1" type="P/T net">
  <place id="P0" initialMarking="2" invariant="&lt; inf" name="P0" positionX="135" positionY="75"/>
  <place id="P1" initialMarking="0" invariant="&lt; inf" name="P1" positionX="300" positionY="75"/>
  <transition angle="0" id="T0" infiniteServer="false" name="T0" positionX="210" positionY="75"/>
  <arc id="A0" inscription="[0,inf)" source="P0" target="T0" type="timed" weight="2"/>
  <arc id="A1" inscription="1" source="T0" target="P1" type="normal" weight="1"/>
  <arc id="A2" inscription="[0,inf)" source="P1" target="T0" type="tapnInhibitor" weight="3"/>
 </net>
</pnml>"""

MODULE = """<pnml><module><ports/>
 <net type="PTNet" id="m"><place id="i"><name><value>In</value></name></place>
  <transition id="t"/><place id="o"/>
  <arc source="i" target="t"/><arc source="t" target="o"/></net></module></pnml>"""


def arcs(net):
    return {(a.place, a.transition, a.kind, a.weight) for a in net.arcs}


def test_woped_operators_are_read_as_the_transitions_they_stand_for():
    net = pnml.read(WOPED)

    assert [p.key for p in net.places] == ["p1", "p2"]
    assert [t.title for t in net.transitions] == ["decide", ""]
    assert net.places[0].position == (40.0, 40.0)
    assert verify(net).is_sound


def test_woped_sub_processes_are_nets_of_their_own():
    text = WOPED.replace(" </net>", WOPED_SUBPROCESS + "</net>")

    assert pnml.read(text) == pnml.read(WOPED)
    main, inner = pnml.read_all(text)
    assert main == pnml.read(WOPED)
    assert (inner.key, inner.transitions[0].key) == ("t1_op_2", "t1_op_2_t1")


def test_pipe_files_with_values_and_coloured_counts_are_read():
    net = pnml.read(PIPE)

    assert net.initial == {"P0": 1}
    assert arcs(net) == {
        ("P0", "T0", ArcKind.INPUT, 1),
        ("P1", "T0", ArcKind.OUTPUT, 2),
        ("P1", "T1", ArcKind.INPUT, 2),
        ("P2", "T1", ArcKind.OUTPUT, 1),
        ("P2", "T0", ArcKind.INHIBITOR, 1),
    }
    assert verify(net).is_sound


def test_pm4py_files_with_final_markings_and_arc_types_are_read():
    net = pnml.read(PM4PY)

    assert [p.key for p in net.places] == ["source", "work", "sink"]
    assert ("source", "end", ArcKind.INHIBITOR, 1) in arcs(net)
    assert ("work", "end", ArcKind.RESET, 1) in arcs(net)
    assert verify(net).is_sound


def test_tapaal_files_with_attributes_and_trivial_times_are_read():
    net = pnml.read(TAPAAL)

    assert net.initial == {"P0": 2}
    assert net.places[0].position == (135.0, 75.0)
    assert arcs(net) == {
        ("P0", "T0", ArcKind.INPUT, 2),
        ("P1", "T0", ArcKind.OUTPUT, 1),
        ("P1", "T0", ArcKind.INHIBITOR, 3),
    }


def test_a_time_that_says_something_is_refused():
    with pytest.raises(NotANet, match=r"time, \[2,5\]"):
        pnml.read(TAPAAL.replace('"[0,inf)" source="P0"', '"[2,5]" source="P0"'))


def test_tapaal_may_repeat_a_plain_weight_as_a_high_level_one():
    dots = "<structure><numberof><usersort declaration='{}'/></numberof></structure>"
    text = TAPAAL.replace('weight="2"/>', f'weight="2"><hlinscription>{dots}</hlinscription></arc>')

    assert ("P0", "T0", ArcKind.INPUT, 2) in arcs(pnml.read(text.format("dot")))
    with pytest.raises(NotANet, match="high-level"):
        pnml.read(text.format("colour"))


@pytest.mark.parametrize(("last", "is_read"), [("<ci>infty</ci>", True), ("<cn>9</cn>", False)])
def test_a_delay_is_read_only_if_it_says_nothing(last, is_read):
    delay = f"<delay><interval closure='closed-open'><cn>0</cn>{last}</interval></delay>"
    text = MODULE.replace('<transition id="t"/>', f'<transition id="t">{delay}</transition>')

    if is_read:
        assert pnml.read(text).transitions[0].key == "t"
    else:
        with pytest.raises(NotANet, match="'t' is bound to a time"):
            pnml.read(text)


def test_a_net_in_a_module_without_namespace_and_page_is_read():
    net = pnml.read(MODULE)

    assert net.places[0].title == "In"
    assert verify(net).is_sound


def test_coloured_tokens_are_refused():
    with pytest.raises(NotANet, match="Red"):
        pnml.read(PIPE.replace("Default,1</value><gr", "Default,1,Red,2</value><gr"))


def test_capacities_are_refused():
    with pytest.raises(NotANet, match="capacity, 3"):
        pnml.read(PIPE.replace("<capacity><value>0", "<capacity><value>3"))


@pytest.mark.parametrize("word", ["read", "test", "readarc", "Read Arc"])
def test_read_arcs_are_read_under_their_names(word):
    text = PM4PY.replace("<text>inhibitor</text>", f"<text>{word}</text>")

    assert ("source", "end", ArcKind.READ, 1) in arcs(pnml.read(text))


def test_bad_graphics_are_passed_over():
    text = WOPED.replace('<position x="40" y="40"/>', '<position x="here" y="nan"/>')

    assert pnml.read(text).places[0].position is None
