"""Make `.venv` hold what a requirements file pins; do nothing where it already does.

Usage: sh scripts/environment.sh runtime|dev. Standard library only: nothing else is there yet.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "goflow-requirements.json"
# The development lock holds the runtime packages too, in the same versions.
REQUIREMENTS = {"runtime": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
# A value left over from another project would send the packages somewhere else than to our .venv.
REDIRECTING = (
    "CONDA_PREFIX",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY",
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
)


class CannotInstall(Exception):
    """The environment cannot be made; the message tells the cure."""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in REQUIREMENTS:
        print(f"usage: environment.sh {'|'.join(REQUIREMENTS)}", file=sys.stderr)
        return 2
    try:
        ensure(arguments[0])
    except CannotInstall as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def ensure(kind: str) -> None:
    """Install the packages of `kind` unless the stamp says that they are there.

    Raises:
        CannotInstall: no package installer works, or a package could not be had.
    """
    wanted = fingerprint(REQUIREMENTS[kind])
    if is_installed(kind, wanted):
        return
    with one_at_a_time():
        if is_installed(kind, wanted):
            return
        install(kind)
        make_importable()
        stamp = {"runtime": fingerprint(REQUIREMENTS["runtime"])}
        stamp[kind] = wanted
        STAMP.write_text(json.dumps(stamp))


def fingerprint(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def is_installed(kind: str, wanted: str) -> bool:
    # `exists` follows the link: a Python that was upgraded away leaves a dangling one.
    if not VENV_PYTHON.exists():
        return False
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return False
    return isinstance(stamp, dict) and stamp.get(kind) == wanted


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold back a second `make` in the same checkout while the first one installs."""
    lock = ROOT / "var" / "environment.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install(kind: str) -> None:
    started = time.monotonic()
    uv = working_uv()
    requirements = REQUIREMENTS[kind]
    print(f"Installing {requirements.name} into .venv with {'uv' if uv else 'pip'} ...", flush=True)
    if VENV.exists() and not venv_works(needs_pip=uv is None):
        shutil.rmtree(VENV)
    if uv:
        if not VENV.exists():
            run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(VENV)])
        run(
            [uv, "pip", "install", "--quiet", "--python", str(VENV_PYTHON), "-r", str(requirements)]
        )
    else:
        if not VENV.exists():
            create_venv()
        pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check"]
        run([*pip, "install", "--quiet", "-r", str(requirements)])
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)


def make_importable() -> None:
    """Let the programs of .venv (pytest, celery) find the checkout, wherever they are called."""
    for site_packages in VENV.glob("lib/python3.*/site-packages"):
        (site_packages / "goflow.pth").write_text(f"{ROOT}\n")


def working_uv() -> str | None:
    uv = shutil.which("uv")
    if uv is None:
        return None
    answer = subprocess.run([uv, "--version"], capture_output=True, check=False)
    return uv if answer.returncode == 0 else None


def venv_works(*, needs_pip: bool) -> bool:
    """Tell whether an interrupted install, or another Python, left a usable .venv."""
    if not VENV_PYTHON.exists():
        return False
    source = "import sys; assert sys.version_info >= (3, 11)" + (
        "; import pip" if needs_pip else ""
    )
    return (
        subprocess.run([VENV_PYTHON, "-c", source], capture_output=True, check=False).returncode
        == 0
    )


def create_venv() -> None:
    # Debian ships venv without ensurepip; `python3 -m venv` would leave a half-made folder behind.
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise CannotInstall(
            f"{sys.executable} cannot make a virtual environment: {package} is missing.\n"
            f"  apt install {package}\n"
            "or install uv (https://docs.astral.sh/uv/), then run the same command again."
        )
    run([sys.executable, "-m", "venv", str(VENV)])


def run(command: list[str]) -> None:
    """Run `command` with nothing in its environment that sends packages elsewhere.

    Raises:
        CannotInstall: it ended with an error, which it has printed itself.
    """
    environment = {name: value for name, value in os.environ.items() if name not in REDIRECTING}
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise CannotInstall(
            f"The packages could not be installed: {' '.join(command[:4])} ... failed.\n"
            "Is the package index reachable? A half-made .venv is repaired by the next try."
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
