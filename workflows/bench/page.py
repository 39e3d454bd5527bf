"""The figures of benchmarks as a page to read: `docs/performance.md`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

INTRODUCTION = """\
# Performance

Written by `manage.py bench_page docs/performance/*.jsonl`; do not edit it by hand. To measure anew:
`manage.py bench NAME > docs/performance/NAME.jsonl`, then write this page again.

Each figure is the median of the rounds; a round asks for everything once before the next begins.
Where something must hold, it stands beside the figure, and the figure is **bold** where it does
not. The line about the machine tells its *load* when the benchmark began: how many processes wanted
its cores. Beyond their number, the times are those of a machine that others worked on, and say
little; what a page computes itself (`cpu`) changes much less.

The first look at the inbox sends 166 KB over the wire, page, style sheets, scripts and font
together; `tests/approvals/test_first_load.py` holds it below 200. What each page costs in
statements is pinned by `test_statements_of_*.py`, the same beside 3 rows of everything and beside
30.
"""
MUST_HOLD = "must_hold_"
_UNITS = {"ms": "ms", "mb": "MB", "seconds": "s"}
_TITLES = {"what": "", "rounds": "rounds"}

Line = Mapping[str, Any]


def page(files: Iterable[str]) -> str:
    """Return the page that these files of JSON lines make.

    Raises:
        ValueError: a line is no JSON, or no object with `bench` and `what`.
    """
    parts = [INTRODUCTION]
    for text in files:
        for machine, lines in _runs(text):
            parts.append("\n".join(_section(machine, lines)))
    return "\n".join(parts)


def _runs(text: str) -> Iterator[tuple[Line, list[Line]]]:
    """Return each run in a file: the line about its machine, and its figures."""
    machine: Line = {}
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        line = json.loads(raw)
        if not isinstance(line, dict) or not {"bench", "what"} <= set(line):
            raise ValueError(f"Line {number} is no figure of a benchmark: it needs bench and what.")
        if line["what"] == "machine":
            if lines:
                yield machine, lines
            machine, lines = line, []
        else:
            lines.append(line)
    if lines:
        yield machine, lines


def _section(machine: Line, lines: Sequence[Line]) -> Iterator[str]:
    first = lines[0]
    where = machine.get("database", first.get("database", ""))
    yield f"## `bench {first['bench']}`" + (f", {where}" if where else "")
    yield ""
    if machine:
        yield (
            f"{machine['date']}: {machine['processor']}, {machine['cores']} cores, "
            f"{machine['memory_gb']} GB, load {machine['load']}; Python {machine['python']}, "
            f"Django {machine['django']}."
        )
        yield ""
    shared = {
        key: value
        for key, value in first.items()
        if key not in ("bench", "what", "database")
        and not key.startswith(MUST_HOLD)
        and len(lines) > 1
        and all(key in line and line[key] == value for line in lines)
    }
    if shared:
        told = "; ".join(f"{_title(key)}: {_told(value)}" for key, value in shared.items())
        yield f"Of all: {told}."
        yield ""
    for columns, rows in _tables(lines, without={"bench", "database", *shared}):
        yield "| " + " | ".join(_title(column) for column in columns) + " |"
        yield "| --- |" + " ---: |" * (len(columns) - 1)
        for row in rows:
            yield "| " + " | ".join(_cell(row, column) for column in columns) + " |"
        yield ""


def _tables(lines: Sequence[Line], *, without: set[str]) -> Iterator[tuple[list[str], list[Line]]]:
    """Put lines with the same columns into one table, in the order in which they came."""
    tables: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        columns = tuple(key for key in line if key not in without)
        tables.setdefault(columns, []).append(line)
    for columns, rows in tables.items():
        first = [column for column in columns if column == "what"]
        yield first + [column for column in columns if column != "what"], rows


def _title(column: str) -> str:
    if column in _TITLES:
        return _TITLES[column]
    words = column.removeprefix(MUST_HOLD)
    name, _, unit = words.rpartition("_")
    told = f"{name.replace('_', ' ')}, {_UNITS[unit]}" if unit in _UNITS and name else ""
    told = told or words.replace("_", " ")
    return f"must hold: {told}" if column.startswith(MUST_HOLD) else told


def _cell(row: Line, column: str) -> str:
    told = _told(row[column])
    limit = row.get(f"{MUST_HOLD}{column}")
    if column.startswith(MUST_HOLD):
        return f"< {told}"
    return f"**{told}**" if limit is not None and row[column] >= limit else told


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_title(key)} {_told(of)}" for key, of in value.items())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).replace("|", "\\|")
    return f"{value:,}"
