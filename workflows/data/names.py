"""Names of fields: usable in expressions, and not to be mistaken for each other."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from workflows.expressions.scope import CONSTANTS, is_usable_name

MAX_NAME = 100

# Letters of Greek and Cyrillic that print like a Latin one, and their look-alikes.
_LOOKS_LIKE: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜаеѕіјорсухһԁԛԝѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρυικα",
    "ABESIJKMHOPCTYXQWaesijopcyxhdqwvABEZHIKMNOPTYXovpuika",
)
# Hangul fillers are letters to Unicode and nothing to the eye.
_INVISIBLE: Final = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5")
_ALPHABETS: Final = ("LATIN", "CYRILLIC", "GREEK")


def why_unusable(name: str) -> str | None:
    """Return why expressions could not name this field, None if they can."""
    told = f'"{name[:60]}" cannot be the name of a field: '
    if keyword.iskeyword(name) or name in CONSTANTS:
        return told + "it is a word of the expression language."
    if len(name) > MAX_NAME:
        return told + f"it has more than {MAX_NAME} letters."
    if unicodedata.normalize("NFKC", name) != name:
        return told + f'write it in its plain form, "{unicodedata.normalize("NFKC", name)[:60]}".'
    if not is_usable_name(name):
        return told + "use letters, digits and _, starting with a letter, e.g. start_date."
    if _INVISIBLE & set(name) or any(unicodedata.category(letter) == "Cf" for letter in name):
        return told + "it has an invisible letter."
    alphabets = {alphabet for letter in name if (alphabet := _alphabet(letter))}
    if len(alphabets) > 1:
        mixed = " and ".join(sorted(alphabet.capitalize() for alphabet in alphabets))
        return told + f"it mixes {mixed} letters, which look alike."
    return None


def confused_names(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of different names that look the same in print."""
    seen: dict[str, str] = {}
    for name in names:
        look = name.translate(_LOOKS_LIKE)
        if look in seen and seen[look] != name:
            yield seen[look], name
        seen.setdefault(look, name)


def _alphabet(letter: str) -> str | None:
    if letter.isascii():
        return "LATIN" if letter.isalpha() else None
    name = unicodedata.name(letter, "")
    return next((alphabet for alphabet in _ALPHABETS if name.startswith(alphabet)), None)
