"""The rules: each finds something next to one place that the net's soundness does not depend on.

Each names its source. Their conditions on regions (the places that the same transitions empty) are
those of Wynn, Verbeek, van der Aalst, ter Hofstede and Edmond, "Soundness-preserving reduction
rules for reset workflow nets" (2009): what is fused is emptied together, or not at all.
"""

from __future__ import annotations

from .residue import Residue


def simplify(residue: Residue, place: int) -> set[int]:
    """Apply rules at one place; return the places around which others may apply now."""
    touched = _drop_spare_transitions(residue, place)
    if place in residue.kept or not residue.consumers[place] or not residue.producers[place]:
        return touched
    if _has_twin(residue, place):
        return touched | residue.drop_place(place)
    if _may_join(residue, place) and (_fits_after(residue, place) or _fits_before(residue, place)):
        touched |= _agglomerate(residue, place)
    return touched


def _drop_spare_transitions(residue: Residue, place: int) -> set[int]:
    """Fusion of parallel transitions, and elimination of self-loop transitions (Murata, 1989).

    Of transitions with the same arcs one is enough. One that only takes a token and puts it back
    changes nothing; it can fire if another that needs the token can.
    """
    transitions = residue.consumers[place]
    if len(transitions) < 2:
        return set()
    touched: set[int] = set()
    seen = set()
    for transition in sorted(transitions):
        inputs, outputs = residue.inputs[transition], residue.outputs[transition]
        emptied = residue.emptied.get(transition)
        if transition in residue.fixed:
            continue
        is_loop = len(inputs) == 1 and inputs == outputs and not emptied
        ends = (frozenset(inputs), frozenset(outputs), emptied)
        if ends in seen or (is_loop and len(transitions) > 1):
            touched |= residue.leave_out(transition)
        seen.add(ends)
    return touched


def _has_twin(residue: Residue, place: int) -> bool:
    """Fusion of parallel places (Murata, 1989): another has the same arcs, so the same tokens.

    It has producers, so it is not the source, which alone holds a token from the beginning.
    """
    consumers, producers = residue.consumers[place], residue.producers[place]
    if not (residue.fixed.isdisjoint(consumers) and residue.fixed.isdisjoint(producers)):
        return False
    return any(
        other != place
        and residue.consumers[other] == consumers
        and residue.producers[other] == producers
        and residue.regions.get(other) == residue.regions.get(place)
        for other in residue.inputs[next(iter(consumers))]
    )


def _may_join(residue: Residue, place: int) -> bool:
    """Tell whether each producer may become one with each consumer, and the net no larger by it."""
    consumers, producers = residue.consumers[place], residue.producers[place]
    return (
        len(consumers) * len(producers) <= len(consumers) + len(producers)
        and consumers.isdisjoint(producers)
        and residue.fixed.isdisjoint(consumers)
        and residue.fixed.isdisjoint(producers)
    )


def _fits_after(residue: Residue, place: int) -> bool:
    """Post-agglomeration (Berthelot, 1987): the consumers need nothing else.

    So each can fire at once after a producer as well as later. What it puts is emptied by the same
    transitions as the place, and is not looked at by an inhibitor arc, so nobody can tell when.
    """
    region = residue.regions.get(place)
    for consumer in residue.consumers[place]:
        after = residue.outputs[consumer]
        if len(residue.inputs[consumer]) > 1 or consumer in residue.emptied or not after:
            return False
        if not all(residue.outputs[t].isdisjoint(after) for t in residue.producers[place]):
            return False
        if not _is_unnoticed(residue, after, region):
            return False
    return True


def _fits_before(residue: Residue, place: int) -> bool:
    """Pre-agglomeration (Berthelot, 1987): the producer puts nothing else and robs nobody.

    What it takes, nobody else takes or looks at. So it can wait until a consumer fires. There is
    one producer only: of two, one might never be followed by some consumer, and none be dead.
    """
    if len(residue.producers[place]) != 1:
        return False
    (producer,) = residue.producers[place]
    before = residue.inputs[producer]
    if len(residue.outputs[producer]) > 1 or producer in residue.emptied or not before:
        return False
    return (
        all(len(residue.consumers[p]) == 1 for p in before)
        and all(residue.inputs[t].isdisjoint(before) for t in residue.consumers[place])
        and _is_unnoticed(residue, before, residue.regions.get(place))
    )


def _is_unnoticed(residue: Residue, places: set[int], region: int | None) -> bool:
    """Tell whether a token here instead of in a place of the region makes no difference."""
    regions = residue.regions
    return residue.tested.isdisjoint(places) and (
        not regions or all(regions.get(place) == region for place in places)
    )


def _agglomerate(residue: Residue, place: int) -> set[int]:
    """Replace the producers and consumers of a place by their pairs, and drop the place."""
    producers, consumers = sorted(residue.producers[place]), sorted(residue.consumers[place])
    for first in producers:
        for second in consumers:
            residue.merge(first, second, place)
    touched: set[int] = set()
    for transition in (*producers, *consumers):
        touched |= residue.drop_transition(transition)
    del residue.consumers[place], residue.producers[place]
    touched.discard(place)
    return touched
