"""What can be wrong with an expression: when it is read, and when it is evaluated."""

from __future__ import annotations

import unicodedata

_WINDOW = 100


class _Located(Exception):
    """An error with its place: `offset` to `end` in characters of `source`."""

    def __init__(
        self, message: str, offset: int | None = None, source: str = "", end: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.end = end
        self.source = source

    def line(self) -> str:
        """Return the line of the source that holds the error, cut to a readable width."""
        return self._shown()[0]

    def caret(self) -> str:
        """Return the marks (`^^^`) to print below `line()`."""
        text, column, width = self._shown()
        marks = max(1, _columns(text[column : column + width]))
        return " " * _columns(text[:column]) + "^" * marks

    def __str__(self) -> str:
        if not self.source or self.offset is None:
            return self.message
        return f"{self.message}\n    {self.line()}\n    {self.caret()}"

    def _shown(self) -> tuple[str, int, int]:
        offset = min(max(self.offset or 0, 0), len(self.source))
        first = self.source.rfind("\n", 0, offset) + 1
        last = self.source.find("\n", offset)
        text = self.source[first : last if last >= 0 else len(self.source)]
        column = offset - first
        width = (self.end if self.end is not None else offset + 1) - offset
        if len(text) > _WINDOW:
            start = max(0, min(column - _WINDOW // 3, len(text) - _WINDOW))
            text, column = text[start : start + _WINDOW], column - start
        text = "".join(letter if letter.isprintable() else " " for letter in text)
        return text, column, max(1, min(width, len(text) - column))


class ExpressionError(_Located):
    """The source is not an expression of this language, or does not fit the flow's data."""


class EvaluationError(_Located):
    """A correct expression met data that it has no value on (none, division by zero, size)."""

    def located(self, offset: int, end: int) -> EvaluationError:
        """Return this error with a place, unless it has one already."""
        if self.offset is None:
            self.offset, self.end = offset, end
        return self


def _columns(text: str) -> int:
    """Return how many columns a terminal uses: a Chinese character takes two, an accent none."""
    return sum(
        0
        if unicodedata.combining(letter)
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )
