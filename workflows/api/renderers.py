"""JSON out, exact: a Decimal is a number where a reader's float keeps it, else text."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


def json_number(value: Decimal) -> int | float | str:
    """Return `value` as JSON keeps it: a number if nothing is lost by it, else text."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and value.adjusted() < 15:
        return int(value)
    nearest = float(value)
    return nearest if Decimal(repr(nearest)) == value else format(value, "f")


class ExactJSONEncoder(JSONEncoder):
    def default(self, obj: Any) -> Any:
        return json_number(obj) if isinstance(obj, Decimal) else super().default(obj)


class ExactJSONRenderer(JSONRenderer):
    encoder_class = ExactJSONEncoder


class SVGRenderer(BaseRenderer):
    """A drawing as it is; a problem, which has no drawing, as JSON."""

    media_type = "image/svg+xml"
    format = "svg"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return data if isinstance(data, str) else ExactJSONRenderer().render(data)
