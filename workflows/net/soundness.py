"""Soundness of workflow nets (van der Aalst): every case can end, ends cleanly, no step is dead.

A workflow net with source i and sink o is sound if

* option to complete: from every marking reachable from [i], [o] can be reached;
* proper completion: a reachable marking with a token in o is [o] itself;
* no dead transitions: every transition fires in some run from [i].

A small net is decided by looking at its markings: exact for weights, read, inhibitor and reset arcs
alike, and by shortest runs. A larger one is first made small by rules that keep the three
(`reduction`), and what is left is looked at (`deciding`). A fault found there is looked for on the
net itself, near the beginning, and else shown there by the run that the residue gave
(`explaining`).
With reset or inhibitor arcs the question is undecidable in general: where the bounds end the search
first, the answer is "undecided" and never "sound".
"""

from __future__ import annotations

import time
from dataclasses import replace

from .deciding import Decision, decide
from .explaining import explain
from .judging import Judgement, Search, judge
from .marking import Marking
from .net import Net
from .problems import Problem
from .reachability import Bounds, StateSpace, explore
from .structure import name, sources, workflow_net_problems
from .verdict import Verdict

_SMALL = 80
"""Places. A larger net rarely has so few markings that it is not better reduced first."""
_FIRST_LOOK = 400
"""Markings. Most small nets have fewer."""
_LOOK_FOR_A_SHORT_RUN = 1_000
_SECONDS_FOR_A_SHORT_RUN = 0.02
_MIB = 1 << 20


def verify(
    net: Net, *, max_states: int = 200_000, seconds: float = 10.0, max_mib: int = 1_024
) -> Verdict:
    """Decide whether a case that begins with one token in the source always ends well.

    At most `max_states` markings, about `seconds` and about `max_mib` of memory are spent; see the
    module for what follows when they do not suffice. A net that is no workflow net, or that brings
    an initial marking of its own, is never sound; it is told what its initial marking leads to.
    """
    began = time.monotonic()
    bounds = Bounds(max(1, max_states), began + seconds, max_mib * _MIB)
    initial, reasons = _beginning(net)
    space = _first_look(net, initial, bounds, is_workflow_net=not reasons)
    decision: Decision | None = None
    if space is None:
        decision = decide(net, bounds)
        if decision.is_sound:
            return _sound(decision, began)
        space = explore(net, initial, _for_a_short_run(bounds) if decision.is_unsound else bounds)
    search = Search(net, initial, space, bounds, dead=decision.dead if decision else ())
    judgement = judge(search, reasons)
    method = search.method
    if judgement.answer == "undecided" and decision is not None and decision.is_unsound:
        judgement = _judged_by(explain(net, decision, bounds), judgement)
        method = decision.method
    # Of what is no workflow net, all but the answer is open.
    is_open = judgement.answer == "undecided" or bool(reasons)
    return Verdict(
        verdict=judgement.answer,
        workflow_net=not reasons,
        bounded=False if judgement.is_endless else search.is_bounded(is_worth_time=is_open),
        option_to_complete=judgement.option,
        proper_completion=judgement.proper,
        dead_transitions=tuple(search.dead),
        states=len(space.states) + (decision.states if decision else 0),
        seconds=round(time.monotonic() - began, 6),
        method=method,
        problems=judgement.problems,
    )


def _first_look(
    net: Net, initial: Marking, bounds: Bounds, *, is_workflow_net: bool
) -> StateSpace | None:
    """Return the markings to judge by, or None where the net is better made small first."""
    if not is_workflow_net:
        return explore(net, initial, bounds)
    if len(net.places) > _SMALL:
        return None
    space = explore(net, initial, replace(bounds, max_states=min(bounds.max_states, _FIRST_LOOK)))
    is_endless = space.growth is not None and space.is_monotone
    return space if space.is_complete or is_endless else None


def _for_a_short_run(bounds: Bounds) -> Bounds:
    return bounds.sooner(max_states=_LOOK_FOR_A_SHORT_RUN, seconds=_SECONDS_FOR_A_SHORT_RUN)


def _sound(decision: Decision, began: float) -> Verdict:
    return Verdict(
        verdict="sound",
        workflow_net=True,
        bounded=True,
        option_to_complete=True,
        proper_completion=True,
        dead_transitions=(),
        states=decision.states,
        seconds=round(time.monotonic() - began, 6),
        method=decision.method,
        problems=(),
    )


def _judged_by(problem: Problem, undecided: Judgement) -> Judgement:
    """Judge a net by the fault that its residue has shown."""
    return Judgement(
        answer="unsound",
        option=False,
        proper=False if problem.kind == "improper_completion" else undecided.proper,
        problems=(problem,),
        is_endless=problem.kind == "unbounded",
    )


def _beginning(net: Net) -> tuple[Marking, tuple[str, ...]]:
    """Return the initial marking, and in words what makes this no workflow net with one case."""
    reasons = workflow_net_problems(net)
    starts = sources(net)
    usual = Marking({starts[0]: 1}) if len(starts) == 1 else Marking()
    if not net.initial or net.initial == usual:
        return usual, reasons
    own = f"The net brings an initial marking of its own ({net.initial})"
    if len(starts) == 1:
        own += f"; a case begins with one token in {name(net, starts[0])} and nowhere else"
    return net.initial, (*reasons, own + ".")
