"""A place in the tree of a flow file, with the questions that reading asks of it.

Each question answers the value, or reports what is wrong and answers None.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .keys import flow_key_problem, key_problem, shortened
from .nodes import Json, ListNode, MapNode, Node, ScalarNode, join_path, plain
from .problems import Report, did_you_mean

LONGEST_TITLE = 120
LONGEST_EXPRESSION = 2_000
LARGEST_INTEGER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """A node, its path, and the position to blame: that of its key where it has one."""

    node: Node
    path: str
    report: Report
    line: int = 0
    column: int = 0

    def problem(self, message: str) -> None:
        """Report a problem of the node as a whole, at its key."""
        self.report.add(
            self.line or self.node.line, self.column or self.node.column, self.path, message
        )

    def wrong_value(self, message: str) -> None:
        """Report a problem of the value, where the value stands."""
        self.report.add(self.node.line, self.node.column, self.path, message)

    @property
    def is_null(self) -> bool:
        return isinstance(self.node, ScalarNode) and self.node.value is None

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, ListNode)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, MapNode)

    def plain(self) -> Json:
        return plain(self.node)

    def items(self) -> list[Cursor]:
        """Return the items of a list."""
        if not isinstance(self.node, ListNode):
            return []
        return [
            Cursor(item, join_path(self.path, index), self.report)
            for index, item in enumerate(self.node.items)
        ]

    def entries(self, what: str = "a mapping (`key: value`)") -> dict[str, Cursor] | None:
        """Return the entries of a mapping, in file order."""
        if not isinstance(self.node, MapNode):
            self.wrong_value(f"must be {what}, not {self.says()}")
            return None
        return {
            entry.key: Cursor(
                entry.node, join_path(self.path, entry.key), self.report, entry.line, entry.column
            )
            for entry in self.node.entries
        }

    def fields(
        self, allowed: Collection[str], elsewhere: Mapping[str, str] | None = None
    ) -> Fields | None:
        """Return the entries with known keys; `elsewhere` tells of others where they would fit."""
        entries = self.entries()
        if entries is None:
            return None
        for key, cursor in entries.items():
            if key in allowed:
                continue
            if elsewhere and key in elsewhere:
                cursor.problem(elsewhere[key])
            else:
                hint = did_you_mean(key, sorted(allowed)) or _comma_hint(cursor)
                cursor.problem(f"unknown key {key!r}.{hint}")
        return Fields(self, {key: cursor for key, cursor in entries.items() if key in allowed})

    def says(self) -> str:
        """Return what stands there, in words."""
        if isinstance(self.node, ListNode):
            return "a list"
        if isinstance(self.node, MapNode):
            return "a mapping"
        if self.node.value is None:
            return "nothing"
        if isinstance(self.node.value, str):
            return f"the text {shortened(self.node.value)!r}"
        return shortened(self.node.source)

    def text(self, longest: int | None = None) -> str | None:
        """Return a text that says something."""
        node = self.node
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            cure = ""
            if isinstance(node, ScalarNode) and node.value is not None and len(node.source) < 40:
                cure = f'; if it is meant as text, write "{node.source}"'
            self.wrong_value(f"must be text, not {self.says()}{cure}")
            return None
        if not node.value.strip():
            self.wrong_value("is empty: leave the key out, or write something")
            return None
        if longest is not None and len(node.value) > longest:
            self.wrong_value(f"has {len(node.value)} characters; {longest} is the most")
            return None
        return node.value

    def expression(self) -> str | None:
        """Return the source of an expression; a number or true, false, null stands for itself."""
        node = self.node
        if (
            isinstance(node, ScalarNode)
            and node.value is not None
            and not isinstance(node.value, str)
        ):
            return node.source
        return self.text(LONGEST_EXPRESSION)

    def duration(self) -> str | None:
        """Return a fixed duration such as `30 s`."""
        if isinstance(self.node, ScalarNode) and isinstance(self.node.value, int | float):
            self.wrong_value(
                f"needs a unit: write `{self.node.source} s`, `{self.node.source} days`, ..."
            )
            return None
        return self.text(LONGEST_EXPRESSION)

    def integer(self, least: int, most: int = LARGEST_INTEGER) -> int | None:
        node = self.node
        value = node.value if isinstance(node, ScalarNode) else None
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong_value(f"must be a whole number, not {self.says()}")
            return None
        if not least <= value <= most:
            bound = f"at least {least}" if value < least else f"at most {most}"
            self.wrong_value(f"must be {bound}, not {shortened(str(value))}")
            return None
        return value

    def number(self) -> int | float | None:
        value = self.node.value if isinstance(self.node, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong_value(f"must be a number, not {self.says()}")
            return None
        return value

    def boolean(self) -> bool | None:
        value = self.node.value if isinstance(self.node, ScalarNode) else None
        if not isinstance(value, bool):
            self.wrong_value(f"must be true or false, not {self.says()}")
            return None
        return value

    def position(self) -> tuple[float, float] | None:
        items = self.items()
        if len(items) != 2:
            self.wrong_value(f"must be [x, y], two numbers, not {self.says()}")
            return None
        x, y = (item.number() for item in items)
        if x is None or y is None:
            return None
        if max(abs(x), abs(y)) > LARGEST_INTEGER:
            self.wrong_value("lies too far out to be drawn")
            return None
        return float(x), float(y)

    def one_of(self, choices: Collection[str], what: str) -> str | None:
        chosen = self.text()
        if chosen is not None and chosen not in choices:
            self.wrong_value(f"{shortened(chosen)!r} is no {what}.{did_you_mean(chosen, choices)}")
            return None
        return chosen

    def flow_key(self) -> str | None:
        key = self.text()
        if key is None:
            return None
        if problem := flow_key_problem(key):
            self.wrong_value(problem)
            return None
        return key

    def key(self) -> str | None:
        """Return the name of a place, task, transition or outcome."""
        key = self.text()
        if key is None:
            return None
        if problem := key_problem(key):
            self.wrong_value(problem)
            return None
        return key


@dataclass(frozen=True, slots=True)
class Fields:
    """The known entries of a mapping, asked for by key."""

    owner: Cursor
    entries: Mapping[str, Cursor]

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def get(self, key: str) -> Cursor | None:
        return self.entries.get(key)

    def text(self, key: str, longest: int | None = None) -> str:
        cursor = self.entries.get(key)
        return (cursor.text(longest) or "") if cursor else ""

    def title(self) -> str:
        return self.text("title", LONGEST_TITLE)

    def expression(self, key: str) -> str:
        cursor = self.entries.get(key)
        return (cursor.expression() or "") if cursor else ""

    def position(self) -> tuple[float, float] | None:
        cursor = self.entries.get("position")
        return cursor.position() if cursor else None


def _comma_hint(cursor: Cursor) -> str:
    """`{title: Over 1,000}` reads as two entries, of which the second is a key without a value."""
    if not cursor.is_null:
        return ""
    return " If the comma before it belongs to a text, put that text in quotes."
