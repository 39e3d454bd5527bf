#!/bin/sh
# Find a Python that can run Goflow and let it make .venv.
# Usage: sh scripts/environment.sh runtime|dev      PYTHON=/path/to/python3 names one.
set -eu

oldest="3.11"

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# A name on the PATH proves nothing: version managers put stubs there that only print an error.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" && echo "$PYTHON"
        return 0
    fi
    for name in python3 python3.11 python3.12 python3.13 python3.14 python; do
        if is_new_enough "$name"; then
            echo "$name"
            return 0
        fi
    done
    found=$(UV_PYTHON_DOWNLOADS=never uv python find --no-project ">=$oldest" 2>/dev/null || true)
    if [ -n "$found" ] && is_new_enough "$found"; then
        echo "$found"
    fi
}

python=$(find_python)
if [ -z "$python" ]; then
    {
        echo "Goflow needs Python $oldest or newer, and ${PYTHON:-no python3 on the PATH} is that."
        echo "  Debian, Ubuntu:  apt install python3.11 python3.11-venv"
        echo "  Fedora:          dnf install python3.11"
        echo "  macOS:           brew install python@3.13"
        echo "  with uv:         uv python install 3.11"
        echo "One that is not on the PATH can be named: make run PYTHON=/path/to/python3"
    } >&2
    exit 1
fi
exec "$python" "$(dirname "$0")/environment.py" "$@"
