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


def test_a_missing_slash_is_mended(client, ada, settings):
    settings.DEBUG = True
    client.force_login(ada)

    assert client.get("/inbox").headers["Location"] == "/inbox/"
