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
            back = threading.Thread(target=self._answer, args=[server, client, is_cut], daemon=True)
            back.start()
            with server:
                while data := client.recv(65536):
                    if COMMIT in data and self._is_struck():
                        # From now on nothing comes back; the server works on what it has got.
                        is_cut.set()
                        client.shutdown(socket.SHUT_RDWR)
                        if not self.before:
                            server.sendall(data)
                        break
                    server.sendall(data)
                # To close it is not enough: the other thread waits at it, and would keep it open.
                server.shutdown(socket.SHUT_WR if is_cut.is_set() else socket.SHUT_RDWR)
                back.join(10)

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket, is_cut: threading.Event) -> None:
        """Pass on what the server says, until it hangs up; once cut, hear it out and keep still."""
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if not is_cut.is_set():
                    client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    def _is_struck(self) -> bool:
        with self._guard:
            self._commits += 1
            if not self.nth or self._commits % self.nth:
                return False
            self.cuts += 1
            return True
