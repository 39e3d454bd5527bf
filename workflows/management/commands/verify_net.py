"""`manage.py verify_net FILE`: is the net in this file sound? No database is needed.

A flow file is proved with its guards as well, and all is told that stands against publishing it as
far as the file alone tells.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.definition import FlowDefinition
from workflows.flowfile import FlowFileError, read
from workflows.net import Net, Verdict, pnml, verify
from workflows.net.errors import NetError, NotANet
from workflows.net.problems import Problem
from workflows.proving import Proof, prove, telling
from workflows.publishing import checks
from workflows.story import Teller

EXIT_CODES = {"sound": 0, "unsound": 1, "undecided": 2}
NOT_A_NET = 3
WRONG_USAGE = 64


class Command(BaseCommand):
    help = (
        "Tell whether the net in a file (.pnml, or a flow file .yaml or .json) is sound; of a flow "
        "file also what its guards do with data, and what else stands against publishing it. "
        "Exit code: 0 sound, 1 not sound, 2 undecided within the bounds, 3 the file is not a net. "
        "It is that of the net; what the guards do does not change it."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--max-states", default="200000", help="most markings (200000)")
        parser.add_argument("--seconds", default="10", help="most seconds (10)")
        parser.add_argument("--max-mib", default="1024", help="most memory in MiB, roughly (1024)")

    def handle(self, *args: Any, **options: Any) -> None:
        bounds = _Bounds(
            max_states=_positive(options["max_states"], int, "--max-states"),
            seconds=_positive(options["seconds"], float, "--seconds"),
            max_mib=_positive(options["max_mib"], int, "--max-mib"),
        )
        proof: Proof | None = None
        try:
            file = _read(options["file"])
            if isinstance(file.net, Net):
                net, verdict = file.net, verify(file.net, **asdict(bounds))
            else:
                net, verdict, proof = _proved(file.net, bounds)
        except NotANet as error:
            self._refuse(error, as_json=options["json"])
            sys.exit(NOT_A_NET)
        if options["json"]:
            told = verdict.as_dict() if proof is None else proof.as_dict()
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self._tell(net, file.others, verdict, proof)
        sys.exit(EXIT_CODES[verdict.verdict])

    def _refuse(self, error: NotANet, *, as_json: bool) -> None:
        if as_json:
            told = {"error": error.message, "line": error.line}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        self.stderr.write(f"Not a net: {error}")

    def _tell(self, net: Net, others: int, verdict: Verdict, proof: Proof | None) -> None:
        write = self.stdout.write
        write(
            f"{net.key}: {len(net.places)} places, {len(net.transitions)} transitions, "
            f"{len(net.arcs)} arcs"
        )
        if others:
            write(f"The file holds {others} more, perhaps sub-processes; this is the main net.")
        guards = proof.guards.soundness if proof is not None and proof.guards is not None else None
        sentence, tone = telling.headline(verdict.verdict, guards)
        write(self._style(tone)(sentence))
        stories = {} if proof is None else telling.stories(proof)
        for number, problem in enumerate(verdict.problems, start=1):
            self._tell_problem(number, problem, stories.get(problem.message))
        known = {None: "not known", True: "yes", False: "no"}
        write(
            f"Bounded: {known[verdict.bounded]}; option to complete: "
            f"{known[verdict.option_to_complete]}; proper completion: "
            f"{known[verdict.proper_completion]}; dead transitions: "
            f"{', '.join(verdict.dead_transitions) or 'none found'}."
        )
        write(f"{verdict.states:,} states in {verdict.seconds:.3f} s, by {verdict.method}.")
        if proof is not None:
            self._tell_of_flow(proof)

    def _tell_of_flow(self, proof: Proof) -> None:
        write = self.stdout.write
        write(telling.guard_line(proof))
        stories = telling.stories(proof)
        for problem in proof.problems:
            style = self._style("warning" if problem.is_warning else "bad")
            first, *rest = telling.problem_lines(problem.as_dict())
            write("\n" + style(first))
            for line in (*rest, *telling.story_lines(stories.get(problem.message))):
                write(line)
        for line in telling.note_lines(proof):
            write("\n" + line)
        if not proof.can_be_published:
            write("\nIt cannot be published like this.")

    def _style(self, tone: str) -> Any:
        style = self.style
        return {"good": style.SUCCESS, "warning": style.WARNING, "bad": style.ERROR}[tone]

    def _tell_problem(self, number: int, problem: Problem, story: Mapping[str, Any] | None) -> None:
        self.stdout.write(f"\n{number}. {problem.kind.replace('_', ' ')}: {problem.message}")
        run = problem.firing_sequence
        if run:
            self.stdout.write(f"   run:     {telling.run_told(run)}")
            self.stdout.write(f"   marking: {problem.marking}")
        for line in telling.story_lines(story):
            self.stdout.write(line)


def _positive(text: object, kind: type[int] | type[float], option: str) -> Any:
    try:
        number = kind(str(text))
    except ValueError:
        number = kind(0)
    if not 0 < number < float("inf"):
        raise CommandError(f"{option} must be a number above 0.", returncode=WRONG_USAGE)
    return number


@dataclass(frozen=True, slots=True)
class _Bounds:
    max_states: int
    seconds: float
    max_mib: int


@dataclass(frozen=True, slots=True)
class _File:
    """What a file holds, and how many other nets there are in it."""

    net: Net | FlowDefinition
    others: int = 0


def _read(name: str) -> _File:
    """Return the net or the flow of a file.

    Raises:
        NotANet: there is no such file, or no net in it.
    """
    content = _content(name)
    if Path(name).suffix.lower() in (".yaml", ".yml", ".json"):
        return _File(_flow(content, name))
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        if Path(name).suffix.lower() in (".pnml", ".xml"):
            raise NotANet("The file is no XML, so it is no PNML.", 1)
        return _File(_flow(content, name))
    return _File(pnml.read(content), pnml.count_nets(content) - 1)


def _content(name: str) -> bytes:
    limit = pnml.MOST_BYTES + 1
    try:
        if name == "-":
            return sys.stdin.buffer.read(limit)
        with Path(name).open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise NotANet(f"{name} cannot be read: {error.strerror}.") from None


def _flow(content: bytes, name: str) -> FlowDefinition:
    try:
        return read(content.decode("utf-8-sig"), filename=name)
    except UnicodeDecodeError:
        raise NotANet(f"{name} is no text in UTF-8.") from None
    except FlowFileError as error:
        first = error.problems[0]
        raise NotANet(str(error), first.line or None) from None


def _proved(definition: FlowDefinition, bounds: _Bounds) -> tuple[Net, Verdict, Proof]:
    """Prove a flow by its file alone: without people, cases or anything else of a database."""
    try:
        net = definition.net()
    except NetError as error:
        raise NotANet(str(error)) from None
    proof = prove(
        definition,
        checks=checks.of_the_flow(),
        tell=Teller(),
        **asdict(bounds),
    )
    if proof.net is None:
        raise NotANet(proof.no_net)
    return net, proof.net, proof
