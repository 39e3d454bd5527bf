"""`manage.py verify_net FILE`: is the net in this file sound? No database is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.net import Net, Verdict, pnml, verify
from workflows.net.errors import NetError, NotANet
from workflows.net.problems import Problem

EXIT_CODES = {"sound": 0, "unsound": 1, "undecided": 2}
NOT_A_NET = 3
WRONG_USAGE = 64

_HEADLINES = {
    "sound": "Sound: every case can end, ends cleanly, and no transition is dead.",
    "unsound": "Not sound.",
    "undecided": "Undecided: the search ended at its bounds before the answer was certain.",
}
_STEPS_SHOWN = 60


class Command(BaseCommand):
    help = (
        "Tell whether the net in a file (.pnml, or a flow file .yaml or .json) is sound. "
        "Exit code: 0 sound, 1 not sound, 2 undecided within the bounds, 3 the file is not a net."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--max-states", default="200000", help="most markings (200000)")
        parser.add_argument("--seconds", default="10", help="most seconds (10)")

    def handle(self, *args: Any, **options: Any) -> None:
        max_states = _positive(options["max_states"], int, "--max-states")
        seconds = _positive(options["seconds"], float, "--seconds")
        try:
            net, others = _read(options["file"])
        except NotANet as error:
            self._refuse(error, as_json=options["json"])
            sys.exit(NOT_A_NET)
        verdict = verify(net, max_states=max_states, seconds=seconds)
        if options["json"]:
            self.stdout.write(json.dumps(verdict.as_dict(), ensure_ascii=False))
        else:
            self._tell(net, others, verdict)
        sys.exit(EXIT_CODES[verdict.verdict])

    def _refuse(self, error: NotANet, *, as_json: bool) -> None:
        if as_json:
            told = {"error": error.message, "line": error.line}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        self.stderr.write(f"Not a net: {error}")

    def _tell(self, net: Net, others: int, verdict: Verdict) -> None:
        write = self.stdout.write
        write(
            f"{net.key}: {len(net.places)} places, {len(net.transitions)} transitions, "
            f"{len(net.arcs)} arcs"
        )
        if others:
            write(f"The file holds {others} more, perhaps sub-processes; this is the main net.")
        style = self.style.SUCCESS if verdict.is_sound else self.style.ERROR
        write(style(_HEADLINES[verdict.verdict]))
        for number, problem in enumerate(verdict.problems, start=1):
            self._tell_problem(number, problem)
        known = {None: "not known", True: "yes", False: "no"}
        write(
            f"Bounded: {known[verdict.bounded]}; option to complete: "
            f"{known[verdict.option_to_complete]}; proper completion: "
            f"{known[verdict.proper_completion]}; dead transitions: "
            f"{', '.join(verdict.dead_transitions) or 'none found'}."
        )
        write(f"{verdict.states:,} states in {verdict.seconds:.3f} s, by {verdict.method}.")

    def _tell_problem(self, number: int, problem: Problem) -> None:
        self.stdout.write(f"\n{number}. {problem.kind.replace('_', ' ')}: {problem.message}")
        run = problem.firing_sequence
        if run:
            shown = " ".join(run[:_STEPS_SHOWN]) + (" ..." if len(run) > _STEPS_SHOWN else "")
            self.stdout.write(f"   run:     {shown}")
            self.stdout.write(f"   marking: {problem.marking}")


def _positive(text: object, kind: type[int] | type[float], option: str) -> Any:
    try:
        number = kind(str(text))
    except ValueError:
        number = kind(0)
    if not 0 < number < float("inf"):
        raise CommandError(f"{option} must be a number above 0.", returncode=WRONG_USAGE)
    return number


def _read(name: str) -> tuple[Net, int]:
    """Return the net of a file, and how many others there are in it.

    Raises:
        NotANet: there is no such file, or no net in it.
    """
    content = _content(name)
    if Path(name).suffix.lower() in (".yaml", ".yml", ".json"):
        return _flow_net(content, name), 0
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        if Path(name).suffix.lower() in (".pnml", ".xml"):
            raise NotANet("The file is no XML, so it is no PNML.", 1)
        return _flow_net(content, name), 0
    return pnml.read(content), pnml.count_nets(content) - 1


def _content(name: str) -> bytes:
    limit = pnml.MOST_BYTES + 1
    try:
        if name == "-":
            return sys.stdin.buffer.read(limit)
        with Path(name).open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise NotANet(f"{name} cannot be read: {error.strerror}.") from None


def _flow_net(content: bytes, name: str) -> Net:
    from workflows.flowfile import FlowFileError, read

    try:
        return read(content.decode("utf-8-sig"), filename=name).net()
    except UnicodeDecodeError:
        raise NotANet(f"{name} is no text in UTF-8.") from None
    except FlowFileError as error:
        first = error.problems[0]
        raise NotANet(str(error), first.line or None) from None
    except NetError as error:
        raise NotANet(str(error)) from None
