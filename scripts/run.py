"""Run Goflow for development: database, demo company, web server and worker. `make run` calls it.

PORT and HOST choose the address (127.0.0.1:8000). Ctrl-C or SIGTERM stops all of it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

from supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parent.parent
# The first start makes the database and the demo company before it answers.
READY_SECONDS = 120.0
ACCOUNTS = """\
  ada, abe     engineers              ben     head of Engineering
  carl, cleo   Finance                dana    managing director
  eve          HR                     finn    sales
  gina         head of Sales          admin   superuser, http://{address}/admin/
  The password of all of them: goflow"""


class CannotStart(Exception):
    """Goflow cannot run as asked; the message tells the way out."""


def main() -> int:
    try:
        host = os.environ.get("HOST", "") or "127.0.0.1"
        port = wanted_port(os.environ.get("PORT", ""))
        refuse_taken_port(host, port)
        environment = development_environment(port)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    return serve(host, port, environment)


def wanted_port(text: str) -> int:
    """Return the port that `text` names, 8000 where it is empty.

    Raises:
        CannotStart: it is not a port.
    """
    if not text:
        return 8000
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(
            f"PORT={text} is not a port. Take a number from 1024 to 65535: make run PORT=8001"
        )
    return int(text)


def refuse_taken_port(host: str, port: int) -> None:
    """Try the address before anything slow begins.

    Raises:
        CannotStart: something else listens there, or this user may not.
    """
    try:
        listen_once(host, port)
    except PermissionError:
        raise CannotStart(
            f"Port {port} needs root. Take one from 1024: make run PORT=8000"
        ) from None
    except OSError as error:
        free = next(
            (other for other in range(port + 1, min(port + 50, 65535)) if is_free(host, other)), 0
        )
        cure = f" Take another port: make run PORT={free}" if free else ""
        raise CannotStart(f"{host}:{port} cannot be used: {error.strerror}.{cure}") from None


def listen_once(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        # As the web server does: a port whose last connections still linger is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))


def is_free(host: str, port: int) -> bool:
    try:
        listen_once(host, port)
    except OSError:
        return False
    return True


def development_environment(port: int) -> dict[str, str]:
    """Return the environment of every process: the caller's, completed for development."""
    data_dir = Path(os.environ.get("GOFLOW_DATA_DIR") or ROOT / "var")
    (data_dir / "static").mkdir(parents=True, exist_ok=True)
    defaults = {
        "DEBUG": "1",
        "GOFLOW_DATA_DIR": str(data_dir),
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": development_secret_key(data_dir / "secret_key"),
    }
    return defaults | os.environ | {"PORT": str(port)}


def development_secret_key(path: Path) -> str:
    """Return the key in `path`, made once: a restart signs nobody out."""
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(60))
    return path.read_text().strip()


def serve(host: str, port: int, environment: dict[str, str]) -> int:
    """Run the programs until a signal comes or one of them fails for good; return the exit code."""
    supervisor = Supervisor(environment=environment, directory=ROOT)

    def stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.ask_to_stop()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    supervisor.start(web_server(host, port))
    try:
        if not becomes_ready(host, port, supervisor):
            return 0 if supervisor.asked_to_stop else 1
        if has_command("run_worker"):
            supervisor.start(Program("worker", [sys.executable, "manage.py", "run_worker"]))
        announce(host, port)
        return supervisor.watch()
    finally:
        supervisor.stop()


def web_server(host: str, port: int) -> Program:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "gunicorn", "goflow_site.wsgi:application"]
    command += ["--config", "scripts/web.py", "--bind", address]
    return Program("web server", command)


def has_command(name: str) -> bool:
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def becomes_ready(host: str, port: int, supervisor: Supervisor) -> bool:
    """Wait until the web server answers; say so and return False where it does not."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not supervisor.asked_to_stop and supervisor.is_alive():
        if answers(host, port):
            return True
        time.sleep(0.1)
    if not supervisor.asked_to_stop:
        print(
            f"The web server did not answer on {host}:{port}; the reason stands above.",
            file=sys.stderr,
        )
    return False


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(host: str, port: int) -> None:
    name = reachable(host)
    address = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    print(f"\nGoflow runs on http://{address}/   (Ctrl-C stops it)\n")
    print(ACCOUNTS.format(address=address), flush=True)
    print(flush=True)


def reachable(host: str) -> str:
    """Return the address to call where `host` means every address of the machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


if __name__ == "__main__":
    sys.exit(main())
