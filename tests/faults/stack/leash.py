"""Ends process groups when whoever started them is gone, however it went. A program of its own.

It reads the ids of groups from its standard input, one a line; at the end of the input, which comes
when the other side exits or is killed, it kills them all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    groups = [int(line) for line in sys.stdin if line.strip()]
    for group in reversed(groups):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
