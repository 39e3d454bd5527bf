"""The check of the flows that are in force, with the people of today."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from workflows import store
from workflows.compiled import compile_flow
from workflows.definition import FlowDefinition
from workflows.directory import Snapshot, get_directory
from workflows.models import FlowVersion
from workflows.net.errors import NetError

from .check import check_people
from .report import PeopleReport


@dataclass(frozen=True, slots=True)
class FlowPeople:
    """A version in force, and what was found of its people."""

    version: FlowVersion
    report: PeopleReport


def check_definition(definition: FlowDefinition, seconds: float = math.inf) -> PeopleReport:
    """Return whether somebody can always act in a flow, with the people of today.

    What is no workflow net cannot run, so nothing is said of its tasks.

    Raises:
        workflows.expressions.ExpressionError: an expression cannot be read.
    """
    try:
        flow = compile_flow(definition, version_id=0)
    except NetError:
        return PeopleReport(definition.key, definition.title or definition.key, (), 0)
    return check_people(flow, get_directory().snapshot(), at=timezone.now(), seconds=seconds)


def published_versions(flow_key: str | None = None) -> list[FlowVersion]:
    """Return the versions in force, of one flow or of all, in the order of their titles."""
    versions = FlowVersion.objects.published().with_net().order_by("flow__title", "flow__key")
    return list(versions if flow_key is None else versions.filter(flow__key=flow_key))


def check_published(
    versions: Sequence[FlowVersion], people: Snapshot, *, seconds: float = math.inf
) -> list[FlowPeople]:
    """Return what is found of each version; a fixed number of statements, however many people."""
    at = timezone.now()
    return [
        FlowPeople(
            version,
            check_people(store.load_flow(version.pk), people, at=at, seconds=seconds),
        )
        for version in versions
    ]
