"""Markings: how many tokens each place holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .errors import InvalidMarking


class Marking(Mapping[str, int]):
    """An immutable bag of places. A place that it does not name holds no token: it is then 0.

    Only marked places are listed by iteration, `len` and `in`.

    Raises:
        InvalidMarking: a count is negative, or no whole number.
    """

    __slots__ = ("_hash", "_tokens")

    _tokens: dict[str, int]
    _hash: int | None

    def __init__(self, tokens: Mapping[str, int] | Iterable[tuple[str, int]] = ()) -> None:
        counts: dict[str, int] = {}
        for place, count in dict(tokens).items():
            if type(count) is not int:
                raise InvalidMarking(f"Place {place!r} cannot hold {count!r} tokens: not an int.")
            if count < 0:
                raise InvalidMarking(f"Place {place!r} cannot hold {count} tokens.")
            if count:
                counts[place] = count
        object.__setattr__(self, "_tokens", counts)
        object.__setattr__(self, "_hash", None)

    def __getitem__(self, place: str) -> int:
        return self._tokens.get(place, 0)

    def __contains__(self, place: object) -> bool:
        return place in self._tokens

    def __iter__(self) -> Iterator[str]:
        return iter(self._tokens)

    def __len__(self) -> int:
        return len(self._tokens)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Marking):
            return self._tokens == other._tokens
        if isinstance(other, Mapping):
            return self._tokens == {place: count for place, count in other.items() if count != 0}
        return NotImplemented

    def __hash__(self) -> int:
        known = self._hash
        if known is None:
            known = hash(frozenset(self._tokens.items()))
            object.__setattr__(self, "_hash", known)
        return known

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a marking cannot be changed; make another")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a marking cannot be changed; make another")

    def __reduce__(self) -> tuple[type[Marking], tuple[dict[str, int]]]:
        return Marking, (dict(self._tokens),)

    def __copy__(self) -> Marking:
        return self

    def __deepcopy__(self, memo: object) -> Marking:
        return self

    def __repr__(self) -> str:
        return f"Marking({self.as_dict()!r})"

    def __str__(self) -> str:
        if not self._tokens:
            return "no token anywhere"
        return ", ".join(
            place if count == 1 else f"{count} × {place}"
            for place, count in sorted(self._tokens.items())
        )

    @property
    def total(self) -> int:
        """How many tokens there are in all."""
        return sum(self._tokens.values())

    def as_dict(self) -> dict[str, int]:
        """Return the marked places and their counts, sorted by place, ready for JSON."""
        return dict(sorted(self._tokens.items()))

    def covers(self, other: Mapping[str, int]) -> bool:
        """Tell whether every place holds at least as many tokens as in `other`."""
        return all(self[place] >= count for place, count in other.items())

    def add(self, tokens: Mapping[str, int]) -> Marking:
        """Return the marking with `tokens` more."""
        counts = dict(self._tokens)
        for place, count in tokens.items():
            counts[place] = counts.get(place, 0) + count
        return Marking(counts)

    def remove(self, tokens: Mapping[str, int]) -> Marking:
        """Return the marking with `tokens` less.

        Raises:
            InvalidMarking: a place holds fewer.
        """
        return self.add({place: -count for place, count in tokens.items()})

    def without(self, places: Iterable[str]) -> Marking:
        """Return the marking with these places emptied."""
        emptied = frozenset(places)
        return Marking({p: count for p, count in self._tokens.items() if p not in emptied})
