"""What service tasks of the tests run. Each notes in FAULTS_EFFECTS that it began."""

from __future__ import annotations

import os
import signal
import time

from workflows.jobs.handlers import ServiceCall, handler

SLOW_SECONDS = float(os.environ.get("FAULTS_SLOW_SECONDS", "6"))


def _note(call: ServiceCall) -> None:
    path = os.environ.get("FAULTS_EFFECTS")
    if path:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{call.idempotency_key} {os.getpid()} {call.attempt}\n".encode())
        os.close(descriptor)


@handler("faults.quick")
def quick(call: ServiceCall) -> None:
    _note(call)


@handler("faults.slow")
def slow(call: ServiceCall) -> None:
    _note(call)
    time.sleep(SLOW_SECONDS)


@handler("faults.raises")
def raises(call: ServiceCall) -> None:
    _note(call)
    raise RuntimeError("as always")


@handler("faults.hangs")
def hangs(call: ServiceCall) -> None:
    _note(call)
    while True:
        time.sleep(60)


@handler("faults.dies")
def dies(call: ServiceCall) -> None:
    _note(call)
    os.kill(os.getpid(), signal.SIGSEGV)


@handler("faults.eats")
def eats(call: ServiceCall) -> None:
    _note(call)
    held = []
    while True:
        held.append(bytearray(64 * 1024 * 1024))
