"""One request to another system, and its answer, within bounds of time and size."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from .addresses import Address, read_address
from .circuit import CircuitBreaker
from .connection import CheckedConnection, Resolve, resolve
from .errors import Refused, Unavailable
from .policy import Policy, policy_from_settings
from .urls import Url, read_url

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What the client says itself, or what would change how the two sides understand each other.
OWN_HEADERS = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te")
    + ("trailer", "expect", "accept-encoding", "idempotency-key", "user-agent")
)
MOST_ADDRESSES = 8
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]{0,8000}")


@dataclass(frozen=True, slots=True)
class Limits:
    """`total_seconds` counts from the connection to the last byte of the answer."""

    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    total_seconds: float = 30.0
    response_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """`idempotency_key` goes with every request: the same over all tries of one piece of work."""

    method: str
    url: str
    idempotency_key: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """`headers` have small names; one that came several times is joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Return the body, with exact numbers.

        Raises:
            ValueError: it is no JSON.
        """
        try:
            return json.loads(self.body, parse_float=Decimal, parse_constant=_no_number)
        except RecursionError:
            raise ValueError("It is nested too deeply.") from None


@dataclass(frozen=True)
class Client:
    """Sends requests to where `policy` lets them go.

    `resolve` is asked once for each request, and what it answers is checked and connected to.
    """

    policy: Policy
    resolve: Resolve = resolve
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    limits: Limits = field(default_factory=Limits)
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def send(self, request: Request) -> Response:
        """Return the answer, whatever its status; a redirect is an answer like any other.

        Raises:
            Refused: the request is not allowed, or the answer is too large.
            Unavailable: there was no answer in time.
            CircuitOpen: the host has failed too often of late; nothing was sent.
        """
        url = read_url(request.url)
        headers = _headers(request, url)
        self.policy.check_url(url)
        key = f"{url.host}:{url.port}"
        self.breaker.enter(key)
        try:
            response = self._exchange(request, url, headers)
        except Unavailable:
            self.breaker.failed(key)
            raise
        except BaseException:
            self.breaker.left(key)
            raise
        if response.status >= 500 or response.status == 429:
            self.breaker.failed(key)
        else:
            self.breaker.succeeded(key)
        return response

    def _exchange(self, request: Request, url: Url, headers: Mapping[str, str]) -> Response:
        connection = CheckedConnection(
            url,
            self._addresses(url),
            connect_seconds=self.limits.connect_seconds,
            read_seconds=self.limits.read_seconds,
            tls=self.tls if url.scheme == "https" else None,
        )
        # A peer that sends a byte now and then keeps each read within its own limit.
        watch = threading.Timer(self.limits.total_seconds, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            connection.request(request.method, url.path, request.body or None, dict(headers))
            response = self._read(connection.getresponse(), url)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(_told(error, url, connection, self.limits)) from error
        finally:
            watch.cancel()
            connection.close()
        if connection.is_cut:
            raise Unavailable(f"{url.host} took longer than {self.limits.total_seconds:g} s.")
        return response

    def _read(self, answer: http.client.HTTPResponse, url: Url) -> Response:
        most = self.limits.response_bytes
        body = answer.read(most + 1)
        if len(body) > most:
            raise Refused(f"{url.host} answers with more than {most:,} bytes.")
        if answer.length:
            raise http.client.IncompleteRead(body, answer.length)
        headers: dict[str, str] = {}
        for name, value in answer.getheaders():
            small = name.lower()
            headers[small] = f"{headers[small]}, {value}" if small in headers else value
        return Response(answer.status, headers, body)

    def _addresses(self, url: Url) -> list[Address]:
        """Return the addresses of the host; one that is not allowed spoils the others."""
        address = read_address(url.host)
        if address is not None:
            return [address]
        try:
            found = self.resolve(url.host, url.port)
        except OSError as error:
            raise Unavailable(f"The name {url.host} cannot be looked up: {error}.") from error
        addresses = [read for text in found if (read := read_address(text)) is not None]
        if not addresses:
            raise Unavailable(f"The name {url.host} has no address.")
        for each in addresses:
            self.policy.check_address(url, each)
        return addresses[:MOST_ADDRESSES]


@cache
def _shared_breaker() -> CircuitBreaker:
    return CircuitBreaker()


@cache
def _shared_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def default_client() -> Client:
    """Return the client of the settings; a process knows for all of them which hosts fail."""
    return Client(policy_from_settings(), breaker=_shared_breaker(), tls=_shared_tls())


def _headers(request: Request, url: Url) -> dict[str, str]:
    if request.method not in METHODS:
        raise Refused(f"{request.method[:20]!r} is not one of {', '.join(METHODS)}.")
    for name, value in request.headers.items():
        if not _TOKEN.fullmatch(name):
            raise Refused(f"{name[:40]!r} is not the name of a header.")
        if name.lower() in OWN_HEADERS or name.lower().startswith("proxy-"):
            raise Refused(f"The header {name} is not for a flow to set.")
        if not _VALUE.fullmatch(value):
            raise Refused(f"The header {name} holds a line break or another character it cannot.")
    if not _VALUE.fullmatch(request.idempotency_key):
        raise Refused("The idempotency key cannot stand in a header.")
    return {
        **request.headers,
        "Host": url.authority,
        "Idempotency-Key": request.idempotency_key,
        "User-Agent": "Goflow",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _told(error: Exception, url: Url, connection: CheckedConnection, limits: Limits) -> str:
    if connection.is_cut:
        return f"{url.host} took longer than {limits.total_seconds:g} s."
    if isinstance(error, socket.timeout):
        return f"{url.host} does not answer in time."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{url.host} cannot prove its name: {error.verify_message}."
    return f"The conversation with {url.host} broke off: {type(error).__name__}: {error}".rstrip(
        ": "
    )


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number.")
