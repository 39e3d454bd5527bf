"""Which earlier tasks are done, and which are not, when a task opens: every way there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workflows.compiled import CompiledFlow
from workflows.net import Marking, enabled_transitions, fire

_MOST_STATES = 5_000

Done = frozenset[str]


@dataclass(frozen=True, slots=True)
class Ways:
    """By task, the sets of `watched` tasks that are done when it opens; `is_complete`: these are
    all. Guards may fall either way, so some of these may need data that there are not."""

    watched: Done
    of: Mapping[str, frozenset[Done]]
    is_complete: bool

    def to(self, task: str, among: Collection[str]) -> list[Done]:
        """Return which of `among` may be done when `task` opens, those with most done first."""
        found = {done & frozenset(among) for done in self.of.get(task, frozenset())}
        return sorted(found, key=lambda done: (-len(done), sorted(done)))


def ways_of(flow: CompiledFlow, watched: Collection[str]) -> Ways:
    """Look at the markings of a flow, within bounds, for which of the `watched` tasks are done."""
    if not watched:
        return Ways(frozenset(), dict.fromkeys(flow.tasks, frozenset({frozenset()})), True)
    found: dict[str, set[Done]] = {key: set() for key in flow.tasks}
    start: tuple[Marking, Done] = (flow.start, frozenset())
    seen = {start}
    pending = [start]
    for marking, done in pending:
        if len(seen) > _MOST_STATES:
            break
        for key in enabled_transitions(flow.net, marking):
            task = flow.task_of.get(key)
            if task is not None:
                found[task].add(done)
            after = done | {task} if task is not None and task in watched else done
            state = (fire(flow.net, marking, key), after)
            if state not in seen:
                seen.add(state)
                pending.append(state)
    is_complete = len(seen) <= _MOST_STATES
    if not is_complete:
        everything = frozenset({frozenset(), frozenset(watched)})
        return Ways(frozenset(watched), dict.fromkeys(flow.tasks, everything), False)
    return Ways(
        frozenset(watched), {key: frozenset(sets) for key, sets in found.items()}, is_complete
    )
