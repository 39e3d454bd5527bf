"""The shipped flows, published."""

from __future__ import annotations

from pathlib import Path

from workflows import flowfile, publishing, store
from workflows.definition import FlowDefinition
from workflows.models import FlowVersion

FOLDER = Path(__file__).resolve().parent.parent / "flows"


def publish_flows() -> list[FlowVersion]:
    """Publish the flow files that are not yet among the versions of their flow, and return these.

    A flow that somebody has changed since is left alone: its first version still is the file's.
    """
    published = []
    for path in sorted(FOLDER.glob("*.yaml")):
        definition = flowfile.read(path.read_text(encoding="utf-8"))
        if not _is_known(definition):
            version = store.save_draft(definition, by=None)
            published.append(publishing.publish(version, by=None, confirm_warnings=True))
    return published


def _is_known(definition: FlowDefinition) -> bool:
    versions = FlowVersion.objects.with_net().filter(flow__key=definition.key)
    return any(store.definition_of(version) == definition for version in versions)
