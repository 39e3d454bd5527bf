"""Run the whole gate, the same for a person and for CI. `make check` calls it.

Every step runs, also after one has failed; the exit code is 1 if any did.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def main() -> int:
    failures = []
    with tempfile.TemporaryDirectory(prefix="goflow-check-") as folder:
        for step in steps(Path(folder)):
            print(f"\n=== {step.title}", flush=True)
            started = time.monotonic()
            environment = os.environ | step.environment
            code = subprocess.run(step.command, cwd=ROOT, env=environment, check=False).returncode
            print(
                f"=== {step.title}: {'ok' if code == 0 else 'FAILED'}, "
                f"{time.monotonic() - started:.1f} s",
                flush=True,
            )
            if code != 0:
                failures.append(step.title)
    print(f"\nFailed: {', '.join(failures)}" if failures else "\nEverything is fine.", flush=True)
    return 1 if failures else 0


def steps(folder: Path) -> list[Step]:
    """Return the steps in order, quick ones first. `folder` takes what they write."""
    development = {
        "CELERY_BROKER_URL": "",
        "DATABASE_URL": f"sqlite:///{folder}/check.sqlite3",
        "DEBUG": "1",
        "GOFLOW_DATA_DIR": str(folder),
        "LOG_LEVEL": "WARNING",
    }
    manage = [PYTHON, "manage.py"]
    return [
        Step("format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        Step("lint", [PYTHON, "-m", "ruff", "check", "."]),
        Step("templates", [PYTHON, "-m", "djlint", "templates", "--lint", "--quiet"]),
        Step("types", [PYTHON, "-m", "mypy"], development),
        Step("migrations", [*manage, "makemigrations", "--check", "--dry-run"], development),
        Step(
            "deploy check",
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            development | production(),
        ),
        Step(
            "API schema",
            [
                *manage,
                "spectacular",
                "--validate",
                "--fail-on-warn",
                "--file",
                str(folder / "schema.yaml"),
            ],
            development,
        ),
        Step("tests", [PYTHON, "scripts/test.py"]),
    ]


def production() -> dict[str, str]:
    """What an operator sets, and nothing more: the defaults must be safe."""
    return {
        "ALLOWED_HOSTS": "portal.example.com",
        "CSRF_TRUSTED_ORIGINS": "https://portal.example.com",
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(60),
    }


if __name__ == "__main__":
    sys.exit(main())
