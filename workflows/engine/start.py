"""Start a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.models import User

from workflows import data as case_data
from workflows import store
from workflows.compiled import CompiledFlow
from workflows.errors import InvalidData, NotAllowed
from workflows.listeners import case_listeners
from workflows.models import Case, EventKind

from .advance import Advance, step_of
from .commands import Command, once
from .outcome import raise_if_failed


def start(
    flow_key: str,
    *,
    by: User,
    data: Mapping[str, Any],
    business_key: str = "",
    idempotency_key: str = "",
) -> Case:
    """Start a case of the published version of `flow_key`, requested by `by`, and return it.

    `data` is JSON or has Python's types already (Decimal, date). Fields that the flow itself sets,
    and those that its schema marks `readOnly`, cannot be given.

    Raises:
        UnknownFlow: no such flow has a published version.
        InvalidData: the flow's schema refuses the data; nothing is written.
        NobodyCanAct, CaseWouldStrand, EvaluationRefused: the flow cannot go on from its start.
        CaseFailed: the flow did not come to rest; the case is kept as failed.
        IdempotencyKeyReused: the key belongs to another call.
    """
    if not by.is_active:
        raise NotAllowed("This account is not active.")
    given = case_data.to_json(data)
    facts = {"flow": flow_key, "data": given, "business_key": business_key}
    command = Command("start", by, idempotency_key, facts)

    def run() -> Case:
        version, at = store.version_and_moment(flow_key)
        flow = store.load_flow(version.pk)
        refuse_bad_start(flow, given)
        case = Case(
            version=version,
            business_key=business_key,
            requester=by,
            marking=flow.start,
            data=given,
            started_at=at,
            changed_at=at,
        )
        store.insert_case(case)
        values = flow.read(given)
        line = command.line(EventKind.STARTED, data=given)
        advance = Advance(case, flow, step_of(case, flow, values, at=at), [], at, [line])
        for listener in case_listeners():
            listener.case_started(case, values)
        advance.run()
        return case

    return raise_if_failed(once(command, run))


def refuse_bad_start(flow: CompiledFlow, given: Mapping[str, Any]) -> None:
    """Raise InvalidData where a case cannot begin with this data."""
    problems = [
        {"path": name, "message": f"{name} is set by the flow itself and cannot be given."}
        for name in given
        if name in fields_of_the_flow(flow)
    ]
    problems += [
        {"path": p.path, "message": p.message} for p in case_data.check(flow.schema, given)
    ]
    if problems:
        raise InvalidData(problems)


def fields_of_the_flow(flow: CompiledFlow) -> frozenset[str]:
    """Return the fields that nobody gives at the start: set by transitions, or `readOnly`."""
    properties = cast(Mapping[str, Mapping[str, object]], flow.schema.get("properties", {}))
    read_only = {name for name, schema in properties.items() if schema.get("readOnly")}
    assigned = {name for t in flow.definition.transitions for name in t.assignments}
    return frozenset(read_only | assigned)
