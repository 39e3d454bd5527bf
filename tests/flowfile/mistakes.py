"""A right flow file to make mistakes in."""

from __future__ import annotations

import pytest

from workflows.flowfile import FlowFileError, read

SOUND = """\
flow: f
data: {type: object, properties: {amount: {type: number}}}
places: [start, middle, end]
tasks:
  review: {assign: requester}
transitions:
  submit: {from: start, to: middle}
  approve: {task: review, outcome: approve, from: middle, to: end}
"""


def told(text: str) -> list[str]:
    """Return what is wrong with a file, each as `line:column path: message`."""
    with pytest.raises(FlowFileError) as caught:
        read(text)
    return [f"{p.line}:{p.column} {p.path}: {p.message}" for p in caught.value.problems]


def with_task(task: str, outcome: str = "approve") -> str:
    return SOUND.replace("{assign: requester}", task).replace(
        "outcome: approve", f"outcome: {outcome}"
    )


def with_transition(transition: str) -> str:
    return f"{SOUND}  extra: {transition}\n"
