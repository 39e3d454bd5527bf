"""`manage.py run_worker`: work jobs without a broker, until a signal comes."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections

from workflows.jobs.worker import work_once

POLL_SECONDS = 1.0


class Command(BaseCommand):
    help = "Run due jobs. SIGTERM and Ctrl-C stop after the job at hand."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queue", action="append", default=[], metavar="NAME")
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        while not stop.is_set():
            if self._work(options["queue"]):
                continue
            if options["once"]:
                return
            stop.wait(POLL_SECONDS)

    def _work(self, queues: list[str]) -> bool:
        """Work one job; a database that is away for a while is asked again later."""
        try:
            return work_once(queues)
        except OperationalError as error:
            self.stderr.write(f"The database does not answer: {error}")
            close_old_connections()
            return False
