"""Every error as an answer: for programs problem details, for people a page."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.test import Client as Browser

from tests.api.conftest import Client, problem
from workflows import engine
from workflows.errors import Conflict, NotAllowed, NotFound
from workflows.models import Case


@pytest.fixture
def failing(monkeypatch):
    """Let every start of a case raise an error."""

    def fail_with(error: Exception) -> None:
        def start(*args: object, **options: object) -> Case:
            raise error

        monkeypatch.setattr(engine, "start", start)

    return fail_with


def start(client):
    return client.post("cases/", {"flow": "leave", "data": {}})


def post_text(client, text: bytes, content_type: str = "application/json"):
    return client.generic("POST", "cases/", text, content_type)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing/", "/api/v2/cases/", "/api/v1/cases"])
def test_an_unknown_address_of_the_api_is_a_problem(nobody, db, method, path):
    problem(getattr(nobody, method)(path), 404, "not_found")


def test_an_unknown_address_is_unknown_before_any_csrf_token_is_asked_for(db):
    problem(Client(enforce_csrf_checks=True).post("/api/v1/nothing/"), 404, "not_found")


def test_a_missing_slash_is_pointed_at(nobody, db):
    assert "slash" in problem(nobody.post("/api/v1/cases"), 404, "not_found")["detail"]


def test_a_method_that_an_address_does_not_have(as_, ada):
    response = as_(ada).put("cases/", {})

    problem(response, 405, "method_not_allowed")


def test_json_that_breaks_off_is_told_with_its_place(as_, ada):
    told = problem(post_text(as_(ada), b'{"flow": "leave",\n "data": }'), 400, "bad_json")

    assert (told["line"], told["column"]) == (2, 10)


@pytest.mark.parametrize(
    "text",
    [
        b'{"flow": NaN}',
        b'{"flow": Infinity}',
        b'{"flow": -Infinity}',
        b'{"flow": 1e999999999}',
        b'{"flow": 1e-999999999}',
        b'{"flow": ' + b"9" * 100_000 + b"}",
        b'{"flow": 0.' + b"9" * 100_000 + b"}",
        b'{"flow": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"flow": "\\ud800"}',
        b'{"flow": "leave", "flow": "expense"}',
        b'{"flow": "\xff"}',
        b"[" * 100_000,
        b"[" * 100 + b"]" * 100,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"{'flow': 1}",
        b"flow=leave",
        b" ",
    ],
)
def test_a_body_that_cannot_be_kept_exactly_is_refused(as_, ada, text):
    problem(post_text(as_(ada), text), 400, "bad_json")


def test_a_body_that_is_too_large_is_refused(as_, ada, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    told = problem(post_text(as_(ada), b'"' + b"x" * 1000 + b'"'), 413, "too_large")

    assert told["limit_bytes"] == 1000


def test_a_body_of_another_type_is_refused(as_, ada):
    problem(post_text(as_(ada), b"flow: leave", "application/yaml"), 415, "unsupported_media_type")


def test_an_answer_in_another_type_is_not_to_be_had(as_, ada):
    problem(as_(ada).get("cases/", HTTP_ACCEPT="text/csv"), 406, "not_acceptable")


def test_a_database_that_fails_is_told_as_such(as_, ada, failing, caplog):
    failing(OperationalError("server closed the connection: host=secret"))
    response = start(as_(ada))

    told = problem(response, 503, "database_unavailable")
    assert response["Retry-After"] == "5"
    assert "secret" not in json.dumps(told)
    assert "secret" in caplog.text


def test_a_fault_of_ours_tells_nothing_of_its_cause(as_, ada, failing):
    failing(RuntimeError("secret"))
    client = as_(ada)
    client.raise_request_exception = False
    response = start(client)

    problem(response, 500, "internal_error")
    assert b"secret" not in response.content


def test_facts_go_with_a_refusal_but_never_replace_what_all_have(as_, ada, failing):
    failing(Conflict("It moved.", moved_by="ben", amount=Decimal("0.1"), status="x", code="y"))

    told = problem(start(as_(ada)), 409, "conflict")
    assert told["moved_by"] == "ben"
    assert told["amount"] == 0.1


def test_what_the_engine_does_not_find_is_told_in_the_same_words_for_all(as_, ada, failing):
    failing(NotFound("There is no case 7."))

    assert "7" not in problem(start(as_(ada)), 404, "not_found")["detail"]


def test_a_refused_right_is_logged(as_, ada, failing, caplog):
    failing(NotAllowed("No."))
    with caplog.at_level("WARNING", logger="goflow.refusals"):
        problem(start(as_(ada)), 403, "not_allowed")

    assert f"refused to user {ada.pk}" in caplog.text


@pytest.fixture
def browser(ada) -> Browser:
    browser = Browser(headers={"referer": "http://testserver/inbox/?tab=pool"})
    browser.force_login(ada)
    return browser


@pytest.fixture
def page_raises(monkeypatch):
    """Let the portal's home page raise an error."""
    from approvals.views import home

    def raise_(error: Exception) -> None:
        def fail(*args: object, **options: object) -> None:
            raise error

        for name in ("render", "TemplateResponse"):
            if hasattr(home, name):
                monkeypatch.setattr(home, name, fail)

    return raise_


def test_a_conflict_on_a_page_is_a_page_with_a_way_back(browser, page_raises):
    page_raises(Conflict("Ben was faster."))
    response = browser.get("/")

    assert response.status_code == 409
    text = response.content.decode()
    assert "Ben was faster." in text
    assert "/inbox/?tab=pool" in text


def test_a_page_that_one_may_not_see_is_the_page_for_what_is_not_there(browser, page_raises):
    page_raises(NotFound("There is no request LV-1."))
    hidden = browser.get("/")
    missing = browser.get("/no-such-page/")

    assert hidden.status_code == missing.status_code == 404
    assert "LV-1" not in hidden.content.decode()
    assert hidden.content == missing.content


def test_a_refused_right_on_a_page_says_why(browser, page_raises):
    page_raises(NotAllowed("Only an operator may."))
    response = browser.get("/")

    assert response.status_code == 403
    assert "Only an operator may." in response.content.decode()


def test_htmx_gets_a_fragment(browser, page_raises):
    page_raises(Conflict("Ben was faster."))
    response = browser.get("/", headers={"HX-Request": "true"})

    assert response.status_code == 409
    text = response.content.decode()
    assert "Ben was faster." in text
    assert "<html" not in text


def test_a_page_without_its_database_says_so(browser, page_raises):
    page_raises(OperationalError("host=secret"))
    response = browser.get("/")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "secret" not in response.content.decode()


def test_a_page_that_is_too_large_is_413(browser, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = browser.post("/login/", {"username": "x" * 1000})

    assert response.status_code == 413


def test_a_host_that_is_not_ours_is_a_bad_request(browser):
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 400


def test_a_referer_of_another_site_is_no_way_back(ada, page_raises):
    browser = Browser(headers={"referer": "https://evil.example/x"})
    browser.force_login(ada)
    page_raises(Conflict("Ben was faster."))

    assert "evil.example" not in browser.get("/").content.decode()
