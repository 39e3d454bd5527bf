"""Brokers of our own: a Redis that keeps nothing, and a RabbitMQ node."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import redis
from kombu.connection import Connection

from .processes import Leash, Process, free_port

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class Redis:
    name = "redis"

    def __init__(self, leash: Leash) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(leash.directory)]
        self.process = Process(leash, f"redis-{self.port}", command, os.environ)

    def start(self) -> None:
        self.process.start(self.answers)

    def stop(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        """It takes connections and answers nothing."""
        self.process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send(signal.SIGCONT)

    def forget(self) -> None:
        """Lose every message, as FLUSHALL and a restart without a file do."""
        self._client().flushall()

    def answers(self) -> bool:
        try:
            return bool(self._client().ping())
        except redis.RedisError:
            return False

    def _client(self) -> Any:
        return redis.Redis(port=self.port, socket_timeout=1, socket_connect_timeout=1)


class RabbitMQ:
    name = "rabbitmq"

    def __init__(self, leash: Leash) -> None:
        self.port, distribution, mapper = free_port(), free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self.home = leash.directory / f"rabbitmq-{self.port}"
        self.home.mkdir()
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "ERL_EPMD_PORT": str(mapper),
            "RABBITMQ_NODENAME": f"goflow{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq.conf"),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(self.home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none",
        }
        (self.home / "plugins").write_text("[].\n")
        # The machine's own configuration file may name the port of the machine's own node.
        (self.home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n")
        # Erlang would start one by itself, as a daemon that outlives everything.
        self._mapper = Process(
            leash, f"epmd-{mapper}", ["epmd", "-port", str(mapper)], self._environment
        )
        name = f"rabbitmq-{self.port}"
        self.process = Process(leash, name, [str(RABBITMQ)], self._environment, directory=self.home)

    def start(self) -> None:
        if not self._mapper.is_running:
            self._mapper.start()
        self.process.start(self.answers, seconds=90)

    def stop(self) -> None:
        self.process.kill()

    def freeze(self) -> None:
        self.process.send_to_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_to_all(signal.SIGCONT)

    def forget(self) -> None:
        """Lose every message: purge the queues that Goflow uses."""
        with Connection(self.url) as connection:
            connection.default_channel.queue_purge("default")

    def answers(self) -> bool:
        try:
            with Connection(self.url, connect_timeout=1) as connection:
                connection.connect()
        # A node that is starting refuses in many ways.
        except Exception:  # noqa: BLE001
            return False
        return True
