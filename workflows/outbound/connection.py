"""The standard library's HTTP connections, to addresses that have been checked."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from .addresses import Address
from .errors import Unavailable
from .urls import Url

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class CheckedConnection(http.client.HTTPConnection):
    """Connects to the given addresses, whatever the name of the host leads to by now.

    With `tls` the host must prove its name, which goes into the handshake as well.
    """

    def __init__(
        self,
        url: Url,
        addresses: Sequence[Address],
        *,
        connect_seconds: float,
        read_seconds: float,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(url.host, url.port)
        self._url = url
        self._addresses = addresses
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._tls = tls
        self._guard = threading.Lock()
        # Beside `sock`, which the base class lets go before the answer is read.
        self._wire: socket.socket | None = None
        self.is_cut = False

    def connect(self) -> None:
        opened = self._open()
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_hostname=self._url.host)
            opened.settimeout(self._read_seconds)
        except BaseException:
            opened.close()
            raise
        with self._guard:
            self.sock = self._wire = opened
        if self.is_cut:
            self.cut()

    def cut(self) -> None:
        """End the conversation, from another thread: whoever waits for the other side goes on."""
        with self._guard:
            self.is_cut = True
            if self._wire is not None:
                with suppress(OSError):
                    # Not SSLSocket.shutdown, which takes the session from under whoever reads.
                    socket.socket.shutdown(self._wire, socket.SHUT_RDWR)

    def _open(self) -> socket.socket:
        error: OSError | None = None
        for address in self._addresses:
            if self.is_cut:
                break
            try:
                return socket.create_connection(
                    (str(address), self._url.port), timeout=self._connect_seconds
                )
            except OSError as failure:
                error = failure
        raise Unavailable(f"{self._url.host} cannot be reached: {error or 'it took too long'}.")
