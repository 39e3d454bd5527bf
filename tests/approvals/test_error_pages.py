"""What a person sees where there is nothing, or nothing for them."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_address_shows_the_same_page_while_somebody_tries_goflow_out(
    client, ada, settings, debug
):
    settings.DEBUG = debug
    client.force_login(ada)

    answer = client.get("/requests/LV-1999-0001/")

    assert answer.status_code == 404
    assert b"Goflow" in answer.content
    assert b"DEBUG = True" not in answer.content


def test_a_method_that_an_address_does_not_take_has_a_page_with_a_way_out(client, ada):
    client.force_login(ada)

    answer = client.get("/logout/")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert b"Goflow" in answer.content
    assert b'href="/"' in answer.content


def test_a_missing_slash_is_mended(client, ada, settings):
    settings.DEBUG = True
    client.force_login(ada)

    assert client.get("/inbox").headers["Location"] == "/inbox/"
