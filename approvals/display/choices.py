"""What may be asked for."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from approvals.kinds import kind_for
from workflows.models import FlowVersion


@dataclass(frozen=True, slots=True)
class Choice:
    title: str
    description: str
    icon: str
    url: str


def new_request_choices() -> list[Choice]:
    """Return one choice for each flow that takes new cases, by title."""
    versions = FlowVersion.objects.published().select_related("flow").order_by("title")
    return [
        Choice(
            title=version.title or str(version.flow),
            description=version.description,
            icon=kind_for(version.flow.key, version.data_schema).icon,
            url=reverse("new_request_kind", args=[version.flow.key]),
        )
        for version in versions
    ]
