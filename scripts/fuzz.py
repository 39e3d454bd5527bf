"""Compare verdicts on random nets with the definitions of soundness, for as many nets as wanted.

`make fuzz` looks at a million; `NETS=20000 SEED=7` changes how many, and where the seeds begin.
Every claim is compared: the verdict, by each way to it, the dead transitions, and every run is
fired.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.net.agreement import checked, random_net  # noqa: E402 - found only after the line above

BATCH = 500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1_000_000, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    began, found, wrong = time.monotonic(), Counter[str](), []
    starts = range(asked.seed, asked.seed + asked.nets, BATCH)
    with multiprocessing.Pool(asked.processes) as pool:
        for number, (kinds, failed) in enumerate(pool.imap_unordered(batch, starts), start=1):
            found.update(kinds)
            wrong += failed
            for seed, told in failed:
                print(f"seed {seed} disagrees:\n{told}", flush=True)
            if not number % 40 or number == len(starts):
                told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(found.items()))
                print(f"{time.monotonic() - began:,.0f} s: {told}; {len(wrong)} wrong", flush=True)
    return 1 if wrong else 0


def batch(start: int) -> tuple[Counter[str], list[tuple[int, str]]]:
    """Look at the nets of some seeds; return how many are what, and what went wrong by seed."""
    found, wrong = Counter[str](), []
    for seed in range(start, start + BATCH):
        net = random_net(seed)
        if net is None:
            found["no workflow net"] += 1
            continue
        try:
            found[checked(net)] += 1
        except Exception:  # noqa: BLE001 - whatever goes wrong is told with its seed
            wrong.append((seed, traceback.format_exc()))
    return found, wrong


if __name__ == "__main__":
    sys.exit(main())
