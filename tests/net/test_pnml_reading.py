"""PNML as the standard has it, and files that are none."""

from __future__ import annotations

import re

import pytest

from workflows.net import ArcKind, enabled_transitions, pnml, verify
from workflows.net.errors import NotANet
from workflows.net.pnml.document import MOST_BYTES, MOST_ELEMENTS

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://www.pnml.org/version-2009/grammar/pnml"'
PTNET = 'type="http://www.pnml.org/version-2009/grammar/ptnet"'
NODES = '<place id="i"/><transition id="t"/><place id="o"/>'
ARCS = '<arc id="a1" source="i" target="t"/><arc id="a2" source="t" target="o"/>'


def standard(*content: str) -> str:
    inner = "\n".join(content)
    return f'{HEAD}<pnml {NAMESPACE}>\n<net id="n" {PTNET}>\n{inner}\n</net></pnml>'


def refused(text: str | bytes) -> NotANet:
    with pytest.raises(NotANet) as caught:
        pnml.read(text)
    return caught.value


def test_a_net_of_the_standard_is_read():
    net = pnml.read(
        standard(
            '<name><text>Order</text></name><page id="g">',
            '<place id="i"><name><text> Order\n  received </text></name>'
            "<initialMarking><text> 3 </text></initialMarking>"
            '<graphics><position x="10" y="20.5"/></graphics></place>',
            '<transition id="t"/><place id="o"/>',
            '<arc id="a1" source="i" target="t"><inscription><text>2</text></inscription>'
            '<graphics><position x="1" y="2"/><position x="3" y="4"/></graphics></arc>',
            '<arc id="a2" source="t" target="o"/></page>',
        )
    )

    assert net.key == "n"
    assert [(p.key, p.title, p.position) for p in net.places] == [
        ("i", "Order received", (10.0, 20.5)),
        ("o", "", None),
    ]
    assert net.initial == {"i": 3}
    assert [(a.place, a.kind, a.weight, a.bends) for a in net.arcs] == [
        ("i", ArcKind.INPUT, 2, ((1.0, 2.0), (3.0, 4.0))),
        ("o", ArcKind.OUTPUT, 1, ()),
    ]


def test_a_net_without_tokens_has_no_initial_marking():
    assert pnml.read(standard(NODES, ARCS)).initial is None


def test_pages_are_one_net_and_references_stand_for_what_they_refer_to():
    net = pnml.read(
        standard(
            '<page id="g1"><place id="i"/><transition id="t"/>'
            '<arc id="a1" source="i" target="t"/><referencePlace id="r2" ref="r1"/>'
            '<page id="g2"><place id="o"/><referencePlace id="r1" ref="o"/>'
            '<referenceTransition id="rt" ref="t"/></page></page>',
            '<page id="g3"><arc id="a2" source="rt" target="r2"/></page>',
        )
    )

    assert [(a.place, a.transition, a.kind) for a in net.arcs] == [
        ("i", "t", ArcKind.INPUT),
        ("o", "t", ArcKind.OUTPUT),
    ]
    assert verify(net).is_sound


def test_arcs_may_stand_before_their_nodes():
    assert enabled_transitions(pnml.read(standard(ARCS, NODES)), {"i": 1}) == ["t"]


def test_of_several_nets_the_first_is_read_and_all_can_be():
    second = f'<net id="m" {PTNET}>{NODES}{ARCS}</net>'
    text = standard(NODES, ARCS).replace("</pnml>", second + "</pnml>")

    assert pnml.read(text).key == "n"
    assert [net.key for net in pnml.read_all(text)] == ["n", "m"]


def test_bytes_in_any_declared_encoding_are_read():
    text = standard(NODES.replace('"i"', '"né"'), ARCS.replace('"i"', '"né"'))
    latin = text.replace("UTF-8", "ISO-8859-1").encode("latin-1")

    assert pnml.read(latin).places[0].key == "né"
    assert pnml.read(text.replace("UTF-8", "UTF-16").encode("utf-16")).places[0].key == "né"
    assert pnml.read(b"\xef\xbb\xbf" + text.encode()).places[0].key == "né"


