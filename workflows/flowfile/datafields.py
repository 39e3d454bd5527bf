"""Names of data fields that a flow file mentions."""

from __future__ import annotations

from difflib import get_close_matches

from .cursor import Cursor

TYPING_MISTAKE = 0.8
"""How alike two names are, from 0 to 1, when one is taken for the other misspelt."""


def check_data_field(name: str, cursor: Cursor, data_fields: frozenset[str] | None) -> None:
    """Note a field that is misspelt. Others need not be declared: a JSON Schema is open."""
    if data_fields is None or name in data_fields:
        return
    close = get_close_matches(name, sorted(data_fields), n=1, cutoff=TYPING_MISTAKE)
    if close:
        cursor.problem(f"the data has no field {name!r}. Did you mean {close[0]!r}?")
