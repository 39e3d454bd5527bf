"""Workflow nets whose soundness the generator knows: sound blocks put in each other's place, and
then, for an unsound one, a single fault put into one of the blocks.

Every block takes one token and gives one, whatever happens inside, so blocks in the place of
transitions keep soundness. A fault sits in a block that some run reaches, so it spoils the whole.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from workflows.bench.structured import Builder, grown
from workflows.net import Net

Fault = Callable[[Builder, str], None]


def sound(size: int, seed: int) -> Net:
    """About `size` plain transitions, then blocks with every kind of arc in the place of some."""
    return _building(size, random.Random(seed)).net()


def unsound(size: int, seed: int) -> tuple[Net, str]:
    """Return such a net with one fault, and the fault's name."""
    dice = random.Random(seed)
    building = _building(size, dice)
    fault = dice.choice(sorted(FAULTS))
    FAULTS[fault](building, dice.choice(_replaceable(building)))
    return building.net(), fault


def _building(size: int, dice: random.Random) -> Builder:
    building = grown(size, dice)
    for _ in range(dice.choice((0, 1, 2, 3))):
        BLOCKS[dice.choice(sorted(BLOCKS))](building, dice.choice(_replaceable(building)))
    return building


def _replaceable(building: Builder) -> list[str]:
    """Return the transitions that a block can stand for: each has plain arcs only, and what is
    inside a region that is emptied would have to be emptied too."""
    regions = {place for places in building.resets.values() for place in places}
    others = (building.reads, building.inhibitors, building.resets)
    return [
        key
        for key, ends in sorted(building.flow.items())
        if all(len(set(places)) == len(places) and regions.isdisjoint(places) for places in ends)
        and not any(key in arcs for arcs in others)
    ]


def _around(building: Builder, key: str) -> tuple[str, str, list[str], list[str]]:
    """Turn a transition into the first of a block; return the places where the block begins and
    ends, and the outputs to which it leads."""
    inputs, outputs = building.flow[key]
    begin, end = building.place(), building.place()
    building.flow[key] = (inputs, [begin])
    building.transition([end], outputs)
    return begin, end, inputs, outputs


def _choice_remembered(building: Builder, key: str) -> None:
    """A choice that another, later on, has to follow: not free-choice.

    (begin) -> [a] -> (middle), (a chosen)   ...   (middle), (a chosen) -> [a again] -> (end)
    """
    begin, end, _, _ = _around(building, key)
    middle, later = building.place(), building.place()
    building.transition([middle], [later])
    for _ in range(2):
        chosen = building.place()
        building.transition([begin], [middle, chosen])
        building.transition([later, chosen], [end])


def _batch(building: Builder, key: str) -> None:
    """Three tokens, moved one by one, and taken together."""
    begin, end, _, _ = _around(building, key)
    lines, done = building.place(), building.place()
    building.transition([begin], [lines] * 3)
    building.transition([lines], [done])
    building.transition([done] * 3, [end])


def _withdrawal(building: Builder, key: str) -> None:
    """Two branches that may be cancelled together at any time, by a reset of all their places."""
    begin, end, _, _ = _around(building, key)
    running = building.place()
    ones = [building.place() for _ in range(3)]
    others = [building.place() for _ in range(2)]
    building.transition([begin], [ones[0], others[0], running])
    for branch in (ones, others):
        for before, after in zip(branch, branch[1:], strict=False):
            building.transition([before], [after])
    building.transition([ones[-1], others[-1], running], [end])
    cancel = building.transition([running], [end])
    building.resets[cancel] = [*ones, *others]


def _milestone(building: Builder, key: str) -> None:
    """One branch may take an extra step only while the other has not gone on: a read arc."""
    begin, end, _, _ = _around(building, key)
    one, one_done, other, other_done = (building.place() for _ in range(4))
    building.transition([begin], [one, other])
    building.transition([one], [one_done])
    building.transition([other], [other_done])
    extra = building.transition([other], [other_done])
    building.reads[extra] = [one]
    building.transition([one_done, other_done], [end])


def _after_the_others(building: Builder, key: str) -> None:
    """The last step waits until no line is left: an inhibitor arc."""
    begin, end, _, _ = _around(building, key)
    lines, waiting = building.place(), building.place()
    building.transition([begin], [lines, lines, waiting])
    # What is counted there is gone with the line; a second place keeps the transition an output.
    handled = building.place()
    building.transition([lines], [handled])
    last = building.transition([waiting, handled, handled], [end])
    building.inhibitors[last] = [lines]


BLOCKS: dict[str, Callable[[Builder, str], None]] = {
    "choice remembered": _choice_remembered,
    "batch": _batch,
    "withdrawal": _withdrawal,
    "milestone": _milestone,
    "after the others": _after_the_others,
}


def _join_of_a_choice(building: Builder, key: str) -> None:
    """One of two branches is taken, and the join waits for both: a deadlock."""
    begin, end, _, _ = _around(building, key)
    a, b = building.place(), building.place()
    building.transition([begin], [a])
    building.transition([begin], [b])
    building.transition([a, b], [end])


def _end_of_a_branch(building: Builder, key: str) -> None:
    """Two branches, and each alone goes on: the other is left over."""
    begin, end, _, _ = _around(building, key)
    a, b = building.place(), building.place()
    building.transition([begin], [a, b])
    building.transition([a], [end])
    building.transition([b], [end])


def _early_end(building: Builder, key: str) -> None:
    """A step ends the case and goes on."""
    building.flow[key][1].append("o")


def _circle(building: Builder, key: str) -> None:
    """A way into a circle that only a token which never comes leads out of: a livelock."""
    begin, end, _, _ = _around(building, key)
    one, other, never = (building.place() for _ in range(3))
    building.transition([begin], [end])
    building.transition([begin], [one])
    building.transition([one], [other])
    building.transition([other], [one])
    building.transition([one, never], [end, never])


def _pile(building: Builder, key: str) -> None:
    """A round that leaves a token more each time."""
    begin, end, _, _ = _around(building, key)
    pile = building.place()
    building.transition([begin], [begin, pile])
    building.transition([begin, pile], [end])


def _never(building: Builder, key: str) -> None:
    """A way round that needs a token which only itself would put: a dead transition."""
    inputs, outputs = building.flow[key]
    never = building.place()
    building.transition([*inputs, never], [*outputs, never])


def _one_too_many(building: Builder, key: str) -> None:
    """A step that wants two tokens where there is one."""
    begin, end, _, _ = _around(building, key)
    building.transition([begin, begin], [end])


def _half_cancelled(building: Builder, key: str) -> None:
    """Two branches may be cancelled, and the reset forgets one of the places."""
    begin, end, _, _ = _around(building, key)
    running, one, other, forgotten = (building.place() for _ in range(4))
    building.transition([begin], [one, other, running])
    building.transition([other], [forgotten])
    building.transition([one, forgotten, running], [end])
    cancel = building.transition([running], [end])
    building.resets[cancel] = [one, other]


FAULTS: dict[str, Fault] = {
    "join of a choice": _join_of_a_choice,
    "end of a branch": _end_of_a_branch,
    "early end": _early_end,
    "circle": _circle,
    "pile": _pile,
    "never": _never,
    "one too many": _one_too_many,
    "half cancelled": _half_cancelled,
}
