"""A layered layout in which everything is placed and only the lines are still to be traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.net.net import Point

from .chains import Chains
from .columns import Columns
from .graph import Shape
from .lanes import Bundle, Lane


@dataclass(frozen=True, slots=True)
class Plan:
    graph: Chains
    y: Mapping[int, float]
    across: Columns
    bundles: Sequence[Bundle]
    lanes: Sequence[Lane | None]
    shapes: Mapping[str, Shape]
    centres: Mapping[str, Point]
