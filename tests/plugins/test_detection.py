"""Finding services: what is named, turned off, missing and required."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.plugins import detection
from tests.plugins.detection import Service, find_services, missing_but_required, report_lines


@pytest.fixture(autouse=True)
def _no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(detection.CACHE_VARIABLE, "")
    for sought in detection._everything():
        monkeypatch.setenv(sought.variable, "off")


@pytest.fixture
def listener_that_says_nonsense() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(b"HTTP")

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_service_that_is_turned_off_says_by_what() -> None:
    assert report_lines(find_services())[2] == (
        "skips Redis      GOFLOW_TEST_REDIS_URL turns it off"
    )


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("GOFLOW_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:1/postgres"),
        ("GOFLOW_TEST_MARIADB_URL", "mysql://root@127.0.0.1:1/goflow"),
        ("GOFLOW_TEST_REDIS_URL", "redis://127.0.0.1:1/0"),
        ("GOFLOW_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:1//"),
        ("GOFLOW_TEST_MQTT_URL", "mqtt://127.0.0.1:1"),
        ("GOFLOW_TEST_BROWSER", "/nowhere/chromium"),
    ],
)
def test_a_service_that_does_not_answer_is_missing_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str
) -> None:
    monkeypatch.setenv(variable, url)
    services = find_services().values()

    assert not any(service.address for service in services)
    assert any(service.reason.startswith(f"{url}: ") for service in services)


def test_another_program_on_the_port_is_no_mqtt_broker(
    monkeypatch: pytest.MonkeyPatch, listener_that_says_nonsense: int
) -> None:
    monkeypatch.setenv("GOFLOW_TEST_MQTT_URL", f"mqtt://127.0.0.1:{listener_that_says_nonsense}")

    assert "no MQTT broker" in find_services()["mqtt"].reason


@pytest.mark.parametrize(
    ("required", "missing"), [("all", ["mqtt"]), ("redis,mqtt", ["mqtt"]), ("redis", []), ("", [])]
)
def test_only_what_is_required_can_be_missed(
    monkeypatch: pytest.MonkeyPatch, required: str, missing: list[str]
) -> None:
    services = {
        "redis": Service("redis", "Redis", "redis://127.0.0.1:6379/0"),
        "mqtt": Service("mqtt", "MQTT", "", "not found"),
    }
    monkeypatch.setenv(detection.REQUIRE_VARIABLE, required)

    assert [service.key for service in missing_but_required(services)] == missing
