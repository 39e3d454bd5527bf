"""Whatever an operator does, in whatever order: it is done whole, and the history replays."""

from __future__ import annotations

import random

import pytest

from tests.factories import grant, leave_data
from workflows import engine, history, store
from workflows.compiled import enabled_tasks
from workflows.engine import CancelBranch, Intervention, Move, Repeat, Skip
from workflows.errors import GoflowError
from workflows.models import Case, WorkItem
from workflows.net import enabled_transitions

STEPS = 25


def anything(case: Case, chance: random.Random) -> Intervention:
    """Return an intervention that may be possible, or not at all."""
    net = store.load_flow(case.version_id).net
    places = [place.key for place in net.places]
    items = list(case.work_items.order_by("pk"))
    outcomes = sorted({transition.key for transition in net.transitions} | {"approve", "return"})
    match chance.randrange(4):
        case 0:
            here = chance.choice(sorted(case.marking) or places)
            return Move({here: 1}, {chance.choice(places): chance.choice((1, 1, 2))})
        case 1:
            return CancelBranch((chance.choice(places),))
        case 2:
            return Skip(chance.choice(items).pk, chance.choice(outcomes))
        case _:
            return Repeat(chance.choice(items).pk)


def open_tasks(case: Case) -> set[str]:
    return set(WorkItem.objects.open().filter(case=case).values_list("task__key", flat=True))


def enabled_tasks_of(case: Case) -> set[str]:
    flow = store.load_flow(case.version_id)
    enabled = enabled_transitions(flow.net, case.marking) if case.is_running else []
    return set(enabled_tasks(flow, enabled))


@pytest.mark.parametrize("seed", range(8))
def test_after_any_interventions_the_history_gives_the_marking(leave_flow, gina, ada, seed):
    chance = random.Random(seed)
    operator = grant(gina, "intervene_case", "view_all_cases", "force_intervention")
    case = engine.start("leave", by=ada, data=leave_data(days=chance.choice((3, 8))))
    done = 0
    for _ in range(STEPS):
        case = Case.objects.get(pk=case.pk)
        if not case.is_running:
            break
        wanted, force = anything(case, chance), chance.random() < 0.5
        before = (case.marking, case.history_length)
        try:
            foreseen = engine.foresee(case.pk, wanted, by=operator)
            engine.intervene(case.pk, wanted, by=operator, reason="x", force=force)
        except GoflowError:
            after = Case.objects.get(pk=case.pk)
            assert (after.marking, after.history_length) == before
        else:
            done += 1
            after = Case.objects.get(pk=case.pk)
            assert after.marking == foreseen.marking
            assert force or foreseen.answer != "no"
        assert history.verify_case(after) == []
        assert open_tasks(after) == enabled_tasks_of(after)

    assert done > 0
