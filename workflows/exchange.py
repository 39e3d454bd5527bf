"""Flows as files: what commands and pages read and write, each format by the end of its name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

from workflows import drawings, flowfile, store
from workflows.definition import FlowDefinition, PlaceDefinition, TransitionDefinition
from workflows.errors import BadFlowFile
from workflows.flowfile.keys import key_problem
from workflows.models import FlowVersion
from workflows.net import ArcKind, Net, Place, Transition, pnml
from workflows.net.errors import NetError, NotANet
from workflows.net.structure import sources

FORMATS = {
    "yaml": "application/yaml",
    "pnml": "application/xml",
    "svg": "image/svg+xml",
}
"""What a version can be written as, with its media type."""

READABLE = (".yaml", ".yml", ".json", ".pnml")
LARGEST_FILE_BYTES = 5 * 1024 * 1024

_LONGEST_KEY = 80
_LONGEST_FLOW_KEY = 60
_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Export:
    text: str
    content_type: str
    filename: str


@dataclass(frozen=True, slots=True)
class Import:
    """What was read; `notes` tell what the file says and a flow cannot."""

    definition: FlowDefinition
    notes: tuple[str, ...] = ()


def write_version(version: FlowVersion, fmt: str) -> Export:
    """Return a version as a file; load it by `FlowVersion.objects.with_net()`.

    Raises:
        BadFlowFile: the rows of a draft do not make a net, so that it cannot be drawn or written.
    """
    definition = store.definition_of(version)
    try:
        if fmt == "svg":
            text = drawings.draw_definition(definition, standalone=True)
        elif fmt == "pnml":
            text = pnml.write(definition.net())
        else:
            text = flowfile.write(definition)
    except NetError as error:
        raise BadFlowFile(f"{version} cannot be exported as {fmt}: {error}") from error
    filename = f"{version.flow.key}-{version.number}.{fmt}"
    return Export(text, f"{FORMATS[fmt]}; charset=utf-8", filename)


def read_flow(content: bytes, *, filename: str) -> Import:
    """Return the flow that a file holds; the end of its name tells how to read it.

    Raises:
        BadFlowFile: it cannot be read; the message names each line and what is wrong there.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise BadFlowFile(
            f"{filename} has {len(content):,} bytes; {LARGEST_FILE_BYTES:,} are the most."
        )
    suffix = PurePath(filename).suffix.lower()
    if suffix == ".pnml":
        return _read_pnml(content, filename)
    if suffix in READABLE:
        return Import(flowfile.read(_decoded(content, filename), filename=filename))
    if suffix == ".bpmn":
        raise BadFlowFile(
            "BPMN import is not part of this version of Goflow. "
            "Import a flow file (.yaml, .json) or a Petri net (.pnml)."
        )
    raise BadFlowFile(
        f"{filename} is of no kind that Goflow reads: the name must end in {', '.join(READABLE)}."
    )


def _decoded(content: bytes, filename: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadFlowFile(
            f"{filename} is not UTF-8 text: line {line} holds the byte {content[error.start]:#04x}."
        ) from error


def _read_pnml(content: bytes, filename: str) -> Import:
    try:
        net = pnml.read(content)
    except NotANet as error:
        raise BadFlowFile(f"{filename}: {error}") from error
    notes = []
    starts = sources(net)
    if net.initial and (len(starts) != 1 or net.initial != {starts[0]: 1}):
        notes.append(
            f"The net's initial marking ({net.initial}) is left out: "
            "a case begins with one token in the start of its flow."
        )
    return Import(definition_of_net(net, name=PurePath(filename).stem), tuple(notes))


def definition_of_net(net: Net, *, name: str = "") -> FlowDefinition:
    """Return a flow whose transitions are all automatic; a key that a flow cannot have is respelt.

    `name` names the flow where the net's own key says nothing.
    """
    nodes: list[Place | Transition] = [*net.places, *net.transitions]
    keys = _respelt([node.key for node in nodes])
    titles = {
        node.key: (node.title or ("" if keys[node.key] == node.key else node.key))[:_LONGEST_TITLE]
        for node in nodes
    }

    def weights(kind: ArcKind, transition: str) -> dict[str, int]:
        found = {
            ArcKind.INPUT: net.inputs,
            ArcKind.OUTPUT: net.outputs,
            ArcKind.READ: net.reads,
            ArcKind.INHIBITOR: net.inhibitors,
        }[kind](transition)
        return {keys[place]: weight for place, weight in found.items()}

    return FlowDefinition(
        key=_flow_key(net.key) or _flow_key(name) or "imported",
        title=(net.key or name)[:_LONGEST_TITLE],
        places=tuple(PlaceDefinition(keys[p.key], titles[p.key], p.position) for p in net.places),
        transitions=tuple(
            TransitionDefinition(
                key=keys[t.key],
                title=titles[t.key],
                inputs=weights(ArcKind.INPUT, t.key),
                outputs=weights(ArcKind.OUTPUT, t.key),
                reads=weights(ArcKind.READ, t.key),
                inhibitors=weights(ArcKind.INHIBITOR, t.key),
                resets=tuple(
                    keys[place.key] for place in net.places if place.key in net.resets(t.key)
                ),
                position=t.position,
            )
            for t in net.transitions
        ),
    )


def _respelt(keys: list[str]) -> dict[str, str]:
    """Return each key as an identifier that no other has; identifiers stay as they are."""
    fine = {key for key in keys if not key_problem(key)}
    taken = set(fine)
    respelt = {key: key for key in fine}
    for key in keys:
        if key in fine:
            continue
        base = spelling = _as_identifier(key)
        number = 2
        while spelling in taken:
            tail = f"_{number}"
            spelling = base[: _LONGEST_KEY - len(tail)] + tail
            number += 1
        taken.add(spelling)
        respelt[key] = spelling
    return respelt


def _as_identifier(key: str) -> str:
    spelling = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", key)).strip("_")
    if not spelling or spelling[0].isdigit():
        spelling = f"n_{spelling}"
    spelling = spelling[:_LONGEST_KEY]
    # A few characters count as letters of words and yet not of identifiers.
    return spelling if not key_problem(spelling) else re.sub(r"[^A-Za-z0-9_]", "_", spelling)


def _flow_key(text: str) -> str:
    spelling = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
    if spelling and not spelling[0].isalpha():
        spelling = f"net_{spelling}"
    return spelling[:_LONGEST_FLOW_KEY]
