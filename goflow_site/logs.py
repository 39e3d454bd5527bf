"""One line for each thing that happened: to read, or as JSON for a log store.

Neither form can be forged from outside: what a line says never begins another, and what the
settings keep secret is struck out wherever it turns up.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

from workflows import logcontext

STRUCK_OUT = "***"
SHORTEST_SECRET = 6
"""Shorter ones would strike out half of the log."""

# The account in an address, and what a header that signs somebody in says.
_CREDENTIALS = r"(?<=://)[^\s/@'\"]+(?=@)|(?<=Bearer )[\w.~+/=-]{6,}|(?<=Token )[\w.~+/=-]{16,}"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


class ReadableFormatter(logging.Formatter):
    """`2026-11-22 10:00:00,000 INFO goflow.access GET /inbox/ 200 [request=... user=3 case=12]`."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        facts = " ".join(f"{name}={value}" for name, value in _facts(record).items())
        line = super().formatMessage(record) + (f" [{facts}]" if facts else "")
        return _CONTROL.sub(lambda found: repr(found.group())[1:-1], line)

    def format(self, record: logging.LogRecord) -> str:
        # A traceback stays readable: its lines follow the first, indented, so that none of them
        # can be taken for a line of its own.
        first, *rest = super().format(record).split("\n")
        return strike_out("\n".join([first, *(f"    {line}" for line in rest)]))


class JSONLinesFormatter(JsonFormatter):
    """A JSON object on each line; `extra` and the facts of `workflows.logcontext` are members."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            timestamp="at",
        )

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        super().add_fields(log_data, record, message_dict)
        # Django puts the request itself and sockets there: they are no texts.
        for name in ("request", "server_time", "taskName"):
            log_data.pop(name, None)
        log_data.update(_facts(record))

    def format(self, record: logging.LogRecord) -> str:
        return strike_out(super().format(record))


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """Return what is known now, or was when the request ended that the line is about."""
    return logcontext.current() or getattr(getattr(record, "request", None), "log_facts", {})


def strike_out(text: str) -> str:
    """Return `text` without the secrets of the settings and without other credentials."""
    return _secrets().sub(STRUCK_OUT, text)


@cache
def _secrets() -> re.Pattern[str]:
    known = {text for text in _known_secrets() if len(text) >= SHORTEST_SECRET}
    texts = [re.escape(text) for text in sorted(known, key=len, reverse=True)]
    return re.compile("|".join([*texts, _CREDENTIALS]))


def _known_secrets() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield settings.EMAIL_HOST_PASSWORD
    yield settings.METRICS_TOKEN
    yield urlsplit(settings.CELERY_BROKER_URL).password or ""
    for database in settings.DATABASES.values():
        yield str(database.get("PASSWORD") or "")
    yield from _leaves(settings.GOFLOW_SECRETS)


def _leaves(secrets: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the headers of the secrets say, with and without the scheme before it."""
    for secret in secrets.values():
        for value in secret.get("headers", {}).values():
            yield str(value)
            yield str(value).rpartition(" ")[2]
