"""`manage.py run_worker`: work jobs without a broker, until a signal comes."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.jobs.pool import Pool
from workflows.jobs.sweep import sweep
from workflows.jobs.worker import Worker
from workflows.telemetry import worker_started


class Command(BaseCommand):
    help = (
        "Run due jobs. SIGTERM and Ctrl-C let the jobs at hand end, and give back what cannot end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queue",
            action="append",
            default=[],
            metavar="NAME",
            help="work only the jobs of this queue; may be given again; default: of all queues",
        )
        parser.add_argument(
            "--processes", type=int, default=2, help="jobs that run at the same time, default 2"
        )
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["processes"] < 1:
            raise CommandError("--processes must be at least 1.")
        if options["once"]:
            sweep()
            worker = Worker(queues=options["queue"])
            while worker.work_once():
                pass
            return
        stopping = threading.Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        worker_started.send(sender=self.__class__)
        Pool(options["processes"], options["queue"], stopping).run()
