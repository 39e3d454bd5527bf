"""The SVG of a net."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree

from tests import nets
from tests.net.strategies import any_nets
from workflows.net import Marking
from workflows.net.drawing import NodeState, draw
from workflows.net.figures import BOX_FONT
from workflows.net.progress import progress
from workflows.net.stylesheet import RULES
from workflows.net.text import width_of

SVG = "{http://www.w3.org/2000/svg}"
STYLE_SHEET = Path(__file__).resolve().parents[2] / "static" / "css" / "net.css"


def parsed(text):
    return etree.fromstring(text.encode())


def group(root, key):
    (found,) = root.xpath(f"//*[@data-key='{key}']")
    return found


def classes(element):
    return element.get("class").split()


def test_the_drawing_says_in_words_what_it_shows():
    net = nets.with_titles(nets.withdrawal(), {"review": "With the manager", "approve": "Approve"})
    marking = Marking({"open": 1, "review": 1})

    root = parsed(
        draw(net, marking=marking, states=progress(net, marking, ["submit"]), title="Leave 7")
    )

    assert root.get("role") == "img"
    assert root[0].tag == SVG + "title"
    assert root[0].text == "Leave 7"
    assert root[1].tag == SVG + "desc"
    assert "Tokens are in: open, With the manager." in root[1].text
    assert "Can happen now: Approve, ask, withdraw." in root[1].text
    assert "Done: submit." in root[1].text


def test_nothing_in_a_drawing_offends_a_strict_policy():
    text = draw(nets.withdrawal(), marking={"i": 1})

    assert " style=" not in text
    assert "<style" not in text
    assert "<script" not in text
    assert not re.search(r"\son\w+=", text)
    assert "href" not in text


def test_a_drawing_that_stands_alone_brings_its_style_sheet():
    assert "prefers-color-scheme:dark" in draw(nets.sequence(), standalone=True)


def test_the_two_style_sheets_have_the_same_rules():
    def rules(text):
        return {re.sub(r"\s", "", rule) for rule in re.findall(r"\.goflow-net [^{}]*{[^}]*}", text)}

    def plain(found):
        return {rule.replace(";}", "}") for rule in found}

    assert plain(rules(RULES)) <= plain(rules(STYLE_SHEET.read_text()))


def test_titles_that_look_like_markup_are_text():
    net = nets.with_titles(
        nets.sequence(), {"a": "<script>alert(1)</script> & \x0bco", "i": '"><b'}
    )

    root = parsed(draw(net, title="<b>"))

    assert not root.findall(f".//{SVG}script")
    assert "<script>" in "".join(group(root, "a").itertext())


def test_every_state_has_an_outline_of_its_own():
    states = dict(zip(["i", "p", "o"], NodeState, strict=False)) | {"a": NodeState.UNTOUCHED}
    root = parsed(draw(nets.sequence(), states=states, marking={"p": 1}))
    looks = set()
    for key in states:
        shape = group(root, key).xpath("./*[contains(@class, 'shape')]")[0]
        looks.add((shape.get("stroke-width"), shape.get("stroke-dasharray")))

    assert len(looks) == 4


def test_done_and_enabled_transitions_carry_different_signs():
    root = parsed(
        draw(
            nets.sequence(), states={"a": NodeState.DONE, "b": NodeState.PRESENT}, marking={"p": 1}
        )
    )

    assert group(root, "a").xpath("./*[@class='check']")
    assert group(root, "b").xpath("./*[@class='sign']")
    assert classes(group(root, "b")) == ["transition", "is-present"]


@pytest.mark.parametrize(("count", "dots"), [(1, 1), (2, 2), (3, 3)])
def test_few_tokens_are_dots(count, dots):
    place = group(parsed(draw(nets.sequence(), marking={"i": count})), "i")

    assert len(place.xpath("./*[@class='token']")) == dots


def test_many_tokens_are_a_number():
    place = group(parsed(draw(nets.sequence(), marking={"i": 12})), "i")

    assert place.xpath("./*[@class='token']/text()") == ["12"]


def test_each_kind_of_arc_has_its_class():
    text = draw(nets.net("t: i -> 2*o; read r; inhibit n; reset p q"))

    for name in ("arc-read", "arc-inhibitor", "arc-reset"):
        assert f'class="arc {name}"' in text
    assert '<text class="weight"' in text


def test_a_title_stays_inside_its_box():
    title = "Donaudampfschifffahrtsgesellschaftskapitän prüft 请经理在两个工作日内决定 the request"
    root = parsed(draw(nets.sequence(), titles={"a": title}))
    box = group(root, "a")

    width = float(box.find(f"{SVG}rect").get("width"))
    lines = [span.text for span in box.iter(f"{SVG}tspan")]
    assert 1 < len(lines) <= 3
    assert all(width_of(line, BOX_FONT) < width for line in lines)
    assert title in box.find(f"{SVG}title").text


def test_a_transition_without_a_title_is_a_bar_with_its_key_below():
    bar = group(parsed(draw(nets.sequence())), "a")

    assert classes(bar.find(f"{SVG}rect")) == ["shape", "bar"]
    assert [span.text for span in bar.iter(f"{SVG}tspan")] == ["a"]


def test_a_wide_net_keeps_its_natural_size():
    root = parsed(draw(nets.net(*(f"t{n}: p{n} -> p{n + 1}" for n in range(30)))))

    assert float(root.get("width")) > 2_000
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"


def test_a_way_that_was_taken_is_done_and_one_out_of_reach_untouched():
    net = nets.net("yes: i -> p", "no: i -> q", "a: p -> o", "b: q -> o")
    text = draw(net, marking={"p": 1}, states=progress(net, {"p": 1}, ["yes"]))

    assert text.count('class="arc is-done"') == 2
    assert text.count('class="arc is-untouched"') == 4


def test_a_net_that_nobody_could_read_is_described_instead():
    net = nets.net(*(f"t{n}: p{n} -> p{n + 1}" for n in range(2_500)))

    root = parsed(draw(net))

    assert "too large to draw: 2,501 places" in root.findtext(f"{SVG}text")


@settings(max_examples=40, deadline=None)
@given(any_nets())
def test_any_net_can_be_drawn(net):
    root = parsed(draw(net, marking=net.initial, title=net.key))

    assert len(root.xpath("//*[@data-key]")) == len(net.places) + len(net.transitions)
