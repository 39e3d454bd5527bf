"""Layouts: nothing overlaps, flow runs to the right, lines end at their nodes."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given, settings

from tests import nets
from tests.net.strategies import any_nets, workflow_nets
from workflows.net import Arc, ArcKind, Net, Place, Transition
from workflows.net.figures import figures
from workflows.net.layout import layout
from workflows.net.layout.graph import links_of
from workflows.net.layout.ordering import crossings, order


def shapes_of(net):
    return {key: figure.shape for key, figure in figures(net, {}, {}).items()}


def boxes(net, picture):
    shapes = shapes_of(net)
    for key, (x, y) in picture.positions.items():
        outer = shapes[key].outer
        yield key, (x - outer.left, y - outer.up, x + outer.right, y + outer.down)


def assert_nothing_overlaps(net, picture):
    for (one, a), (other, b) in combinations(boxes(net, picture), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{one} and {other} overlap"
    for key, (left, top, right, bottom) in boxes(net, picture):
        assert left >= 0 <= top, key
        assert right <= picture.width, key
        assert bottom <= picture.height, key


def without_positions(net):
    return Net(
        net.key,
        tuple(Place(p.key, p.title) for p in net.places),
        tuple(Transition(t.key, t.title) for t in net.transitions),
        net.arcs,
    )


@settings(max_examples=60, deadline=None)
@given(any_nets())
def test_no_two_nodes_overlap_whatever_the_net(net):
    assert_nothing_overlaps(net, layout(net, shapes=shapes_of(net)))


@settings(max_examples=40, deadline=None)
@given(workflow_nets(most_steps=20))
def test_no_two_nodes_of_a_workflow_net_overlap(net):
    assert_nothing_overlaps(net, layout(net, shapes=shapes_of(net)))


@settings(max_examples=40, deadline=None)
@given(any_nets())
def test_every_arc_has_a_line_that_ends_at_its_nodes(net):
    net = without_positions(net)
    picture = layout(net, shapes=shapes_of(net))

    drawn = [link for route in picture.routes for link in route.links]
    assert sorted(map(repr, drawn)) == sorted(map(repr, links_of(net)))
    around = dict(boxes(net, picture))
    for route in picture.routes:
        reached = {link.target for link in route.links}
        for head in route.heads:
            assert any(
                box[0] - 1 <= head.at[0] <= box[2] + 1 and box[1] - 1 <= head.at[1] <= box[3] + 1
                for box in (around[key] for key in reached)
            )


@pytest.mark.parametrize("make", [nets.parallel, nets.withdrawal, nets.complaint, nets.milestone])
def test_flow_runs_from_left_to_right(make):
    net = make()
    x = {key: position[0] for key, position in layout(net).positions.items()}

    assert x["i"] == min(x.values())
    assert x["o"] == max(x.values())


def test_the_same_net_is_laid_out_the_same():
    assert layout(nets.complaint()) == layout(nets.complaint())


def test_a_straight_flow_is_drawn_straight():
    picture = layout(nets.sequence())

    assert len({y for _, y in picture.positions.values()}) == 1


def test_lines_that_run_back_turn_above_or_below_the_nodes():
    picture = layout(nets.net("a: i -> p", "again: q -> p", "b: p -> q", "c: q -> o"))
    (back,) = [route for route in picture.routes if route.is_backward]

    levels = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", back.path)]
    nodes = [y for _, y in picture.positions.values()]
    assert max(levels) > max(nodes) + 20 or min(levels) < min(nodes) - 20


def test_many_resets_become_few_lines():
    places = " ".join(f"p{n}" for n in range(8))
    chain = [f"t{n}: p{n} -> p{n + 1}" for n in range(7)]
    net = nets.net(
        "begin: i -> p0 open", *chain, "end: p7 open -> o", f"withdraw: open -> o; reset {places}"
    )

    resets = [r for r in layout(net).routes if r.links[0].kind == "reset"]

    assert len(resets) == 1
    assert len(resets[0].links) == 8


def test_a_self_loop_is_one_line_with_two_heads():
    picture = layout(nets.net("a: i -> p", "look: p q -> p o"))
    (line,) = [r for r in picture.routes if {"look", "p"} == {r.links[0].source, r.links[0].target}]

    assert len(line.heads) == len(line.tails) == 1


def test_transitions_of_one_task_stand_together_in_a_frame():
    net = nets.net(
        "submit: i -> p",
        "approve: p -> o",
        "other: p -> q",
        "reject: p -> o",
        "end: q -> o",
    )

    picture = layout(net, tasks={"approve": "Review", "reject": "Review"})

    (frame,) = picture.frames
    assert frame.lines == ("Review",)
    assert set(frame.members) == {"approve", "reject"}
    for key, (x, y) in picture.positions.items():
        inside = (
            frame.left < x < frame.left + frame.width and frame.top < y < frame.top + frame.height
        )
        assert inside == (key in frame.members)


def placed(*positions):
    nodes = dict(zip("iato", positions, strict=True))
    return Net(
        "placed",
        (Place("i", "", nodes["i"]), Place("o", "", nodes["o"])),
        (Transition("a", "", nodes["a"]), Transition("t", "", nodes["t"])),
        (
            Arc("i", "a", ArcKind.INPUT),
            Arc("o", "a", ArcKind.OUTPUT, bends=((300.0, 200.0),)),
            Arc("o", "t", ArcKind.INHIBITOR),
        ),
    )


def test_given_positions_are_kept_but_for_the_margin():
    net = placed((0, 0), (200, 0), (200, 300), (400, 150))

    at = layout(net).positions

    assert (at["a"][0] - at["i"][0], at["a"][1] - at["i"][1]) == (200, 0)
    assert (at["o"][0] - at["i"][0], at["o"][1] - at["i"][1]) == (400, 150)


def test_given_positions_that_are_too_close_are_spread():
    net = placed((0, 0), (20, 0), (20, 30), (40, 15))
    picture = layout(net, shapes=shapes_of(net))

    assert_nothing_overlaps(net, picture)
    at = picture.positions
    assert (at["a"][1] - at["i"][1]) == 0
    assert at["o"][0] - at["i"][0] == pytest.approx(2 * (at["a"][0] - at["i"][0]))


def test_positions_on_one_heap_are_not_kept():
    net = placed((5, 5), (5, 5), (5, 5), (5, 5))

    assert_nothing_overlaps(net, layout(net, shapes=shapes_of(net)))


def test_crossings_are_counted_and_removed():
    columns, after = [[0, 1, 2], [3, 4, 5]], [[5], [4], [3], [], [], []]
    before = [[], [], [], [2], [1], [0]]

    assert crossings(columns, after) == 3
    assert crossings(order(columns, before, after, list(range(6))), after) == 0


def test_a_net_of_three_hundred_nodes_is_laid_out_soon():
    picture = layout(nets.wide(60))

    assert len(picture.positions) == 1 + 3 * 60 + 2 * 60 + 1 + 2
