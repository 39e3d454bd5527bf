"""No engine at all: the rows of a step as five plain statements, through the driver alone."""

from __future__ import annotations

import os

import django

from workflows.bench.peers.worker import STEPS, Stopwatch, serve


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "goflow_site.settings"
    django.setup()
    from django.conf import settings

    from workflows.bench.five_statements import SameRows

    settings.GOFLOW_CASE_LISTENERS = []
    plain = SameRows()

    def process(stopwatch: Stopwatch) -> None:
        stopwatch(plain.run, STEPS)

    serve(process)


if __name__ == "__main__":
    main()
