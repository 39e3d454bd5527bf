"""What a line of the log says, and what nobody can make it say."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from goflow_site import logs
from tests import factories
from workflows import engine, logcontext, store
from workflows.jobs import handlers
from workflows.jobs.handlers import ServiceCall
from workflows.jobs.worker import Worker
from workflows.models import Job

Said = Callable[[], str]


@pytest.fixture(autouse=True)
def _forget_secrets() -> Iterator[None]:
    logs._secrets.cache_clear()
    yield
    logs._secrets.cache_clear()


def heard(formatter: logging.Formatter, say: Callable[[], Any]) -> str:
    """Return what `formatter` makes of all that is logged while `say` runs."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        say()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return stream.getvalue()


def line_of(text: str, logger: str) -> dict[str, Any]:
    found = [json.loads(line) for line in text.splitlines()]
    return next(line for line in found if line["logger"] == logger)


def fail(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("test").exception("It failed")


def test_a_line_of_json_names_the_request_the_person_and_the_answer(
    client: Client, ada: Any
) -> None:
    client.force_login(ada)
    text = heard(
        logs.JSONLinesFormatter(), lambda: client.get("/", headers={"X-Request-ID": "abc-1"})
    )

    line = line_of(text, "goflow.access")
    assert line["request"] == "abc-1"
    assert line["user"] == ada.pk
    assert (line["method"], line["path"], line["view"], line["status"]) == ("GET", "/", "home", 200)
    assert line["duration_ms"] > 0


def test_a_line_names_the_case_and_the_work_item_of_a_step(
    client: Client, leave_flow: Any, ada: Any, ben: Any
) -> None:
    from workflows.models import WorkItem

    engine.start("leave", by=ada, data=factories.leave_data())
    item = WorkItem.objects.open().get(task__key="manager_review")
    client.force_login(ben)
    text = heard(
        logs.JSONLinesFormatter(),
        lambda: client.post(
            f"/api/v1/work-items/{item.pk}/complete/",
            {"outcome": "approve"},
            content_type="application/json",
        ),
    )

    line = line_of(text, "goflow.access")
    assert (line["status"], line["case"], line["work_item"]) == (200, item.case_id, item.pk)


def says(call: ServiceCall) -> None:
    logging.getLogger("tests.says").warning("Here")


def test_what_a_worker_logs_names_the_job_and_the_case(leave_flow: Any, ada: Any) -> None:
    case = engine.start("leave", by=ada, data=factories.leave_data())
    handlers.handler("tests.says")(says)
    try:
        store.add_effect(handler="tests.says", key="says", payload={}, case=case)
        job = Job.objects.get(key="says")
        text = heard(logs.JSONLinesFormatter(), lambda: Worker().work(["says"]))
    finally:
        del handlers._handlers["tests.says"]

    line = line_of(text, "tests.says")
    assert (line["job"], line["case"]) == (job.pk, case.pk)


def test_the_query_of_a_request_is_not_logged(client: Client, ada: Any) -> None:
    client.force_login(ada)
    text = heard(logs.ReadableFormatter(), lambda: client.get("/?q=secretly"))

    assert "goflow.access" in text
    assert "secretly" not in text


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\nb", '"', "-a"])
def test_a_request_id_that_is_not_sane_is_replaced(client: Client, db: Any, given: str) -> None:
    answered = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]

    assert answered != given
    assert len(answered) == 32


def test_a_request_id_that_a_proxy_gave_comes_back(client: Client, db: Any) -> None:
    response = client.get("/healthz", headers={"X-Request-ID": "Proxy_1.2-3"})

    assert response["X-Request-ID"] == "Proxy_1.2-3"


@pytest.mark.parametrize("formatter", [logs.ReadableFormatter(), logs.JSONLinesFormatter()])
@pytest.mark.parametrize("forged", ["\n2026-11-22 ERROR", "\r\nx", "\u2028x", "\x1b[2K", "\x85x"])
def test_what_is_logged_cannot_begin_another_line(
    formatter: logging.Formatter, forged: str
) -> None:
    text = heard(formatter, lambda: logging.getLogger("test").warning("Hello %s", forged))

    assert len(text.splitlines()) == 1
    assert "\x1b" not in text


