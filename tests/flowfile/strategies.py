"""Definitions of every shape that a valid flow file may have, for hypothesis."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import strategies as st

from workflows.definition import (
    FieldRight,
    FlowDefinition,
    PlaceDefinition,
    TaskDefinition,
    TaskKind,
    TransitionDefinition,
)

OUTCOMES = {
    TaskKind.SERVICE: ["done", "failed"],
    TaskKind.TIMER: ["due"],
    TaskKind.MESSAGE: ["received"],
    TaskKind.SUBFLOW: ["completed", "cancelled"],
}
TRAPS = (
    *("no", "on", "yes", "y", "null", "~", "true", "1:30", "0x10", "0o17", "2026-01-01", "007"),
    *("12", "1.0", "1e3", "-", "- a", "? a", "a: b", "a #b", "#a", "[a]", "{a}", "&a", "*a", "!a"),
    *("|", ">", "'", '"', "%a", "@a", "`", "---", "...", "<<", "=", " a ", "a\n", "\na", "a\n\n b"),
    *(
        "a\r\nb",
        "\t",
        "a\tb",
        "\x85",
        "\u2028",
        "\ufeff",
        "\x07",
        "é",
        "e\u0301",
        "请假",
        "🏖",
        "a,b",
    ),
    *("word " * 40 + "end", "line one\nline two\n", "  indented\nline", "a  b " * 30, "\\", "\\n"),
)

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(st.sampled_from(TRAPS), st.text(characters, max_size=40))
spoken = texts.filter(lambda text: bool(text.strip()))
titles = st.one_of(st.just(""), spoken.map(lambda text: text[:120].strip() or "x"))
expressions = st.one_of(
    st.sampled_from(
        ['manager(requester) | group("hr")', "amount <= 1000", "'请假'", "a if b else c"]
    ),
    spoken,
)
durations = st.sampled_from(["30 s", "2 working days", "1 h"])
pauses = st.sampled_from(["30 s", "1 day 2 hours", "1 h"])
names = st.sampled_from(["payments", "no", "12", "eu-west.payments", "A_1"])


def is_key(text: str) -> bool:
    return text.isidentifier() and unicodedata.normalize("NFKC", text) == text


keys = st.one_of(
    st.sampled_from(["no", "on", "yes", "null", "true", "请假", "größe", "_x", "y1", "return"]),
    st.text(st.characters(categories=["Ll", "Lo", "Nd"]), min_size=1, max_size=6).filter(is_key),
)
flow_keys = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts.map(lambda t: t[:60]), inner, max_size=3)
    ),
    max_leaves=6,
)
positions = st.one_of(
    st.none(), st.tuples(*[st.one_of(st.integers(-999, 999).map(float), st.floats(-1e6, 1e6))] * 2)
)


@st.composite
def schemas(draw: Any) -> dict[str, Any]:
    properties = {}
    for name in draw(st.lists(spoken.map(lambda t: t[:60]), max_size=4, unique=True)):
        if not name.strip():
            continue
        field: dict[str, Any] = {"type": draw(st.sampled_from(["string", "number", "array"]))}
        for word, values in (
            ("title", texts),
            ("default", json_values),
            ("enum", st.lists(json_values, max_size=3)),
            ("maximum", st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))),
            ("x-any", json_values),
        ):
            if draw(st.booleans()):
                field[word] = draw(values)
        properties[name] = field
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if properties and draw(st.booleans()):
        schema["x-summary"] = draw(st.lists(st.sampled_from(sorted(properties)), max_size=3))
        schema["required"] = [sorted(properties)[0]]
    return schema


@st.composite
def definitions(draw: Any) -> FlowDefinition:
    """Draw a valid definition; its net need not be sound."""
    data = draw(schemas())
    fields = sorted(data["properties"])
    names = iter(draw(st.lists(keys, min_size=10, max_size=12, unique=True)))
    places = tuple(
        PlaceDefinition(next(names), draw(titles), draw(positions))
        for _ in range(draw(st.integers(1, 4)))
    )
    if draw(st.booleans()):
        places = tuple(PlaceDefinition(place.key) for place in places)
    tasks = []
    transitions = []
    for key in draw(st.lists(keys, max_size=3, unique=True)):
        kind = draw(st.sampled_from(TaskKind))
        outcomes = OUTCOMES.get(kind) or draw(st.lists(keys, min_size=1, max_size=2, unique=True))
        tasks.append(draw(_tasks(key, kind, outcomes, fields)))
        inputs = draw(_weights(places))
        for outcome in outcomes:
            transitions.append(
                draw(_transitions(next(names), places, fields, inputs, key, outcome))
            )
    for key in names:
        transitions.append(
            draw(_transitions(key, places, fields, draw(_weights(places)), None, ""))
        )
    return FlowDefinition(
        key=draw(flow_keys),
        title=draw(titles),
        description=draw(st.one_of(st.just(""), spoken)),
        data=data,
        places=places,
        tasks=tuple(tasks),
        transitions=tuple(_one_default(transitions)),
        scenarios=draw(_scenarios(transitions)),
    )


@st.composite
def _scenarios(draw: Any, transitions: list[TransitionDefinition]) -> tuple[dict[str, Any], ...]:
    ends = [(t.task, t.outcome) for t in transitions if t.task]
    tasks = sorted({task for task, _ in ends})
    data = st.dictionaries(texts.map(lambda t: t[:60]), json_values, max_size=2)
    days = st.dates().map(lambda day: {"today": day.isoformat()})
    moments = st.just({"now": "2026-01-05T09:00:00+01:00"})
    clocks = st.one_of(st.just({}), days, moments)
    scenarios = []
    for title in draw(
        st.lists(spoken.map(lambda t: t[:120].strip() or "x"), max_size=3, unique=True)
    ):
        steps: list[dict[str, Any]] = []
        for task, outcome in draw(st.lists(st.sampled_from(ends), max_size=3)) if ends else ():
            whole = {"task": task, "outcome": outcome, "by": draw(titles) or "ada"}
            whole |= {"data": draw(data)} | draw(clocks)
            is_short = draw(st.booleans()) and task not in ("task", "timer")
            steps.append({task: outcome} if is_short else whole)
        expect: dict[str, Any] = {"end": draw(st.booleans()), "data": draw(data)}
        if tasks:
            expect["offered"] = draw(st.lists(st.sampled_from(tasks), max_size=2))
            expect["never"] = draw(st.sampled_from(tasks))
        scenario = {"title": title, "requester": draw(titles) or "ada", "data": draw(data)}
        scenarios.append({**scenario, **draw(clocks), "steps": steps, "expect": expect})
    return tuple(scenarios)


def _one_default(transitions: list[TransitionDefinition]) -> list[TransitionDefinition]:
    seen = set()
    kept = []
    for transition in transitions:
        decision = frozenset(transition.inputs.items())
        if not (transition.is_default and decision in seen):
            kept.append(transition)
        if transition.is_default:
            seen.add(decision)
    return kept


def _weights(places: tuple[PlaceDefinition, ...]) -> st.SearchStrategy[dict[str, int]]:
    weights = st.one_of(st.just(1), st.integers(1, 9))
    return st.dictionaries(st.sampled_from([place.key for place in places]), weights, max_size=3)


@st.composite
def _transitions(
    draw: Any,
    key: str,
    places: tuple[PlaceDefinition, ...],
    fields: list[str],
    inputs: dict[str, int],
    task: str | None,
    outcome: str,
) -> TransitionDefinition:
    is_default = task is None and draw(st.booleans())
    return TransitionDefinition(
        key,
        title=draw(titles),
        task=task,
        outcome=outcome,
        inputs=inputs,
        outputs=draw(_weights(places)),
        reads=draw(st.one_of(st.just({}), _weights(places))),
        inhibitors=draw(st.one_of(st.just({}), _weights(places))),
        resets=tuple(
            draw(st.lists(st.sampled_from([p.key for p in places]), max_size=2, unique=True))
        ),
        guard="" if is_default else draw(st.one_of(st.just(""), expressions)),
        priority=draw(st.one_of(st.none(), st.integers(-5, 5))),
        is_default=is_default,
        assignments=draw(st.dictionaries(st.sampled_from(fields), expressions, max_size=2))
        if fields
        else {},
        position=draw(positions),
    )


@st.composite
def _tasks(
    draw: Any, key: str, kind: TaskKind, outcomes: list[str], fields: list[str]
) -> TaskDefinition:
    if kind is not TaskKind.HUMAN:
        return TaskDefinition(key, kind, draw(titles), options=draw(_options(kind, fields)))
    votes = st.one_of(st.sampled_from(["all", "any", "60%"]), st.integers(1, 9))
    rights = st.dictionaries(st.sampled_from(fields), st.sampled_from(FieldRight), max_size=3)
    return TaskDefinition(
        key,
        kind,
        title=draw(titles),
        assign=draw(expressions),
        otherwise=draw(st.one_of(st.just(""), expressions)),
        due=draw(st.one_of(st.just(""), durations)),
        is_optional=draw(st.booleans()),
        form=draw(rights) if fields else {},
        seats=draw(
            st.one_of(
                st.just({}),
                st.fixed_dictionaries(
                    {"rule": st.dictionaries(st.sampled_from(outcomes), votes, min_size=1)},
                    optional={"order": st.sampled_from(["parallel", "sequential"])},
                ),
            )
        ),
    )


def _options(kind: TaskKind, fields: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    if kind is TaskKind.SERVICE:
        retry = st.fixed_dictionaries(
            {"times": st.integers(0, 9)},
            optional={
                "first": pauses,
                "factor": st.sampled_from([1, 1.5, 2]),
                "limit": pauses,
            },
        )
        groups = st.dictionaries(keys, expressions, max_size=2)
        more = {
            "inputs": st.dictionaries(keys, st.one_of(expressions, groups), max_size=3),
            "outputs": st.dictionaries(st.sampled_from(fields), keys, max_size=2)
            if fields
            else st.just({}),
            "queue": names,
            "retry": retry,
            "timeout": pauses,
        }
        return st.one_of(
            st.fixed_dictionaries({"handler": st.just("payroll.book")}, optional=more),
            st.fixed_dictionaries({"topic": names}, optional=more),
        )
    if kind is TaskKind.TIMER:
        return st.one_of(
            st.fixed_dictionaries({"after": expressions}),
            st.fixed_dictionaries({"at": expressions}),
        )
    if kind is TaskKind.MESSAGE:
        return st.fixed_dictionaries({"name": spoken, "key": expressions})
    return st.fixed_dictionaries(
        {"flow": flow_keys},
        optional={
            "data": st.dictionaries(spoken.map(lambda t: t[:60]), expressions, max_size=2),
            "foreach": expressions,
        },
    )
