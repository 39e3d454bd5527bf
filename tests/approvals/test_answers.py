"""What is around a page's text: how long it took, whether it is compressed, whether it is news."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from approvals.models import LeaveType
from tests.factories import grant, leave_data
from workflows import engine

GZIP = {"Accept-Encoding": "gzip"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def _as_on_a_server(settings: Any) -> None:
    settings.SERVER_TIMING = False


@pytest.fixture
def staff(ben: User) -> User:
    User.objects.filter(pk=ben.pk).update(is_staff=True)
    return grant(ben, "view_all_cases")


@pytest.mark.parametrize("address", ["/inbox/", "/api/v1/flows/"])
def test_staff_are_told_where_the_time_went(staff: User, address: str) -> None:
    told = signed_in(staff).get(address)["Server-Timing"]

    found = re.fullmatch(r'total;dur=([\d.]+), db;dur=([\d.]+), statements;desc="(\d+)"', told)
    assert found is not None, told
    assert float(found[1]) >= float(found[2]) > 0
    assert int(found[3]) >= 3


@pytest.mark.parametrize("address", ["/inbox/", "/api/v1/flows/", "/nowhere/"])
def test_nobody_else_is_told_where_the_time_went(ada: User, address: str) -> None:
    assert "Server-Timing" not in signed_in(ada).get(address).headers
    assert "Server-Timing" not in Client().get("/login/").headers


def test_a_setting_tells_everybody_where_the_time_went(ada: User, settings: Any) -> None:
    settings.SERVER_TIMING = True

    assert "Server-Timing" in signed_in(ada).get("/inbox/").headers


def test_a_page_is_compressed_for_who_can_read_it(ada: User) -> None:
    client = signed_in(ada)
    plain, packed = client.get("/inbox/"), client.get("/inbox/", headers=GZIP)

    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(packed.content)
    assert len(packed.content) < len(plain.content) / 2
    assert "Accept-Encoding" in packed["Vary"]


def test_the_length_of_a_compressed_page_does_not_tell_what_is_in_it(ada: User) -> None:
    client = signed_in(ada)

    assert len({len(client.get("/inbox/", headers=GZIP).content) for _ in range(12)}) > 1


def test_what_answers_a_post_is_not_compressed(ada: User) -> None:
    answer = signed_in(ada).post(
        "/api/v1/auth/token/",
        {"username": "ada", "password": "goflow"},
        content_type="application/json",
        headers=GZIP,
    )

    assert answer.status_code in (200, 201)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("address", ["leave-types/", "expense-categories/", "flows/leave/"])
def test_who_has_the_answer_already_is_told_no_more_than_that(
    ada: User, leave_flow: Any, address: str
) -> None:
    client = signed_in(ada)
    first = client.get(f"/api/v1/{address}", headers=GZIP)

    again = client.get(f"/api/v1/{address}", headers=GZIP | {"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_a_change_is_told_at_once(ada: User) -> None:
    client = signed_in(ada)
    tag = client.get("/api/v1/leave-types/")["ETag"]
    LeaveType.objects.update(title="Holiday")

    again = client.get("/api/v1/leave-types/", headers={"If-None-Match": tag})

    assert again.status_code == 200
    assert again.json()["results"][0]["title"] == "Holiday"


def test_a_drawing_that_somebody_has_is_not_confirmed_to_a_stranger(
    ada: User, finn: User, leave_flow: Any
) -> None:
    case = engine.start("leave", by=ada, data=leave_data())
    address = f"/api/v1/cases/{case.pk}/diagram.svg"
    tag = signed_in(ada).get(address)["ETag"]

    assert signed_in(ada).get(address, headers={"If-None-Match": tag}).status_code == 304
    assert signed_in(finn).get(address, headers={"If-None-Match": tag}).status_code == 404


@pytest.mark.parametrize("address", ["/inbox/", "/api/v1/cases/", "/api/v1/work-items/"])
def test_what_changes_by_the_minute_is_never_kept(ada: User, address: str) -> None:
    answer = signed_in(ada).get(address)

    assert "ETag" not in answer.headers
