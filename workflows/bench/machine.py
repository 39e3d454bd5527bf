"""On what a benchmark ran: without it, its figures say little."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.db import connection


def machine(bench: str) -> dict[str, Any]:
    """Return the line that stands before a benchmark's figures."""
    return {
        "bench": bench,
        "what": "machine",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": _value_in("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(int((_value_in("/proc/meminfo", "MemTotal") or "0").split()[0]) / 1e6),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": _database(),
    }


def _value_in(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(found, "")


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version()")
            return f"SQLite {cursor.fetchone()[0]}"
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
        cursor.execute("SELECT version()")
        return f"MariaDB {cursor.fetchone()[0]}"
