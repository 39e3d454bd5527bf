"""Which real services this machine offers to the tests: databases, brokers, programs of servers to
kill, and a browser.

Each is looked for where it usually is; an environment variable names another place, or `off`.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 3
CACHE_VARIABLE = "GOFLOW_TEST_SERVICES"
REQUIRE_VARIABLE = "GOFLOW_REQUIRE"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MARIADB_SOCKETS = (
    "/run/mysqld/mysqld.sock",
    "/tmp/mysql.sock",  # noqa: S108 - where Homebrew puts it
)
PLAYWRIGHT_BROWSERS = "ms-playwright/chromium-*/chrome-linux*/chrome"


@dataclass(frozen=True, slots=True)
class Service:
    """`address` is a URL or a path, "" where there is none; `reason` then tells why."""

    key: str
    title: str
    address: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Sought:
    key: str
    title: str
    variable: str
    places: tuple[str, ...]
    probe: Callable[[str], None]


def find_services() -> dict[str, Service]:
    """Look for every service, once a run: its child processes find the answer in a variable."""
    known = os.environ.get(CACHE_VARIABLE)
    if known:
        return {entry["key"]: Service(**entry) for entry in json.loads(known)}
    services = {sought.key: _look_for(sought) for sought in _everything()}
    os.environ[CACHE_VARIABLE] = json.dumps([asdict(service) for service in services.values()])
    return services


def missing_but_required(services: Mapping[str, Service]) -> list[Service]:
    """Return the missing ones of those that GOFLOW_REQUIRE asks for (`all`, or keys: `a,b`)."""
    wanted = {key.strip() for key in os.environ.get(REQUIRE_VARIABLE, "").split(",")} - {""}
    return [
        service
        for service in services.values()
        if not service.address and ("all" in wanted or service.key in wanted)
    ]


def report_lines(services: Mapping[str, Service]) -> list[str]:
    """Say what the tests use and what they skip, one line a service."""
    return [
        f"uses  {service.title:<10} {service.address}"
        if service.address
        else f"skips {service.title:<10} {service.reason}"
        for service in services.values()
    ]


def _everything() -> tuple[_Sought, ...]:
    return (
        _Sought(
            "postgres",
            "PostgreSQL",
            "GOFLOW_TEST_POSTGRES_URL",
            ("postgres://postgres@127.0.0.1:5432/postgres", "postgres:///postgres"),
            _probe_postgres,
        ),
        _Sought(
            "mariadb",
            "MariaDB",
            "GOFLOW_TEST_MARIADB_URL",
            ("mysql://root@127.0.0.1:3306/goflow", *_mariadb_sockets()),
            _probe_mariadb,
        ),
        _Sought(
            "redis", "Redis", "GOFLOW_TEST_REDIS_URL", ("redis://127.0.0.1:6379/0",), _probe_redis
        ),
        _Sought(
            "rabbitmq",
            "RabbitMQ",
            "GOFLOW_TEST_AMQP_URL",
            ("amqp://guest:guest@127.0.0.1:5672//",),
            _probe_rabbitmq,
        ),
        _Sought("mqtt", "MQTT", "GOFLOW_TEST_MQTT_URL", ("mqtt://127.0.0.1:1883",), _probe_mqtt),
        _Sought("servers", "Servers", "GOFLOW_TEST_SERVERS", _server_folders(), _probe_servers),
        _Sought("browser", "Browser", "GOFLOW_TEST_BROWSER", _browsers(), _probe_browser),
    )


def _look_for(sought: _Sought) -> Service:
    named = os.environ.get(sought.variable)
    if named is not None and named.strip().lower() in ("", "off", "none"):
        return Service(sought.key, sought.title, "", f"{sought.variable} turns it off")
    reasons = []
    for place in (named,) if named else sought.places:
        try:
            sought.probe(place)
        # Whatever a driver raises here has one meaning: this place cannot be used.
        except Exception as error:  # noqa: BLE001
            reasons.append(f"{place}: {_first_line(error)}")
        else:
            return Service(sought.key, sought.title, place)
    tried = "; ".join(reasons) or "not found"
    return Service(sought.key, sought.title, "", f"{tried} ({sought.variable} names another)")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _probe_postgres(url: str) -> None:
    import psycopg

    arguments = _database_arguments(url)
    with psycopg.connect(
        host=arguments["HOST"] or None,
        port=arguments["PORT"] or None,
        user=arguments["USER"] or None,
        password=arguments["PASSWORD"] or None,
        dbname=arguments["NAME"] or "postgres",
        connect_timeout=TIMEOUT_SECONDS,
        **arguments.get("OPTIONS", {}),
    ) as connection:
        row = connection.execute(
            "SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    if row is None or not row[1]:
        raise PermissionError(f"may not create databases (ALTER ROLE {row and row[0]} CREATEDB)")


def _probe_mariadb(url: str) -> None:
    import pymysql

    arguments = _database_arguments(url)
    connection = pymysql.connect(
        host=arguments["HOST"] or "127.0.0.1",
        port=int(arguments["PORT"] or 3306),
        user=arguments["USER"] or None,
        password=arguments["PASSWORD"],
        connect_timeout=TIMEOUT_SECONDS,
        **arguments.get("OPTIONS", {}),
    )
    # Rights on MariaDB are patterns on names: only creating such a database shows that one may.
    database = f"test_goflow_probe_{secrets.token_hex(4)}"
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database}")
        cursor.execute(f"DROP DATABASE {database}")


def _database_arguments(url: str) -> dict[str, Any]:
    """Read the URL with the same code as the settings do."""
    import environ

    arguments: dict[str, Any] = environ.Env.db_url_config(url)
    return arguments


def _mariadb_sockets() -> tuple[str, ...]:
    user = os.environ.get("USER") or "root"
    found = next((path for path in MARIADB_SOCKETS if Path(path).exists()), "")
    return (f"mysql://{user}@localhost/goflow?unix_socket={found}",) if found else ()


def _probe_redis(url: str) -> None:
    import redis

    client = redis.Redis.from_url(
        url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
    client.ping()
    client.close()


def _probe_rabbitmq(url: str) -> None:
    from kombu.connection import Connection

    with Connection(url, connect_timeout=TIMEOUT_SECONDS) as connection:
        connection.connect()


def _probe_mqtt(url: str) -> None:
    """Greet as MQTT 3.1.1 has it: CONNECT with a clean session, CONNACK with return code 0."""
    address = urlsplit(url)
    connect = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x0a\x00\x00"
    with socket.create_connection(
        (address.hostname, address.port or 1883), TIMEOUT_SECONDS
    ) as connection:
        connection.sendall(connect)
        answer = connection.recv(4)
        connection.sendall(b"\xe0\x00")
    if answer[:1] != b"\x20" or answer[3:4] != b"\x00":
        raise ConnectionError(
            f"no MQTT broker, or it refuses us (answered {answer.hex() or 'nothing'})"
        )


def _server_folders() -> tuple[str, ...]:
    """Return where PostgreSQL's own programs may be; Debian does not put them into the path."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return (*([str(Path(found).parent)] if found else []), *map(str, debian))


def _probe_servers(folder: str) -> None:
    """Servers that tests start, kill and stop themselves: PostgreSQL and Redis."""
    for program in ("initdb", "postgres"):
        if not os.access(Path(folder) / program, os.X_OK):
            raise FileNotFoundError(f"there is no program {program}")
    if not shutil.which("redis-server"):
        raise FileNotFoundError("there is no redis-server in the path")


def _browsers() -> tuple[str, ...]:
    installed = [path for name in BROWSERS if (path := shutil.which(name))]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (*installed, *map(str, sorted(cache.glob(PLAYWRIGHT_BROWSERS))))


def _probe_browser(path: str) -> None:
    if not os.access(path, os.X_OK) or Path(path).is_dir():
        raise FileNotFoundError("is not a program")
