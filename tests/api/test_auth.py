"""Signing in: tokens, sessions, wrong passwords."""

from __future__ import annotations

import pytest
from knox.models import AuthToken

from tests.api.conftest import Client, problem
from workflows.api.throttling import FAILURES_PER_ACCOUNT

GOOD = {"username": "ada", "password": "goflow"}
BAD = {"username": "ada", "password": "wrong"}


@pytest.fixture
def token(nobody, ada) -> str:
    return str(nobody.post("auth/token/", GOOD).json()["token"])


def with_token(token: str) -> Client:
    client = Client()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def test_a_token_signs_requests(token):
    assert with_token(token).get("cases/").status_code == 200


def test_only_a_digest_of_a_token_is_kept(token):
    row = AuthToken.objects.get()

    assert token not in (row.digest, row.token_key)


def test_a_revoked_token_signs_nothing_more(token):
    assert with_token(token).delete("auth/token/").status_code == 204
    problem(with_token(token).get("cases/"), 401, "not_authenticated")


def test_a_session_has_no_token_to_revoke(as_, ada):
    problem(as_(ada).delete("auth/token/"), 409, "no_token")


@pytest.mark.parametrize(
    "header", ["Token", "Token a b", "Token nonsense", "Token \xff\xfe", "Basic x"]
)
def test_a_header_that_is_no_token_is_unauthorized(nobody, ada, header):
    response = nobody.get("cases/", HTTP_AUTHORIZATION=header)

    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Token"


def test_the_token_of_an_account_that_was_closed_is_worthless(token, ada):
    ada.is_active = False
    ada.save()

    problem(with_token(token).get("cases/"), 401, "not_authenticated")
    problem(Client().post("auth/token/", GOOD), 401, "not_authenticated")


def test_a_new_password_revokes_the_tokens_of_its_account_alone(token, ada, ben):
    bens = Client().post("auth/token/", {**GOOD, "username": "ben"}).json()["token"]

    ada.set_password("another")
    ada.save()

    problem(with_token(token).get("cases/"), 401, "not_authenticated")
    assert with_token(bens).get("cases/").status_code == 200


def test_a_token_outlives_other_changes_of_its_account(token, ada):
    ada.first_name = "Adele"
    ada.save()

    assert with_token(token).get("cases/").status_code == 200


def test_signing_in_with_a_hash_that_is_brought_up_to_date_revokes_nothing(token, ada, settings):
    hashers = "django.contrib.auth.hashers"
    settings.PASSWORD_HASHERS = [
        f"{hashers}.PBKDF2SHA1PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]

    assert Client().post("auth/token/", GOOD).status_code == 200
    ada.refresh_from_db()
    assert ada.password.startswith("pbkdf2_sha1$")
    assert with_token(token).get("cases/").status_code == 200


@pytest.mark.parametrize("username", ["ada", "nobody-of-this-name"])
def test_a_wrong_password_and_an_unknown_name_look_the_same(nobody, ada, username):
    response = nobody.post("auth/token/", {**BAD, "username": username})

    told = problem(response, 401, "not_authenticated")
    assert told["detail"] == "This user name and password do not fit together."
    assert response["WWW-Authenticate"] == "Token"


def test_many_wrong_passwords_shut_out_one_account_from_one_address(nobody, ada, ben):
    for _ in range(FAILURES_PER_ACCOUNT):
        problem(nobody.post("auth/token/", BAD), 401, "not_authenticated")

    response = nobody.post("auth/token/", GOOD)
    problem(response, 429, "too_many_attempts")
    assert int(response["Retry-After"]) > 0
    assert nobody.post("auth/token/", {**GOOD, "username": "ben"}).status_code == 200
    assert nobody.post("auth/token/", GOOD, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_the_address_that_the_client_claims_does_not_count(nobody, ada):
    for number in range(FAILURES_PER_ACCOUNT):
        nobody.post("auth/token/", BAD, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")

    response = nobody.post("auth/token/", GOOD, HTTP_X_FORWARDED_FOR="10.0.1.1")
    problem(response, 429, "too_many_attempts")


def test_signing_in_often_is_no_failure(nobody, ada):
    statuses = {
        nobody.post("auth/token/", GOOD).status_code for _ in range(FAILURES_PER_ACCOUNT + 2)
    }

    assert statuses == {200}


@pytest.mark.parametrize("body", [{}, {"username": "ada"}, {"username": 1, "password": 2}, []])
def test_credentials_of_wrong_types_are_refused(nobody, ada, body):
    problem(nobody.post("auth/token/", body), 422, "invalid_data")


def test_a_change_by_session_needs_the_csrf_token(leave_flow, ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    problem(client.post("cases/", {"flow": "leave", "data": {}}), 403, "not_allowed")


def test_a_token_needs_no_csrf_token(token, leave_flow):
    client = Client(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")

    problem(client.post("cases/", {"flow": "nope", "data": {}}), 404, "unknown_flow")
