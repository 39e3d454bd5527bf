"""Random block-structured flows: tasks, sequences, AND, deferred and guarded XOR, loops, cancel
regions.

They are sound by construction, whatever the nesting, so whatever people choose, the case must end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

TASK = "task"
Block = tuple[Any, ...]


def blocks(max_leaves: int = 12) -> st.SearchStrategy[Block]:
    """Return a strategy of nested blocks: `("task",)`, `("and", block, block)` and so on."""
    leaf = st.just((TASK,))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["seq", "and", "choice", "guard"]), inner, inner),
            st.tuples(st.just("loop"), inner),
            st.tuples(st.just("cancel"), inner),
        ),
        max_leaves=max_leaves,
    )


@dataclass
class FlowBuilder:
    """Turns a block into the mapping of a flow file. Every human task is for `reviewers`."""

    places: list[str] = field(default_factory=lambda: ["start", "end"])
    tasks: dict[str, Any] = field(default_factory=dict)
    transitions: dict[str, Any] = field(default_factory=dict)

    def build(self, block: Block, key: str = "random") -> dict[str, Any]:
        entry, exit_ = self._place(), self._place()
        self._automatic("start", entry)
        self._add(block, entry, exit_)
        self._automatic(exit_, "end")
        return {
            "flow": key,
            "data": {
                "type": "object",
                "properties": {"amount": {"type": "number"}},
                "required": ["amount"],
            },
            "places": self.places,
            "tasks": self.tasks,
            "transitions": self.transitions,
        }

    def _add(self, block: Block, entry: str, exit_: str) -> list[str]:
        """Connect `entry` with `exit_` by the block; return the places between them."""
        before = len(self.places)
        getattr(self, f"_add_{block[0]}")(block[1:], entry, exit_)
        return [entry, *self.places[before:]]

    def _add_task(self, parts: Block, entry: str, exit_: str) -> None:
        self._outcomes(entry, {"approve": exit_})

    def _add_seq(self, parts: Block, entry: str, exit_: str) -> None:
        middle = self._place()
        self._add(parts[0], entry, middle)
        self._add(parts[1], middle, exit_)

    def _add_and(self, parts: Block, entry: str, exit_: str) -> None:
        begins = [self._place() for _ in parts]
        ends = [self._place() for _ in parts]
        self._automatic(entry, begins)
        for part, begin, end in zip(parts, begins, ends, strict=True):
            self._add(part, begin, end)
        self._automatic(ends, exit_)

    def _add_choice(self, parts: Block, entry: str, exit_: str) -> None:
        begins = [self._place() for _ in parts]
        self._outcomes(entry, {f"way{n}": begin for n, begin in enumerate(begins)})
        for part, begin in zip(parts, begins, strict=True):
            self._add(part, begin, exit_)

    def _add_guard(self, parts: Block, entry: str, exit_: str) -> None:
        begins = [self._place() for _ in parts]
        self._automatic(entry, begins[0], guard="amount > 10")
        self._automatic(entry, begins[1], default=True)
        for part, begin in zip(parts, begins, strict=True):
            self._add(part, begin, exit_)

    def _add_loop(self, parts: Block, entry: str, exit_: str) -> None:
        end = self._place()
        self._add(parts[0], entry, end)
        self._outcomes(end, {"again": entry, "on": exit_})

    def _add_cancel(self, parts: Block, entry: str, exit_: str) -> None:
        begin, end, watched = self._place(), self._place(), self._place()
        self._automatic(entry, [begin, watched])
        inside = self._add(parts[0], begin, end)
        self._automatic([end, watched], exit_)
        self._outcomes(watched, {"cancel": exit_}, resets=[*inside, end])

    def _place(self) -> str:
        self.places.append(f"p{len(self.places)}")
        return self.places[-1]

    def _automatic(self, source: Any, target: Any, **more: Any) -> None:
        self.transitions[f"t{len(self.transitions)}"] = {"from": source, "to": target, **more}

    def _outcomes(self, source: str, targets: dict[str, str], **more: Any) -> None:
        task = f"task{len(self.tasks)}"
        self.tasks[task] = {"kind": "human", "title": task, "assign": 'group("reviewers")'}
        for outcome, target in targets.items():
            self.transitions[f"t{len(self.transitions)}"] = {
                "task": task,
                "outcome": outcome,
                "from": source,
                "to": target,
                **more,
            }
