"""What the first look at the inbox sends over the wire: the page and all that it loads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from tests.factories import leave_data
from workflows import engine

pytestmark = pytest.mark.same_everywhere

MOST_BYTES = 200_000
HEADERS = {"Accept-Encoding": "gzip"}
LOADED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
IMPORTED = {
    ".css": re.compile(r"url\([\"']?([^\"')#]+)"),
    ".js": re.compile(r"\b(?:from|import)\s*[\"'](\.[^\"']+)"),
}
FONT_FACE = re.compile(r"@font-face\s*{[^}]*}")


@pytest.fixture
def client(settings: Any, tmp_path: Path, ben: User) -> Client:
    """A browser's view of the site as it is served: static files collected and compressed."""
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_USE_FINDERS = False
    manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": manifest}}
    # No page of the portal loads these; they are the most of what there is to collect.
    others = ["admin", "drf_spectacular_sidecar", "rest_framework"]
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=others)
    client = Client()
    client.force_login(ben)
    return client


def body_of(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


def loaded(text: str, *, at: str) -> Iterator[str]:
    """Return the addresses that a style sheet or a script asks for in turn."""
    # A browser leaves the letters out that no text on the page has.
    shown = FONT_FACE.sub(lambda face: "" if "U+0100" in face[0] else face[0], text)
    for address in IMPORTED[Path(at).suffix].findall(shown):
        if not address.startswith("data:"):
            yield urljoin(at, address)


def test_the_first_look_at_the_inbox_is_small(
    client: Client, ada: User, leave_flow: Any, record_property: Any
) -> None:
    for _ in range(30):
        engine.start("leave", by=ada, data=leave_data())
    page = client.get("/inbox/", headers=HEADERS)
    waiting = LOADED.findall(client.get("/inbox/").content.decode())
    sizes = {"/inbox/": len(page.content)}

    while waiting:
        address = waiting.pop()
        if address in sizes:
            continue
        answer = client.get(address, headers=HEADERS)
        assert answer.status_code == 200, address
        sizes[address] = len(body_of(answer))
        if Path(address).suffix in IMPORTED:
            plain = body_of(client.get(address)).decode()
            waiting += loaded(plain, at=address)

    record_property("bytes", sum(sizes.values()))
    told = "\n".join(f"{size:>8} {name}" for name, size in sorted(sizes.items()))
    assert any(name.endswith(".woff2") for name in sizes), told
    assert any("htmx" in name for name in sizes), told
    assert sum(sizes.values()) < MOST_BYTES, told


def test_a_static_file_is_named_by_its_contents_and_kept_for_good(client: Client) -> None:
    page = client.get("/inbox/").content.decode()
    [address] = re.findall(r'href="(/static/css/tokens[^"]+)"', page)

    answer = client.get(address, headers=HEADERS)

    assert re.fullmatch(r"/static/css/tokens\.[0-9a-f]{12}\.css", address)
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Cache-Control"] == "max-age=315360000, public, immutable"
