"""What `make run` refuses before it starts anything, and what it keeps between two starts."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
import run


def test_a_port_in_use_is_told_with_a_free_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(run.CannotStart, match=rf"127.0.0.1:{port} .*make run PORT=\d+"):
            run.refuse_taken_port("127.0.0.1", port)


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80 00", "٨٠٠٠"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(run.CannotStart, match="is not a port"):
        run.wanted_port(text)


def test_the_port_is_8000_unless_told() -> None:
    assert run.wanted_port("") == 8000


def test_the_secret_key_stays_the_same_and_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"

    first = run.development_secret_key(path)

    assert run.development_secret_key(path) == first
    assert len(first) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_value_of_the_caller_wins_over_the_development_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOFLOW_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DEBUG", "0")

    assert run.development_environment(8000)["DEBUG"] == "0"