def test_the_lines_of_a_traceback_are_indented() -> None:
    text = heard(logs.ReadableFormatter(), lambda: fail("one\n2026-11-22 00:00:00 INFO forged"))

    first, *rest = text.splitlines()
    assert "It failed" in first
    assert len(rest) > 3
    assert all(line.startswith("    ") for line in rest)


def test_a_traceback_in_json_is_one_line() -> None:
    text = heard(logs.JSONLinesFormatter(), lambda: fail("deep"))

    assert "ValueError: deep" in json.loads(text)["exception"]


@pytest.mark.parametrize("formatter", [logs.ReadableFormatter(), logs.JSONLinesFormatter()])
@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("key={}", "only-for-tests-"),
        ("calling redis://goflow:hunter22@broker/0", "hunter22"),
        ("Authorization: Bearer abc.def-123", "abc.def-123"),
        ("Authorization: Token 0123456789abcdef0123", "0123456789abcdef0123"),
        ("the ledger said 12345-ledger", "12345-ledger"),
        ("the mail server said mail-password", "mail-password"),
        ("metrics with metrics-token", "metrics-token"),
    ],
)
def test_secrets_are_struck_out(
    settings: Any, formatter: logging.Formatter, said: str, secret: str
) -> None:
    settings.GOFLOW_SECRETS = {
        "LEDGER": {"hosts": ["x"], "headers": {"Authorization": "Bearer 12345-ledger"}}
    }
    settings.EMAIL_HOST_PASSWORD = "mail-password"
    settings.METRICS_TOKEN = "metrics-token"
    told = said.format(settings.SECRET_KEY)
    text = heard(formatter, lambda: logging.getLogger("test").warning(told))

    assert secret not in text
    assert "***" in text


def test_facts_end_with_their_block() -> None:
    with logcontext.bind(case=1, job=None):
        with logcontext.bind(job=2):
            logcontext.note(work_item=3)
            inside = logcontext.current()
        outside = logcontext.current()
    logcontext.note(case=4)

    assert inside == {"case": 1, "job": 2, "work_item": 3}
    assert outside == {"case": 1}
    assert logcontext.current() == {}


def test_a_refused_sign_in_is_logged_without_what_was_typed(client: Client, ada: Any) -> None:
    data = {"username": "ada", "password": "not this one"}
    text = heard(logs.ReadableFormatter(), lambda: client.post("/login/", data))
    typo = heard(
        logs.ReadableFormatter(),
        lambda: client.post("/login/", {"username": "goflow-pass", "password": "ada"}),
    )

    assert f"Sign-in refused: user {ada.pk}, from 127.0.0.1" in text
    assert "Sign-in refused: no such user" in typo
    assert "not this one" not in text
    assert "goflow-pass" not in typo


def test_a_refused_right_is_logged_with_the_person(
    client: Client, leave_flow: Any, ada: Any
) -> None:
    case = engine.start("leave", by=ada, data=factories.leave_data())
    client.force_login(ada)
    text = heard(
        logs.JSONLinesFormatter(),
        lambda: client.post(
            f"/api/v1/cases/{case.pk}/suspend/",
            {"reason": "because"},
            content_type="application/json",
        ),
    )

    line = line_of(text, "goflow.refusals")
    assert line["level"] == "WARNING"
    assert f"refused to user {ada.pk}" in line["message"]
    assert line["request"]


def test_what_django_says_of_an_answer_names_its_request(client: Client, db: Any) -> None:
    text = heard(
        logs.JSONLinesFormatter(),
        lambda: client.get("/no/such/page/", headers={"X-Request-ID": "abc-2"}),
    )

    assert line_of(text, "django.request")["request"] == "abc-2"
