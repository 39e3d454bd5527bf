"""`Idempotency-Key`: sent twice, done once."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from tests import factories
from tests.api.conftest import Client, api_views, problem
from tests.api.test_requests import leave
from tests.factories import leave_data, open_item, publish_unproved
from workflows import engine
from workflows.models import Case, Event, IdempotencyRecord

LIVELOCK = """
flow: round
data: {type: object, properties: {on: {type: boolean}}}
places: [start, a, b, end]
transitions:
  begin: {from: start, to: a}
  there: {from: a, to: b, guard: on, priority: 1}
  leave: {from: a, to: end, default: true}
  back: {from: b, to: a}
"""


def post(client: Client, path: str, body: object, key: str = "k1"):
    return client.post(path, body, HTTP_IDEMPOTENCY_KEY=key)


@pytest.fixture
def start(leave_flow) -> dict[str, object]:
    return {"flow": "leave", "data": leave_data()}


def test_a_case_that_is_started_twice_is_one_case(as_, start, ada):
    first, second = (post(as_(ada), "cases/", start) for _ in range(2))

    assert Case.objects.count() == 1
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first["Location"] == second["Location"]
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"


def test_a_repetition_gets_the_first_answer_even_when_the_case_has_moved_on(as_, start, ada, ben):
    first = post(as_(ada), "cases/", start)
    item = open_item(Case.objects.get(), "manager_review")
    engine.complete(item.pk, by=ben, outcome="approve")

    assert post(as_(ada), "cases/", start).content == first.content


def test_a_decision_that_is_sent_twice_is_made_once(as_, start, ada, ben):
    case = engine.start("leave", by=ada, data=leave_data())
    address = f"work-items/{open_item(case, 'manager_review').pk}/complete/"
    first, second = (post(as_(ben), address, {"outcome": "approve"}) for _ in range(2))

    assert first.content == second.content
    assert Event.objects.filter(case=case, transition="approve").count() == 1


@pytest.mark.parametrize("change", ["body", "address"])
def test_a_key_that_was_used_for_something_else_is_refused(as_, start, ada, change):
    post(as_(ada), "cases/", start)
    other = ("cases/", start | {"business_key": "x"}) if change == "body" else ("flows/", start)

    problem(post(as_(ada), *other), 422, "idempotency_key_reused")
    assert Case.objects.count() == 1


def test_the_order_of_members_is_no_other_body(as_, start, ada):
    post(as_(ada), "cases/", start)
    turned = dict(reversed(start.items()))

    assert post(as_(ada), "cases/", turned)["Idempotency-Replayed"] == "true"


def test_a_key_belongs_to_one_person(as_, start, ada, abe):
    post(as_(ada), "cases/", start)
    post(as_(abe), "cases/", start)

    assert Case.objects.count() == 2


def test_keys_that_differ_in_case_only_are_two(as_, start, ada):
    post(as_(ada), "cases/", start, key="abc")
    post(as_(ada), "cases/", start, key="ABC")

    assert Case.objects.count() == 2


def test_a_refusal_leaves_the_key_free(as_, company, ada):
    body = {"flow": "leave", "data": leave_data()}
    problem(post(as_(ada), "cases/", body), 404, "unknown_flow")
    factories.publish_shipped("leave")

    assert post(as_(ada), "cases/", body).status_code == 201


def test_a_case_that_failed_is_not_started_again(as_, company, ada):
    publish_unproved(LIVELOCK)
    body = {"flow": "round", "data": {"on": True}}
    first, second = (post(as_(ada), "cases/", body) for _ in range(2))

    told = problem(first, 409, "case_failed")
    assert problem(second, 409, "case_failed") == told
    assert Case.objects.get().state == "failed"
    assert told["case"] == Case.objects.get().pk


def test_drafts_and_flows_honour_the_key_too(as_, start, ada, admin):
    for client, address, body in (
        (as_(ada), "leave-requests/", leave()),
        (as_(admin), "flows/leave/versions/1/verify/", {}),
    ):
        first, second = (post(client, address, body, key=address) for _ in range(2))
        assert first.content == second.content
        assert second["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there", "é"])
def test_a_key_that_cannot_be_kept_is_refused(as_, start, ada, key):
    problem(post(as_(ada), "cases/", start, key=key), 400, "bad_idempotency_key")
    assert not Case.objects.exists()


def test_a_key_of_200_characters_is_kept(as_, start, ada):
    assert post(as_(ada), "cases/", start, key="~" * 200).status_code == 201


def test_without_a_key_nothing_is_kept(as_, start, ada):
    as_(ada).post("cases/", start)

    assert not IdempotencyRecord.objects.exists()


def test_every_post_but_signing_in_honours_the_key():
    posts = {name: view.post for name, view in api_views().items() if hasattr(view, "post")}
    without = {name for name, post in posts.items() if not hasattr(post, "is_idempotent")}

    assert len(posts) > 10
    assert without == {"api-token"}


def test_two_requests_at_once_with_one_key_have_one_effect(transactional_db):
    company = factories.make_company()
    factories.publish_shipped("leave")
    barrier, answers = threading.Barrier(4), []

    def send() -> None:
        client = Client()
        client.force_login(company.ada)
        barrier.wait(timeout=20)
        try:
            answers.append(post(client, "cases/", {"flow": "leave", "data": leave_data()}))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.content for answer in answers}) == 1
    assert Case.objects.count() == 1
