"""Changes a process under test as its environment says."""

from __future__ import annotations

import os
from datetime import timedelta

from django.apps import AppConfig


class WorldConfig(AppConfig):
    name = "tests.faults.world"
    label = "faults_world"

    def ready(self) -> None:
        from workflows.jobs import sweep
        from workflows.jobs.keeper import Keeper
        from workflows.store import writing

        if os.environ.get("FAULTS_WRITE_IN_TURN"):
            # As large steps are written, and all of them on MariaDB and SQLite: so that a process
            # can die between the marking, the history and the jobs on PostgreSQL as well.
            writing.write_at_once = writing.write_in_turn
        if seconds := os.environ.get("FAULTS_AGAIN_AFTER"):
            # So that a row that waits for the sweep does not wait for long.
            sweep.AGAIN_AFTER = timedelta(seconds=float(seconds))
        if os.environ.get("FAULTS_NO_HEARTBEAT"):
            # A worker that cannot reach the database while its handler runs.
            Keeper.extend = lambda self, job: True  # type: ignore[method-assign]
