"""A case's data with its schema's types, each field read when somebody asks for it first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from workflows.data.converting import read_field
from workflows.expressions.types import ANY, Type


class TypedData(MutableMapping[str, Any]):
    """What `read` returns, as a mapping.

    Most steps look at few fields of a case's data, and leave all as they are: reading a claim of a
    thousand lines takes longer than the rest of the step.
    """

    __slots__ = ("_types", "_unread", "_values")

    def __init__(self, types: Mapping[str, Type], raw: Mapping[str, Any]) -> None:
        self._types = types
        self._values = dict(raw)
        self._unread = set(raw)

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        if name in self._unread:
            self._unread.discard(name)
            value = self._values[name] = read_field(self._types.get(name, ANY), value)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self._unread.discard(name)
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        self._unread.discard(name)
        del self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(dict(self))

    def copy(self) -> TypedData:
        """Return data of its own with the same fields; what nobody has read stays unread."""
        other = TypedData(self._types, self._values)
        other._unread = set(self._unread)
        return other
