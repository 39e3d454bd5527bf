"""Handlers: what they take and bring, how flows are held against them, and the built-in ones."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, TypedDict

import pytest
from django.core import mail
from django.utils import timezone

from tests.factories import publish_flow
from tests.workflows.recorder import Recorder, running_recorder
from workflows import engine, flowfile, publishing, store
from workflows.definition import FlowDefinition
from workflows.errors import NotPublishable
from workflows.expressions import Duration, Person
from workflows.jobs import handlers
from workflows.jobs.binding import BadInputs, BadResult
from workflows.jobs.builtin import http
from workflows.jobs.builtin.mail import send_mail
from workflows.jobs.handlers import (
    Failed,
    Postponed,
    Retry,
    ServiceCall,
    handler,
    registered_handlers,
)
from workflows.jobs.mailing import message_id
from workflows.jobs.results import read_result
from workflows.jobs.worker import Worker
from workflows.models import Case, CaseState, Event, Job, JobState
from workflows.outbound import CircuitBreaker, Response
from workflows.outbound.client import _shared_breaker

PAGE = (Path(__file__).parents[2] / "docs" / "handlers.md").read_text(encoding="utf-8")


class Payment(TypedDict):
    paid_on: date
    fee: Decimal


@dataclass
class Slip:
    reference: str
    pages: int


@pytest.fixture(autouse=True)
def _only_these_handlers() -> Iterator[None]:
    registered_handlers()
    before = dict(handlers._handlers)
    yield
    handlers._handlers.clear()
    handlers._handlers.update(before)


def call(inputs: Mapping[str, Any] | None = None, **more: Any) -> ServiceCall:
    return ServiceCall(more.pop("values", {}), "EXP-1", "goflow-1:2:pay", inputs or {}, **more)


# Signatures


def test_what_stands_behind_the_star_is_what_a_handler_takes():
    @handler("t.pay")
    def pay(call: ServiceCall, *, amount: Decimal, note: str = "", to: date | None) -> Payment: ...

    signature = registered_handlers()["t.pay"].signature

    assert [(f.name, str(f.type), f.required) for f in signature.inputs] == [
        ("amount", "number", True),
        ("note", "text", False),
        ("to", "date or none", True),
    ]
    assert {name: str(type_) for name, type_ in signature.outputs.items()} == {
        "paid_on": "date",
        "fee": "number",
    }


def _positional(call: ServiceCall, amount: Decimal) -> None: ...
def _untyped(call: ServiceCall, *, amount) -> None: ...
def _inexact(call: ServiceCall, *, amount: float) -> None: ...
def _unknown(call: ServiceCall, *, amount: bytes) -> None: ...
def _either(call: ServiceCall, *, amount: str | int) -> None: ...
def _missing(call: ServiceCall, *, amount: NotImported) -> None: ...  # noqa: F821
def _no_call(*, amount: Decimal) -> None: ...
def _several(call: ServiceCall, *amounts: Decimal) -> None: ...
def _number(call: ServiceCall) -> int: ...
def _bytes_out(call: ServiceCall) -> BytesOut: ...


class BytesOut(TypedDict):
    content: bytes


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_positional, "takes 'amount' by position: inputs stand behind a `*`"),
        (
            _untyped,
            "The input 'amount' of the handler t.bad has no type: use Duration, Person, str",
        ),
        (_inexact, "is of the type float: use Decimal, which is exact"),
        (_unknown, "is of the type bytes: use"),
        (_either, r"is of the type str \| int: use"),
        (_missing, "cannot be read: name 'NotImported' is not defined. Import"),
        (_no_call, "must take the call first"),
        (_several, "takes 'amounts' by position"),
        (_number, "returns int: annotate None, a Mapping, a TypedDict or a dataclass"),
        (_bytes_out, "The output 'content' of the handler t.bad is of the type bytes"),
    ],
)
def test_a_signature_that_says_too_little_is_refused(function, message):
    with pytest.raises(TypeError, match=message):
        handler("t.bad")(function)

    assert "t.bad" not in registered_handlers()


@pytest.mark.parametrize("name", ["", "a b", "a..b", "1a", "a" * 201])
def test_a_name_that_no_flow_could_write_is_refused(name):
    with pytest.raises(TypeError, match="is not the dotted name of a handler"):
        handler(name)(lambda call: None)


# Inputs


def test_inputs_arrive_as_the_types_that_they_are_declared_with():
    got = {}

    @handler("t.all")
    def take(
        call: ServiceCall,
        *,
        amount: Decimal,
        count: int,
        sure: bool,
        day: date,
        at: datetime,
        begin: datetime,
        wait: Duration,
        who: Person,
        kind: Literal["a", "b"],
        days: list[date],
        more: dict,
        any_: Any,
    ) -> None:
        got.update(locals())

    given = {
        "amount": "0.1000000000000000000001",
        "count": 3,
        "sure": True,
        "day": "2026-12-24",
        "at": "2026-12-24T10:00:00+01:00",
        "begin": "2026-12-24",
        "wait": "1 day 2 hours",
        "who": 7,
        "kind": "a",
        "days": ["2026-12-24"],
        "more": {"x": [1]},
        "any_": [None, "y"],
    }
    registered_handlers()["t.all"](call(given))

    del got["got"], got["call"]
    assert got == {
        "amount": Decimal("0.1000000000000000000001"),
        "count": 3,
        "sure": True,
        "day": date(2026, 12, 24),
        "at": datetime(2026, 12, 24, 9, tzinfo=UTC),
        "begin": datetime(2026, 12, 24, tzinfo=UTC),
        "wait": Duration(days=1, elapsed=timedelta(hours=2)),
        "who": Person(7),
        "kind": "a",
        "days": [date(2026, 12, 24)],
        "more": {"x": [Decimal(1)]},
        "any_": [None, "y"],
    }
    assert type(got["count"]) is int


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "The handler t.pay needs the input 'amount': it has no value."),
        ({"amount": None}, "needs the input 'amount'"),
        ({"amount": "ten"}, "is the text 'ten': it must be a number."),
        ({"amount": True}, "is True: it must be a number."),
        ({"amount": 1, "count": 1.5}, "is 1.5: it must be a whole number."),
        ({"amount": 1, "kind": "c"}, "is the text 'c': it must be one of a, b."),
        ({"amount": 1, "days": ["soon"]}, "entry 1, is the text 'soon': it must be a date."),
        ({"amount": 1, "wait": "long"}, "A duration is a number and a unit"),
        ({"amuont": 1}, "has no input 'amuont'. Did you mean 'amount'?"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_before_the_handler_runs(given, message):
    ran = []

    @handler("t.pay")
    def pay(
        call: ServiceCall,
        *,
        amount: Decimal,
        count: int = 1,
        kind: Literal["a", "b"] = "a",
        days: list[date] | None = None,
        wait: Duration | None = None,
    ) -> None:
        ran.append(amount)

    with pytest.raises(BadInputs, match=re.escape(message)):
        registered_handlers()["t.pay"](call(given))
    assert ran == []


def test_without_inputs_a_handler_gets_the_fields_of_the_same_names():
    @handler("t.pay")
    def pay(call: ServiceCall, *, amount: Decimal, note: str = "none", to: str | None) -> Mapping:
        return {"got": [amount, note, to]}

    result = registered_handlers()["t.pay"](
        call(values={"amount": Decimal(5), "note": None, "other": 1})
    )

    assert result == {"got": [Decimal(5), "none", None]}


def test_a_handler_that_takes_anything_gets_what_the_flow_gives_and_nothing_else():
    @handler("t.any")
    def take(call: ServiceCall, *, amount: Decimal, **more: Any) -> Mapping[str, Any]:
        return more

    values = {"amount": Decimal(5), "secret": 1}

    assert registered_handlers()["t.any"](call(values=values)) == {}
    assert registered_handlers()["t.any"](call({"amount": 1, "x": 2}, values=values)) == {
        "x": Decimal(2)
    }


# Results


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"paid_on": date(2026, 1, 1), "fees": 1}, "brought 'fees', which is no output of it"),
        ({"fee": "much"}, "brought 'fee' as the text 'much': it must be a number"),
        ([1], "returned a list, not a mapping"),
    ],
)
def test_a_result_that_was_not_declared_is_refused(result, message):
    @handler("t.pay")
    def pay(call: ServiceCall) -> Payment:
        return result

    with pytest.raises(BadResult, match=message):
        registered_handlers()["t.pay"](call())


def test_a_dataclass_is_a_result_too():
    @handler("t.slip")
    def slip(call: ServiceCall) -> Slip:
        return Slip("A-1", 2)

    assert registered_handlers()["t.slip"](call()) == {"reference": "A-1", "pages": 2}


# Publishing

FLOW = """
flow: paying
data:
  type: object
  properties:
    amount: {{type: number, x-type: decimal}}
    count: {{type: integer}}
    iban: {{type: string}}
    note: {{type: string}}
    paid_on: {{type: string, format: date}}
    cost: {{type: number}}
    pages: {{type: integer}}
  required: [amount, iban, count]
