#!/bin/sh
# Resolve requirements*.in, keeping every version that still fits. `UPGRADE=1 make lock` takes the newest.
set -eu
cd "$(dirname "$0")/.."
for name in requirements requirements-dev; do
    uv pip compile --no-config --quiet --universal --python-version 3.11 ${UPGRADE:+--upgrade} \
        --annotation-style line --custom-compile-command "make lock" "$name.in" -o "$name.txt"
done
