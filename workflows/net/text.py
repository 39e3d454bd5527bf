"""How wide a text is, about, and how it breaks into lines. Widths are estimates."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_NARROW = frozenset("ijl.,:;'|!I()[]{}/\\`· ")
_MIDDLING = frozenset('frt-"*“”‘’')
_BROAD = frozenset("mwMW@%…—")
_ELLIPSIS = "…"


def width_of(text: str, font_size: float) -> float:
    """Return the width in pixels, rather too much than too little, of a usual sans-serif font."""
    return font_size * sum(_em(character) for character in text)


def wrap(text: str, font_size: float, limit: float, most_lines: int) -> list[str]:
    """Break `text` into at most `most_lines` lines no wider than `limit`; the rest becomes “…”.

    Lines break at spaces, after hyphens and underscores, between ideographs, and where nothing
    else helps inside a word.
    """
    lines: list[str] = []
    current = ""
    for piece in _pieces(" ".join(text.split())):
        if width_of((current + piece).rstrip(), font_size) <= limit:
            current += piece
            continue
        if current.strip():
            lines.append(current.rstrip())
        *full, current = _cut(piece.lstrip(), font_size, limit)
        lines += full
    if current.strip():
        lines.append(current.rstrip())
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], _shortened(lines[most_lines - 1], font_size, limit)]
    return lines


def visible(text: str) -> str:
    """Return the text without characters that XML does not allow."""
    return "".join(c for c in text if c in "\t\n\r" or (c >= " " and not _is_outside_xml(c)))


def _is_outside_xml(character: str) -> bool:
    return "\ud800" <= character <= "\udfff" or character in "\ufffe\uffff"


def _em(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.04
    if character in _NARROW:
        return 0.32
    if character in _MIDDLING:
        return 0.42
    if character in _BROAD:
        return 0.95
    return 0.72 if character.isupper() else 0.6


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts of a text between which a line may break."""
    piece = ""
    for character in text:
        is_ideograph = unicodedata.east_asian_width(character) in "WF"
        if is_ideograph and unicodedata.category(character)[0] != "P" and piece:
            yield piece
            piece = ""
        piece += character
        if character in " -_/" or is_ideograph:
            yield piece
            piece = ""
    if piece:
        yield piece


def _cut(word: str, font_size: float, limit: float) -> list[str]:
    """Cut a word that is wider than a line into parts that are not."""
    parts, current = [], ""
    for character in word:
        if current and width_of((current + character).rstrip(), font_size) > limit:
            parts.append(current)
            current = ""
        current += character
    return [*parts, current]


def _shortened(line: str, font_size: float, limit: float) -> str:
    while line and width_of(line + _ELLIPSIS, font_size) > limit:
        line = line[:-1]
    return line.rstrip() + _ELLIPSIS