places: [start, open, end]
tasks:
  pay: {{kind: service, title: Pay, {task}}}
transitions:
  submit: {{from: start, to: open}}
  paid: {{task: pay, outcome: done, from: open, to: end}}
"""


@pytest.fixture
def pay() -> list[dict[str, Any]]:
    """A registered handler; the list of the calls that it got."""
    calls: list[dict[str, Any]] = []

    @handler("t.pay")
    def pay(call: ServiceCall, *, amount: Decimal, iban: str, copies: int = 1) -> Payment:
        calls.append({"amount": amount, "iban": iban, "copies": copies, "call": call})
        return {"paid_on": date(2026, 12, 24), "fee": Decimal("0.10")}

    return calls


def definition(task: str) -> FlowDefinition:
    return flowfile.read(FLOW.format(task=task))


def problems(task: str) -> list[str]:
    found = publishing.problems_of(definition(task))
    return [f"{p.where}: {'(warning) ' if p.is_warning else ''}{p.message}" for p in found]


@pytest.mark.parametrize(
    "task",
    [
        "handler: t.pay",
        "handler: t.pay, inputs: {amount: amount / 2, iban: iban, copies: count}",
        "handler: t.pay, outputs: {cost: fee, paid_on: paid_on}",
        "topic: payments",
        "topic: payments, inputs: {who: {name: iban}}, outputs: {cost: fee}",
        "handler: wait, inputs: {duration: 3 days}",
        "handler: mail, inputs: {person: requester, subject: iban, "
        "text: note if exists(note) else iban}",
        "handler: set_data, inputs: {cost: amount}",
    ],
)
def test_a_task_that_fits_its_handler_has_no_problem(pay, task):
    assert problems(task) == []


@pytest.mark.parametrize(
    ("task", "problem"),
    [
        ("handler: t.pya", "tasks.pay.handler: There is no handler 't.pya'. Did you mean 't.pay'?"),
        (
            "handler: t.pay, inputs: {amount: amount}",
            "tasks.pay.inputs.iban: The handler t.pay needs the input 'iban'.",
        ),
        (
            "handler: t.pay, inputs: {amount: amount, iban: iban, copeis: 2}",
            "tasks.pay.inputs.copeis: The handler t.pay has no input 'copeis'. "
            "Did you mean 'copies'?",
        ),
        (
            "handler: t.pay, inputs: {amount: iban, iban: iban}",
            "tasks.pay.inputs.amount: This must be a number, not text.",
        ),
        (
            "handler: t.pay, inputs: {amount: amount, iban: iban, copies: amount}",
            "tasks.pay.inputs.copies: This must be a whole number, not a number.",
        ),
        (
            "handler: t.pay, inputs: {amount: amount, iban: {a: iban}}",
            "tasks.pay.inputs.iban: This must be text, not several values.",
        ),
        (
            "handler: t.pay, inputs: {amount: amount, iban: ibna}",
            'tasks.pay.inputs.iban: "ibna" is not a field of this flow. Did you mean iban?',
        ),
        (
            "handler: t.pay, inputs: {amount: amount, iban: note}",
            "tasks.pay.inputs.iban: (warning) note may be empty here",
        ),
        (
            "handler: t.pay, outputs: {cots: fee}",
            "tasks.pay.outputs.cots: The data has no field 'cots'. Did you mean 'cost'?",
        ),
        (
            "handler: t.pay, outputs: {cost: fees}",
            "tasks.pay.outputs.cost: The handler t.pay has no output 'fees'. Did you mean 'fee'?",
        ),
        (
            "handler: t.pay, outputs: {note: fee}",
            "tasks.pay.outputs.note: The output 'fee' is a number, but the field 'note' is text.",
        ),
        (
            "handler: t.pay, outputs: {pages: fee}",
            "tasks.pay.outputs.pages: The output 'fee' is a number, but the field 'pages' is a "
            "whole number.",
        ),
        (
            "topic: payments, inputs: {who: {name: requester}}",
            "tasks.pay.inputs.who.name: People cannot be handed over",
        ),
        (
            "handler: http, inputs: {url: iban, json: requester}",
            "tasks.pay.inputs.json: People cannot be handed over here.",
        ),
        ("topic: payments, outputs: {x: y}", "tasks.pay.outputs.x: The data has no field 'x'"),
        (
            "handler: wait, inputs: {duration: amount}",
            "tasks.pay.inputs.duration: This must be a duration",
        ),
    ],
)
def test_a_task_that_does_not_fit_its_handler_is_told(pay, task, problem):
    (only,) = problems(task)

    assert only.startswith(problem)


def test_a_field_that_a_handler_needs_and_the_data_may_not_have_is_told():
    @handler("t.note")
    def note(call: ServiceCall, *, note: str, cost: str = "", missing: str) -> Slip: ...

    assert problems("handler: t.note") == [
        "tasks.pay.inputs.cost: The handler t.note takes text as 'cost', but the field of this "
        "name is a number.",
        "tasks.pay.inputs.missing: The handler t.note needs the input 'missing', and the data has "
        "no field of this name.",
        "tasks.pay.inputs.note: (warning) note may be empty here; the handler needs it.",
    ]


def test_an_output_that_does_not_fit_the_field_of_its_name_is_told():
    class Wrong(TypedDict):
        paid_on: str

    def wrong(call): ...

    wrong.__annotations__ = {"return": Wrong}
    handler("t.wrong")(wrong)

    (only,) = problems("handler: t.wrong")
    assert only.startswith(
        "tasks.pay.handler: The output 'paid_on' is text, but the field 'paid_on' is a date."
    )


def test_a_handler_for_effects_is_not_for_flows():
    @handler("t.effect", for_flows=False)
    def effect(call: ServiceCall) -> None: ...

    (only,) = problems("handler: t.effect")
    assert only.startswith("tasks.pay.handler: There is no handler 't.effect'.")


def test_a_flow_with_inputs_and_outputs_comes_back_from_the_rows_as_it_was(db):
    task = (
        "handler: t.pay, inputs: {iban: iban, amount: amount * 2, more: {b: 1, a: {c: note}}}, "
        "outputs: {cost: fee, note: paid_on}, queue: eu-west.payments, "
        "retry: {times: 3, first: 1 s, factor: 1.5, limit: 2 h}, timeout: 90 s"
    )
    read = definition(task)

    version = store.save_draft(read, by=None)
    again = store.definition_of(type(version).objects.with_net().get(pk=version.pk))

    assert flowfile.write(again) == flowfile.write(read)
    assert list(again.tasks[0].options["inputs"]) == ["iban", "amount", "more"]


# From the case to the handler and back

DATA = {"amount": "100.10", "iban": "AT61", "count": 3}


def run(task: str, by: Any, **more: Any) -> Case:
    publish_flow(FLOW.format(task=task))
    case = engine.start("paying", by=by, data=DATA | more)
    Worker().work_once()
    case.refresh_from_db()
    return case


def test_inputs_are_worked_out_from_the_data_and_outputs_go_where_the_flow_says(ada, pay):
    case = run(
        "handler: t.pay, outputs: {cost: fee}, "
        "inputs: {amount: amount / 2, iban: \"iban + '-1'\", copies: count}",
        ada,
    )

    assert case.state == CaseState.COMPLETED
    assert (pay[0]["amount"], pay[0]["iban"], pay[0]["copies"]) == (Decimal("50.05"), "AT61-1", 3)
    assert str(case.data["cost"]) == "0.1"
    assert "paid_on" not in case.data


def test_without_names_outputs_go_to_the_fields_of_theirs_and_the_rest_is_left(ada, pay):
    case = run("handler: t.pay", ada)

    assert case.data["paid_on"] == "2026-12-24"
    assert "fee" not in case.data


def test_a_call_knows_its_case_its_key_and_its_try(ada, pay):
    case = run("handler: t.pay", ada)

    known = pay[0]["call"]
    assert (known.case_id, known.attempt) == (case.pk, 1)
    assert known.idempotency_key == Job.objects.get().idempotency_key
    assert known.since == Job.objects.get().created_at
    assert known.deadline > timezone.now()
    assert known.extend() is False  # The job has ended: it is nobody's any more.


def test_inputs_stay_what_they_were_when_the_task_opened(ada, pay):
    publish_flow(FLOW.format(task="handler: t.pay, inputs: {amount: amount, iban: iban}"))
    case = engine.start("paying", by=ada, data=DATA)
    Case.objects.filter(pk=case.pk).update(data=DATA | {"iban": "changed"})
    Worker().work_once()

    assert pay[0]["iban"] == "AT61"
    payload = Job.objects.get().payload
    assert {name: str(value) for name, value in payload.items()} == {
        "amount": "100.1",
        "iban": "AT61",
    }


def test_a_result_that_names_no_field_is_an_incident(ada):
    handler("t.free")(lambda call: {"cots": 1})
    run("handler: t.free", ada)

    job = Job.objects.get()
    assert job.state == JobState.INCIDENT
    assert "brought 'cots'" in job.last_error
    assert "Did you mean 'cost'?" in job.last_error


def test_inputs_without_a_value_are_an_incident_and_no_try_is_wasted(ada, pay):
    run("handler: t.pay, inputs: {amount: amount, iban: note}", ada)

    job = Job.objects.get()
    assert (job.state, job.attempts) == (JobState.INCIDENT, 1)
    assert "needs the input 'iban'" in job.last_error


@pytest.mark.parametrize(
    ("task", "raw", "updates"),
    [
        ("topic: p", {"note": "x"}, {"note": "x"}),
        ("topic: p", None, {}),
        ("topic: p, outputs: {cost: fee}", {"fee": Decimal("0.10")}, {"cost": 0.1}),
        ("topic: p, outputs: {cost: fee}", {}, {}),
    ],
)
def test_what_an_external_worker_brings_becomes_data(db, task, raw, updates):
    flow = store.load_flow(store.save_draft(definition(task), by=None).pk)

    assert read_result(flow, flow.tasks["pay"], raw) == updates


@pytest.mark.parametrize(
    ("task", "raw", "message"),
    [
        ("topic: p", {"note": "x", "nots": 1}, "brought 'nots'.*Did you mean 'note'"),
        ("topic: p, outputs: {cost: fee}", {"cost": 1}, "brought 'cost', which neither"),
        ("handler: t.pay", {"fee": 1, "note": "x"}, "brought 'note', which is no output"),
    ],
)
def test_what_is_brought_and_nobody_declared_is_refused(db, pay, task, raw, message):
    flow = store.load_flow(store.save_draft(definition(task), by=None).pk)

    with pytest.raises(BadResult, match=message):
        read_result(flow, flow.tasks["pay"], raw)


# http


@pytest.fixture
def server(settings: Any) -> Iterator[Recorder]:
    # A port may be given out again, and its earlier holder have failed too often.
    _shared_breaker.cache_clear()
    with running_recorder() as recorder:
        settings.GOFLOW_OUTBOUND_ALLOW = ["127.0.0.1"]
        settings.GOFLOW_OUTBOUND_PORTS = [recorder.port]
        yield recorder


@pytest.mark.parametrize("status", [500, 502, 503, 408, 425, 429])
def test_a_server_that_cannot_answer_now_is_asked_again_when_it_says(server, status):
    server.status, server.headers, server.body = status, {"Retry-After": "120"}, b"busy"

    with pytest.raises(Retry, match=f"The answer was {status}: busy") as caught:
        http.call_http(call(), url=server.url)

    assert caught.value.after == timedelta(seconds=120)


def test_a_server_that_does_not_answer_is_asked_again(server):
    server.before_answer = lambda handler: handler.wfile.close()

    with pytest.raises(Retry, match="broke off") as caught:
        http.call_http(call(), url=server.url)

    assert caught.value.after is None


def test_a_call_gives_up_before_its_work_is_interrupted(server):
    server.before_answer = lambda handler: time.sleep(2)
    began = time.monotonic()

    with pytest.raises(Retry):
        http.call_http(call(deadline=timezone.now() + timedelta(seconds=0.4)), url=server.url)

    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 410, 422])
def test_an_answer_that_will_not_change_fails_the_task(server, status):
    server.status, server.headers = status, {"Location": "/elsewhere"}

    with pytest.raises(Failed, match=f"The answer was {status}"):
        http.call_http(call(), url=server.url)

    assert len(server.hits) == 1


def test_a_status_that_is_expected_is_no_failure(server):
    server.status = 404

    assert http.call_http(call(), url=server.url, expect=[200, 404])["status"] == 404


def test_a_status_that_is_not_expected_fails_the_task(server):
    with pytest.raises(Failed, match="The answer was 200"):
        http.call_http(call(), url=server.url, expect=[201])


NOW = datetime(2026, 12, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("5", timedelta(seconds=5)),
        ("Thu, 24 Dec 2026 12:01:00 GMT", timedelta(minutes=1)),
        ("Thu, 24 Dec 2026 11:00:00 GMT", timedelta()),
        ("86400", timedelta(hours=1)),
        ("99999999999999999999", None),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_a_server_may_say_how_long_to_wait_but_not_for_ever(text, after):
    response = Response(503, {"retry-after": text}, b"")

    assert http.retry_after(response, now=NOW) == after


def test_a_host_of_the_inside_fails_the_task_and_sees_nothing(server, settings):
    settings.GOFLOW_OUTBOUND_ALLOW = []

    with pytest.raises(Failed, match="not a public address"):
        http.call_http(call(), url=server.url)

    assert server.connections == 0


def test_an_open_circuit_costs_no_try(ada, server):
    server.status = 503
    for _ in range(5):
        with pytest.raises(Retry):
            http.call_http(call(), url=server.url)
    run(f"handler: http, inputs: {{url: \"'{server.url}'\"}}", ada)

    job = Job.objects.get()
    assert (job.state, job.attempts, len(server.hits)) == (JobState.DUE, 0, 5)
    assert job.due_at > timezone.now() + timedelta(seconds=5)


def test_f29_work_waits_for_a_server_that_is_down_for_long_and_then_ends(ada, server, monkeypatch):
    now = [1000.0]
    breaker = CircuitBreaker(clock=lambda: now[0])
    monkeypatch.setattr("workflows.outbound.client._shared_breaker", lambda: breaker)
    inputs = f"{{url: \"'{server.url}'\", method: \"'POST'\"}}"
    publish_flow(FLOW.format(task=f"handler: http, inputs: {inputs}, retry: {{times: 50}}"))
    for _ in range(8):
        engine.start("paying", by=ada, data=DATA)

    def work_for(minutes: int) -> None:
        for _ in range(minutes):
            now[0] += 60
            moment = timezone.now() - timedelta(seconds=1)
            Job.objects.filter(state=JobState.DUE).update(due_at=moment)
            while Worker().work_once():
                pass

    server.status = 503
    work_for(30)
    calls_while_down = len(server.hits)
    server.status = 200
    work_for(8)

    # Each minute 8 jobs are due: 240 calls without the circuit.
    assert calls_while_down < 20
    assert Case.objects.filter(state=CaseState.COMPLETED).count() == 8
    answered = [hit.headers["idempotency-key"] for hit in server.hits[calls_while_down:]]
    assert sorted(answered) == sorted(job.idempotency_key for job in Job.objects.all())


def test_json_is_sent_exactly_and_read_exactly(server):
    server.body = b'{"rate": 1.10, "big": 0.1000000000000000000001}'

    result = http.call_http(
        call(),
        url=server.url,
        method="post",
        json={"amount": Decimal("100.10"), "exact": Decimal("0.1000000000000000000001")},
    )

    (hit,) = server.hits
    assert json.loads(hit.body) == {"amount": 100.1, "exact": "0.1000000000000000000001"}
    assert hit.headers["content-type"] == "application/json"
    assert result["json"] == {
        "rate": Decimal("1.10"),
        "big": Decimal("0.1000000000000000000001"),
    }


def test_an_answer_that_is_no_json_is_text(server):
    server.body = b"O\xcc\x88K \xff NaN"

    result = http.call_http(call(), url=server.url)

    assert (result["json"], result["body"]) == (None, "O\u0308K \ufffd NaN")


def test_a_secret_goes_to_its_hosts_only(server, settings):
    settings.GOFLOW_SECRETS = {
        "LEDGER": {"hosts": ["127.0.0.1"], "headers": {"X-Key": "s3"}, "plain_http": True},
        "OTHER": {"hosts": ["ledger.example.com"], "headers": {"X-Key": "s3"}},
        "SAFE": {"hosts": ["127.0.0.1"], "headers": {"X-Key": "s3"}},
    }
    http.call_http(call(), url=server.url, headers_from="LEDGER")
    for name, message in (
        ("OTHER", "is not for 127.0.0.1"),
        ("SAFE", "is only for https"),
        ("NONE", "There is no secret 'NONE'"),
    ):
        with pytest.raises(Failed, match=message):
            http.call_http(call(), url=server.url, headers_from=name)

    assert [hit.headers["x-key"] for hit in server.hits] == ["s3"]


# mail


def test_a_mail_has_the_same_id_at_every_try():
    for attempt in (1, 2):
        send_mail(call(attempt=attempt), to="a@example.com", subject="Hi", text="Text")

    first, second = (message.message() for message in mail.outbox)
    assert first["Message-ID"] == second["Message-ID"] == message_id("goflow-1:2:pay")
    assert re.fullmatch(r"<[\w.-]+@[\w.-]+>", first["Message-ID"])


@pytest.mark.parametrize(
    "field",
    [
        {"subject": "Hi\r\nBcc: evil@example.com"},
        {"subject": "Hi\nthere"},
        {"subject": "Hi\u2028there"},
        {"subject": "x" * 201},
        {"to": "a@example.com\r\nBcc: evil@example.com"},
        {"to": "a@example.com, nobody"},
        {"to": ""},
        {"to": ",".join(["a@example.com"] * 51)},
        {"reply_to": "a@example.com\nBcc: evil@example.com"},
    ],
)
def test_a_mail_that_could_say_more_than_it_should_is_not_sent(field):
    with pytest.raises(Failed):
        send_mail(call(), **({"to": "a@example.com", "subject": "Hi", "text": "Text"} | field))

    assert mail.outbox == []


def test_a_mail_to_a_person_goes_to_the_address_of_the_account(ada):
    run("handler: mail, inputs: {person: requester, subject: \"'Paid: ' + iban\", text: iban}", ada)

    (message,) = mail.outbox
    assert (message.to, message.subject, message.body) == ([ada.email], "Paid: AT61", "AT61")


# wait


def test_a_wait_is_no_try_and_ends_when_its_time_has_passed(ada):
    case = run("handler: wait, inputs: {duration: 3 days}", ada)
    job = Job.objects.get()
    assert (job.state, job.attempts) == (JobState.DUE, 0)
    assert job.due_at == job.created_at + timedelta(days=3)

    three_days_ago = job.created_at - timedelta(days=3)
    Job.objects.update(created_at=three_days_ago, due_at=three_days_ago)
    Worker().work_once()

    case.refresh_from_db()
    assert case.state == CaseState.COMPLETED


def test_a_wait_in_working_time_is_left_to_timers(db):
    with pytest.raises(Failed, match="a timer task counts working time"):
        registered_handlers()["wait"](call({"duration": "2 working days"}))


def test_a_wait_ends_at_once_where_its_time_has_passed(db):
    since = timezone.now() - timedelta(seconds=11)

    assert registered_handlers()["wait"](call({"duration": "10 s"}, since=since)) is None
    with pytest.raises(Postponed):
        registered_handlers()["wait"](call({"duration": "20 s"}, since=since))


# The page

EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
STARTED = {
    "booking": {"amount": "100.10", "iban": "AT61"},
    "welcome": {"email": "new@example.com", "office": "Vienna"},
    "cooling": {},
    "stamping": {"amount": "100.10"},
}


def example(key: str, server: Recorder) -> str:
    (text,) = (text for text in EXAMPLES if text.startswith(f"flow: {key}\n"))
    return text.replace("127.0.0.1:8099", f"127.0.0.1:{server.port}")


@pytest.mark.parametrize("key", STARTED)
def test_an_example_of_the_page_runs_to_its_end(ada, server, key):
    server.body = b'{"reference": "B-1"}'
    publish_flow(example(key, server), confirm_warnings=False)
    case = engine.start(key, by=ada, data=STARTED[key])
    Worker().work_once()
    long_ago = timezone.now() - timedelta(days=1)
    Job.objects.filter(state=JobState.DUE).update(created_at=long_ago, due_at=long_ago)
    Worker().work_once()

    case.refresh_from_db()
    assert case.state == CaseState.COMPLETED
    assert Event.objects.filter(case=case, transition="failed").count() == 0
    seen = SimpleNamespace(
        booking=[(h.method, json.loads(h.body), h.headers["x-office"]) for h in server.hits],
        welcome=[m.subject for m in mail.outbox],
    )
    if key == "booking":
        told = {"amount": 100.1, "iban": "AT61", "lines": {"count": 1}}
        assert seen.booking == [("POST", told, "Vienna")]
        assert case.data["reference"] == "B-1"
    elif key == "welcome":
        assert seen.welcome == ["Welcome to Vienna"]
    elif key == "stamping":
        assert str(case.data["gross"]) == "120.12"


def test_the_handler_of_the_page_is_one(db):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, "handlers.md", "exec", dont_inherit=True), module)  # noqa: S102  the page's own example

    quote = registered_handlers()["shipping.quote"]

    assert quote(call({"weight": 2})) == {"price": Decimal("5.90"), "carrier": "Post"}
    with pytest.raises(Failed):
        quote(call({"weight": 31}))


@pytest.mark.parametrize("name", ["http", "mail", "wait", "set_data"])
def test_every_input_and_output_of_a_handler_is_on_the_page(name):
    signature = registered_handlers()[name].signature
    names = [field.name for field in signature.inputs] + list(signature.outputs or {})

    assert f"### `{name}`" in PAGE
    assert [each for each in names if f"`{each}`" not in PAGE] == []


def test_a_flow_whose_handler_is_unknown_cannot_be_published(db):
    with pytest.raises(NotPublishable, match="There is no handler 'nobody.knows'"):
        publish_flow(FLOW.format(task="handler: nobody.knows"))
