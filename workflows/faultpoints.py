"""Places in the code where a test of faults can kill or stop the process.

Off unless the variable FAULTPOINT is set; `reach` then costs a call and nothing else. It holds
entries with commas between:

    K6:3           die by SIGKILL at the third time that this process gets there
    K6:p=0.02      die each time with this probability; `K6:p=0.02:seed=7` repeats itself
    K7:pause:5     stand still for 5 s, every time; `K7:pause:5:2` the second time only

A process that is about to die appends the point's name to the file FAULTPOINT_LOG, so that a test
can count. docs/reliability.md tells where K1 to K12 are.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field

POINTS = frozenset(f"K{number}" for number in range(1, 13))

_SPECIFICATION = os.environ.get("FAULTPOINT", "")
IS_ACTIVE = bool(_SPECIFICATION)


class BadFaultpoint(ValueError):
    """FAULTPOINT holds what is no entry."""


@dataclass
class Fault:
    """What happens at one point: at the `nth` time, or each time with `probability`."""

    point: str
    nth: int = 0
    probability: float = 0.0
    seed: str = ""
    pause_seconds: float | None = None
    hits: int = 0
    _random: random.Random | None = None
    _pid: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def is_struck(self) -> bool:
        """Count this hit, and say whether the fault happens now."""
        with self._guard:
            # A forked process counts for itself.
            if self._pid != os.getpid():
                self._pid, self.hits = os.getpid(), 0
                self._random = random.Random(self.seed or None)  # noqa: S311  no secret
            self.hits += 1
            if self.probability and self._random is not None:
                return self._random.random() < self.probability
            return self.nth in (0, self.hits)


def read_faults(specification: str) -> dict[str, Fault]:
    """Return the faults by their points.

    Raises:
        BadFaultpoint: the text cannot be read.
    """
    entries = [entry for entry in specification.replace(" ", "").split(",") if entry]
    faults = [_read(entry) for entry in entries]
    return {fault.point: fault for fault in faults}


def reach(point: str) -> None:
    """Tell that the process has come to `point`; it may not come back from here."""
    if IS_ACTIVE:
        _strike(point)


def _read(entry: str) -> Fault:
    point, *parts = entry.split(":")
    try:
        if point not in POINTS or not parts:
            raise BadFaultpoint(f"{entry!r}: a point is K1 to K12, and says when: K6:3")
        if parts[0] == "pause":
            nth = int(parts[2]) if len(parts) > 2 else 0
            return Fault(point, nth=nth, pause_seconds=float(parts[1]))
        if parts[0].startswith("p="):
            seed = parts[1].removeprefix("seed=") if len(parts) > 1 else ""
            return Fault(point, probability=float(parts[0].removeprefix("p=")), seed=seed)
        return Fault(point, nth=int(parts[0]))
    except (ValueError, IndexError) as error:
        raise BadFaultpoint(f"FAULTPOINT cannot be read: {entry!r}") from error


_faults = read_faults(_SPECIFICATION)


def _strike(point: str) -> None:
    fault = _faults.get(point)
    if fault is None or not fault.is_struck():
        return
    _note(point)
    if fault.pause_seconds is not None:
        time.sleep(fault.pause_seconds)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def _note(point: str) -> None:
    path = os.environ.get("FAULTPOINT_LOG")
    if not path:
        return
    # One short write at the end of the file: those of several processes do not mix.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{point} {os.getpid()} {time.time():.6f}\n".encode())
    finally:
        os.close(descriptor)
