"""The page of figures: what stands in it, and that it is what the stored figures make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workflows.bench.page import page

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
MACHINE = {
    "bench": "pages",
    "what": "machine",
    "date": "2026-01-02",
    "processor": "Abacus",
    "cores": 2,
    "memory_gb": 8,
    "load": 0.1,
    "python": "3.11",
    "django": "5.2",
    "database": "PostgreSQL 15",
}


def figure(what: str, p95_ms: float) -> dict[str, object]:
    return {
        "bench": "pages",
        "what": what,
        "rounds": 5,
        "p95_ms": p95_ms,
        "must_hold_p95_ms": 100,
    }


def lines(*found: dict[str, object]) -> str:
    return "\n".join(json.dumps(line) for line in found)


def test_the_page_of_the_docs_is_what_the_stored_figures_make() -> None:
    stored = [path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("performance/*.jsonl"))]

    assert stored
    assert (DOCS / "performance.md").read_text(encoding="utf-8") == page(stored)


def test_a_figure_stands_beside_what_must_hold() -> None:
    told = page([lines(MACHINE, figure("home", 12.5), figure("inbox", 99))])

    assert "## `bench pages`, PostgreSQL 15" in told
    assert "2026-01-02: Abacus, 2 cores, 8 GB, load 0.1; Python 3.11, Django 5.2." in told
    assert "|  | p95, ms | must hold: p95, ms |" in told
    assert "| home | 12.5 | < 100 |" in told


def test_a_figure_that_does_not_hold_is_bold() -> None:
    told = page([lines(MACHINE, figure("home", 12.5), figure("inbox", 1200))])

    assert "| inbox | **1,200** | < 100 |" in told


def test_what_all_figures_share_is_said_once() -> None:
    told = page([lines(MACHINE, figure("home", 12.5), figure("inbox", 99))])

    assert "Of all: rounds: 5." in told
    assert told.count("rounds: 5") == 1


def test_a_line_that_is_no_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="Line 2 is no figure"):
        page([lines(MACHINE, {"p95_ms": 1})])


def test_a_figure_of_several_parts_names_each():
    told = page([lines(MACHINE, {"bench": "inbox", "what": "count", "here": {"p50_ms": 1.5}})])

    assert "| count | p50, ms 1.5 |" in told
