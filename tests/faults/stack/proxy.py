"""A proxy before PostgreSQL that cuts connections at the moment of a commit."""

from __future__ import annotations

import contextlib
import socket
import threading

from .processes import free_port

COMMIT = b"COMMIT"


class CommitCutter:
    """Passes bytes on; every `nth` commit of all connections loses its connection.

    `before`: the commit never reaches the server. Else the server has it, and answers to nobody:
    the client cannot know whether it went through. It did.
    """

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self.nth = 0
        self.before = False
        self.cuts = 0
        self._commits = 0
        self._server_port = server_port
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self._server_port))
            is_cut = threading.Event()
            threading.Thread(
                target=self._answer, args=[server, client, is_cut], daemon=True
            ).start()
            with server:
                while data := client.recv(65536):
                    if COMMIT in data and self._is_struck():
                        if not self.before:
                            # From now on nothing comes back; the server works on what it has got.
                            is_cut.set()
                            server.sendall(data)
                            server.shutdown(socket.SHUT_WR)
                            client.shutdown(socket.SHUT_RDWR)
                            self._drain(server)
                        return
                    server.sendall(data)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket, is_cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while not is_cut.is_set() and (data := server.recv(65536)):
                if is_cut.is_set():
                    return
                client.sendall(data)
            if not is_cut.is_set():
                client.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _drain(server: socket.socket) -> None:
        """Keep the connection until the server is through with the commit and hangs up."""
        server.settimeout(5)
        with contextlib.suppress(OSError):
            while server.recv(65536):
                pass

    def _is_struck(self) -> bool:
        with self._guard:
            self._commits += 1
            if not self.nth or self._commits % self.nth:
                return False
            self.cuts += 1
            return True