def test_text_may_declare_another_encoding_than_it_has():
    assert pnml.read(standard(NODES, ARCS).replace("UTF-8", "ISO-8859-1")).key == "n"


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        ('<place id="p"/>', "no transition", 3),
        ('<transition id="t"/>', "no place", 3),
        (NODES + '<place id="i"/>', "Two nodes have the id 'i'", 4),
        (NODES + "<transition/>", "transition has no id", 4),
        (NODES + '\n<arc id="a" source="i" target="o"/>', "joins two places", 5),
        (NODES + '\n<arc id="a" source="t" target="t"/>', "joins two transitions", 5),
        (NODES + '\n\n<arc id="a" source="i" target="x"/>', "no place or transition .* 'x'", 6),
        (NODES + '<arc id="a" source="i"/>', "arc has no target", 4),
        (
            NODES + '<arc id="a" source="i" target="t"><inscription>\n<text>two</text>'
            "</inscription></arc>",
            "inscription is 'two'",
            5,
        ),
        (
            NODES
            + '<arc id="a" source="i" target="t"><inscription><text>0</text></inscription></arc>',
            "weighs 0",
            4,
        ),
        (
            '<place id="p">\n<initialMarking><text>-1</text></initialMarking></place>'
            '<transition id="t"/>',
            "initialMarking is '-1'",
            5,
        ),
        (
            '<place id="p"><initialMarking><text>99999999999999999999</text></initialMarking>'
            '</place><transition id="t"/>',
            "above 1,000,000,000",
            4,
        ),
        (
            NODES + '<referencePlace id="r" ref="s"/>\n<referencePlace id="s" ref="r"/>'
            '<arc id="a" source="r" target="t"/>',
            "run in a circle",
            5,
        ),
        (NODES + '<arc id="a" type="magic" source="i" target="t"/>', "unknown kind, 'magic'", 4),
    ],
)
def test_what_makes_no_net_is_refused_with_its_line(content, message, line):
    error = refused(standard(content))

    assert error.line == line
    assert re.search(message, error.message)


def test_ill_formed_xml_is_refused_with_its_line():
    error = refused(standard("<!-- one -- two -->", NODES))

    assert error.line == 4
    assert "well-formed" in error.message


@pytest.mark.parametrize("text", ["", "   \n", b""])
def test_an_empty_file_is_refused(text):
    assert "empty" in refused(text).message


@pytest.mark.parametrize("text", ["just text", '{"flow": "x"}', "\x00\x01"])
def test_what_is_no_xml_is_refused(text):
    assert refused(text).line == 1


def test_xml_that_is_no_pnml_is_refused():
    assert "outermost element is <html>" in refused("<html><body/></html>").message


def test_pnml_without_a_net_is_refused():
    assert "no <net>" in refused(f"<pnml {NAMESPACE}/>").message


@pytest.mark.parametrize(
    "kind",
    [
        "http://www.pnml.org/version-2009/grammar/symmetricnet",
        "http://www.pnml.org/version-2009/grammar/highlevelnet",
        "http://www.pnml.org/version-2009/grammar/pt-hlpng",
    ],
)
def test_high_level_nets_are_refused(kind):
    text = standard(NODES, ARCS).replace("http://www.pnml.org/version-2009/grammar/ptnet", kind)

    assert "high-level" in refused(text).message


def test_a_high_level_marking_is_refused_whatever_the_type_says():
    place = '<place id="h">\n<hlinitialMarking><text>1`a</text></hlinitialMarking></place>'

    assert refused(standard(NODES, place)).line == 6


BOMB = (
    '<!DOCTYPE pnml [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + BOMB + "<pnml><net><place id='&i;'/></net></pnml>",
        HEAD + "<!-- first -->\n\n" + BOMB + "<pnml>&i;</pnml>",
        "<!DOCTYPE pnml SYSTEM 'http://127.0.0.1:9/x.dtd'><pnml/>",
        "<!DOCTYPE pnml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><pnml>&x;</pnml>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_document_type_declarations_are_refused_before_they_are_read(text, encoding):
    content = text.replace("UTF-8", encoding).encode(encoding)

    assert "DOCTYPE" in refused(content).message


def test_the_line_of_a_document_type_declaration_is_told():
    assert refused(HEAD + "<!-- a\nb -->\n" + BOMB + "<pnml/>").line == 4


def test_deep_nesting_is_refused():
    error = refused(standard("<page>" * 1_000 + "</page>" * 1_000))

    assert "deep" in error.message.lower()


def test_a_file_that_is_too_large_is_refused():
    assert "bytes" in refused(standard(NODES + " " * MOST_BYTES)).message


def test_too_many_elements_are_refused():
    assert "elements" in refused(standard(NODES, "<x/>" * MOST_ELEMENTS)).message


def test_processing_instructions_and_comments_change_nothing():
    odd = NODES.replace("<transition", "<?odd thing?><!-- here --><transition")

    assert len(pnml.read(standard(odd, ARCS)).arcs) == 2
