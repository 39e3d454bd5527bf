"""Arcs as people type them in one field: `start`, `checked*2, approved`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_WEIGHT = 2**31 - 1
_ITEM = re.compile(r"(?P<place>[^\s*×]+)\s*(?:[*×]\s*(?P<weight>[0-9]{1,10}))?\Z")


def written(arcs: Mapping[str, int]) -> str:
    """Return place -> weight as text."""
    return ", ".join(
        place if weight == 1 else f"{place}*{weight}" for place, weight in arcs.items()
    )


def parsed(text: str, *, has_weights: bool = True) -> dict[str, int]:
    """Return place -> weight, in the order of the text.

    Raises:
        ValidationError: an item cannot be read, a place stands twice, or a weight is out of range.
    """
    arcs: dict[str, int] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        match = _ITEM.match(item)
        if match is None:
            raise ValidationError(
                _("“%(item)s” cannot be read. Write places with commas between them: %(example)s."),
                params={"item": item, "example": "start, checked*2"},
            )
        place, weight = match["place"], int(match["weight"] or 1)
        if place in arcs:
            raise ValidationError(
                _("The place “%(place)s” stands twice: write %(place)s*2 for two tokens."),
                params={"place": place},
            )
        if match["weight"] and not has_weights:
            raise ValidationError(
                _("A reset empties the place: “%(place)s” takes no weight."),
                params={"place": place},
            )
        if not 1 <= weight <= MAX_WEIGHT:
            raise ValidationError(
                _("The weight of “%(place)s” must be at least 1 and at most %(most)s."),
                params={"place": place, "most": MAX_WEIGHT},
            )
        arcs[place] = weight
    return arcs


class ArcsField(forms.CharField):
    """A text of arcs; its clean value maps places to weights."""

    def __init__(self, *, has_weights: bool = True, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=4000, **kwargs)
        self.has_weights = has_weights

    def clean(self, value: Any) -> dict[str, int]:
        return parsed(super().clean(value), has_weights=self.has_weights)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether other arcs were typed: blanks and commas alone change nothing."""
        try:
            before, after = (
                list(parsed(text or "", has_weights=self.has_weights).items())
                for text in (initial, data)
            )
        except ValidationError:
            return True
        return before != after
