"""Play a scenario, and tell where it goes another way than expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time

from workflows import data as case_data
from workflows.compiled import CompiledFlow
from workflows.definition import Expectation, ScenarioDefinition, ScenarioStep, TaskKind
from workflows.directory import Directory
from workflows.errors import GoflowError
from workflows.expressions import EvaluationError

from .people import cast_of
from .play import Play
from .result import Failure, PlayedStep, ScenarioResult

MORNING = time(9)
"""When it is in a scenario that names a day."""


@dataclass(frozen=True)
class Run:
    """A scenario played as far as it went; `play` is where it stands."""

    result: ScenarioResult
    play: Play


def run(
    flow: CompiledFlow,
    scenario: ScenarioDefinition,
    *,
    at: datetime,
    company: Directory | None = None,
) -> Run:
    """Play a scenario of `flow` in memory. It begins at `at`, unless it says when.

    People come from `company` where it knows everybody whom the scenario names, the requester among
    them; else they are sample people, who may do everything. A company may be asked of the
    database; nothing is written.
    """
    cast = cast_of(scenario, company)
    play = Play(flow, cast, at)
    teller = _Teller(play, scenario)
    teller.play_all()
    failures = tuple(teller.failures)
    result = ScenarioResult(
        title=scenario.title,
        failures=failures,
        steps=tuple(teller.steps),
        is_ended=play.is_ended,
        marking=play.marking.as_dict(),
        data=play.data,
        people="company" if cast.is_company else "sample",
    )
    return Run(result, play)


class _Teller:
    def __init__(self, play: Play, scenario: ScenarioDefinition) -> None:
        self.play, self.scenario = play, scenario
        self.steps: list[PlayedStep] = []
        self.failures: list[Failure] = []

    def play_all(self) -> None:
        """Play until a step is refused; what is expected is asked only of a whole run."""
        if not self._played(None):
            return
        if all(self._played(step) for step in self.scenario.steps):
            self.failures += self._other_than_expected()

    def _played(self, step: ScenarioStep | None) -> bool:
        """Start the case, or do a step; return whether it was possible."""
        number = len(self.steps)
        try:
            self._do(step)
        except (GoflowError, EvaluationError, OverflowError) as error:
            begins = "It cannot start" if step is None else f"{self._name(step)} is not possible"
            path = "data" if step is None else f"steps[{number - 1}]"
            self.failures.append(Failure(number, path, f"{begins}: {error}"))
            return False
        play = self.play
        self.steps.append(
            PlayedStep(
                number=number,
                title="Start" if step is None else self._action(step),
                fired=tuple(play.flow.net.title(key) for key in play.fired),
                tasks=tuple(play.offered),
                offered=tuple(self._titles(play.offered)),
                is_ended=play.is_ended,
            )
        )
        return True

    def _do(self, step: ScenarioStep | None) -> None:
        play = self.play
        self._set_clock(step)
        if step is None:
            play.start(self.scenario.data)
        else:
            person = play.cast.people.get(step.by)
            play.end(step.task, step.outcome, data=step.data, by=person)

    def _set_clock(self, step: ScenarioStep | None) -> None:
        at = self.scenario.at if step is None else step.at
        if isinstance(at, datetime):
            self.play.at = at
        elif at is not None:
            calendar = self.play.cast.directory.calendar(self.play.cast.requester)
            self.play.at = calendar.first_moment(at, MORNING)

    def _other_than_expected(self) -> Iterator[Failure]:
        expect = self.scenario.expect
        yield from self._wrong_end(expect)
        yield from self._wrong_data(expect)
        yield from self._wrong_offers(expect)
        for key in expect.never:
            step = next((step for step in self.steps if key in step.tasks), None)
            if step is not None:
                told = f"{self._title(key)!r} was on offer, and never should be."
                after = self._after(step.number)
                yield Failure(step.number, "expect.never", f"{after}, {told}")

    def _wrong_end(self, expect: Expectation) -> Iterator[Failure]:
        if expect.ends is None or expect.ends is self.play.is_ended:
            return
        if expect.ends:
            waits = _listed(self._titles(self.play.offered))
            told = f"it should have ended, but waits for {waits}."
        else:
            told = "it has ended, and should not."
        yield self._at_last("expect.end", told)

    def _wrong_data(self, expect: Expectation) -> Iterator[Failure]:
        schema = self.play.flow.schema
        expected = case_data.read(schema, expect.data)
        found = case_data.read(schema, self.play.data)
        for name, value in expected.items():
            wanted, actual = _as_text(value), _as_text(found.get(name))
            if wanted != actual:
                label = _label(schema, name)
                told = f"{label} should be {wanted}, but is {actual}."
                yield self._at_last(f"expect.data.{name}", told)

    def _wrong_offers(self, expect: Expectation) -> Iterator[Failure]:
        closed = [key for key in expect.not_offered if key in self.play.offered]
        if closed:
            told = f"{_listed(self._titles(closed))} is on offer, and should not be."
            yield self._at_last("expect.not_offered", told)
        if expect.offered is None:
            return
        missing = [key for key in expect.offered if key not in self.play.offered]
        more = [
            key for key in self.play.offered if key not in expect.offered and self._is_awaited(key)
        ]
        if missing:
            told = f"{_listed(self._titles(missing))} should be on offer, but is not."
            yield self._at_last("expect.offered", told)
        if more:
            told = f"{_listed(self._titles(more))} is on offer too, and should not be."
            yield self._at_last("expect.offered", told)

    def _is_awaited(self, key: str) -> bool:
        """Say whether an open task must be named: not where nobody waits for it, nor a timer."""
        definition = self.play.flow.tasks[key].definition
        return not definition.is_optional and definition.kind is not TaskKind.TIMER

    def _at_last(self, path: str, told: str) -> Failure:
        return Failure(len(self.steps) - 1, path, f"{self._after(len(self.steps) - 1)}, {told}")

    def _after(self, number: int) -> str:
        if number == 0:
            return "After the start"
        name = self._name(self.scenario.steps[number - 1])
        return f"After {name[:1].lower()}{name[1:]}"

    def _name(self, step: ScenarioStep) -> str:
        number = next(n for n, other in enumerate(self.scenario.steps, 1) if other is step)
        return f"Step {number} ({self._action(step)})"

    def _action(self, step: ScenarioStep) -> str:
        task = self.play.flow.tasks[step.task]
        transition = task.outcomes[step.outcome]
        title = transition.title if transition.title != transition.key else step.outcome
        by = f", by {step.by}" if step.by else ""
        return f"{task.title!r}: {title}{by}"

    def _title(self, key: str) -> str:
        return self.play.flow.tasks[key].title

    def _titles(self, keys: Iterable[str]) -> list[str]:
        return [self._title(key) for key in keys]


def _listed(titles: list[str]) -> str:
    return ", ".join(repr(title) for title in titles) or "nobody"


def _as_text(value: object) -> str:
    return "empty" if value is None else case_data.canonical({"": value})[4:-1]


def _label(schema: Mapping[str, object], name: str) -> str:
    properties = schema.get("properties")
    part = properties.get(name) if isinstance(properties, Mapping) else None
    title = part.get("title") if isinstance(part, Mapping) else None
    return repr(title) if isinstance(title, str) and title else repr(name)
