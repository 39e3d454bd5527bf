#!/bin/sh
# Fetch the pinned npm packages again and rebuild everything under static/vendor and static/img/icons.svg.
# Only maintainers need it: its results are committed, so nobody else needs Node or npm.
#
#   scripts/vendor_assets.sh          rebuild, then look at `git diff`
set -eu

TABLER=1.6.1
ICONS=3.51.0
INTER=5.3.0

ROOT=$(cd "$(dirname "$0")/.." && pwd)
VENDOR=$ROOT/static/vendor
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

command -v npm >/dev/null || { echo "vendor_assets: npm is missing (apt install npm)" >&2; exit 1; }

fetch() { # package version folder
    mkdir -p "$WORK/$3"
    (cd "$WORK/$3" && npm pack --silent "$1@$2" >/dev/null 2>&1 && tar xzf ./*.tgz)
    [ -d "$WORK/$3/package" ] || { echo "vendor_assets: cannot fetch $1@$2" >&2; exit 1; }
}

fetch @tabler/core "$TABLER" tabler
fetch @tabler/icons "$ICONS" icons
fetch @fontsource-variable/inter "$INTER" inter

mkdir -p "$VENDOR/tabler" "$VENDOR/inter"
# The source map (1.7 MB) is not shipped. Its reference must go too: a hashing static storage
# refuses to collect a style sheet that names a file which is not there.
sed '/^\/\*# sourceMappingURL=/d' "$WORK/tabler/package/dist/css/tabler.min.css" > "$VENDOR/tabler/tabler.min.css"
for subset in latin latin-ext; do
    cp "$WORK/inter/package/files/inter-$subset-wght-normal.woff2" "$VENDOR/inter/"
done
cp "$WORK/inter/package/LICENSE" "$VENDOR/inter/LICENSE"

python3 - "$WORK/icons/package/icons/outline" "$ROOT/static/img/icons.txt" "$ROOT/static/img/icons.svg" <<'PY'
import pathlib
import re
import sys

source, names, target = map(pathlib.Path, sys.argv[1:])
symbols = []
for entry in names.read_text().split():
    name, _, original = entry.partition("=")  # "hourglass=hourglass-empty": another drawing under our name
    drawing = (source / f"{original or name}.svg").read_text()
    paths = re.findall(r'<path [^>]*?d="([^"]+)"[^>]*?/>', drawing)
    drawn = "".join(f'<path d="{path}"/>' for path in paths if path != "M0 0h24v24H0z")
    symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{drawn}</symbol>')
target.write_text(
    '<svg xmlns="http://www.w3.org/2000/svg"><!-- Tabler Icons, MIT, https://tabler.io/icons -->\n'
    + "\n".join(symbols)
    + "\n</svg>\n"
)
PY

sum() { sha256sum "$VENDOR/$1" | cut -d' ' -f1; }
cat > "$VENDOR/VERSIONS.md" <<EOF
# Vendored assets

Written by \`scripts/vendor_assets.sh\`; change the versions there, never the files here.
htmx 2 is not here: the Python package django-htmx carries it.

| file | from | licence | sha256 |
| --- | --- | --- | --- |
| tabler/tabler.min.css | @tabler/core $TABLER, \`dist/css/tabler.min.css\` without its last line (source map) | MIT | \`$(sum tabler/tabler.min.css)\` |
| inter/inter-latin-wght-normal.woff2 | @fontsource-variable/inter $INTER | OFL-1.1 | \`$(sum inter/inter-latin-wght-normal.woff2)\` |
| inter/inter-latin-ext-wght-normal.woff2 | @fontsource-variable/inter $INTER | OFL-1.1 | \`$(sum inter/inter-latin-ext-wght-normal.woff2)\` |
| ../img/icons.svg | @tabler/icons $ICONS, the outlines named in \`static/img/icons.txt\` | MIT | \`$(sum ../img/icons.svg)\` |
EOF
echo "vendor_assets: done; look at 'git diff --stat static/'"
