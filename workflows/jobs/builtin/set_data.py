"""`set_data`: write into the case's data from within the net, between two tasks."""

from __future__ import annotations

from typing import Any

from workflows.jobs.handlers import ServiceCall, handler


@handler("set_data")
def set_data(call: ServiceCall, **fields: Any) -> dict[str, Any]:
    """Return the inputs: each updates the field of its name."""
    return fields
