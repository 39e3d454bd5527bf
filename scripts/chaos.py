"""Break the real processes at random for a while, then check what is left: make chaos MINUTES=60.

A seed repeats the order of the faults (`--seed`). The last line is the run's figures as JSON. With
`--write` the table of docs/reliability.md is written anew from the figures of the rows
(`--figures`: what tests left in FAULTS_FIGURES) and of this run.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.faults.checker import check  # noqa: E402 - found only after the line above
from tests.faults.client import ClientLog  # noqa: E402
from tests.faults.figures import Figures, figures_of, percentile  # noqa: E402
from tests.faults.load import orders  # noqa: E402
from tests.faults.recorder import Recorder, running_recorder  # noqa: E402
from tests.faults.stack.brokers import Redis  # noqa: E402
from tests.faults.stack.postgres import Postgres  # noqa: E402
from tests.faults.stack.processes import Leash, Process, wait_for  # noqa: E402
from tests.faults.stack.site import Site, kill_children  # noqa: E402

DOCUMENT = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
DATABASE = "goflow"
COLUMNS = (
    *("row", "runs", "operations", "faults", "lost", "doubled", "stuck", "unknown", "still"),
    *("attempts / effects", "recovery p50", "p95", "max"),
)
PAUSE_SECONDS = (1.0, 4.0)
# Every process may die at any of the points, beside what is done to it from outside.
WEB_POINTS = ",".join(f"K{number}:p=0.002" for number in range(1, 9))
WORKER_POINTS = ",".join(f"K{number}:p=0.01" for number in (6, 9, 10, 11, 12))


class Chaos:
    """The stack, and what can happen to it. Each fault mends itself before it returns."""

    def __init__(self, leash: Leash, recorder: Recorder, luck: random.Random) -> None:
        self.luck, self.recorder = luck, recorder
        self.cluster = Postgres(leash)
        self.cluster.start()
        self.cluster.ask("postgres", f"CREATE DATABASE {DATABASE}")
        self.broker = Redis(leash)
        self.broker.start()
        self.site = Site(
            leash,
            recorder,
            name="chaos",
            database_url=self.cluster.url(DATABASE),
            connect=lambda: self.cluster.connect(DATABASE),
        )
        self.site.environment["CELERY_BROKER_URL"] = self.broker.url
        self.site.seed()
        self.site.begin()
        self.web = self.site.serve(FAULTPOINT=WEB_POINTS, FAULTS_WRITE_IN_TURN="1")
        self._start_celery()
        self.site.start_worker(FAULTPOINT=WORKER_POINTS)
        self.struck: Counter[str] = Counter()
        self.faults: list[Callable[[], None]] = [
            self.kill_web_process,
            self.kill_web_server,
            self.kill_worker,
            self.kill_worker_children,
            self.stop_worker_for_longer_than_its_lease,
            self.restart_database,
            self.end_connections,
            self.empty_broker,
            self.freeze_broker,
            self.restart_broker,
            self.let_the_outside_fail,
            self.let_the_outside_hang,
        ]

    def strike(self) -> str:
        fault = self.luck.choice(self.faults)
        name = fault.__name__.replace("_", " ")
        self.struck[name] += 1
        self.site.struck += 1
        fault()
        return name

    def kill_web_process(self) -> None:
        children = self.web.children()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.luck.choice(children), 9)

    def kill_web_server(self) -> None:
        self.web.kill()
        self.web.start(self.site.answers)

    def kill_worker(self) -> None:
        worker = self._some_worker()
        worker.kill()
        time.sleep(self.luck.uniform(0, 4))
        worker.start()

    def kill_worker_children(self) -> None:
        kill_children(self._some_worker())

    def stop_worker_for_longer_than_its_lease(self) -> None:
        worker = self._some_worker()
        worker.send_to_all(19)
        time.sleep(self.luck.uniform(3.5, 6))
        worker.send_to_all(18)

    def restart_database(self) -> None:
        self.cluster.stop(self.luck.choice(["fast", "immediate", "kill"]))
        time.sleep(self.luck.uniform(0, 2))
        self.cluster.start()

    def end_connections(self) -> None:
        self.cluster.ask(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [DATABASE],
        )

    def empty_broker(self) -> None:
        self.broker.forget()

    def freeze_broker(self) -> None:
        self.broker.freeze()
        time.sleep(self.luck.uniform(1, 5))
        self.broker.thaw()

    def restart_broker(self) -> None:
        self.broker.stop()
        time.sleep(self.luck.uniform(0, 3))
        self.broker.start()

    def let_the_outside_fail(self) -> None:
        self._outside("500")

    def let_the_outside_hang(self) -> None:
        self._outside("hang")

    def _outside(self, mode: str) -> None:
        self.recorder.answering.clear()
        self.recorder.mode = mode
        time.sleep(self.luck.uniform(1, 4))
        self.recorder.mode = "ok"
        self.recorder.answering.set()

    def _some_worker(self) -> Process:
        return self.luck.choice(self.site.workers)

    def _start_celery(self) -> None:
        self.site.start_worker(broker=self.broker.url, FAULTPOINT=WORKER_POINTS)


@contextlib.contextmanager
def stack(seed: int) -> Iterator[Chaos]:
    leash = Leash()
    try:
        with running_recorder() as recorder:
            chaos = Chaos(leash, recorder, random.Random(seed))  # noqa: S311 - no secret
            try:
                yield chaos
            finally:
                chaos.site.stop()
                chaos.cluster.stop("immediate")
    finally:
        leash.pull()


def run(minutes: float, seed: int) -> tuple[Figures, list[str], Counter[str]]:
    """Break things for so long; return the figures, what the checker found, and what was done."""
    log = ClientLog()
    with stack(seed) as chaos:
        deadline = time.monotonic() + minutes * 60
        with orders(chaos.site, log, people=4).running():
            while time.monotonic() < deadline:
                time.sleep(chaos.luck.uniform(*PAUSE_SECONDS))
                print(f"{time.strftime('%H:%M:%S')} {chaos.strike()}", flush=True)
            # All that was asked has to be answered once nothing breaks any more.
            chaos.site.serve()
            for worker in chaos.site.workers:
                worker.kill()
            chaos.site.workers.clear()
            chaos.site.start_worker()
            chaos.site.start_worker(broker=chaos.broker.url)
        with contextlib.suppress(TimeoutError):
            chaos.site.settle(seconds=180)
        wait_for(chaos.cluster.answers)
        problems = check(chaos.site.collect(), log.operations, chaos.recorder.seen())
        kills = chaos.site.killed().total() + chaos.site.struck
        figures = figures_of("chaos", log.operations, chaos.recorder.seen(), problems, kills=kills)
        return figures, problems, chaos.struck + chaos.site.killed()


def read_figures(path: Path) -> list[Figures]:
    return [Figures(**json.loads(line)) for line in path.read_text().splitlines() if line]


def table(found: list[Figures]) -> str:
    """Return the rows as Markdown, runs of one row added up."""
    rows: dict[str, list[Figures]] = defaultdict(list)
    for figures in found:
        rows[figures.row].append(figures)
    lines = [
        f"| {' | '.join(COLUMNS)} |",
        f"| --- |{' ---: |' * (len(COLUMNS) - 1)}",
    ]
    for row in sorted(
        rows, key=lambda name: (name == "chaos", int(name[1:] or 0) if name[1:].isdigit() else 0)
    ):
        runs = rows[row]
        times = [seconds for each in runs for seconds in each.recoveries]
        cells: list[Any] = [row, len(runs)]
        names = ("operations", "kills", "lost", "doubled", "stuck", "unknown", "open")
        cells += [f"{sum(getattr(each, name) for each in runs):,}" for name in names]
        cells.append(f"{sum(r.attempts for r in runs):,} / {sum(r.effects for r in runs):,}")
        cells += [f"{percentile(times, share):.1f} s" if times else "" for share in (0.5, 0.95, 1)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def write_document(text: str) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument(
        "--figures", type=Path, help="figures of the rows, JSON lines; this run's are added"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the table into docs/reliability.md"
    )
    options = parser.parse_args()
    figures, problems, struck = None, [], Counter()
    if options.minutes > 0:
        print(f"seed {options.seed}, {options.minutes:g} minutes", flush=True)
        figures, problems, struck = run(options.minutes, options.seed)
        print("\n".join(f"{count:5} x {name}" for name, count in struck.most_common()))
        print("\n".join(problems) or "I1 to I7 hold.")
        if options.figures:
            with options.figures.open("a") as file:
                file.write(json.dumps(asdict(figures)) + "\n")
    found = read_figures(options.figures) if options.figures else [figures] if figures else []
    told = table(found)
    print(told)
    if options.write:
        write_document(told)
    if figures:
        print(json.dumps({"seed": options.seed, **asdict(figures), "recoveries": None}))
    return 1 if problems or (figures and figures.open) else 0


if __name__ == "__main__":
    sys.exit(main())
