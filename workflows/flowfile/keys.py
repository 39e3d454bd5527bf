"""What may be a key: of a flow, and of a place, task, transition or outcome."""

from __future__ import annotations

import re
import unicodedata

LONGEST_KEY = 80
LONGEST_FLOW_KEY = 60

_FLOW_KEY = re.compile(r"[a-z][a-z0-9_]*\Z")


def flow_key_problem(key: str) -> str:
    """Return why this cannot be the key of a flow, or nothing."""
    if not _FLOW_KEY.match(key):
        return (
            f"{shortened(key)!r} cannot be the key of a flow: letters a-z, digits and _, "
            "beginning with a letter"
        )
    return _too_long(key, LONGEST_FLOW_KEY)


def key_problem(key: str) -> str:
    """Return why this cannot be the key of a place, task, transition or outcome, or nothing."""
    if not key.isidentifier():
        return (
            f"{shortened(key)!r} cannot be a key: letters of any script, digits and _, "
            "not beginning with a digit"
        )
    normal = unicodedata.normalize("NFKC", key)
    # Two spellings that look the same would be two places.
    if normal != key:
        return f"{shortened(key)!r} is written with unusual characters: write {shortened(normal)!r}"
    return _too_long(key, LONGEST_KEY)


def shortened(text: str) -> str:
    """Return a text short enough to be quoted in a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def _too_long(key: str, longest: int) -> str:
    return f"the key has {len(key)} characters; {longest} is the most" if len(key) > longest else ""
